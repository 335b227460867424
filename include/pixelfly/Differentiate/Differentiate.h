//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reverse-mode differentiation of functions on tensors.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_DIFFERENTIATE_DIFFERENTIATE_H
#define PIXELFLY_DIFFERENTIATE_DIFFERENTIATE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::pixelfly {

/// What `differentiate` differentiates, and with respect to what.
struct GradientOptions {
  /// The result to differentiate, a float or a rank-0 tensor of one; by default
  /// the one with `pixelfly.output = "loss"`.
  std::optional<unsigned> result;
  /// The arguments whose gradients are asked for, floats or tensors of floats;
  /// by default those with `pixelfly.parameter`.
  SmallVector<unsigned> arguments;
};

/// Numbers about one differentiation, for pass statistics.
struct GradientStatistics {
  unsigned differentiated = 0; ///< ops whose adjoint was emitted
  unsigned sums = 0;           ///< adjoints that were summed elementwise
};

/// Builds `@<name>_gradient` next to `function` and returns it. It takes the
/// same arguments and returns the results of `function`, then the gradient of
/// the chosen result with respect to each chosen argument, in argument order
/// and of the argument's type. Attributes of arguments and results are kept.
///
/// `function` must have one block of ops on tensors. An op that lies between a
/// chosen argument and the chosen result and has no rule is an error at that
/// op; then no function is added.
FailureOr<func::FuncOp> differentiate(func::FuncOp function,
                                      const GradientOptions &options = {},
                                      GradientStatistics *statistics = nullptr);

/// Registers the differentiation rules of the arith, math, tensor and linalg
/// dialects.
void registerDifferentiableOpInterfaceModels(DialectRegistry &registry);

} // namespace mlir::pixelfly

#endif // PIXELFLY_DIFFERENTIATE_DIFFERENTIATE_H
