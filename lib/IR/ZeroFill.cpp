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

linalg::FillOp pixelfly::findConstantFill(Operation *op, Value destination) {
  SetVector<Value> views = viewsOf(rootOf(destination));
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    if (auto fill = dyn_cast<linalg::FillOp>(before))
      if (fill.getOutputs()[0] == destination)
        return matchPattern(fill.getInputs()[0], m_Constant())
                   ? fill
                   : linalg::FillOp();
    // Views themselves touch nothing.
    if (isa<ViewLikeOpInterface>(before))
      continue;
    WalkResult uses = before->walk([&](Operation *inner) {
      return llvm::any_of(inner->getOperands(),
                          [&](Value v) { return views.contains(v); })
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (uses.wasInterrupted())
      return {};
  }
  return {};
}

linalg::FillOp pixelfly::findZeroFill(Operation *op, Value destination) {
  linalg::FillOp fill = findConstantFill(op, destination);
  bool isZero = fill && matchPattern(fill.getInputs()[0], m_AnyZeroFloat());
  return isZero ? fill : linalg::FillOp();
}
