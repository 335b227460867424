//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The best approximation of a matrix by one of low rank.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_LOWRANK_H
#define PIXELFLY_LIB_SPARSIFY_LOWRANK_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace mlir::pixelfly {

/// A matrix `u v^T`; both factors row-major.
struct LowRankFactors {
  std::vector<double> u; ///< rows x rank
  std::vector<double> v; ///< cols x rank
};

/// Factors of the `rows x cols` row-major matrix's best approximation of the
/// given rank in the Frobenius norm: the leading singular vectors, each scaled
/// by the square root of its singular value. Columns beyond the matrix's own
/// rank are zero.
///
/// Subspace iteration from a fixed random start (Halko, Martinsson and Tropp,
/// 2011, algorithm 4.4, with a basis wider than the rank) until the squared
/// norm that the subspace holds grows by less than a millionth, then one-sided
/// Jacobi on the small matrix that is left. A matrix hardly wider than the
/// basis goes to Jacobi as a whole.
LowRankFactors bestLowRank(llvm::ArrayRef<double> matrix, int64_t rows,
                           int64_t cols, int64_t rank);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_LOWRANK_H
