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

#include "MainLoop.h"

namespace mlir::pixelfly {

/// Accumulators with which a thread begins: zeros, or what stands in `result`
/// if it is given. Where rows do not exist they are zero.
SmallVector<Value> startAccumulators(DeviceBuilder &b, const MainLoop &loop,
                                     const BlockShape &shape,
                                     const GlobalTile *result);

/// Writes a thread's accumulators, converted to the result's element type. With
/// warps that share terms only the first of them writes.
void storeAccumulators(DeviceBuilder &b, const MainLoop &loop,
                       const BlockShape &shape, const GlobalTile &result,
                       ValueRange accumulators);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_RESULTTILE_H
