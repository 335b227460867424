//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small tensor programs that several phases emit.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_TENSORBUILDERS_H
#define PIXELFLY_IR_TENSORBUILDERS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Value.h"

namespace mlir::pixelfly {

/// An uninitialised tensor of the shape of `like` (a ranked tensor), with
/// `elementType` or, if that is null, the element type of `like`.
Value createEmptyLike(OpBuilder &builder, Location loc, Value like,
                      Type elementType = {});

/// A tensor of zeros of the shape and type of `like`, or the scalar zero if
/// `like` is a float.
Value createZerosLike(OpBuilder &builder, Location loc, Value like);

/// Whether every element of `value` is known to be zero: a constant, or a fill
/// with one.
bool isZeros(Value value);

/// The elementwise sum of two values of the same type, ranked tensors of floats
/// or floats.
Value createSum(OpBuilder &builder, Location loc, Value lhs, Value rhs);

/// The elementwise difference of two ranked tensors of the same type.
Value createDifference(OpBuilder &builder, Location loc, Value lhs, Value rhs);

/// The ranked tensor `value` times the rank-0 tensor `factor`; with
/// `complement`, times `1 - factor`.
Value createScaled(OpBuilder &builder, Location loc, Value value, Value factor,
                   bool complement = false);

/// The matrix `value` with every row times its element of the vector `factors`;
/// with `complement`, times `1 - factor`.
Value createRowsScaled(OpBuilder &builder, Location loc, Value value,
                       Value factors, bool complement = false);

/// The ranked tensor of floats `value` with its elements converted to
/// `elementType`; `value` itself if they have that type.
Value createConverted(OpBuilder &builder, Location loc, Value value,
                      Type elementType);

/// The rank-0 tensor sum(lhs * rhs) over all elements of two tensors of the
/// same shape and type.
Value createDot(OpBuilder &builder, Location loc, Value lhs, Value rhs);

/// The dot products of the rows of two matrices of the same shape and type, one
/// per row.
Value createRowDots(OpBuilder &builder, Location loc, Value lhs, Value rhs);

/// For every row of the matrix `rows` the gate of a layer, sigmoid(row . weight
/// + bias), with `weight` a vector and `bias` a rank-0 tensor.
Value createGate(OpBuilder &builder, Location loc, Value rows, Value weight,
                 Value bias);

/// The rank-0 tensor that is the sum of the elements of the vector `value`.
Value createTotal(OpBuilder &builder, Location loc, Value value);

/// The sums over the rows of the matrix `value`, one per column.
Value createColumnSums(OpBuilder &builder, Location loc, Value value);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_TENSORBUILDERS_H
