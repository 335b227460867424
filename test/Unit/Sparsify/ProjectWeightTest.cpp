//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProjectWeight.h"

#include "LowRank.h"

#include <gtest/gtest.h>

#include <random>

using namespace mlir::pixelfly;

namespace {
struct Case {
  FlatButterfly pattern;
  int64_t rows, cols; ///< of the matrix, which the pattern may pad
  int64_t rank;
};

const Case kCases[] = {
    {{64, 64, 8, {2, 2, 2}, 2}, 64, 64, 8},
    {{48, 96, 8, {2, 3}, 2}, 48, 96, 16},
    {{96, 48, 8, {2, 3}, 1}, 92, 43, 8},
    {{32, 32, 16, {2}, 0}, 30, 30, 0},
};

std::vector<double> randomMatrix(int64_t count) {
  std::mt19937_64 generator(5);
  std::normal_distribution<double> normal;
  std::vector<double> m(count);
  for (double &value : m)
    value = normal(generator);
  return m;
}

/// Whether the pattern stores the element, and where.
int64_t positionOf(const FlatButterfly &pattern, int64_t row, int64_t col) {
  std::optional<int64_t> block =
      pattern.position(row / pattern.block, col / pattern.block);
  if (!block)
    return -1;
  return (*block * pattern.block + row % pattern.block) * pattern.block +
         col % pattern.block;
}
} // namespace

// Without a low-rank term the blocks are copied, and padding is zero.
TEST(ProjectWeight, CopiesBlocks) {
  for (const Case &c : kCases) {
    std::vector<double> dense = randomMatrix(c.rows * c.cols);
    ProjectedWeight weight =
        projectWeight(dense, c.rows, c.cols, c.pattern, /*rank=*/0, 0.5);
    EXPECT_TRUE(weight.u.empty());
    EXPECT_TRUE(weight.v.empty());
    for (int64_t row = 0; row < c.pattern.rows; ++row)
      for (int64_t col = 0; col < c.pattern.cols; ++col) {
        int64_t position = positionOf(c.pattern, row, col);
        if (position < 0)
          continue;
        bool inside = row < c.rows && col < c.cols;
        EXPECT_EQ(weight.blocks[position],
                  inside ? dense[row * c.cols + col] : 0.0)
            << row << ", " << col;
      }
  }
}

// On the pattern the layer is the matrix; off it, it is the best low-rank
// approximation of what lies there.
TEST(ProjectWeight, WithALowRankTerm) {
  constexpr double gamma = 0.3;
  for (const Case &c : kCases) {
    if (c.rank == 0)
      continue;
    std::vector<double> dense = randomMatrix(c.rows * c.cols);
    ProjectedWeight weight =
        projectWeight(dense, c.rows, c.cols, c.pattern, c.rank, gamma);
    std::vector<double> residual = dense;
    double squaredError = 0;
    for (int64_t row = 0; row < c.rows; ++row)
      for (int64_t col = 0; col < c.cols; ++col) {
        double layer = 0;
        for (int64_t k = 0; k < c.rank; ++k)
          layer += (1 - gamma) * weight.u[row * c.rank + k] *
                   weight.v[col * c.rank + k];
        int64_t position = positionOf(c.pattern, row, col);
        double expected = dense[row * c.cols + col];
        if (position < 0) {
          squaredError += (layer - expected) * (layer - expected);
          continue;
        }
        residual[row * c.cols + col] = 0;
        layer += gamma * weight.blocks[position];
        EXPECT_NEAR(layer, expected, 1e-12) << row << ", " << col;
      }
    LowRankFactors best = bestLowRank(residual, c.rows, c.cols, c.rank);
    double squaredBest = 0;
    for (int64_t row = 0; row < c.rows; ++row)
      for (int64_t col = 0; col < c.cols; ++col) {
        double error = residual[row * c.cols + col];
        for (int64_t k = 0; k < c.rank; ++k)
          error -= best.u[row * c.rank + k] * best.v[col * c.rank + k];
        if (positionOf(c.pattern, row, col) < 0)
          squaredBest += error * error;
      }
    EXPECT_NEAR(squaredError / squaredBest, 1, 1e-9);
  }
}
