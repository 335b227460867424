//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StructuredOp.h"

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

/// Whether all uses of `value` are in `users`.
static bool isUsedOnlyBy(Value value, ArrayRef<Operation *> users) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    return llvm::is_contained(users, user);
  });
}

/// The other value if `value` is the maximum or minimum of it and
/// `accumulator`, as one op or as a comparison and a selection; else null.
static Value getExtremumTerm(Value value, BlockArgument accumulator) {
  Operation *def = value.getDefiningOp();
  if (!def || !value.hasOneUse())
    return {};
  Value first, second;
  SmallVector<Operation *> users = {def};
  if (isa<arith::MaximumFOp, arith::MaxNumFOp, arith::MinimumFOp,
          arith::MinNumFOp>(def)) {
    first = def->getOperand(0);
    second = def->getOperand(1);
  } else if (auto select = dyn_cast<arith::SelectOp>(def)) {
    auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
    using Predicate = arith::CmpFPredicate;
    if (!compare ||
        llvm::is_contained({Predicate::OEQ, Predicate::UEQ, Predicate::ONE,
                            Predicate::UNE, Predicate::ORD, Predicate::UNO,
                            Predicate::AlwaysTrue, Predicate::AlwaysFalse},
                           compare.getPredicate()))
      return {};
    first = compare.getLhs();
    second = compare.getRhs();
    Value chosen = select.getTrueValue(), other = select.getFalseValue();
    if ((chosen != first || other != second) &&
        (chosen != second || other != first))
      return {};
    users.push_back(compare);
  } else {
    return {};
  }
  if ((first == accumulator) == (second == accumulator) ||
      !isUsedOnlyBy(accumulator, users))
    return {};
  return first == accumulator ? second : first;
}

/// Whether `value`, of the body `block`, depends on `argument`.
static bool dependsOn(Value value, BlockArgument argument) {
  llvm::SmallDenseSet<Value> needed{value};
  for (Operation &op : llvm::reverse(*argument.getOwner()))
    if (llvm::any_of(op.getResults(),
                     [&](Value result) { return needed.contains(result); }))
      op.walk([&](Operation *nested) {
        needed.insert(nested->operand_begin(), nested->operand_end());
      });
  return needed.contains(argument);
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

FailureOr<StructuredOp> StructuredOp::analyze(linalg::LinalgOp op,
                                              ArrayRef<Value> resultAdjoints) {
  StructuredOp structured(op);
  for (unsigned i = 0, e = op->getNumResults(); i < e; ++i)
    if (failed(structured.analyzeResult(i, bool(resultAdjoints[i]))))
      return failure();
  return structured;
}

LogicalResult StructuredOp::analyzeResult(unsigned result, bool isActive) {
  Value yielded = getBody().getTerminator()->getOperand(result);
  BlockArgument accumulator = getBodyArgument(numInputs + result);
  bool reads = accumulator && !accumulator.use_empty();
  bool writesOnce = getResultMap(result).isPermutation();
  forms.push_back(ResultForm::Value);
  terms.push_back(yielded);
  if (!isActive)
    return success();
  // A running value of another result is not at hand in the adjoint.
  for (unsigned other = 0, e = op->getNumResults(); other < e; ++other) {
    BlockArgument running = getBodyArgument(numInputs + other);
    if (other != result && running && !getResultMap(other).isPermutation() &&
        dependsOn(yielded, running))
      return op->emitOpError("has no differentiation rule for result ")
             << result << ": it reads the accumulator of result " << other;
  }
  if (reads) {
    if (accumulator.hasOneUse() && isSumOnto(yielded, accumulator)) {
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
