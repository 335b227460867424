//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StructuredOp.h"

#include "ReverseSweep.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Whether `value` is `accumulator` plus terms free of it: it is reached from
/// `value` through sums that have no other use.
static bool isSumOnto(Value value, BlockArgument accumulator) {
  if (value == accumulator)
    return true;
  Operation *def = value.getDefiningOp();
  if (!def || !value.hasOneUse())
    return false;
  if (auto sub = dyn_cast<arith::SubFOp>(def))
    return isSumOnto(sub.getLhs(), accumulator);
  if (auto add = dyn_cast<arith::AddFOp>(def))
    return isSumOnto(add.getLhs(), accumulator) ||
           isSumOnto(add.getRhs(), accumulator);
  return false;
}

/// The other operand if `value` is the maximum or minimum of it and
/// `accumulator`; else null.
static Value getExtremumTerm(Value value, BlockArgument accumulator) {
  Operation *def = value.getDefiningOp();
  if (!value.hasOneUse() ||
      !isa_and_present<arith::MaximumFOp, arith::MaxNumFOp, arith::MinimumFOp,
                       arith::MinNumFOp>(def))
    return {};
  if (def->getOperand(0) == accumulator)
    return def->getOperand(1);
  return def->getOperand(1) == accumulator ? def->getOperand(0) : Value();
}

StructuredOp::StructuredOp(linalg::LinalgOp op)
    : op(op), numInputs(op.getNumDpsInputs()), maps(op.getIndexingMapsArray()) {
}

BlockArgument StructuredOp::getBodyArgument(unsigned operand) const {
  // linalg.map has an argument for its init only in newer forms.
  return operand < getBody().getNumArguments() ? getBody().getArgument(operand)
                                               : BlockArgument();
}

bool StructuredOp::isRead(unsigned operand) const {
  std::optional<unsigned> result = getResultOfInit(operand);
  BlockArgument argument = getBodyArgument(operand);
  return argument && !argument.use_empty() &&
         (!result || forms[*result] == ResultForm::Value);
}

FailureOr<StructuredOp> StructuredOp::analyze(linalg::LinalgOp op) {
  StructuredOp structured(op);
  for (unsigned i = 0, e = op->getNumResults(); i < e; ++i)
    if (failed(structured.analyzeResult(i)))
      return failure();
  return structured;
}

LogicalResult StructuredOp::analyzeResult(unsigned result) {
  Value yielded = getBody().getTerminator()->getOperand(result);
  BlockArgument accumulator = getBodyArgument(numInputs + result);
  bool reads = accumulator && !accumulator.use_empty();
  bool writesOnce = getResultMap(result).isPermutation();
  forms.push_back(ResultForm::Value);
  terms.push_back(yielded);
  if (!isDifferentiable(yielded.getType()))
    return success();
  if (reads && accumulator.hasOneUse()) {
    if (isSumOnto(yielded, accumulator)) {
      forms.back() = ResultForm::Sum;
      return success();
    }
    Value term = getExtremumTerm(yielded, accumulator);
    if (term && !writesOnce) {
      forms.back() = ResultForm::Extremum;
      terms.back() = term;
      return success();
    }
  }
  if (writesOnce)
    return success();
  return op->emitOpError("has no differentiation rule for result ")
         << result
         << ": a reduction must be a sum, a maximum or a minimum of terms that "
            "do not read the accumulator";
}
