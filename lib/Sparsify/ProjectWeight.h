//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a dense weight with given values to the sparse layer nearest to it, in
// plain numbers.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_PROJECTWEIGHT_H
#define PIXELFLY_LIB_SPARSIFY_PROJECTWEIGHT_H

#include "pixelfly/IR/Pattern.h"

#include "llvm/ADT/ArrayRef.h"

#include <vector>

namespace mlir::pixelfly {

/// Values of the parameters of one sparse layer, in storage order.
struct ProjectedWeight {
  std::vector<double> blocks; ///< nnz x block x block, zero where padded
  std::vector<double> u;      ///< rows x rank
  std::vector<double> v;      ///< cols x rank
};

/// Projects the row-major `rows x cols` matrix W on `gamma B + (1 - gamma) U
/// V^T`:
///
///   (1 - gamma) U V^T = the best rank-`rank` approximation of what of W lies
///   off
///                       the pattern (Eckart and Young)
///   gamma B           = W - (1 - gamma) U V^T on the pattern
///
/// so that the layer equals W on the pattern, and off it misses the least that
/// U V^T can. Without a low-rank term B is W on the pattern and `gamma` is not
/// used. The pattern may be larger than the matrix, whose missing elements are
/// zero then.
ProjectedWeight projectWeight(llvm::ArrayRef<double> dense, int64_t rows,
                              int64_t cols, const FlatButterfly &pattern,
                              int64_t rank, double gamma);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_PROJECTWEIGHT_H
