//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reverse-mode differentiation of straight-line code, used for the body of a
// function and for the scalar body of a linalg op alike.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_DIFFERENTIATE_REVERSESWEEP_H
#define PIXELFLY_LIB_DIFFERENTIATE_REVERSESWEEP_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::pixelfly {

/// Whether values of this type can carry an adjoint: floats and ranked tensors
/// and vectors of floats.
bool isDifferentiable(Type type);

/// One reverse sweep over a list of ops in program order. Use: `activate` the
/// values whose adjoints are asked for, `seed` those whose adjoints are known,
/// `run`, then read `getAdjoint`.
class ReverseSweep {
public:
  /// Adjoints are emitted at the insertion point of `builder`, which all of
  /// `ops` dominate.
  ReverseSweep(OpBuilder &builder, ArrayRef<Operation *> ops)
      : builder(builder), ops(ops) {}

  /// Asks for the adjoint of `value`.
  void activate(Value value) { active.insert(value); }

  /// Adds `adjoint` to the adjoint of `value`.
  void seed(Value value, Value adjoint) { accumulate(value, adjoint); }

  /// Finds what depends on the activated values, then goes through the ops
  /// backwards. Fails with a diagnostic at the first op that lies between an
  /// activated and a seeded value and cannot be differentiated.
  LogicalResult run();

  /// The adjoint of `value`, or null for zero.
  Value getAdjoint(Value value) const { return adjoints.lookup(value); }

  unsigned getNumDifferentiated() const { return differentiated; }
  unsigned getNumSums() const { return sums; }

private:
  LogicalResult propagateActivity();
  LogicalResult differentiate(Operation *op);
  void accumulate(Value value, Value contribution);

  OpBuilder &builder;
  SmallVector<Operation *> ops;
  /// Differentiable values that depend on the activated ones.
  llvm::DenseSet<Value> active;
  llvm::DenseMap<Value, Value> adjoints;
  unsigned differentiated = 0;
  unsigned sums = 0;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_DIFFERENTIATE_REVERSESWEEP_H
