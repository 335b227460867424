//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/FitCostModel.h"

#include <array>
#include <cmath>
#include <optional>

using namespace mlir;
using namespace mlir::pixelfly;

static constexpr int kConstants = 3;
using Vector = std::array<double, kConstants>;

/// The least-squares solution in which only the constants of `active` differ
/// from zero; nullopt if one of them is negative or not determined.
static std::optional<Vector> solve(ArrayRef<Vector> rows, unsigned active) {
  // Normal equations; the right-hand side of every row is one.
  double a[kConstants][kConstants + 1] = {};
  for (const Vector &row : rows)
    for (int i = 0; i < kConstants; ++i) {
      for (int j = 0; j < kConstants; ++j)
        a[i][j] += row[i] * row[j];
      a[i][kConstants] += row[i];
    }
  for (int i = 0; i < kConstants; ++i)
    if (!(active >> i & 1)) {
      for (int j = 0; j < kConstants; ++j)
        a[i][j] = a[j][i] = 0;
      a[i][i] = 1;
      a[i][kConstants] = 0;
    }
  // The matrix is positive definite unless constants are not determined, so
  // elimination needs no pivoting.
  for (int i = 0; i < kConstants; ++i) {
    double scale = 0;
    for (const Vector &row : rows)
      scale += row[i] * row[i];
    if (!(a[i][i] > 1e-12 * scale))
      return std::nullopt;
    for (int k = 0; k < kConstants; ++k) {
      if (k == i)
        continue;
      double factor = a[k][i] / a[i][i];
      for (int j = i; j <= kConstants; ++j)
        a[k][j] -= factor * a[i][j];
    }
  }
  Vector result;
  for (int i = 0; i < kConstants; ++i) {
    result[i] = a[i][kConstants] / a[i][i];
    if (!(result[i] >= 0))
      return std::nullopt;
  }
  return result;
}

CostConstants
mlir::pixelfly::fitCostConstants(ArrayRef<Measurement> measurements,
                                 int64_t accessBytes, int64_t elementBytes) {
  // In parts of the measured time, so that every error is a relative one; each
  // column scaled to a norm of one, since a flop takes 1e-12 s, a product 1e-6.
  SmallVector<Vector> rows;
  Vector norms = {};
  for (const auto &[counts, seconds] : measurements) {
    rows.push_back({counts.flops / seconds, counts.elements / seconds,
                    counts.products / seconds});
    for (int i = 0; i < kConstants; ++i)
      norms[i] += rows.back()[i] * rows.back()[i];
  }
  for (Vector &row : rows)
    for (int i = 0; i < kConstants; ++i)
      if (norms[i] > 0)
        row[i] /= std::sqrt(norms[i]);

  // The best solution without negative constants is the unconstrained one over
  // the constants that it does not leave at zero: try every set of them.
  Vector best = {};
  double bestError = double(rows.size());
  for (unsigned active = 1; active < 1u << kConstants; ++active) {
    std::optional<Vector> candidate = solve(rows, active);
    if (!candidate)
      continue;
    double error = 0;
    for (const Vector &row : rows) {
      double predicted = 0;
      for (int i = 0; i < kConstants; ++i)
        predicted += row[i] * (*candidate)[i];
      error += (predicted - 1) * (predicted - 1);
    }
    if (error < bestError) {
      best = *candidate;
      bestError = error;
    }
  }
  for (int i = 0; i < kConstants; ++i)
    if (norms[i] > 0)
      best[i] /= std::sqrt(norms[i]);
  CostConstants constants;
  constants.accessBytes = accessBytes;
  constants.secondsPerFlop = best[0];
  constants.secondsPerAccess =
      best[1] * double(accessBytes) / double(elementBytes);
  constants.secondsPerProduct = best[2];
  return constants;
}
