//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One call that makes everything of this project known to a tool.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_REGISTERALL_H
#define PIXELFLY_PIPELINES_REGISTERALL_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::pixelfly {

/// Adds the Pixelfly dialect, the upstream dialects its passes read and create,
/// and the interface models (bufferization, differentiation) to the registry.
void registerAllDialectsAndModels(DialectRegistry &registry);

/// Registers every pass and pipeline of the project.
void registerAllPassesAndPipelines();

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_REGISTERALL_H
