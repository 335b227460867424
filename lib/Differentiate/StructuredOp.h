//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What differentiation needs to know about a structured op of linalg.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_DIFFERENTIATE_STRUCTUREDOP_H
#define PIXELFLY_LIB_DIFFERENTIATE_STRUCTUREDOP_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::pixelfly {

/// How a result of a structured op comes from the values its body yields.
enum class ResultForm {
  /// Every element is written by one point of the iteration space; if the body
  /// reads the init, it reads it like an input.
  Value,
  /// The init plus a term of each point.
  Sum,
  /// The maximum or minimum of the init and a term of each point.
  Extremum,
};

/// A structured op on tensors, analyzed.
class StructuredOp {
public:
  /// Fails with a diagnostic on the op if a result whose adjoint is not null
  /// has none of the forms. What is said about other results means nothing.
  static FailureOr<StructuredOp> analyze(linalg::LinalgOp op,
                                         ArrayRef<Value> resultAdjoints);

  Operation *operator->() const { return op; }
  Location getLoc() const { return op->getLoc(); }
  Block &getBody() const { return op->getRegion(0).front(); }
  unsigned getNumLoops() const { return maps.front().getNumDims(); }

  /// The indexing map of operand `operand` (inputs, then inits).
  AffineMap getMap(unsigned operand) const { return maps[operand]; }
  AffineMap getResultMap(unsigned result) const {
    return maps[numInputs + result];
  }
  /// The body's argument for an operand, null if it has none.
  BlockArgument getBodyArgument(unsigned operand) const;

  ResultForm getForm(unsigned result) const { return forms[result]; }
  /// The body value that the op yields, sums up, or that competes to be the
  /// extremum.
  Value getTerm(unsigned result) const { return terms[result]; }
  /// The result whose init `operand` is, or nullopt for an input.
  std::optional<unsigned> getResultOfInit(unsigned operand) const {
    if (operand < numInputs)
      return std::nullopt;
    return operand - numInputs;
  }
  /// Whether the body reads the operand as an input.
  bool isRead(unsigned operand) const;

private:
  explicit StructuredOp(linalg::LinalgOp op);
  LogicalResult analyzeResult(unsigned result, bool isActive);

  Operation *op;
  unsigned numInputs;
  SmallVector<AffineMap> maps;
  SmallVector<ResultForm> forms;
  SmallVector<Value> terms;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_DIFFERENTIATE_STRUCTUREDOP_H
