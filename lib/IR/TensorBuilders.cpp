//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

Value pixelfly::createEmptyLike(OpBuilder &builder, Location loc, Value like,
                                Type elementType) {
  if (!elementType)
    elementType = getElementTypeOrSelf(like.getType());
  return tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, like), elementType);
}

Value pixelfly::createZerosLike(OpBuilder &builder, Location loc, Value like) {
  Type elementType = getElementTypeOrSelf(like.getType());
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(elementType));
  if (!isa<RankedTensorType>(like.getType()))
    return zero;
  Value empty = createEmptyLike(builder, loc, like);
  return linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
}

bool pixelfly::isZeros(Value value) {
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    value = fill.getInputs()[0];
  return matchPattern(value, m_AnyZeroFloat());
}

Value pixelfly::createSum(OpBuilder &builder, Location loc, Value lhs,
                          Value rhs) {
  auto type = dyn_cast<RankedTensorType>(lhs.getType());
  if (!type)
    return arith::AddFOp::create(builder, loc, lhs, rhs);
  Value empty = createEmptyLike(builder, loc, lhs);
  SmallVector<AffineMap> maps(3,
                              builder.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  auto sum = linalg::GenericOp::create(
      builder, loc, type, ValueRange{lhs, rhs}, empty, maps, iterators,
      [](OpBuilder &nested, Location loc, ValueRange args) {
        Value sum = arith::AddFOp::create(nested, loc, args[0], args[1]);
        linalg::YieldOp::create(nested, loc, sum);
      });
  return sum.getResult(0);
}
