//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The products that differentiation rules consist of.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_IR_ADJOINTPRODUCTS_H
#define PIXELFLY_LIB_IR_ADJOINTPRODUCTS_H

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// Emits the products that the rules consist of. Operands are converted to the
/// element type that the other operand has; destinations start from zero, have
/// the shape and the type of the value whose adjoint they are.
struct AdjointProducts {
  OpBuilder &builder;
  Location loc;

  /// `value` with the element type of `like`.
  Value convert(Value value, Value like) const;
  /// `rows W^T`, or `rows W` if transposed.
  Value matmul(Value rows, Value blocks, Value like,
               BlockPatternAttrInterface pattern, bool transposed) const;
  /// `lhs^T rhs` on the pattern.
  Value sddmm(Value lhs, Value rhs, Value like,
              BlockPatternAttrInterface pattern) const;
  /// The dense product `lhs rhs`.
  Value dense(Value lhs, Value rhs) const;
  /// The dense product `lhs^T rhs`, of the type of `like`.
  Value denseTransposed(Value lhs, Value rhs, Value like) const;
};

/// Succeeds on tensors. Memrefs have no results and so no adjoints: an error on
/// the op.
LogicalResult requireTensors(DestinationStyleOpInterface op);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_IR_ADJOINTPRODUCTS_H
