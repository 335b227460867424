//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowerProducts.h"

#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/Target/TileChoice.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_LOWERPRODUCTS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

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

/// The `linalg.fill` with zero that gives `destination` its contents before
/// `op`, if that is so and nothing but `op` sees them: a fill of the same value
/// in the same block, with no use of the buffer in between.
static linalg::FillOp findZeroFill(Operation *op, Value destination) {
  SetVector<Value> views = viewsOf(rootOf(destination));
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    if (auto fill = dyn_cast<linalg::FillOp>(before))
      if (fill.getOutputs()[0] == destination)
        return matchPattern(fill.getInputs()[0], m_AnyZeroFloat())
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

namespace {
struct LowerProducts : public pixelfly::impl::LowerProductsBase<LowerProducts> {
  using LowerProductsBase::LowerProductsBase;

  void runOnOperation() override {
    FailureOr<Target> target = Target::get(getOperation());
    if (failed(target))
      return signalPassFailure();
    SmallVector<Operation *> products;
    getOperation().walk([&](Operation *op) {
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      if (isa<MatmulOp, SddmmOp>(op) ||
          (linalgOp && linalg::isaContractionOpInterface(linalgOp)))
        products.push_back(op);
    });
    for (Operation *op : products)
      lower(op, *target);
  }

  void lower(Operation *op, const Target &target) {
    std::string reason;
    auto destination = cast<DestinationStyleOpInterface>(op);
    CPUTileAttr tile;
    FailureOr<Contraction> contraction = failure();
    if (!destination.hasPureBufferSemantics())
      reason = "it is on tensors; bufferize first";
    else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      contraction = Contraction::get(linalgOp, reason);
    if (reason.empty())
      tile = getCPUTile(op, target, reason);
    if (!tile) {
      op->emitRemark("stays without a vector kernel because ") << reason;
      ++numLeft;
      return;
    }
    linalg::FillOp fill = findZeroFill(op, destination.getDpsInits()[0]);
    ProductOptions options{tile, target, /*startsFromZero=*/bool(fill),
                           parallel};
    KernelBuilder b(op->getLoc(), op);
    if (auto matmul = dyn_cast<MatmulOp>(op))
      emitMatmul(b, matmul, options);
    else if (auto sddmm = dyn_cast<SddmmOp>(op))
      emitSddmm(b, sddmm, options);
    else
      emitContraction(b, *contraction, options);
    if (fill) {
      fill.erase();
      ++numFills;
    }
    op->erase();
    ++numLowered;
  }
};
} // namespace
