//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles products, runs them on random numbers, and compares what they
// compute with sums in double. Buffers lie between guards: not-a-number around
// operands, so that a read outside shows in the result, and a pattern around
// results.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TEST_UNIT_PIPELINES_PRODUCTTESTSUPPORT_H
#define PIXELFLY_TEST_UNIT_PIPELINES_PRODUCTTESTSUPPORT_H

#include "pixelfly/Pipelines/CompiledModule.h"

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace mlir::pixelfly::test {

/// The seed of this run: from PIXELFLY_TEST_SEED, or always the same; printed
/// once, so that it stands above a failure.
unsigned randomSeed();

/// Random numbers between guards.
class Buffer {
public:
  Buffer(std::vector<int64_t> shape, bool isDouble, double guard,
         std::mt19937 &random);

  int64_t size() const { return count; }
  double operator[](int64_t i) const { return read(i + kGuard); }
  bool guardsIntact() const;
  BufferArgument argument();
  const std::vector<int64_t> &shape() const { return extents; }

private:
  static constexpr int64_t kGuard = 64;
  double read(int64_t i) const;
  void write(int64_t i, double value);

  std::vector<int64_t> extents;
  bool isDouble;
  double guard;
  int64_t count = 1;
  std::vector<double> storage;
};

/// One function `name(a, b, c)` and what it must compute: `expected(i)` is
/// element i of c as a sum, with the sum of the absolute values of its terms.
struct ProductCase {
  struct Sum {
    double value = 0, magnitude = 0;
    int64_t terms = 0;
    void add(double term) {
      value += term;
      magnitude += std::abs(term);
      ++terms;
    }
  };

  std::string name;
  std::string function; ///< func.func as text
  bool isDouble = false;
  bool accumulates = true; ///< c is added to; else it is overwritten
  std::vector<int64_t> shapeA, shapeB, shapeC;
  std::function<void(const Buffer &a, const Buffer &b, std::vector<Sum> &c)>
      expected;
};

/// Compiles all cases into one module and checks each, with gtest expectations.
/// `header` is text before the functions (attribute aliases). With `plainLoops`
/// as a reference: without kernels, products on a pattern as dense ones.
void checkProducts(const std::vector<ProductCase> &cases, std::mt19937 &random,
                   const std::string &header = "", bool plainLoops = false);

} // namespace mlir::pixelfly::test

#endif // PIXELFLY_TEST_UNIT_PIPELINES_PRODUCTTESTSUPPORT_H
