//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WarpGroupKernels.h"
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

/// A kernel's operands: the tensor maps of what it multiplies, the result, and
/// the memrefs of the maps, which the kernel does not use: whoever plans memory
/// sees at the launch what it reads.
static SmallVector<Value> operandsOf(ImplicitLocOpBuilder &host,
                                     const BlockShape &shape, Value left,
                                     Value right, Value result) {
  return {createTensorMap(host, left, shape.leftLayout()),
          createTensorMap(host, right, shape.rightLayout()), result, left,
          right};
}

void pixelfly::launchMatmulOnWarpGroups(ImplicitLocOpBuilder &host,
                                        KernelModule &kernels, MatmulOp op,
                                        const ProductOptions &options,
                                        Attribute key, StringRef name) {
  const BlockShape &shape = options.shape;
  auto pattern = op.getPattern();
  bool transposed = op.getTransposed();
  int64_t block = pattern.getBlock();
  int64_t rows = cast<MemRefType>(op.getInit().getType()).getDimSize(0);
  int64_t tileRows = shape.tile.getRows();
  int64_t reduction = shape.tile.getReduction();
  int64_t lines = transposed ? pattern.getBlockCols() : pattern.getBlockRows();
  int64_t tiles = lines * divideCeil(rows, tileRows);
  LaunchShape launch = launchShape(options, tiles);
  SmallVector<Value> operands =
      operandsOf(host, shape, op.getInput(), op.getBlocks(), op.getInit());
  kernels.launch(
      host, key, name, launch, operands,
      [&](DeviceBuilder &b, gpu::GPUModuleOp module, ValueRange arguments) {
        Neighbors neighbors(pattern, /*byColumn=*/transposed, module);
        WarpGroupLoop loop(b, shape, module);
        auto work = [&](DeviceBuilder &b, Value tile) {
          Value lineIndex = b.rem(tile, lines);
          Value firstRow = b.mul(b.div(tile, lines), tileRows);
          Neighbors::Line line = neighbors.line(b, lineIndex);
          // A block is one panel, or several beside each other.
          int64_t perBlock = block / reduction;
          auto panel = [=](DeviceBuilder &b, Value i) {
            auto [other, position] = line.at(b, b.div(i, perBlock));
            Value term = b.mul(b.rem(i, perBlock), reduction);
            Value zero = b.index(0);
            return std::pair(
                TensorTile{arguments[0],
                           {firstRow, b.add(b.mul(other, block), term)}},
                TensorTile{arguments[1],
                           {position, transposed ? term : zero,
                            transposed ? zero : term}});
          };
          std::optional<int64_t> rowEnd;
          if (rows % tileRows != 0)
            rowEnd = rows;
          return WarpGroupLoop::Work{
              b.mul(line.count(), perBlock), panel,
              GlobalTile::ofMatrix(arguments[2], {}, firstRow,
                                   b.mul(lineIndex, block), rowEnd)};
        };
        loop.run(b, tiles, launch.grid[0], options.startsFromZero, work);
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
  SmallVector<Value> operands =
      operandsOf(host, shape, op.getLhs(), op.getRhs(), op.getInit());
  kernels.launch(
      host, key, name, launch, operands,
      [&](DeviceBuilder &b, gpu::GPUModuleOp module, ValueRange arguments) {
        Neighbors neighbors(pattern, /*byColumn=*/false, module);
        WarpGroupLoop loop(b, shape, module);
        auto work = [&](DeviceBuilder &b, Value position) {
          std::pair<Value, Value> at = neighbors.coordinates(b, position);
          auto panel = [=](DeviceBuilder &b, Value i) {
            Value row = b.mul(i, reduction);
            return std::pair(
                TensorTile{arguments[0], {row, b.mul(at.first, block)}},
                TensorTile{arguments[1], {row, b.mul(at.second, block)}});
          };
          Value zero = b.index(0);
          return WarpGroupLoop::Work{
              b.index(divideCeil(rows, reduction)), panel,
              GlobalTile::ofMatrix(arguments[2], position, zero, zero,
                                   std::nullopt)};
        };
        loop.run(b, tiles, launch.grid[0], options.startsFromZero, work);
      });
}
