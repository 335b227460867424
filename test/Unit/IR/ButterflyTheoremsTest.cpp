//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the paper proves about butterfly products and their flat form, measured
// on dense matrices in double: Theorems 4.1, 4.3 and 4.4.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/MaskRule.h"

#include "llvm/ADT/STLExtras.h"
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

using namespace mlir::pixelfly;

namespace {
/// A square matrix, row-major.
struct Matrix {
  int64_t size;
  std::vector<double> values;

  explicit Matrix(int64_t size) : size(size), values(size * size) {}
  static Matrix identity(int64_t size) {
    Matrix result(size);
    for (int64_t i = 0; i < size; ++i)
      result(i, i) = 1;
    return result;
  }
  double &operator()(int64_t i, int64_t j) { return values[i * size + j]; }
  double operator()(int64_t i, int64_t j) const { return values[i * size + j]; }

  Matrix operator*(const Matrix &other) const {
    Matrix result(size);
    for (int64_t i = 0; i < size; ++i)
      for (int64_t k = 0; k < size; ++k)
        for (int64_t j = 0; j < size; ++j)
          result(i, j) += (*this)(i, k) * other(k, j);
    return result;
  }
  /// This matrix plus `factor` times the other.
  Matrix plus(const Matrix &other, double factor) const {
    Matrix result = *this;
    for (size_t i = 0; i < values.size(); ++i)
      result.values[i] += factor * other.values[i];
    return result;
  }
  double norm() const {
    double sum = 0;
    for (double value : values)
      sum += value * value;
    return std::sqrt(sum);
  }
  /// The number of pivots above `tolerance` in an elimination with complete
  /// pivoting.
  int64_t rank(double tolerance) const;
};

int64_t Matrix::rank(double tolerance) const {
  Matrix m = *this;
  for (int64_t step = 0; step < size; ++step) {
    int64_t row = step, col = step;
    for (int64_t i = step; i < size; ++i)
      for (int64_t j = step; j < size; ++j)
        if (std::abs(m(i, j)) > std::abs(m(row, col)))
          row = i, col = j;
    if (std::abs(m(row, col)) <= tolerance)
      return step;
    for (int64_t j = 0; j < size; ++j)
      std::swap(m(step, j), m(row, j));
    for (int64_t i = 0; i < size; ++i)
      std::swap(m(i, step), m(i, col));
    for (int64_t i = step + 1; i < size; ++i) {
      double factor = m(i, step) / m(step, step);
      for (int64_t j = step; j < size; ++j)
        m(i, j) -= factor * m(step, j);
    }
  }
  return size;
}

/// Whether every nonzero element lies in a nonzero block.
bool liesOn(const Matrix &matrix, const BlockMask &mask, int64_t block) {
  for (int64_t i = 0; i < matrix.size; ++i)
    for (int64_t j = 0; j < matrix.size; ++j)
      if (matrix(i, j) != 0 && !mask.contains(i / block, j / block))
        return false;
  return true;
}

/// The factors of a pattern with random elements, the smallest stride first.
std::vector<Matrix> randomFactors(const FlatButterfly &pattern, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> draw(-1, 1);
  std::vector<Matrix> factors;
  for (int64_t t = 0; t < pattern.factors; ++t) {
    BlockMask mask = MaskRule::ofFactor(pattern, t).build();
    Matrix factor(pattern.rows);
    for (int64_t i = 0; i < factor.size; ++i)
      for (int64_t j = 0; j < factor.size; ++j)
        if (mask.contains(i / pattern.block, j / pattern.block))
          factor(i, j) = draw(generator);
    factors.push_back(factor);
  }
  return factors;
}

/// I + lambda (B_0 + B_1 + ...).
Matrix flatForm(const std::vector<Matrix> &factors, double lambda) {
  Matrix result = Matrix::identity(factors[0].size);
  for (const Matrix &factor : factors)
    result = result.plus(factor, lambda);
  return result;
}

/// ... (I + lambda B_1) (I + lambda B_0).
Matrix residualForm(const std::vector<Matrix> &factors, double lambda) {
  Matrix identity = Matrix::identity(factors[0].size), result = identity;
  for (const Matrix &factor : factors)
    result = identity.plus(factor, lambda) * result;
  return result;
}

double flatError(const std::vector<Matrix> &factors, double lambda) {
  return residualForm(factors, lambda)
      .plus(flatForm(factors, lambda), -1)
      .norm();
}

class ButterflyTheorems : public testing::TestWithParam<FlatButterfly> {
protected:
  const FlatButterfly &pattern = GetParam();
};

/// Where two cells of b make a block of 2b.
class LargerBlocks : public ButterflyTheorems {};
/// Where there are several factors; one is its own flat form.
class FlatForm : public ButterflyTheorems {};

TEST_P(ButterflyTheorems, FlatFormHasTheFlatPattern) {
  std::vector<Matrix> factors = randomFactors(pattern, 1);
  EXPECT_TRUE(liesOn(flatForm(factors, .5), BlockMask(pattern), pattern.block));
}

/// 4.1: a product of blocks b is one of blocks 2b. The first factor of b lies
/// in the diagonal blocks of 2b, so it joins the second; every other factor of
/// b lies on a factor of 2b.
TEST_P(LargerBlocks, ContainSmaller) {
  std::vector<Matrix> factors = randomFactors(pattern, 2);
  FlatButterfly larger = pattern;
  larger.block *= 2;
  larger.radices.erase(larger.radices.begin());
  larger.factors -= 1;
  ASSERT_EQ(larger.check(), "");

  std::vector<Matrix> converted = {factors[1] * factors[0]};
  converted.insert(converted.end(), factors.begin() + 2, factors.end());
  ASSERT_EQ(int64_t(converted.size()), larger.factors);
  Matrix product = Matrix::identity(pattern.rows), expected = product;
  for (int64_t t = 0; t < larger.factors; ++t) {
    EXPECT_TRUE(liesOn(converted[t], MaskRule::ofFactor(larger, t).build(),
                       larger.block))
        << "factor " << t;
    product = converted[t] * product;
  }
  for (const Matrix &factor : factors)
    expected = factor * expected;
  EXPECT_LE(product.plus(expected, -1).norm(), 1e-12 * expected.norm());
  // The same holds for what the patterns say, block by block.
  for (int64_t t = 1; t < pattern.factors; ++t)
    EXPECT_TRUE(MaskRule::ofFactor(larger, t - 1)
                    .build()
                    .refined(2)
                    .covers(MaskRule::ofFactor(pattern, t).build()));
}

/// 4.3: the error of the flat form is of second order in lambda.
TEST_P(FlatForm, ErrorIsQuadratic) {
  std::vector<Matrix> factors = randomFactors(pattern, 3);
  double lambda = 1e-4;
  double slope =
      std::log2(flatError(factors, lambda) / flatError(factors, lambda / 2));
  EXPECT_NEAR(slope, 2, .05 * 2);
}

/// 4.3: with lambda <= c sqrt(epsilon) / (log n Bmax), c <= 1/2, the error is
/// at most epsilon. n is the number of cells, Bmax the largest norm of a
/// factor.
TEST_P(ButterflyTheorems, FlatErrorIsBounded) {
  std::vector<Matrix> factors = randomFactors(pattern, 4);
  double largest = 0;
  for (const Matrix &factor : factors)
    largest = std::max(largest, factor.norm());
  for (double epsilon : {1e-1, 1e-2, 1e-4}) {
    double lambda = .5 * std::sqrt(epsilon) /
                    (std::log2(double(pattern.cells())) * largest);
    EXPECT_LE(flatError(factors, lambda), epsilon);
  }
}

/// What the best approximation of the given rank leaves of a matrix, as a share
/// of its norm: the root of the sum of the squares of the other singular
/// values.
double lowRankResidual(const Matrix &matrix, int64_t rank) {
  // One-sided Jacobi: rotates pairs of columns until all are orthogonal; their
  // norms are the singular values.
  Matrix m = matrix;
  for (bool rotated = true; rotated;) {
    rotated = false;
    for (int64_t p = 0; p < m.size; ++p)
      for (int64_t q = p + 1; q < m.size; ++q) {
        double pp = 0, qq = 0, pq = 0;
        for (int64_t i = 0; i < m.size; ++i) {
          pp += m(i, p) * m(i, p);
          qq += m(i, q) * m(i, q);
          pq += m(i, p) * m(i, q);
        }
        if (std::abs(pq) <= 1e-12 * std::sqrt(pp * qq) || pp * qq < 1e-200)
          continue;
        rotated = true;
        double zeta = (qq - pp) / (2 * pq);
        double tangent = std::copysign(1, zeta) /
                         (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
        double cosine = 1 / std::sqrt(1 + tangent * tangent);
        for (int64_t i = 0; i < m.size; ++i) {
          double x = m(i, p), y = m(i, q);
          m(i, p) = cosine * (x - tangent * y);
          m(i, q) = cosine * (tangent * x + y);
        }
      }
  }
  std::vector<double> squares;
  for (int64_t j = 0; j < m.size; ++j) {
    double square = 0;
    for (int64_t i = 0; i < m.size; ++i)
      square += m(i, j) * m(i, j);
    squares.push_back(square);
  }
  llvm::sort(squares, std::greater<>());
  double left = 0;
  for (int64_t j = rank; j < m.size; ++j)
    left += squares[j];
  return std::sqrt(left) / matrix.norm();
}

/// 4.4: the flat form has high rank, so no low-rank matrix can stand for it.
/// The identity alone has full rank: what is measured is the sum of the factors
/// without it, which the training fills. It is compared with matrices with as
/// many nonzero elements in other places: a stripe of full columns.
TEST_P(ButterflyTheorems, FlatFormHasHighRank) {
  std::vector<Matrix> factors = randomFactors(pattern, 5);
  Matrix sum(pattern.rows);
  for (const Matrix &factor : factors)
    sum = sum.plus(factor, 1);
  EXPECT_EQ(sum.rank(1e-9), pattern.rows);

  // As many columns as a row has nonzeros. A low-rank matrix of this rank has
  // twice the parameters of the flat form.
  int64_t rank = 0;
  for (int64_t j = 0; j < sum.size; ++j)
    rank += sum(0, j) != 0;
  ASSERT_LT(rank, sum.size);
  Matrix stripe(pattern.rows);
  for (int64_t i = 0; i < sum.size; ++i)
    for (int64_t j = 0, next = 0; j < sum.size; ++j)
      if (sum(i, j) != 0)
        stripe(i, next++) = sum(i, j);
  EXPECT_EQ(stripe.rank(1e-9), rank);
  EXPECT_LE(lowRankResidual(stripe, rank), 1e-9);
  EXPECT_GE(lowRankResidual(sum, rank), .05);
}

const FlatButterfly kPatterns[] = {
    {64, 64, 8, {2, 2, 2}, 3}, {64, 64, 8, {2, 2, 2}, 2},
    {64, 64, 16, {2, 2}, 2},   {96, 96, 8, {2, 2, 3}, 3},
    {96, 96, 8, {3, 2}, 2},    {64, 64, 8, {2, 2}, 1}};

template <typename Accepts>
std::vector<FlatButterfly> patternsThat(Accepts accepts) {
  std::vector<FlatButterfly> patterns;
  llvm::copy_if(kPatterns, std::back_inserter(patterns), accepts);
  return patterns;
}

INSTANTIATE_TEST_SUITE_P(Patterns, ButterflyTheorems,
                         testing::ValuesIn(kPatterns));
INSTANTIATE_TEST_SUITE_P(
    Patterns, LargerBlocks,
    testing::ValuesIn(patternsThat([](const FlatButterfly &pattern) {
      return pattern.radices[0] == 2 && pattern.factors >= 2;
    })));
INSTANTIATE_TEST_SUITE_P(
    Patterns, FlatForm,
    testing::ValuesIn(patternsThat([](const FlatButterfly &pattern) {
      return pattern.factors >= 2;
    })));
} // namespace
