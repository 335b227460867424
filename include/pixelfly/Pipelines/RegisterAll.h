//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What makes everything of this project known to a tool.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_REGISTERALL_H
#define PIXELFLY_PIPELINES_REGISTERALL_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::pixelfly {

/// Adds the Pixelfly dialect and the interface models of this project
/// (bufferization, tiling, differentiation of upstream's operations) to the
/// registry. For hosts that register upstream's dialects and extensions
/// themselves, as mlir-opt does.
void registerPixelflyDialectAndModels(DialectRegistry &registry);

/// The same, and all of upstream's dialects and extensions: for programs of
/// this project.
void registerAllDialectsAndModels(DialectRegistry &registry);

/// Registers every pass and pipeline of the project.
void registerAllPassesAndPipelines();

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_REGISTERALL_H
