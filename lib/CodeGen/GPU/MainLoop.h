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

#include "BlockShape.h"
#include "Fragments.h"
#include "ResultTile.h"

namespace mlir::pixelfly {

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

  /// What the thread owns of the result. Of warps that share terms only the
  /// first counts.
  ResultPart resultPart(DeviceBuilder &b) const;

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
