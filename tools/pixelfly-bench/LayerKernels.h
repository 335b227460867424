//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whole layers and their single products, compiled to be timed.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TOOLS_PIXELFLY_BENCH_LAYERKERNELS_H
#define PIXELFLY_TOOLS_PIXELFLY_BENCH_LAYERKERNELS_H

#include "pixelfly/Pipelines/CompiledModule.h"
#include "pixelfly/Sparsify/CostModel.h"

#include <functional>
#include <string>

namespace mlir::pixelfly {

/// A linear layer with bias and its inputs.
struct LayerSpec {
  int64_t vectors = 0; ///< rows of activations that pass through it
  int64_t rows = 0;    ///< output features
  int64_t cols = 0;    ///< input features
  /// Pattern and rank; a dense layer has no pattern.
  LayerChoice choice;

  /// "512 x 2048 x 1024, block 32, 6/32, rank 32".
  std::string describe() const;
};

/// Compiles the layer's part of a training step to a function that runs it:
/// the forward product with its bias, and from the adjoint of its result the
/// adjoints of input, weights, low-rank factors, mixing scalar and bias. The
/// adjoints are those that `--pixelfly-differentiate` emits. Fails after a
/// diagnostic.
FailureOr<std::function<void()>> compileLayer(MLIRContext &context,
                                              const LayerSpec &layer,
                                              const Target &target);

/// Compiles one of the layer's products alone, with the filling of its result.
/// The layer's rank must be 0.
FailureOr<std::function<void()>> compileProduct(MLIRContext &context,
                                                const LayerSpec &layer,
                                                ProductKind kind,
                                                const Target &target);

} // namespace mlir::pixelfly

#endif // PIXELFLY_TOOLS_PIXELFLY_BENCH_LAYERKERNELS_H
