//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles on their way from global to shared memory by the tensor memory
// accelerator (TMA): one thread names a box, the hardware does the rest.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_TENSORMAPS_H
#define PIXELFLY_LIB_CODEGEN_GPU_TENSORMAPS_H

#include "SharedLayout.h"

namespace mlir::pixelfly {

/// Elements of a memref that one bulk copy brings, at the most: the swizzle
/// takes rows of a line.
inline constexpr int64_t kBoxRowBytes = 128;

/// Host code for the tensor map of `memref`, whose last two dimensions hold the
/// tiles that lie in shared memory as `layout` says: a pointer for a kernel's
/// arguments. The runtime makes it (`mgpuTensorMapEncodeTiledMemref`).
Value createTensorMap(ImplicitLocOpBuilder &host, Value memref,
                      const SharedLayout &layout);

/// A tile of the memref that `map` describes, from `start` (one index a
/// dimension) on. What lies outside is filled with zeros.
struct TensorTile {
  Value map;
  SmallVector<Value> start;
};

/// Starts the copies of `tile` to `target` (a pointer to shared memory), which
/// arrive at `barrier`. For one thread.
void copyTensorTile(DeviceBuilder &b, const TensorTile &tile,
                    const SharedLayout &layout, Value target, Value barrier);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_TENSORMAPS_H
