//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sizes of a product's thread blocks, and whether a kernel can have them.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_BLOCKSHAPE_H
#define PIXELFLY_LIB_CODEGEN_GPU_BLOCKSHAPE_H

#include "SharedLayout.h"

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// A warp group: what `wgmma` multiplies with, 64 rows of the result at a time,
/// 16 each warp.
inline constexpr int64_t kWarpsOfGroup = 4;
inline constexpr int64_t kGroupThreads = kWarpsOfGroup * kWarpSize;
inline constexpr int64_t kWgmmaRows = 64;
/// Terms that one `wgmma` sums, of 2 bytes each.
inline constexpr int64_t kWgmmaReduction = 16;
/// Bytes of an mbarrier object.
inline constexpr int64_t kBarrierBytes = 8;

/// The numbers of a product's thread block: a tile of `rows x columns` of the
/// result as sums over panels of `reduction` terms.
struct BlockShape {
  Type elementType; ///< of both operands: bf16, f16, or f32 multiplied as tf32
  GPUTileAttr tile;
  bool leftReductionAlongRows;  ///< the left operand's tile is reduction x rows
  bool rightReductionAlongRows; ///< the right operand's is reduction x columns

  /// Products by `wgmma`, operands by TMA: the tile's warps are consumers in
  /// groups of four, all along the rows; a producer group comes to them. Else
  /// by `mma.sync` and `cp.async`.
  bool usesWarpGroups = false;

  int64_t threads() const;
  /// Consumers among the warp groups, and the rows of each.
  int64_t groups() const { return tile.getWarps()[0] / kWarpsOfGroup; }
  int64_t groupRows() const { return tile.getRows() / groups(); }
  int64_t warpRows() const { return tile.getRows() / tile.getWarps()[0]; }
  int64_t warpColumns() const { return tile.getColumns() / tile.getWarps()[1]; }
  int64_t warpReduction() const {
    return tile.getReduction() / tile.getWarps()[2];
  }
  int64_t elementBytes() const {
    return elementType.getIntOrFloatBitWidth() / 8;
  }
  /// Accumulators of one thread.
  int64_t accumulators() const {
    return warpRows() * warpColumns() / kWarpSize;
  }
  SharedLayout leftLayout() const;
  SharedLayout rightLayout() const;
  /// Shared memory of the thread block: all stages, or what warps that share a
  /// part of the result need to add their sums, whichever is more. With warp
  /// groups two mbarriers for each stage come after the stages.
  int64_t sharedBytes() const;

  /// Empty if a kernel of this shape can be built; else what is wrong, in words
  /// that follow "because".
  std::string check() const;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_BLOCKSHAPE_H
