//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProductKernels.h"
#include "FusedProduct.h"
#include "Neighbors.h"
#include "WarpGroupKernels.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

ResultOperands ResultOperands::add(LaunchOperands &operands, Value result,
                                   const Epilogue &epilogue) {
  if (!epilogue) {
    size_t only = operands.add(result);
    return {only, only};
  }
  size_t destination = operands.add(epilogue.destination());
  return {epilogue.keepsResult ? operands.add(result) : destination,
          destination};
}

/// Everything a kernel follows from. Equal keys give equal kernels.
static Attribute keyOf(Operation *op, const ProductOptions &options,
                       ArrayRef<Attribute> others) {
  Builder builder(op->getContext());
  SmallVector<Attribute> key{
      builder.getStringAttr(op->getName().getStringRef()),
      options.shape.tile,
      builder.getBoolAttr(options.shape.usesWarpGroups),
      builder.getBoolAttr(options.startsFromZero),
      builder.getIndexAttr(options.multiprocessors),
      options.epilogue.key(op->getContext())};
  llvm::append_range(key, others);
  for (Type type : op->getOperandTypes())
    key.push_back(TypeAttr::get(type));
  return builder.getArrayAttr(key);
}

/// The same of a matmul with what surrounds it.
static Attribute keyOf(const FusedProduct &product,
                       const ProductOptions &options) {
  MatmulOp op = product.matmul;
  Builder builder(op->getContext());
  SmallVector<Attribute> others{op.getPattern(),
                                builder.getBoolAttr(op.getTransposed())};
  others.push_back(product.bias ? TypeAttr::get(product.biasRow().getType())
                                : Attribute(builder.getUnitAttr()));
  if (product.lowRank) {
    linalg::LinalgOp lowRank = product.lowRank->op;
    others.push_back(lowRank.getIndexingMaps());
    for (Type type : lowRank->getOperandTypes())
      others.push_back(TypeAttr::get(type));
  }
  return keyOf(op, options, others);
}

/// What profilers show: product, element type, block size.
static std::string nameOf(StringRef product, const ProductOptions &options,
                          int64_t block) {
  return llvm::formatv("{0}_{1}_{2}", product, options.shape.elementType, block)
      .str();
}

/// `extent` where tiles of `tile` do not divide it, so that someone must look.
static std::optional<int64_t> endUnlessDivided(int64_t extent, int64_t tile) {
  return extent % tile == 0 ? std::nullopt : std::optional(extent);
}

/// "matmul", "matmul_transposed_low_rank", ...
static std::string nameOf(const FusedProduct &product) {
  MatmulOp matmul = product.matmul;
  std::string name = matmul.getTransposed() ? "matmul_transposed" : "matmul";
  if (product.lowRank)
    name += "_low_rank";
  if (product.bias)
    name += "_bias";
  if (product.epilogue)
    name += "_epilogue";
  return name;
}

void pixelfly::launchMatmul(ImplicitLocOpBuilder &host, KernelModule &kernels,
                            const FusedProduct &product,
                            const ProductOptions &options) {
  const BlockShape &shape = options.shape;
  MatmulOp op = product.matmul;
  auto pattern = op.getPattern();
  bool transposed = op.getTransposed();
  int64_t block = pattern.getBlock();
  int64_t rows = cast<MemRefType>(op.getInit().getType()).getDimSize(0);
  int64_t tileRows = shape.tile.getRows();
  int64_t reduction = shape.tile.getReduction();
  Attribute key = keyOf(product, options);
  std::string name = nameOf(nameOf(product), options, block);
  if (shape.usesWarpGroups)
    return launchMatmulOnWarpGroups(host, kernels, product, options, key, name);
  // Neighbouring thread blocks have the same rows of the input, and find them
  // in the second-level cache.
  int64_t lines = transposed ? pattern.getBlockCols() : pattern.getBlockRows();
  LaunchShape launch{{lines, int64_t(divideCeil(rows, tileRows)), 1},
                     shape.threads(),
                     shape.sharedBytes()};
  LaunchOperands operands;
  size_t input = operands.add(op.getInput()),
         blocks = operands.add(op.getBlocks()), left = 0, right = 0, bias = 0;
  auto written = ResultOperands::add(operands, op.getInit(), options.epilogue);
  if (product.lowRank) {
    left = operands.add(product.lowRank->contraction.lhs.value);
    right = operands.add(product.lowRank->contraction.rhs.value);
  }
  if (product.bias)
    bias = operands.add(product.biasRow());
  kernels.launch(
      host, key, name, launch, operands.get(),
      [&](DeviceBuilder &b, gpu::GPUModuleOp module, ValueRange arguments) {
        Neighbors neighbors(pattern, /*byColumn=*/transposed, module);
        Value lineIndex = gpu::BlockIdOp::create(b, gpu::Dimension::x);
        Value firstRow =
            b.mul(gpu::BlockIdOp::create(b, gpu::Dimension::y), tileRows);
        Value firstColumn = b.mul(lineIndex, block);
        Neighbors::Line line = neighbors.line(b, lineIndex);
        std::optional<int64_t> rowEnd = endUnlessDivided(rows, tileRows);
        auto resultTile = GlobalTile::ofMatrix(arguments[written.result], {},
                                               firstRow, firstColumn, rowEnd);

        MainLoop loop(b, shape);
        ResultPart part = loop.resultPart(b);
        ResultStart start;
        if (product.bias)
          start = {nullptr, arguments[bias], firstColumn};
        else if (!product.startsFromZero())
          start.result = &resultTile;
        SmallVector<Value> sums = startAccumulators(b, part, start);
        // A block is one panel, or several beside each other.
        int64_t perBlock = block / reduction;
        sums = loop.run(
            b, b.mul(line.count(), perBlock),
            [&](DeviceBuilder &b, Value i) {
              auto [other, position] = line.at(b, b.div(i, perBlock));
              Value term = b.mul(b.rem(i, perBlock), reduction);
              Value zero = b.index(0);
              return MainLoop::Panel{
                  GlobalTile::ofMatrix(arguments[input], {}, firstRow,
                                       b.add(b.mul(other, block), term),
                                       rowEnd),
                  GlobalTile::ofMatrix(arguments[blocks], position,
                                       transposed ? term : zero,
                                       transposed ? zero : term, std::nullopt)};
            },
            sums);
        if (product.lowRank) {
          const Contraction &c = product.lowRank->contraction;
          BlockShape own = product.lowRankShape(shape);
          SmallVector<Value> indices(c.extents.size());
          indices[c.row] = firstRow;
          indices[c.column] = firstColumn;
          auto panel = [&](DeviceBuilder &b, Value i) {
            return densePanel(b, *product.lowRank, own, indices,
                              arguments[left], arguments[right], i);
          };
          sums = MainLoop(b, own).run(
              b, b.index(numDensePanels(*product.lowRank, own)), panel, sums);
        }
        sums = loop.addReductionWarps(b, sums);
        storeWithEpilogue(b, part, resultTile, options.epilogue,
                          arguments[written.destination], sums);
      });
}

void pixelfly::launchSddmm(ImplicitLocOpBuilder &host, KernelModule &kernels,
                           SddmmOp op, const ProductOptions &options) {
  const BlockShape &shape = options.shape;
  auto pattern = op.getPattern();
  int64_t block = pattern.getBlock();
  int64_t rows = cast<MemRefType>(op.getLhs().getType()).getDimSize(0);
  int64_t reduction = shape.tile.getReduction();
  Attribute key = keyOf(op, options, {pattern});
  std::string name = nameOf("sddmm", options, block);
  if (shape.usesWarpGroups)
    return launchSddmmOnWarpGroups(host, kernels, op, options, key, name);
  LaunchShape launch{
      {pattern.getNumBlocks(), 1, 1}, shape.threads(), shape.sharedBytes()};
  kernels.launch(
      host, key, name, launch, op->getOperands(),
      [&](DeviceBuilder &b, gpu::GPUModuleOp module, ValueRange arguments) {
        Neighbors neighbors(pattern, /*byColumn=*/false, module);
        Value position = gpu::BlockIdOp::create(b, gpu::Dimension::x);
        std::pair<Value, Value> coordinates =
            neighbors.coordinates(b, position);
        Value blockRow = coordinates.first, blockColumn = coordinates.second;
        Value zero = b.index(0);
        auto resultTile = GlobalTile::ofMatrix(arguments[2], position, zero,
                                               zero, std::nullopt);

        MainLoop loop(b, shape);
        ResultPart part = loop.resultPart(b);
        SmallVector<Value> sums = startAccumulators(
            b, part, {options.startsFromZero ? nullptr : &resultTile, {}, {}});
        std::optional<int64_t> rowEnd = endUnlessDivided(rows, reduction);
        auto panel = [&](DeviceBuilder &b, Value i) {
          Value row = b.mul(i, reduction);
          return MainLoop::Panel{
              GlobalTile::ofMatrix(arguments[0], {}, row,
                                   b.mul(blockRow, block), rowEnd),
              GlobalTile::ofMatrix(arguments[1], {}, row,
                                   b.mul(blockColumn, block), rowEnd)};
        };
        sums = loop.run(b, b.index(divideCeil(rows, reduction)), panel, sums);
        sums = loop.addReductionWarps(b, sums);
        storeAccumulators(b, part, resultTile, sums);
      });
}
