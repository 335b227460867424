//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowRank.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <random>

using namespace mlir::pixelfly;

/// Columns of the basis beyond the wanted rank.
static constexpr int64_t kOversampling = 10;
/// Growth of the captured squared norm below which the iteration stops.
static constexpr double kTolerance = 1e-6;
static constexpr int kMaxIterations = 60;
static constexpr int kMaxSweeps = 60;

namespace {
/// A row-major matrix.
struct Matrix {
  int64_t rows, cols;
  std::vector<double> data;

  Matrix(int64_t rows, int64_t cols)
      : rows(rows), cols(cols), data(rows * cols, 0.0) {}
  double *row(int64_t i) { return data.data() + i * cols; }
  const double *row(int64_t i) const { return data.data() + i * cols; }
  double &at(int64_t i, int64_t j) { return data[i * cols + j]; }

  double squaredNorm() const {
    return std::inner_product(data.begin(), data.end(), data.begin(), 0.0);
  }
};
} // namespace

static Matrix transposed(const double *data, int64_t rows, int64_t cols) {
  Matrix result(cols, rows);
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      result.at(j, i) = data[i * cols + j];
  return result;
}

/// a * b.
static Matrix multiply(const Matrix &a, const Matrix &b) {
  Matrix result(a.rows, b.cols);
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t k = 0; k < a.cols; ++k) {
      double factor = a.row(i)[k];
      const double *from = b.row(k);
      double *to = result.row(i);
      for (int64_t j = 0; j < b.cols; ++j)
        to[j] += factor * from[j];
    }
  return result;
}

/// a^T * b.
static Matrix multiplyTransposed(const Matrix &a, const Matrix &b) {
  Matrix result(a.cols, b.cols);
  for (int64_t k = 0; k < a.rows; ++k)
    for (int64_t i = 0; i < a.cols; ++i) {
      double factor = a.row(k)[i];
      const double *from = b.row(k);
      double *to = result.row(i);
      for (int64_t j = 0; j < b.cols; ++j)
        to[j] += factor * from[j];
    }
  return result;
}

/// Makes the columns orthonormal, or zero where they depend on earlier ones
/// (Gram and Schmidt, twice, which is enough).
static void orthonormalise(Matrix &m) {
  for (int64_t j = 0; j < m.cols; ++j) {
    auto norm = [&] {
      double sum = 0;
      for (int64_t i = 0; i < m.rows; ++i)
        sum += m.at(i, j) * m.at(i, j);
      return std::sqrt(sum);
    };
    double before = norm();
    for (int pass = 0; pass < 2; ++pass)
      for (int64_t other = 0; other < j; ++other) {
        double dot = 0;
        for (int64_t i = 0; i < m.rows; ++i)
          dot += m.at(i, j) * m.at(i, other);
        for (int64_t i = 0; i < m.rows; ++i)
          m.at(i, j) -= dot * m.at(i, other);
      }
    double after = norm();
    double scale = after > 1e-12 * before ? 1 / after : 0;
    for (int64_t i = 0; i < m.rows; ++i)
      m.at(i, j) *= scale;
  }
}

/// An orthonormal basis of `size` columns in which most of the columns of `a`
/// lies; all of it if that is every dimension there is.
static Matrix captureRange(const Matrix &a, int64_t size) {
  if (size == a.rows) {
    Matrix identity(size, size);
    for (int64_t i = 0; i < size; ++i)
      identity.at(i, i) = 1;
    return identity;
  }
  // The bits of this generator are the same on every platform.
  std::mt19937_64 generator(1);
  Matrix start(a.cols, size);
  for (double &value : start.data)
    value = static_cast<double>(static_cast<int64_t>(generator())) * 0x1p-63;
  Matrix basis = multiply(a, start);
  orthonormalise(basis);
  double captured = 0;
  for (int i = 0; i < kMaxIterations; ++i) {
    Matrix projected = multiplyTransposed(a, basis);
    double now = projected.squaredNorm();
    if (now <= captured * (1 + kTolerance))
      break;
    captured = now;
    orthonormalise(projected);
    basis = multiply(a, projected);
    orthonormalise(basis);
  }
  return basis;
}

/// Rotates pairs of rows of `m` until all are orthogonal to each other, and
/// does to the rows of `rotation` what is done to those of `m`.
static void orthogonaliseRows(Matrix &m, Matrix &rotation) {
  auto rotate = [](double *p, double *q, int64_t size, double c, double s) {
    for (int64_t i = 0; i < size; ++i) {
      double old = p[i];
      p[i] = c * old - s * q[i];
      q[i] = s * old + c * q[i];
    }
  };
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    bool rotated = false;
    for (int64_t i = 0; i < m.rows; ++i)
      for (int64_t j = i + 1; j < m.rows; ++j) {
        double *p = m.row(i), *q = m.row(j);
        double pp = 0, qq = 0, pq = 0;
        for (int64_t k = 0; k < m.cols; ++k) {
          pp += p[k] * p[k];
          qq += q[k] * q[k];
          pq += p[k] * q[k];
        }
        if (std::abs(pq) <= 1e-14 * std::sqrt(pp * qq))
          continue;
        rotated = true;
        double zeta = (qq - pp) / (2 * pq);
        double t = std::copysign(1.0, zeta) /
                   (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
        double c = 1 / std::sqrt(1 + t * t);
        rotate(p, q, m.cols, c, c * t);
        rotate(rotation.row(i), rotation.row(j), rotation.cols, c, c * t);
      }
    if (!rotated)
      return;
  }
}

LowRankFactors mlir::pixelfly::bestLowRank(llvm::ArrayRef<double> matrix,
                                           int64_t rows, int64_t cols,
                                           int64_t rank) {
  assert(static_cast<int64_t>(matrix.size()) == rows * cols &&
         "the matrix has another size");
  // The basis spans the shorter side.
  if (rows > cols) {
    LowRankFactors swapped = bestLowRank(
        transposed(matrix.data(), rows, cols).data, cols, rows, rank);
    return {std::move(swapped.v), std::move(swapped.u)};
  }
  Matrix a(rows, cols);
  a.data.assign(matrix.begin(), matrix.end());
  int64_t size = std::min(rank + kOversampling, rows);
  Matrix basis = captureRange(a, size);
  // a = basis * small; rotating the rows of `small` until they are orthogonal
  // leaves singular values (their norms) and right singular vectors.
  Matrix small = multiplyTransposed(basis, a);
  Matrix left = transposed(basis.data.data(), rows, size);
  orthogonaliseRows(small, left);

  std::vector<double> singular(size);
  for (int64_t i = 0; i < size; ++i)
    singular[i] = std::sqrt(std::inner_product(
        small.row(i), small.row(i) + cols, small.row(i), 0.0));
  std::vector<int64_t> order(size);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
    return singular[i] != singular[j] ? singular[i] > singular[j] : i < j;
  });

  LowRankFactors factors;
  factors.u.assign(rows * rank, 0.0);
  factors.v.assign(cols * rank, 0.0);
  for (int64_t k = 0; k < std::min(rank, size); ++k) {
    int64_t from = order[k];
    double scale = std::sqrt(singular[from]);
    if (scale == 0)
      break;
    for (int64_t i = 0; i < rows; ++i)
      factors.u[i * rank + k] = left.at(from, i) * scale;
    for (int64_t j = 0; j < cols; ++j)
      factors.v[j * rank + k] = small.at(from, j) / scale;
  }
  return factors;
}
