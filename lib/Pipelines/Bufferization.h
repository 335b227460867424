//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The step of every code generation that makes buffers of tensors.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_PIPELINES_BUFFERIZATION_H
#define PIXELFLY_LIB_PIPELINES_BUFFERIZATION_H

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::pixelfly {

/// Appends the passes that turn functions on tensors into functions on
/// contiguous buffers, updates of arguments in place.
void addBufferization(OpPassManager &manager);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_PIPELINES_BUFFERIZATION_H
