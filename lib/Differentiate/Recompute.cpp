//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values of the forward part, in order, are either kept for the backward part
// or computed again there from values that are kept (or are arguments) anyway.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Differentiate/KeptActivations.h"
#include "pixelfly/Differentiate/Passes.h"
#include "pixelfly/IR/MemoryTraffic.h"
#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_RECOMPUTE
#include "pixelfly/Differentiate/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// How many operations are at most computed again for one value.
static constexpr size_t kMaximumChain = 8;
/// A value that many times smaller than the one it saves may be kept for it.
static constexpr int64_t kSmallFraction = 8;

namespace {
class Recomputer {
public:
  explicit Recomputer(Operation *loss) : loss(loss) {}

  /// Replaces the uses of `value` in the backward part by those of a copy, if
  /// that is cheap; else `value` counts as kept from here on.
  bool visit(Value value);

private:
  bool isForward(Operation *op) {
    return op == loss || op->isBeforeInBlock(loss);
  }
  SmallVector<OpOperand *> getBackwardUses(Value value);
  bool collect(Value value, int64_t target, Operation *position,
               llvm::SetVector<Operation *> &chain,
               SmallVectorImpl<Value> &additional);

  Operation *loss;
  /// Storage that lives until the backward part.
  llvm::DenseSet<Value> kept;
};
} // namespace

/// Whether `op` only makes cheap elementwise values, or none at all.
static bool isCheap(Operation *op) {
  if (isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::EmptyOp,
          linalg::FillOp, arith::ConstantOp>(op))
    return true;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && linalgOp.hasPureTensorSemantics() &&
         linalgOp.getNumParallelLoops() == linalgOp.getNumLoops() &&
         getScalarWork(linalgOp).expensive == 0;
}

/// Whether something in front of `position` may overwrite `value` in place.
static bool isOverwritten(Value value, Operation *position) {
  return llvm::any_of(value.getUses(), [&](OpOperand &use) {
    auto writer = dyn_cast<DestinationStyleOpInterface>(use.getOwner());
    return writer && writer.isDpsInit(&use) &&
           (writer->getBlock() != position->getBlock() ||
            writer->isBeforeInBlock(position));
  });
}

/// Uses behind the loss, but for returns: what is returned is kept anyway.
SmallVector<OpOperand *> Recomputer::getBackwardUses(Value value) {
  SmallVector<OpOperand *> uses;
  for (OpOperand &use : value.getUses()) {
    Operation *user = loss->getBlock()->findAncestorOpInBlock(*use.getOwner());
    if (!isForward(user) && !user->hasTrait<OpTrait::IsTerminator>())
      uses.push_back(&use);
  }
  return uses;
}

/// Collects into `chain`, operands first, the operations that compute `value`
/// again in front of `position`, and into `additional` small values to be kept
/// for that. Fails when `value`, of which `target` bytes are saved, needs more.
bool Recomputer::collect(Value value, int64_t target, Operation *position,
                         llvm::SetVector<Operation *> &chain,
                         SmallVectorImpl<Value> &additional) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return !isOverwritten(value, position);
  if (chain.contains(op) || kept.contains(getStorage(value)))
    return true;
  if (isCheap(op) && chain.size() < kMaximumChain) {
    size_t chainSize = chain.size(), additionalSize = additional.size();
    if (llvm::all_of(op->getOperands(), [&](Value operand) {
          return collect(operand, target, position, chain, additional);
        })) {
      chain.insert(op);
      return true;
    }
    while (chain.size() > chainSize)
      chain.pop_back();
    additional.truncate(additionalSize);
  }
  if (isa<RankedTensorType>(value.getType()) && isForward(op) &&
      getBytes(value) * kSmallFraction <= target) {
    additional.push_back(value);
    return true;
  }
  return false;
}

bool Recomputer::visit(Value value) {
  SmallVector<OpOperand *> uses = getBackwardUses(value);
  if (uses.empty() || kept.contains(getStorage(value)))
    return false;
  Operation *op = value.getDefiningOp();
  Operation *position = nullptr;
  for (OpOperand *use : uses) {
    Operation *user = loss->getBlock()->findAncestorOpInBlock(*use->getOwner());
    if (!position || user->isBeforeInBlock(position))
      position = user;
  }

  int64_t target = getBytes(value);
  llvm::SetVector<Operation *> chain;
  SmallVector<Value> additional;
  bool returned = llvm::any_of(value.getUsers(), [](Operation *user) {
    return user->hasTrait<OpTrait::IsTerminator>();
  });
  bool isMemory = target > 0 &&
                  !isa<tensor::EmptyOp, linalg::FillOp, arith::ConstantOp>(op);
  if (!isMemory)
    return false;
  bool cheap = !returned && isCheap(op) &&
               collect(value, target, position, chain, additional);
  int64_t added = 0;
  for (Value small : additional)
    added += getBytes(small);
  if (!cheap || added >= target) {
    kept.insert(getStorage(value));
    return false;
  }

  for (Value small : additional)
    kept.insert(getStorage(small));
  OpBuilder builder(position);
  IRMapping mapping;
  for (Operation *link : chain) {
    Operation *copy = builder.clone(*link, mapping);
    // Keeps the copy apart from the original in common subexpression
    // elimination.
    if (isa<linalg::LinalgOp>(copy))
      copy->setDiscardableAttr(kRecomputedAttrName, builder.getUnitAttr());
  }
  Value copy = mapping.lookup(value);
  for (OpOperand *use : uses)
    use->set(copy);
  return true;
}

namespace {
struct Recompute : public pixelfly::impl::RecomputeBase<Recompute> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    Operation *loss = function.isExternal() ? nullptr : findLoss(function);
    if (!loss)
      return markAllAnalysesPreserved();
    int64_t before = getKeptActivationBytes(function);

    SmallVector<Value> values;
    for (Operation &op : *loss->getBlock()) {
      llvm::append_range(values, op.getResults());
      if (&op == loss)
        break;
    }
    Recomputer recomputer(loss);
    for (Value value : values)
      numRecomputed += recomputer.visit(value);
    int64_t after = getKeptActivationBytes(function);
    bytesKept += after;
    bytesFreed += before - after;
  }
};
} // namespace
