//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_SEPARATEDESTINATIONS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct SeparateDestinations
    : public pixelfly::impl::SeparateDestinationsBase<SeparateDestinations> {
  void runOnOperation() override;

private:
  /// Gives each use of `value` as a destination an operation of its own.
  void separate(OpResult value);
};
} // namespace

void SeparateDestinations::separate(OpResult value) {
  SmallVector<OpOperand *> destinations;
  for (OpOperand &use : value.getUses()) {
    auto user = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
    if (user && user.isDpsInit(&use))
      destinations.push_back(&use);
  }
  // The last one may keep the original, unless somebody else reads it.
  if (!destinations.empty() && value.hasNUses(destinations.size()))
    destinations.pop_back();
  for (OpOperand *use : destinations) {
    OpBuilder builder(use->getOwner());
    Operation *copy = builder.clone(*value.getOwner());
    use->set(copy->getResult(value.getResultNumber()));
    ++numSeparated;
  }
}

void SeparateDestinations::runOnOperation() {
  // Fills first: each then takes an empty tensor of its own.
  SmallVector<OpResult> fills, empties;
  getOperation().walk([&](linalg::FillOp fill) {
    if (fill.hasPureTensorSemantics())
      fills.push_back(fill->getResult(0));
  });
  llvm::for_each(fills, [&](OpResult fill) { separate(fill); });
  getOperation().walk(
      [&](tensor::EmptyOp empty) { empties.push_back(empty->getResult(0)); });
  llvm::for_each(empties, [&](OpResult empty) { separate(empty); });
}
