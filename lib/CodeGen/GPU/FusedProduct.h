//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer's sum put together again: bias, product on the pattern and low-rank
// term are operations on one buffer by now, and one kernel can compute them
// with one pass over it.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_FUSEDPRODUCT_H
#define PIXELFLY_LIB_CODEGEN_GPU_FUSEDPRODUCT_H

#include "DenseProduct.h"

namespace mlir::pixelfly {

/// A `pixelfly.matmul` and its neighbours that write the same buffer:
///
///     y = bias        every row                    (or zero, or what is there)
///     y += x B        the `pixelfly.matmul`
///     y += h U^T      a contraction, the low-rank term
///     z = f(y)        elementwise, the epilogue
///
/// The low-rank term's operands may be computed between the two products; the
/// kernel takes the place of the last of them.
struct FusedProduct {
  MatmulOp matmul;
  std::optional<DenseProduct> lowRank;
  linalg::GenericOp bias; ///< null: none
  linalg::FillOp fill;    ///< with zero; null: none
  Epilogue epilogue;
  /// What surrounds `matmul`, as far as kernels of `shape` can take it in.
  static FusedProduct get(MatmulOp matmul, const BlockShape &shape);

  /// Where the kernel is launched.
  Operation *last() const;
  bool startsFromZero() const { return bool(fill); }
  /// The row that the result begins with; null if there is no bias.
  Value biasRow() const;
  /// Of the panels of the low-rank term: `shape`, the operands in their own
  /// orders.
  BlockShape lowRankShape(const BlockShape &shape) const;
  /// All operations but the matmul, which the kernel makes unnecessary.
  void eraseOthers();
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_FUSEDPRODUCT_H
