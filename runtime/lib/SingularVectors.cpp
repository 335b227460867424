//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/SingularVectors.h"

#include <algorithm>
#include <cmath>

using namespace pixelfly::rt;

std::vector<double> pixelfly::rt::expectedSingularValues(int64_t rows,
                                                         int64_t cols,
                                                         int64_t count) {
  // With q = small / large the eigenvalues x of A A^T / large have, for
  // x = 1 + q + 2 sqrt(q) cos(phi) and phi in [0, pi], the density
  // 2 sin(phi)^2 / (pi x) in phi, the largest at phi = 0. The k-th is where
  // (k + 1/2) / small of them are larger.
  constexpr int64_t steps = 1 << 16;
  double small = double(std::min(rows, cols)),
         large = double(std::max(rows, cols));
  double ratio = small / large, mass = 0, step = M_PI / steps;
  std::vector<double> values;
  int64_t wanted = std::min(count, std::min(rows, cols));
  for (int64_t i = 0; i < steps && int64_t(values.size()) < wanted; ++i) {
    double phi = (double(i) + 0.5) * step;
    double x = 1 + ratio + 2 * std::sqrt(ratio) * std::cos(phi);
    mass += 2 * std::sin(phi) * std::sin(phi) / (M_PI * x) * step;
    while (int64_t(values.size()) < wanted &&
           mass * small >= double(values.size()) + 0.5)
      values.push_back(std::sqrt(large * x));
  }
  values.resize(size_t(count), 0.0);
  return values;
}

void pixelfly::rt::drawFrame(double *values, int64_t rows, int64_t cols,
                             const Random &random, uint32_t stream) {
  // Gram and Schmidt on normal columns, twice each, which is enough. The
  // columns lie one after the other until the end.
  std::vector<std::vector<double>> columns;
  for (int64_t j = 0; j < cols; ++j) {
    std::vector<double> &column = columns.emplace_back(size_t(rows), 0.0);
    if (j >= rows)
      continue;
    for (int64_t i = 0; i < rows; ++i)
      column[size_t(i)] = random.normal(stream, uint64_t(i * cols + j));
    for (int pass = 0; pass < 2; ++pass)
      for (int64_t other = 0; other < j; ++other) {
        const std::vector<double> &fixed = columns[size_t(other)];
        double dot = 0;
        for (size_t i = 0; i < fixed.size(); ++i)
          dot += column[i] * fixed[i];
        for (size_t i = 0; i < fixed.size(); ++i)
          column[i] -= dot * fixed[i];
      }
    double norm = 0;
    for (double value : column)
      norm += value * value;
    norm = std::sqrt(norm);
    for (double &value : column)
      value /= norm;
  }
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      values[i * cols + j] = columns[size_t(j)][size_t(i)];
}

void pixelfly::rt::drawSingularVectors(float *values, int64_t rows,
                                       int64_t rank, int64_t opposite,
                                       double deviation, const Random &random,
                                       uint32_t stream) {
  std::vector<double> frame(size_t(rows * rank));
  drawFrame(frame.data(), rows, rank, random, stream);
  std::vector<double> singular = expectedSingularValues(rows, opposite, rank);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t k = 0; k < rank; ++k)
      values[i * rank + k] = float(frame[size_t(i * rank + k)] *
                                   std::sqrt(deviation * singular[size_t(k)]));
}
