//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReverseSweep.h"

#include "Gather.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::pixelfly;

bool pixelfly::isDifferentiable(Type type) {
  if (auto shaped = dyn_cast<ShapedType>(type))
    return isa<RankedTensorType, VectorType>(type) &&
           isa<FloatType>(shaped.getElementType());
  return isa<FloatType>(type);
}

/// An active value that a region of `op` reads from outside, or null.
static Value getActiveCapture(Operation *op,
                              const llvm::DenseSet<Value> &active) {
  if (op->getNumRegions() == 0)
    return {};
  llvm::SetVector<Value> captures;
  getUsedValuesDefinedAbove(op->getRegions(), captures);
  auto *capture = llvm::find_if(
      captures, [&](Value value) { return active.contains(value); });
  return capture == captures.end() ? Value() : *capture;
}

LogicalResult ReverseSweep::propagateActivity() {
  for (Operation *op : ops) {
    bool reads = llvm::any_of(op->getOperands(), [&](Value operand) {
      return active.contains(operand);
    });
    if (!reads && !getActiveCapture(op, active))
      continue;
    if (!isMemoryEffectFree(op) && !isa<CallOpInterface>(op))
      return op->emitOpError(
          "has side effects on a value that depends on a differentiated "
          "argument; differentiate functions on tensors, before "
          "bufferization");
    for (Value result : op->getResults())
      if (isDifferentiable(result.getType()))
        active.insert(result);
  }
  return success();
}

void ReverseSweep::accumulate(Value value, Value contribution) {
  assert(value.getType() == contribution.getType() &&
         "an adjoint has the type of its value");
  Value &adjoint = adjoints[value];
  if (!adjoint) {
    adjoint = contribution;
    return;
  }
  adjoint = createSum(builder, contribution.getLoc(), adjoint, contribution);
  ++sums;
}

LogicalResult ReverseSweep::differentiate(Operation *op) {
  SmallVector<Value> resultAdjoints;
  for (Value result : op->getResults())
    resultAdjoints.push_back(getAdjoint(result));
  if (llvm::none_of(resultAdjoints, [](Value adjoint) { return adjoint; }))
    return success();

  SmallVector<bool> needsAdjoint;
  for (Value operand : op->getOperands())
    needsAdjoint.push_back(active.contains(operand));
  Value capture = getActiveCapture(op, active);
  if (!capture && !llvm::is_contained(needsAdjoint, true))
    return success();

  // A gather reads its table from its body, not as an operand.
  if (std::optional<Gather> gather = Gather::match(op); gather && capture) {
    Value table = gather->getTable();
    if (!active.contains(table))
      return success();
    Value init = getAdjoint(table);
    if (!init)
      init = createZerosLike(builder, op->getLoc(), table);
    adjoints[table] = gather->emitScatterAdd(builder, resultAdjoints[0], init);
    ++differentiated;
    return success();
  }

  if (isa<CallOpInterface>(op))
    return op->emitOpError(
        "has no differentiation rule; inline the callee first (--inline)");
  auto differentiable = dyn_cast<DifferentiableOpInterface>(op);
  if (!differentiable)
    return op->emitOpError("has no differentiation rule; express it in linalg, "
                           "tensor, arith and math ops, or implement "
                           "DifferentiableOpInterface for it");
  if (capture) {
    InFlightDiagnostic diagnostic = op->emitOpError(
        "has no differentiation rule for a value that its region reads from "
        "outside; pass the value as an operand");
    diagnostic.attachNote(capture.getLoc()) << "the value is defined here";
    return diagnostic;
  }

  SmallVector<Value> operandAdjoints;
  if (failed(differentiable.emitAdjoint(builder, resultAdjoints, needsAdjoint,
                                        operandAdjoints)))
    return failure();
  ++differentiated;
  assert(operandAdjoints.size() == op->getNumOperands() &&
         "one adjoint per operand");
  for (auto [operand, needed, adjoint] :
       llvm::zip_equal(op->getOperands(), needsAdjoint, operandAdjoints))
    if (needed && adjoint)
      accumulate(operand, adjoint);
  return success();
}

LogicalResult ReverseSweep::run() {
  if (failed(propagateActivity()))
    return failure();
  for (Operation *op : llvm::reverse(ops))
    if (failed(differentiate(op)))
      return failure();
  return success();
}
