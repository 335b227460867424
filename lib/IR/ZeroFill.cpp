//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/ZeroFill.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The buffer that `memref` is a view of.
static Value rootOf(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

/// All views of `root`, itself included.
static SetVector<Value> viewsOf(Value root) {
  SetVector<Value> views;
  views.insert(root);
  for (size_t i = 0; i < views.size(); ++i)
    for (Operation *user : views[i].getUsers())
      if (isa<ViewLikeOpInterface>(user))
        views.insert(user->getResults().begin(), user->getResults().end());
  return views;
}

/// The nearest operation from `op` on, in the direction of `step`, that touches
/// memory of `memref`, within the block; null if there is none.
static Operation *findAccess(Operation *op, Value memref,
                             Operation *(Operation::*step)()) {
  SetVector<Value> views = viewsOf(rootOf(memref));
  for (Operation *other = (op->*step)(); other; other = (other->*step)()) {
    // Views themselves touch nothing.
    if (isa<ViewLikeOpInterface>(other))
      continue;
    WalkResult uses = other->walk([&](Operation *inner) {
      return llvm::any_of(inner->getOperands(),
                          [&](Value v) { return views.contains(v); })
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (uses.wasInterrupted())
      return other;
  }
  return nullptr;
}

Operation *pixelfly::findPreviousAccess(Operation *op, Value memref) {
  return findAccess(op, memref, &Operation::getPrevNode);
}

Operation *pixelfly::findNextAccess(Operation *op, Value memref) {
  return findAccess(op, memref, &Operation::getNextNode);
}

bool pixelfly::mayBeWrittenBetween(Operation *first, Operation *last,
                                   Value memref) {
  for (Operation *op = findNextAccess(first, memref);
       op && op != last && op->isBeforeInBlock(last);
       op = findNextAccess(op, memref)) {
    auto destination = dyn_cast<DestinationStyleOpInterface>(op);
    if (!destination)
      return true;
    Value root = rootOf(memref);
    for (Value init : destination.getDpsInits())
      if (isa<MemRefType>(init.getType()) && rootOf(init) == root)
        return true;
  }
  return false;
}

linalg::FillOp pixelfly::findConstantFill(Operation *op, Value destination) {
  auto fill =
      dyn_cast_or_null<linalg::FillOp>(findPreviousAccess(op, destination));
  if (!fill || fill.getOutputs()[0] != destination ||
      !matchPattern(fill.getInputs()[0], m_Constant()))
    return {};
  return fill;
}

linalg::FillOp pixelfly::findZeroFill(Operation *op, Value destination) {
  linalg::FillOp fill = findConstantFill(op, destination);
  bool isZero = fill && matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
  return isZero ? fill : linalg::FillOp();
}
