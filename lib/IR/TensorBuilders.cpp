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
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::pixelfly;

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

/// A generic without reductions that writes a tensor of the shape of
/// `inputs[0]`. Inputs of rank 0 are broadcast, the others have its shape.
static Value
createElementwise(OpBuilder &builder, Location loc, ValueRange inputs,
                  Type elementType,
                  function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  int64_t rank = cast<RankedTensorType>(inputs[0].getType()).getRank();
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  AffineMap scalar = AffineMap::get(rank, 0, builder.getContext());
  SmallVector<AffineMap> maps;
  for (Value input : inputs)
    maps.push_back(cast<RankedTensorType>(input.getType()).getRank() == 0
                       ? scalar
                       : identity);
  maps.push_back(identity);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  Value empty = createEmptyLike(builder, loc, inputs[0], elementType);
  return linalg::GenericOp::create(
             builder, loc, empty.getType(), inputs, empty, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               linalg::YieldOp::create(nested, loc, body(nested, loc, args));
             })
      .getResult(0);
}

Value pixelfly::createSum(OpBuilder &builder, Location loc, Value lhs,
                          Value rhs) {
  if (!isa<RankedTensorType>(lhs.getType()))
    return arith::AddFOp::create(builder, loc, lhs, rhs);
  return createElementwise(
      builder, loc, {lhs, rhs}, /*elementType=*/{},
      [](OpBuilder &nested, Location loc, ValueRange args) -> Value {
        return arith::AddFOp::create(nested, loc, args[0], args[1]);
      });
}

Value pixelfly::createDifference(OpBuilder &builder, Location loc, Value lhs,
                                 Value rhs) {
  return createElementwise(
      builder, loc, {lhs, rhs}, /*elementType=*/{},
      [](OpBuilder &nested, Location loc, ValueRange args) -> Value {
        return arith::SubFOp::create(nested, loc, args[0], args[1]);
      });
}

Value pixelfly::createScaled(OpBuilder &builder, Location loc, Value value,
                             Value factor, bool complement) {
  Value one;
  if (complement)
    one = arith::ConstantOp::create(
        builder, loc,
        builder.getFloatAttr(getElementTypeOrSelf(value.getType()), 1.0));
  return createElementwise(
      builder, loc, {value, factor}, /*elementType=*/{},
      [&](OpBuilder &nested, Location loc, ValueRange args) -> Value {
        Value scalar = args[1];
        if (complement)
          scalar = arith::SubFOp::create(nested, loc, one, scalar);
        return arith::MulFOp::create(nested, loc, args[0], scalar);
      });
}

Value pixelfly::createRowsScaled(OpBuilder &builder, Location loc, Value value,
                                 Value factors, bool complement) {
  Value one;
  if (complement)
    one = arith::ConstantOp::create(
        builder, loc,
        builder.getFloatAttr(getElementTypeOrSelf(value.getType()), 1.0));
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  AffineMap row = AffineMap::get(2, 0, builder.getAffineDimExpr(0));
  Value empty = createEmptyLike(builder, loc, value);
  return linalg::GenericOp::create(
             builder, loc, empty.getType(), ValueRange{value, factors}, empty,
             ArrayRef<AffineMap>{identity, row, identity},
             SmallVector<utils::IteratorType>(2, utils::IteratorType::parallel),
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               Value factor = args[1];
               if (complement)
                 factor = arith::SubFOp::create(nested, loc, one, factor);
               linalg::YieldOp::create(nested, loc,
                                       ValueRange{arith::MulFOp::create(
                                           nested, loc, args[0], factor)});
             })
      .getResult(0);
}

Value pixelfly::createConverted(OpBuilder &builder, Location loc, Value value,
                                Type elementType) {
  Type from = getElementTypeOrSelf(value.getType());
  if (from == elementType)
    return value;
  bool widens =
      from.getIntOrFloatBitWidth() < elementType.getIntOrFloatBitWidth();
  return createElementwise(
      builder, loc, value, elementType,
      [&](OpBuilder &nested, Location loc, ValueRange args) -> Value {
        if (widens)
          return arith::ExtFOp::create(nested, loc, elementType, args[0]);
        return arith::TruncFOp::create(nested, loc, elementType, args[0]);
      });
}

Value pixelfly::createDot(OpBuilder &builder, Location loc, Value lhs,
                          Value rhs) {
  auto type = cast<RankedTensorType>(lhs.getType());
  int64_t rank = type.getRank();
  Value empty = tensor::EmptyOp::create(builder, loc, ArrayRef<int64_t>{},
                                        type.getElementType());
  Value zero = createZerosLike(builder, loc, empty);
  SmallVector<AffineMap> maps(2, builder.getMultiDimIdentityMap(rank));
  maps.push_back(AffineMap::get(rank, 0, builder.getContext()));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::reduction);
  return linalg::GenericOp::create(
             builder, loc, zero.getType(), ValueRange{lhs, rhs}, zero, maps,
             iterators,
             [](OpBuilder &nested, Location loc, ValueRange args) {
               Value product =
                   arith::MulFOp::create(nested, loc, args[0], args[1]);
               Value sum = arith::AddFOp::create(nested, loc, args[2], product);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}

/// sum(lhs * rhs) over the columns, added to the vector `init`. `rhs` is a
/// matrix like `lhs`, or a vector that every row meets.
static Value createRowSums(OpBuilder &builder, Location loc, Value lhs,
                           Value rhs, Value init) {
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  AffineMap row = AffineMap::get(2, 0, builder.getAffineDimExpr(0));
  AffineMap column = AffineMap::get(2, 0, builder.getAffineDimExpr(1));
  bool isMatrix = cast<RankedTensorType>(rhs.getType()).getRank() == 2;
  return linalg::GenericOp::create(
             builder, loc, init.getType(), ValueRange{lhs, rhs}, init,
             ArrayRef<AffineMap>{identity, isMatrix ? identity : column, row},
             {utils::IteratorType::parallel, utils::IteratorType::reduction},
             [](OpBuilder &nested, Location loc, ValueRange args) {
               Value product =
                   arith::MulFOp::create(nested, loc, args[0], args[1]);
               Value sum = arith::AddFOp::create(nested, loc, args[2], product);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}

/// A vector with an element for every row of `value`, filled with zeros.
static Value createZeroPerRow(OpBuilder &builder, Location loc, Value value) {
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSize(builder, loc, value, 0),
      getElementTypeOrSelf(value.getType()));
  return createZerosLike(builder, loc, empty);
}

Value pixelfly::createRowDots(OpBuilder &builder, Location loc, Value lhs,
                              Value rhs) {
  return createRowSums(builder, loc, lhs, rhs,
                       createZeroPerRow(builder, loc, lhs));
}

Value pixelfly::createGate(OpBuilder &builder, Location loc, Value rows,
                           Value weight, Value bias) {
  Value sums = createRowSums(builder, loc, rows, weight,
                             createZeroPerRow(builder, loc, rows));
  Type element = getElementTypeOrSelf(rows.getType());
  Value one = arith::ConstantOp::create(builder, loc,
                                        builder.getFloatAttr(element, 1.0));
  return createElementwise(
      builder, loc, {sums, bias}, /*elementType=*/{},
      [&](OpBuilder &nested, Location loc, ValueRange args) -> Value {
        Value sum = arith::AddFOp::create(nested, loc, args[0], args[1]);
        Value power = math::ExpOp::create(
            nested, loc, arith::NegFOp::create(nested, loc, sum));
        return arith::DivFOp::create(
            nested, loc, one, arith::AddFOp::create(nested, loc, one, power));
      });
}

Value pixelfly::createTotal(OpBuilder &builder, Location loc, Value value) {
  Value empty = tensor::EmptyOp::create(builder, loc, ArrayRef<int64_t>{},
                                        getElementTypeOrSelf(value.getType()));
  Value zero = createZerosLike(builder, loc, empty);
  SmallVector<AffineMap> maps = {builder.getMultiDimIdentityMap(1),
                                 AffineMap::get(1, 0, builder.getContext())};
  return linalg::GenericOp::create(
             builder, loc, zero.getType(), value, zero, maps,
             utils::IteratorType::reduction,
             [](OpBuilder &nested, Location loc, ValueRange args) {
               Value sum = arith::AddFOp::create(nested, loc, args[1], args[0]);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}

Value pixelfly::createColumnSums(OpBuilder &builder, Location loc,
                                 Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Value empty = tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSize(builder, loc, value, 1),
      type.getElementType());
  Value zeros = createZerosLike(builder, loc, empty);
  SmallVector<AffineMap> maps = {
      builder.getMultiDimIdentityMap(2),
      AffineMap::get(2, 0, builder.getAffineDimExpr(1))};
  return linalg::GenericOp::create(
             builder, loc, zeros.getType(), value, zeros, maps,
             {utils::IteratorType::reduction, utils::IteratorType::parallel},
             [](OpBuilder &nested, Location loc, ValueRange args) {
               Value sum = arith::AddFOp::create(nested, loc, args[1], args[0]);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}
