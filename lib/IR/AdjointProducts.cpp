//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AdjointProducts.h"

#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::pixelfly;

Value AdjointProducts::convert(Value value, Value like) const {
  return createConverted(builder, loc, value,
                         getElementTypeOrSelf(like.getType()));
}

Value AdjointProducts::matmul(Value rows, Value blocks, Value like,
                              BlockPatternAttrInterface pattern,
                              bool transposed) const {
  Value init = createZerosLike(builder, loc, like);
  return MatmulOp::create(builder, loc, convert(rows, blocks), blocks, init,
                          pattern, transposed)
      ->getResult(0);
}

Value AdjointProducts::sddmm(Value lhs, Value rhs, Value like,
                             BlockPatternAttrInterface pattern) const {
  Value init = createZerosLike(builder, loc, like);
  return SddmmOp::create(builder, loc, convert(lhs, rhs), convert(rhs, lhs),
                         init, pattern)
      ->getResult(0);
}

Value AdjointProducts::dense(Value lhs, Value rhs) const {
  SmallVector<OpFoldResult> sizes = {
      tensor::getMixedSize(builder, loc, lhs, 0),
      tensor::getMixedSize(builder, loc, rhs, 1)};
  Value empty = tensor::EmptyOp::create(builder, loc, sizes,
                                        getElementTypeOrSelf(lhs.getType()));
  return linalg::MatmulOp::create(builder, loc, ValueRange{lhs, rhs},
                                  createZerosLike(builder, loc, empty))
      .getResult(0);
}

Value AdjointProducts::denseTransposed(Value lhs, Value rhs, Value like) const {
  Value init = createZerosLike(builder, loc, like);
  return linalg::MatmulTransposeAOp::create(builder, loc, ValueRange{lhs, rhs},
                                            init)
      ->getResult(0);
}

LogicalResult pixelfly::requireTensors(DestinationStyleOpInterface op) {
  if (op.hasPureTensorSemantics())
    return success();
  return op->emitOpError("has no differentiation rule on memrefs; "
                         "differentiate before bufferization");
}
