//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compares derived gradients with central differences, in double precision.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TEST_UNIT_DIFFERENTIATE_GRADIENTCHECK_H
#define PIXELFLY_TEST_UNIT_DIFFERENTIATE_GRADIENTCHECK_H

#include "gtest/gtest.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pixelfly_test {

/// A tensor argument or result, row-major.
struct Array {
  std::vector<int64_t> shape;
  std::vector<double> values;
};

struct GradientCheckOptions {
  /// Floating-point arguments are drawn uniformly from this interval, integer
  /// arguments from {0, ..., integers - 1}.
  double low = -1.0, high = 1.0;
  int integers = 4;
  /// Largest difference, relative to 1 + |difference quotient|.
  double tolerance = 1e-6;
  /// Elements of each argument to check, drawn at random; 0 for all.
  unsigned samples = 0;
};

/// `program` is a module with a function @f of tensors of f64 and i32 to
/// tensors of f64 (all static). Checks the gradients of a weighted sum over all
/// its results' elements, with random weights, with respect to every element of
/// every f64 argument. The program is run by the JIT after upstream's plain
/// lowering to loops.
testing::AssertionResult
gradientsMatchDifferences(const std::string &program,
                          const GradientCheckOptions &options = {});

/// The gradients themselves of the sum over the products of @f's results and
/// `weights` (one array per result) at `arguments` (one array per argument).
std::vector<Array> evaluateGradients(const std::string &program,
                                     std::vector<Array> arguments,
                                     std::vector<Array> weights);

} // namespace pixelfly_test

#endif // PIXELFLY_TEST_UNIT_DIFFERENTIATE_GRADIENTCHECK_H
