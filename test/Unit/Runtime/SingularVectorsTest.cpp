//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/SingularVectors.h"
#include "pixelfly-rt/Initialize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace pixelfly::rt;

/// The singular values of a random matrix in falling order, by rotating its
/// rows until they are orthogonal (Jacobi): the lengths of the rows are left.
static std::vector<double> singularValuesOf(int64_t rows, int64_t cols,
                                            bool isUniform) {
  Random random(3, RandomPurpose::Parameter);
  std::vector<std::vector<double>> m(rows, std::vector<double>(cols));
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      m[i][j] = isUniform
                    ? std::sqrt(3.0) * (2 * random.uniform(0, i * cols + j) - 1)
                    : random.normal(0, i * cols + j);
  auto dot = [&](int64_t a, int64_t b) {
    double sum = 0;
    for (int64_t j = 0; j < cols; ++j)
      sum += m[a][j] * m[b][j];
    return sum;
  };
  for (int sweep = 0; sweep < 12; ++sweep)
    for (int64_t a = 0; a < rows; ++a)
      for (int64_t b = a + 1; b < rows; ++b) {
        double angle = 0.5 * std::atan2(2 * dot(a, b), dot(a, a) - dot(b, b));
        double c = std::cos(angle), s = std::sin(angle);
        for (int64_t j = 0; j < cols; ++j) {
          double x = m[a][j], y = m[b][j];
          m[a][j] = c * x + s * y;
          m[b][j] = c * y - s * x;
        }
      }
  std::vector<double> values;
  for (int64_t i = 0; i < rows; ++i)
    values.push_back(std::sqrt(dot(i, i)));
  std::sort(values.rbegin(), values.rend());
  return values;
}

TEST(SingularVectors, ValuesAreThoseOfARandomMatrix) {
  for (auto [rows, cols] :
       {std::pair<int64_t, int64_t>{96, 96}, {64, 160}, {80, 81}})
    for (bool isUniform : {false, true}) {
      std::vector<double> drawn = singularValuesOf(rows, cols, isUniform);
      std::vector<double> expected = expectedSingularValues(rows, cols, rows);
      ASSERT_EQ(expected.size(), size_t(rows));
      EXPECT_EQ(expected, expectedSingularValues(cols, rows, rows));
      // The leading half, which factors are made of, one by one.
      for (int64_t k = 0; k < rows / 2; ++k)
        EXPECT_NEAR(expected[k] / drawn[k], 1, 0.06)
            << k << " of " << rows << " x " << cols;
      // Their squares add up to the squares of the elements.
      double sum = 0;
      for (double value : expected)
        sum += value * value;
      EXPECT_NEAR(sum / double(rows * cols), 1, 0.01);
    }
}

TEST(SingularVectors, BeyondTheSmallerSideAreZero) {
  std::vector<double> values = expectedSingularValues(3, 5, 6);
  ASSERT_EQ(values.size(), 6u);
  EXPECT_GT(values[2], 0);
  for (size_t k = 3; k < 6; ++k)
    EXPECT_EQ(values[k], 0);
}

TEST(SingularVectors, FrameIsOrthonormal) {
  constexpr int64_t rows = 40, cols = 44;
  std::vector<double> frame(rows * cols);
  drawFrame(frame.data(), rows, cols, Random(5, RandomPurpose::Parameter), 1);
  for (int64_t a = 0; a < cols; ++a)
    for (int64_t b = 0; b < cols; ++b) {
      double dot = 0;
      for (int64_t i = 0; i < rows; ++i)
        dot += frame[i * cols + a] * frame[i * cols + b];
      EXPECT_NEAR(dot, a == b && a < rows ? 1 : 0, 1e-12) << a << ", " << b;
    }
}

// U V^T has the norm of a best approximation, and the two sides of one layer
// agree on what that is.
TEST(SingularVectors, FactorsOfOneMatrix) {
  constexpr int64_t rows = 120, cols = 180, rank = 24;
  constexpr double deviation = 0.02;
  auto draw = [&](int64_t size, int64_t opposite, uint32_t index) {
    Parameter parameter;
    parameter.shape = {size, rank};
    parameter.init = {InitKind::SingularVectors, deviation, opposite};
    std::vector<float> values(size * rank);
    initialize(values.data(), parameter, index, 1);
    return values;
  };
  std::vector<float> u = draw(rows, cols, 1), v = draw(cols, rows, 2);
  double norm = 0, expected = 0;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j) {
      double element = 0;
      for (int64_t k = 0; k < rank; ++k)
        element += double(u[i * rank + k]) * v[j * rank + k];
      norm += element * element;
    }
  std::vector<double> drawn = singularValuesOf(rows, cols, false);
  for (int64_t k = 0; k < rank; ++k)
    expected += deviation * deviation * drawn[k] * drawn[k];
  EXPECT_NEAR(norm / expected, 1, 0.05);
}
