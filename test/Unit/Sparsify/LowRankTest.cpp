//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowRank.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mlir::pixelfly;

namespace {
/// Row-major.
using Matrix = std::vector<double>;

Matrix randomMatrix(int64_t rows, int64_t cols, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  Matrix m(rows * cols);
  for (double &value : m)
    value = normal(generator);
  return m;
}

/// The squares of the singular values in falling order: the eigenvalues of
/// m m^T, by Jacobi rotations of that matrix. (The factors are computed from
/// rotations of the rows of a projection.)
std::vector<double> squaredSingularValues(const Matrix &m, int64_t rows,
                                          int64_t cols) {
  Matrix a(rows * rows, 0.0);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < rows; ++j)
      for (int64_t k = 0; k < cols; ++k)
        a[i * rows + j] += m[i * cols + k] * m[j * cols + k];
  for (int sweep = 0; sweep < 30; ++sweep)
    for (int64_t p = 0; p < rows; ++p)
      for (int64_t q = p + 1; q < rows; ++q) {
        double angle = 0.5 * std::atan2(2 * a[p * rows + q],
                                        a[q * rows + q] - a[p * rows + p]);
        double c = std::cos(angle), s = std::sin(angle);
        for (int64_t k = 0; k < rows; ++k) {
          double x = a[k * rows + p], y = a[k * rows + q];
          a[k * rows + p] = c * x - s * y, a[k * rows + q] = s * x + c * y;
        }
        for (int64_t k = 0; k < rows; ++k) {
          double x = a[p * rows + k], y = a[q * rows + k];
          a[p * rows + k] = c * x - s * y, a[q * rows + k] = s * x + c * y;
        }
      }
  std::vector<double> values;
  for (int64_t i = 0; i < rows; ++i)
    values.push_back(a[i * rows + i]);
  std::sort(values.rbegin(), values.rend());
  return values;
}

/// Squared Frobenius norm of m - u v^T.
double squaredError(const Matrix &m, int64_t rows, int64_t cols, int64_t rank,
                    const LowRankFactors &factors) {
  double sum = 0;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j) {
      double error = m[i * cols + j];
      for (int64_t k = 0; k < rank; ++k)
        error -= factors.u[i * rank + k] * factors.v[j * rank + k];
      sum += error * error;
    }
  return sum;
}
} // namespace

// Eckart and Young: the least error is what the other singular values hold.
TEST(LowRank, HasTheLeastError) {
  for (auto [rows, cols, rank] :
       {std::tuple<int64_t, int64_t, int64_t>{40, 40, 8},
        {24, 72, 4},
        {72, 24, 4},
        {48, 56, 16},
        {12, 30, 12},
        {64, 64, 1}}) {
    Matrix m = randomMatrix(rows, cols, unsigned(rows * cols + rank));
    LowRankFactors factors = bestLowRank(m, rows, cols, rank);
    ASSERT_EQ(int64_t(factors.u.size()), rows * rank);
    ASSERT_EQ(int64_t(factors.v.size()), cols * rank);
    std::vector<double> squares = squaredSingularValues(m, rows, cols);
    double least = 0, all = 0;
    for (int64_t k = 0; k < rows; ++k) {
      all += squares[k];
      least += k >= rank ? squares[k] : 0;
    }
    double error = squaredError(m, rows, cols, rank, factors);
    EXPECT_NEAR(error / all, least / all, 1e-3)
        << rows << " x " << cols << ", rank " << rank;
    EXPECT_GE(error, least - 1e-9 * all);
  }
}

// Each factor carries the square roots of the singular values.
TEST(LowRank, SharesTheSingularValues) {
  constexpr int64_t rows = 20, cols = 28, rank = 6;
  Matrix m = randomMatrix(rows, cols, 3);
  LowRankFactors factors = bestLowRank(m, rows, cols, rank);
  std::vector<double> squares = squaredSingularValues(m, rows, cols);
  for (int64_t a = 0; a < rank; ++a)
    for (int64_t b = 0; b < rank; ++b) {
      double uu = 0, vv = 0;
      for (int64_t i = 0; i < rows; ++i)
        uu += factors.u[i * rank + a] * factors.u[i * rank + b];
      for (int64_t j = 0; j < cols; ++j)
        vv += factors.v[j * rank + a] * factors.v[j * rank + b];
      double expected = a == b ? std::sqrt(squares[a]) : 0;
      EXPECT_NEAR(uu, expected, 1e-2);
      EXPECT_NEAR(vv, expected, 1e-2);
    }
}

// A matrix of low rank is met exactly, and further columns are zero.
TEST(LowRank, ExactWhereTheMatrixIsOfLowRank) {
  constexpr int64_t rows = 60, cols = 44, rank = 5, asked = 8;
  Matrix left = randomMatrix(rows, rank, 1),
         right = randomMatrix(cols, rank, 2);
  Matrix m(rows * cols, 0.0);
  double squaredNorm = 0;
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j) {
      for (int64_t k = 0; k < rank; ++k)
        m[i * cols + j] += left[i * rank + k] * right[j * rank + k];
      squaredNorm += m[i * cols + j] * m[i * cols + j];
    }
  LowRankFactors factors = bestLowRank(m, rows, cols, asked);
  EXPECT_LT(squaredError(m, rows, cols, asked, factors), 1e-18 * squaredNorm);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t k = rank; k < asked; ++k)
      EXPECT_NEAR(factors.u[i * asked + k], 0, 1e-5);
}

TEST(LowRank, Zero) {
  LowRankFactors factors = bestLowRank(Matrix(16 * 8, 0.0), 16, 8, 4);
  EXPECT_EQ(factors.u, Matrix(16 * 4, 0.0));
  EXPECT_EQ(factors.v, Matrix(8 * 4, 0.0));
}
