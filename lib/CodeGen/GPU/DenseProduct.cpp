//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DenseProduct.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;
using llvm::formatv;

/// Thread blocks along the second and third dimension of a grid (CUDA C++
/// Programming Guide, technical specifications).
static constexpr int64_t kMostBlocks = 65535;

static MemRefType typeOf(const ContractionOperand &operand) {
  return cast<MemRefType>(operand.value.getType());
}

/// The dimension of the memref over which `loop` runs.
static unsigned dimOf(const ContractionOperand &operand, int loop) {
  const unsigned *found = llvm::find(operand.loops, unsigned(loop));
  assert(found != operand.loops.end() && "the operand depends on the loop");
  return operand.dims[found - operand.loops.begin()];
}

/// Whether rows of the operand's tiles in shared memory run along `outer` and
/// not along the reduction: adjacent elements stay adjacent.
static bool reductionAlongRows(const ContractionOperand &operand, int outer) {
  return operand.contiguous == outer;
}

/// The loop that runs along the rows of the operand's tiles.
static int loopAlongRows(const Contraction &c,
                         const ContractionOperand &operand, int outer) {
  return reductionAlongRows(operand, outer) ? outer : c.reduction;
}

std::optional<DenseProduct> DenseProduct::get(linalg::LinalgOp op,
                                              std::string &reason) {
  auto decline = [&](const llvm::Twine &why) {
    reason = why.str();
    return std::nullopt;
  };
  if (!op.hasPureBufferSemantics())
    return decline("it is on tensors; bufferize first");
  FailureOr<Contraction> found =
      Contraction::get(op, reason, Contraction::Types::Matrix);
  if (failed(found))
    return std::nullopt;
  const Contraction &c = *found;
  if (c.row < 0 || c.column < 0 || c.reduction < 0)
    return decline("it has one row, one column or one term only, and is no "
                   "matrix product");
  for (const ContractionOperand *operand : {&c.lhs, &c.rhs, &c.result}) {
    auto type = typeOf(*operand);
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(type.getStridesAndOffset(strides, offset)) ||
        ShapedType::isDynamic(offset) ||
        llvm::any_of(strides, ShapedType::isDynamic))
      return decline(
          formatv("{0} has a layout that is not static", type).str());
  }
  auto piece = [&](const ContractionOperand &operand, int outer) {
    return pieceBytesOf(typeOf(operand),
                        dimOf(operand, loopAlongRows(c, operand, outer)));
  };
  for (auto [operand, outer] :
       {std::pair(&c.lhs, c.row), std::pair(&c.rhs, c.column)})
    if (piece(*operand, outer) == 0)
      return decline(formatv("rows of {0} do not all begin at a multiple of 4 "
                             "bytes",
                             typeOf(*operand))
                         .str());
  return DenseProduct{c, op};
}

BlockShape DenseProduct::shapeWithoutTile() const {
  const Contraction &c = contraction;
  BlockShape shape;
  shape.elementType = typeOf(c.lhs).getElementType();
  shape.leftReductionAlongRows = reductionAlongRows(c.lhs, c.row);
  shape.rightReductionAlongRows = reductionAlongRows(c.rhs, c.column);
  return shape;
}

LaunchShape DenseProduct::launchShape(const BlockShape &shape) const {
  const Contraction &c = contraction;
  return {{int64_t(divideCeil(c.columns(), shape.tile.getColumns())),
           int64_t(divideCeil(c.rows(), shape.tile.getRows())),
           c.outerIterations()},
          shape.threads(),
          shape.sharedBytes()};
}

std::string DenseProduct::checkGrid(const BlockShape &shape) const {
  std::array<int64_t, 3> grid = launchShape(shape).grid;
  if (grid[1] > kMostBlocks || grid[2] > kMostBlocks)
    return formatv("it takes {0} x {1} thread blocks besides those along "
                   "columns, and a grid has at most {2} in each dimension",
                   grid[1], grid[2], kMostBlocks)
        .str();
  return "";
}

/// `extent` where tiles of `tile` do not divide it, so that someone must look.
static std::optional<int64_t> endUnlessDivided(int64_t extent, int64_t tile) {
  return extent % tile == 0 ? std::nullopt : std::optional(extent);
}

/// Splits `index` into one index for each of `loops`, the last one running
/// fastest.
static void splitIndex(DeviceBuilder &b, Value index, ArrayRef<unsigned> loops,
                       const Contraction &c, MutableArrayRef<Value> indices) {
  for (auto [position, loop] : llvm::enumerate(llvm::reverse(loops))) {
    bool isFirst = position + 1 == loops.size();
    indices[loop] = isFirst ? index : b.rem(index, c.extents[loop]);
    index = isFirst ? Value() : b.div(index, c.extents[loop]);
  }
}

/// The tile of an operand at the loops' indices: `rowLoop` and `columnLoop` run
/// along its rows and columns, in steps of `tileRows` and `tileColumns`.
static GlobalTile tileOf(DeviceBuilder &b, const Contraction &c,
                         const ContractionOperand &operand, Value memref,
                         ArrayRef<Value> indices, int rowLoop, int columnLoop,
                         int64_t tileRows, int64_t tileColumns) {
  MemRefType type = typeOf(operand);
  SmallVector<Value> start(type.getRank(), b.index(0));
  for (auto [dim, loop] : llvm::zip(operand.dims, operand.loops))
    start[dim] = indices[loop];
  unsigned rowDim = dimOf(operand, rowLoop);
  unsigned columnDim = dimOf(operand, columnLoop);
  return {memref,
          start,
          rowDim,
          columnDim,
          endUnlessDivided(c.extents[rowLoop], tileRows),
          endUnlessDivided(c.extents[columnLoop], tileColumns),
          pieceBytesOf(type, columnDim)};
}

/// Panels that the innermost summed loop takes.
static int64_t innerPanels(const Contraction &c, const BlockShape &shape) {
  return divideCeil(c.reductions(), shape.tile.getReduction());
}

int64_t pixelfly::numDensePanels(const DenseProduct &product,
                                 const BlockShape &shape) {
  const Contraction &c = product.contraction;
  int64_t panels = innerPanels(c, shape);
  for (unsigned summed : c.outerReduction)
    panels *= c.extents[summed];
  return panels;
}

MainLoop::Panel pixelfly::densePanel(DeviceBuilder &b,
                                     const DenseProduct &product,
                                     const BlockShape &shape,
                                     ArrayRef<Value> indices, Value left,
                                     Value right, Value i) {
  const Contraction &c = product.contraction;
  int64_t reduction = shape.tile.getReduction();
  int64_t panels = innerPanels(c, shape);
  SmallVector<Value> at(indices);
  splitIndex(b, b.div(i, panels), c.outerReduction, c, at);
  at[c.reduction] =
      b.mul(c.outerReduction.empty() ? i : b.rem(i, panels), reduction);
  auto operandTile = [&](const ContractionOperand &operand, Value memref,
                         int outerLoop, int64_t outerSize, bool alongRows) {
    return alongRows ? tileOf(b, c, operand, memref, at, c.reduction, outerLoop,
                              reduction, outerSize)
                     : tileOf(b, c, operand, memref, at, outerLoop, c.reduction,
                              outerSize, reduction);
  };
  return {operandTile(c.lhs, left, c.row, shape.tile.getRows(),
                      shape.leftReductionAlongRows),
          operandTile(c.rhs, right, c.column, shape.tile.getColumns(),
                      shape.rightReductionAlongRows)};
}

/// Everything the kernel follows from besides the tile.
static Attribute keyOf(const DenseProduct &product,
                       const ProductOptions &options) {
  linalg::LinalgOp op = product.op;
  Builder builder(op.getContext());
  SmallVector<Attribute> key{builder.getStringAttr("dense"), options.shape.tile,
                             builder.getBoolAttr(options.startsFromZero),
                             options.epilogue.key(op.getContext()),
                             op.getIndexingMaps()};
  for (Type type : op->getOperandTypes())
    key.push_back(TypeAttr::get(type));
  return builder.getArrayAttr(key);
}

void pixelfly::launchDense(ImplicitLocOpBuilder &host, KernelModule &kernels,
                           const DenseProduct &product,
                           const ProductOptions &options) {
  const BlockShape &shape = options.shape;
  const Contraction &c = product.contraction;
  int64_t tileRows = shape.tile.getRows();
  int64_t tileColumns = shape.tile.getColumns();
  std::string name = formatv("dense_{0}_{1}x{2}x{3}", shape.elementType,
                             c.rows(), c.columns(), c.reductions());
  if (options.epilogue)
    name += "_epilogue";
  LaunchOperands operands;
  operands.add(c.lhs.value);
  operands.add(c.rhs.value);
  auto written =
      ResultOperands::add(operands, c.result.value, options.epilogue);
  kernels.launch(
      host, keyOf(product, options), name, product.launchShape(shape),
      operands.get(),
      [&](DeviceBuilder &b, gpu::GPUModuleOp, ValueRange arguments) {
        SmallVector<Value> indices(c.extents.size());
        splitIndex(b, gpu::BlockIdOp::create(b, gpu::Dimension::z),
                   c.outerParallel, c, indices);
        indices[c.row] =
            b.mul(gpu::BlockIdOp::create(b, gpu::Dimension::y), tileRows);
        indices[c.column] =
            b.mul(gpu::BlockIdOp::create(b, gpu::Dimension::x), tileColumns);
        GlobalTile result =
            tileOf(b, c, c.result, arguments[written.result], indices, c.row,
                   c.column, tileRows, tileColumns);

        MainLoop loop(b, shape);
        ResultPart part = loop.resultPart(b);
        SmallVector<Value> sums = startAccumulators(
            b, part, {options.startsFromZero ? nullptr : &result, {}, {}});
        auto panel = [&](DeviceBuilder &b, Value i) {
          return densePanel(b, product, shape, indices, arguments[0],
                            arguments[1], i);
        };
        sums =
            loop.run(b, b.index(numDensePanels(product, shape)), panel, sums);
        sums = loop.addReductionWarps(b, sums);
        storeWithEpilogue(b, part, result, options.epilogue,
                          arguments[written.destination], sums);
      });
}
