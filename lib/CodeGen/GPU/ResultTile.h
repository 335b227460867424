//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tile of the result that a thread block owns, in global memory.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_RESULTTILE_H
#define PIXELFLY_LIB_CODEGEN_GPU_RESULTTILE_H

#include "TileCopy.h"

namespace mlir::pixelfly {

/// What one thread owns of a tile of results: in each of `rowTiles` tiles of 16
/// rows, `rowStep` rows apart, two adjacent results in every 8 columns of row g
/// and of row g + 8, where lane 4g + t holds columns 2t and 2t + 1. This is how
/// `mma.sync` and `wgmma` leave their sums in registers, in this order.
struct ResultPart {
  Value row, column; ///< the thread's first result in the tile
  int64_t rowTiles, rowStep;
  int64_t columns; ///< of the tile that the thread's warp spans
  /// Where several warps hold sums of the same results: whether this thread's
  /// hold what the results begin with, and write them. Null: it does.
  Value counts;

  /// The part of lane `lane` of a warp whose part begins at `warpRow` and
  /// `warpColumn`.
  static ResultPart ofLane(DeviceBuilder &b, Value lane, Value warpRow,
                           Value warpColumn, int64_t rowTiles, int64_t rowStep,
                           int64_t columns);

  int64_t accumulators() const { return rowTiles * columns / 2; }

  /// Calls `body` for every pair of adjacent results: row and column in the
  /// tile, and the index of the first of its two accumulators.
  void forEachPair(
      DeviceBuilder &b,
      function_ref<void(Value row, Value column, int64_t first)> body) const;
};

/// What a tile's sums begin with: zeros, what stands in the result, or the same
/// row everywhere, of which `column` of `row` is the tile's first.
struct ResultStart {
  const GlobalTile *result = nullptr;
  Value row, column;
};

/// Accumulators with which a thread begins. Where rows of the result do not
/// exist they are anything.
SmallVector<Value> startAccumulators(DeviceBuilder &b, const ResultPart &part,
                                     const ResultStart &start);

/// Writes a thread's accumulators, or as many values of another type, converted
/// to the result's element type.
void storeAccumulators(DeviceBuilder &b, const ResultPart &part,
                       const GlobalTile &result, ValueRange accumulators);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_RESULTTILE_H
