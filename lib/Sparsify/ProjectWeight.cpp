//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProjectWeight.h"

#include "LowRank.h"

#include <cassert>

using namespace mlir::pixelfly;

/// Calls `visit(position, row, col)` for every stored element that the matrix
/// has, `position` being its place in the blocks.
template <typename Visit>
static void forEachStored(const FlatButterfly &pattern, int64_t rows,
                          int64_t cols, Visit visit) {
  int64_t block = pattern.block, position = 0;
  for (int64_t blockRow = 0; blockRow < pattern.blockRows(); ++blockRow)
    for (int64_t blockCol : pattern.columnsOfRow(blockRow))
      for (int64_t i = 0; i < block; ++i)
        for (int64_t j = 0; j < block; ++j, ++position) {
          int64_t row = blockRow * block + i, col = blockCol * block + j;
          if (row < rows && col < cols)
            visit(position, row, col);
        }
}

ProjectedWeight mlir::pixelfly::projectWeight(llvm::ArrayRef<double> dense,
                                              int64_t rows, int64_t cols,
                                              const FlatButterfly &pattern,
                                              int64_t rank, double gamma) {
  assert(rows <= pattern.rows && cols <= pattern.cols &&
         "the pattern is smaller than the matrix");
  ProjectedWeight projected;
  projected.blocks.assign(pattern.numBlocks() * pattern.block * pattern.block,
                          0.0);
  if (rank == 0) {
    forEachStored(pattern, rows, cols,
                  [&](int64_t position, int64_t row, int64_t col) {
                    projected.blocks[position] = dense[row * cols + col];
                  });
    return projected;
  }

  std::vector<double> residual(dense.begin(), dense.end());
  forEachStored(pattern, rows, cols, [&](int64_t, int64_t row, int64_t col) {
    residual[row * cols + col] = 0;
  });
  LowRankFactors factors = bestLowRank(residual, rows, cols, rank);
  forEachStored(
      pattern, rows, cols, [&](int64_t position, int64_t row, int64_t col) {
        double lowRank = 0;
        for (int64_t k = 0; k < rank; ++k)
          lowRank += factors.u[row * rank + k] * factors.v[col * rank + k];
        projected.blocks[position] =
            (dense[row * cols + col] - lowRank) / gamma;
      });
  for (double &value : factors.u)
    value /= 1 - gamma;
  projected.u = std::move(factors.u);
  projected.v = std::move(factors.v);
  return projected;
}
