//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What one operation does with a weight: whether it is a matrix product, in
// which dimensions, and which vector is added behind it. Looks only.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_MATCHPRODUCT_H
#define PIXELFLY_LIB_SPARSIFY_MATCHPRODUCT_H

#include "TensorView.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <string>

namespace mlir::pixelfly {

/// result[l.., row..] += sum over col.. of input[l.., col..] * weight[row..,
/// col..], the dimensions of each tensor in any order. `l..` are any number of
/// leading dimensions, which are the rows of one matrix; several row or column
/// dimensions are one index, in the order of the source of the weight.
struct Product {
  linalg::LinalgOp op;
  OpOperand *weight = nullptr; ///< the factor that is the weight, or a view
  OpOperand *input = nullptr;  ///< the other factor
  /// Which element of the weight's source is at (row, col).
  Digits rows, cols;
  /// Float types that the weight is converted to before it is multiplied.
  SmallVector<Type> casts;

  /// The dimensions of the input: leading ones first, then columns.
  SmallVector<int64_t> inputOrder;
  int64_t numInputLeading = 0;
  /// The dimensions of the result: leading ones first, then rows.
  SmallVector<int64_t> resultOrder;
  int64_t numResultLeading = 0;

  /// Adds the bias; null if there is none, or if it is what the product adds
  /// to.
  Operation *biasAdd = nullptr;
  /// The operand with one bias per row, in any shape; null if there is none.
  /// Of `biasAdd`, of the product, or of what broadcasts the bias for them.
  OpOperand *bias = nullptr;
  /// The product adds to the bias.
  bool addsToBias = false;
  /// If the body of `biasAdd` computes more than the sum: its argument for the
  /// product's result, whose only use is the addition of the bias. Else null.
  BlockArgument biasedTerm;
  /// Between product and `biasAdd`: what rearranges the result, in order.
  SmallVector<Operation *> rearranged;

  RankedTensorType getResultType() {
    return cast<RankedTensorType>(op->getResult(0).getType());
  }
};

/// Fills in the product that reads a weight through `use`, seen as `view`, and
/// its bias. Returns why it is none that a pattern could replace, or an empty
/// string.
std::string matchProduct(OpOperand &use, const TensorView &view,
                         Product &product);

/// Whether the operation multiplies and sums up two tensors, of any type.
bool isContraction(Operation *op);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_MATCHPRODUCT_H
