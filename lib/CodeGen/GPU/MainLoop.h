//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The main loop of a product: panels stream through shared memory while warps
// multiply.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_MAINLOOP_H
#define PIXELFLY_LIB_CODEGEN_GPU_MAINLOOP_H

#include "Fragments.h"
#include "TileCopy.h"

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// The numbers of a product's thread block: a tile of `rows x columns` of the
/// result as sums over panels of `reduction` terms.
struct BlockShape {
  Type elementType; ///< of both operands: bf16, f16, or f32 multiplied as tf32
  GPUTileAttr tile;
  bool leftReductionAlongRows;  ///< the left operand's tile is reduction x rows
  bool rightReductionAlongRows; ///< the right operand's is reduction x columns

  int64_t threads() const;
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
  /// part of the result need to add their sums, whichever is more.
  int64_t sharedBytes() const;

  /// Empty if a kernel of this shape can be built; else what is wrong, in words
  /// that follow "because".
  std::string check() const;
};

/// Emits the main loop and what belongs to it into a kernel.
///
/// While panel i is multiplied, the copies of the `stages - 1` panels after it
/// are under way (`cp.async` groups); one barrier a panel. The order of the
/// sums is fixed by the tile alone, so results have the same bits in every run.
class MainLoop {
public:
  /// Creates the views of the dynamic shared memory and the thread's place.
  MainLoop(DeviceBuilder &b, const BlockShape &shape);

  const ThreadPlace &place() const { return threadPlace; }

  struct Panel {
    GlobalTile left, right;
  };
  /// Accumulators plus the sum of the products of panels 0 .. `count` - 1.
  /// `panel` emits the addresses of one. May be called again; the thread block
  /// has then read all of shared memory.
  SmallVector<Value> run(DeviceBuilder &b, Value count,
                         function_ref<Panel(DeviceBuilder &, Value)> panel,
                         ValueRange accumulators);

  /// Adds up the accumulators of the warps that share a part of the result, in
  /// the order of the warps; the sum is complete in reduction warp 0 only.
  SmallVector<Value> addReductionWarps(DeviceBuilder &b,
                                       ValueRange accumulators);

  /// Calls `body` for every pair of horizontally adjacent results that the
  /// thread owns: row and column in the tile, and the index of the first of its
  /// two accumulators.
  void forEachPair(
      DeviceBuilder &b,
      function_ref<void(Value row, Value column, int64_t first)> body) const;

private:
  SmallVector<Value> multiplyPanel(DeviceBuilder &b, Value stage,
                                   ValueRange accumulators) const;

  BlockShape shape;
  Value memory; ///< all shared memory, in bytes
  Value left, right;
  ThreadPlace threadPlace;
  std::optional<FragmentLoader> leftFragments, rightFragments;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_MAINLOOP_H
