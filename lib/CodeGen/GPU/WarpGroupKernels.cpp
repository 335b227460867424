//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpGroupKernels.h"
#include "FusedProduct.h"
#include "Neighbors.h"
#include "WarpGroupLoop.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

/// A persistent grid, at most one tile for each thread block that has room.
static LaunchShape launchShape(const ProductOptions &options, int64_t tiles) {
  int64_t resident =
      options.residentPerMultiprocessor * options.multiprocessors;
  return {{std::min(tiles, resident), 1, 1},
          options.shape.threads(),
          options.shape.sharedBytes(),
          options.residentPerMultiprocessor};
}

/// Adds the tensor map of an operand, and the memref of the map, which the
/// kernel does not use: whoever plans memory sees at the launch what it reads.
static size_t addMapped(ImplicitLocOpBuilder &host, LaunchOperands &operands,
                        Value memref, const SharedLayout &layout) {
  operands.add(memref);
  return operands.add(createTensorMap(host, memref, layout));
}

void pixelfly::launchMatmulOnWarpGroups(ImplicitLocOpBuilder &host,
                                        KernelModule &kernels,
                                        const FusedProduct &product,
                                        const ProductOptions &options,
                                        Attribute key, StringRef name) {
  const BlockShape &shape = options.shape;
  MatmulOp op = product.matmul;
  auto pattern = op.getPattern();
  bool transposed = op.getTransposed();
  int64_t block = pattern.getBlock();
  int64_t rows = cast<MemRefType>(op.getInit().getType()).getDimSize(0);
  int64_t tileRows = shape.tile.getRows();
  int64_t reduction = shape.tile.getReduction();
  int64_t lines = transposed ? pattern.getBlockCols() : pattern.getBlockRows();
  int64_t tiles = lines * divideCeil(rows, tileRows);
  LaunchShape launch = launchShape(options, tiles);
  LaunchOperands operands;
  size_t input = addMapped(host, operands, op.getInput(), shape.leftLayout()),
         blocks =
             addMapped(host, operands, op.getBlocks(), shape.rightLayout()),
         left = 0, right = 0, bias = 0;
  auto written = ResultOperands::add(operands, op.getInit(), options.epilogue);
  if (product.lowRank) {
    const Contraction &c = product.lowRank->contraction;
    BlockShape own = product.lowRankShape(shape);
    left = addMapped(host, operands, c.lhs.value, own.leftLayout());
    right = addMapped(host, operands, c.rhs.value, own.rightLayout());
  }
  if (product.bias)
    bias = operands.add(product.biasRow());
  kernels.launch(
      host, key, name, launch, operands.get(),
      [&](DeviceBuilder &b, gpu::GPUModuleOp module, ValueRange arguments) {
        Neighbors neighbors(pattern, /*byColumn=*/transposed, module);
        WarpGroupLoop loop(b, shape, module);
        auto work = [&](DeviceBuilder &b, Value tile) {
          Value lineIndex = b.rem(tile, lines);
          Value firstRow = b.mul(b.div(tile, lines), tileRows);
          Value firstColumn = b.mul(lineIndex, block);
          Neighbors::Line line = neighbors.line(b, lineIndex);
          // A block is one panel, or several beside each other.
          int64_t perBlock = block / reduction;
          auto panel = [=](DeviceBuilder &b, Value i) {
            auto [other, position] = line.at(b, b.div(i, perBlock));
            Value term = b.mul(b.rem(i, perBlock), reduction);
            Value zero = b.index(0);
            return std::pair(
                TensorTile{arguments[input],
                           {firstRow, b.add(b.mul(other, block), term)}},
                TensorTile{arguments[blocks],
                           {position, transposed ? term : zero,
                            transposed ? zero : term}});
          };
          std::optional<int64_t> rowEnd;
          if (rows % tileRows != 0)
            rowEnd = rows;
          auto resultTile = GlobalTile::ofMatrix(arguments[written.result], {},
                                                 firstRow, firstColumn, rowEnd);
          WarpGroupLoop::Work work;
          work.segments.push_back(
              {b.mul(line.count(), perBlock), panel, transposed});
          work.result = resultTile;
          work.store = [=](DeviceBuilder &b, const ResultPart &part,
                           ValueRange sums) {
            storeWithEpilogue(b, part, resultTile, options.epilogue,
                              arguments[written.destination], sums);
          };
          if (product.bias) {
            work.row = arguments[bias];
            work.column = firstColumn;
          }
          if (product.lowRank) {
            auto lowRankPanel = [=](DeviceBuilder &b, Value i) {
              Value term = b.mul(i, reduction);
              return std::pair(
                  TensorTile{arguments[left], {firstRow, term}},
                  TensorTile{arguments[right], {firstColumn, term}});
            };
            int64_t panels = numDensePanels(*product.lowRank, shape);
            work.segments.push_back({b.index(panels), lowRankPanel,
                                     /*rightReductionAlongRows=*/false});
          }
          return work;
        };
        loop.run(b, tiles, launch.grid[0], product.startsFromZero(), work);
      });
}

void pixelfly::launchSddmmOnWarpGroups(ImplicitLocOpBuilder &host,
                                       KernelModule &kernels, SddmmOp op,
                                       const ProductOptions &options,
                                       Attribute key, StringRef name) {
  const BlockShape &shape = options.shape;
  auto pattern = op.getPattern();
  int64_t block = pattern.getBlock();
  int64_t rows = cast<MemRefType>(op.getLhs().getType()).getDimSize(0);
  int64_t reduction = shape.tile.getReduction();
  int64_t tiles = pattern.getNumBlocks();
  LaunchShape launch = launchShape(options, tiles);
  LaunchOperands operands;
  size_t left = addMapped(host, operands, op.getLhs(), shape.leftLayout()),
         right = addMapped(host, operands, op.getRhs(), shape.rightLayout()),
         result = operands.add(op.getInit());
  kernels.launch(
      host, key, name, launch, operands.get(),
      [&](DeviceBuilder &b, gpu::GPUModuleOp module, ValueRange arguments) {
        Neighbors neighbors(pattern, /*byColumn=*/false, module);
        WarpGroupLoop loop(b, shape, module);
        auto work = [&](DeviceBuilder &b, Value position) {
          std::pair<Value, Value> at = neighbors.coordinates(b, position);
          auto panel = [=](DeviceBuilder &b, Value i) {
            Value row = b.mul(i, reduction);
            return std::pair(
                TensorTile{arguments[left], {row, b.mul(at.first, block)}},
                TensorTile{arguments[right], {row, b.mul(at.second, block)}});
          };
          Value zero = b.index(0);
          auto resultTile = GlobalTile::ofMatrix(arguments[result], position,
                                                 zero, zero, std::nullopt);
          WarpGroupLoop::Work work;
          work.segments.push_back({b.index(divideCeil(rows, reduction)), panel,
                                   /*rightReductionAlongRows=*/true});
          work.result = resultTile;
          work.store = [=](DeviceBuilder &b, const ResultPart &part,
                           ValueRange sums) {
            storeAccumulators(b, part, resultTile, sums);
          };
          return work;
        };
        loop.run(b, tiles, launch.grid[0], options.startsFromZero, work);
      });
}
