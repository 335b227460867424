//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowerProducts.h"

#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/IR/ZeroFill.h"
#include "pixelfly/Target/TileChoice.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_LOWERPRODUCTS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// Whether `op` uses each element of its operands once, as a dot product or the
/// row sums of an elementwise product do: a reduction, which
/// `--pixelfly-vectorize-elementwise` vectorises, since there is nothing that a
/// register tile could use again.
static bool isReduction(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return false;
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(linalgOp);
  if (failed(dims))
    return false;
  SmallVector<int64_t> extents = linalgOp.getStaticLoopRanges();
  auto runs = [&](unsigned loop) { return extents[loop] != 1; };
  return llvm::none_of(dims->m, runs) && llvm::none_of(dims->n, runs);
}

/// Whether `op`, on buffers, has no terms to sum or no result to add them to.
static bool addsNothing(Operation *op) {
  if (!cast<DestinationStyleOpInterface>(op).hasPureBufferSemantics())
    return false;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return llvm::is_contained(linalgOp.getStaticLoopRanges(), 0);
  return llvm::any_of(op->getOperandTypes(), [](Type type) {
    return llvm::is_contained(cast<ShapedType>(type).getShape(), 0);
  });
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
      if (failed(lower(op, *target)))
        return signalPassFailure();
  }

  LogicalResult lower(Operation *op, const Target &target) {
    if (isReduction(op))
      return success();
    if (addsNothing(op)) {
      op->erase();
      ++numEmpty;
      return success();
    }
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
      ++numLeft;
      if (!allowSlowProducts)
        return op->emitOpError("has no vector kernel because ")
               << reason
               << "; give the product another form, or accept that it runs as "
                  "slower loops with allow-slow-products";
      op->emitRemark("stays without a vector kernel because ") << reason;
      return success();
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
    return success();
  }
};
} // namespace
