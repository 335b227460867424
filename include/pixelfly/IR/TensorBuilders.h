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

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_TENSORBUILDERS_H
