//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Differentiation rules of products and conversions. The adjoints of products
// on a pattern are products on the same pattern.
//
//===----------------------------------------------------------------------===//

#include "AdjointProducts.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The adjoints of a product that adds to its init: of its init, the result's;
/// of the first and second operand, what the functions emit.
static LogicalResult emitProductAdjoints(
    DestinationStyleOpInterface op, Value adjoint, ArrayRef<bool> needsAdjoint,
    SmallVectorImpl<Value> &operandAdjoints, function_ref<Value()> emitFirst,
    function_ref<Value()> emitSecond) {
  if (failed(requireTensors(op)))
    return failure();
  operandAdjoints.assign({needsAdjoint[0] ? emitFirst() : Value(),
                          needsAdjoint[1] ? emitSecond() : Value(),
                          needsAdjoint[2] ? adjoint : Value()});
  return success();
}

LogicalResult MatmulOp::emitAdjoint(OpBuilder &builder,
                                    ArrayRef<Value> resultAdjoints,
                                    ArrayRef<bool> needsAdjoint,
                                    SmallVectorImpl<Value> &operandAdjoints) {
  AdjointProducts products{builder, getLoc()};
  Value adjoint = resultAdjoints[0];
  return emitProductAdjoints(
      *this, adjoint, needsAdjoint, operandAdjoints,
      [&] {
        return products.matmul(adjoint, getBlocks(), getInput(), getPattern(),
                               !getTransposed());
      },
      [&] {
        // The side that meets the rows of the matrix comes first.
        Value rows = products.convert(adjoint, getInput()), cols = getInput();
        if (getTransposed())
          std::swap(rows, cols);
        return products.sddmm(rows, cols, getBlocks(), getPattern());
      });
}

LogicalResult SddmmOp::emitAdjoint(OpBuilder &builder,
                                   ArrayRef<Value> resultAdjoints,
                                   ArrayRef<bool> needsAdjoint,
                                   SmallVectorImpl<Value> &operandAdjoints) {
  AdjointProducts products{builder, getLoc()};
  Value adjoint = resultAdjoints[0];
  // With G the adjoint: dlhs = rhs G^T, drhs = lhs G.
  auto product = [&](Value rows, Value like, bool transposed) {
    return products.matmul(rows, products.convert(adjoint, getLhs()), like,
                           getPattern(), transposed);
  };
  return emitProductAdjoints(
      *this, adjoint, needsAdjoint, operandAdjoints,
      [&] { return product(getRhs(), getLhs(), /*transposed=*/false); },
      [&] { return product(getLhs(), getRhs(), /*transposed=*/true); });
}

LogicalResult ToDenseOp::emitAdjoint(OpBuilder &builder,
                                     ArrayRef<Value> resultAdjoints,
                                     ArrayRef<bool> needsAdjoint,
                                     SmallVectorImpl<Value> &operandAdjoints) {
  operandAdjoints.push_back(
      needsAdjoint[0] ? FromDenseOp::create(builder, getLoc(),
                                            resultAdjoints[0], getPattern())
                            .getResult()
                      : Value());
  return success();
}

LogicalResult
FromDenseOp::emitAdjoint(OpBuilder &builder, ArrayRef<Value> resultAdjoints,
                         ArrayRef<bool> needsAdjoint,
                         SmallVectorImpl<Value> &operandAdjoints) {
  operandAdjoints.push_back(
      needsAdjoint[0] ? ToDenseOp::create(builder, getLoc(), resultAdjoints[0],
                                          getPattern())
                            .getResult()
                      : Value());
  return success();
}
