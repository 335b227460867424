//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/Linalg/Passes.h"
#include "pixelfly/CodeGen/Linalg/Transforms.h"
#include "pixelfly/IR/DenseForm.h"
#include "pixelfly/IR/ExpandComposites.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_LOWERTOLINALG
#include "pixelfly/CodeGen/Linalg/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

static Value lower(RewriterBase &rewriter, ToDenseOp op) {
  return createDense(rewriter, op.getLoc(), op.getBlocks(), op.getPattern());
}

static Value lower(RewriterBase &rewriter, FromDenseOp op) {
  return createSampled(rewriter, op.getLoc(), op.getDense(), op.getPattern());
}

static Value lower(RewriterBase &rewriter, MatmulOp op) {
  Location loc = op.getLoc();
  Value dense = createDense(rewriter, loc, op.getBlocks(), op.getPattern());
  if (op.getTransposed())
    return linalg::MatmulOp::create(
               rewriter, loc, ValueRange{op.getInput(), dense}, op.getInit())
        .getResult(0);
  return linalg::MatmulTransposeBOp::create(
             rewriter, loc, ValueRange{op.getInput(), dense}, op.getInit())
      ->getResult(0);
}

// The dense product accumulates on the expanded init, so nothing is left to add
// after sampling.
static Value lower(RewriterBase &rewriter, SddmmOp op) {
  Location loc = op.getLoc();
  Value init = createDense(rewriter, loc, op.getInit(), op.getPattern());
  Value dense = linalg::MatmulTransposeAOp::create(
                    rewriter, loc, ValueRange{op.getLhs(), op.getRhs()}, init)
                    ->getResult(0);
  return createSampled(rewriter, loc, dense, op.getPattern());
}

/// Whether `op` is a product of the kind that kernels take: static shapes and
/// one element type, f32 or f64, or with `narrow` inputs of bf16 or f16.
static bool isKernelProduct(Operation *op, bool narrow) {
  if (!isa<MatmulOp, SddmmOp>(op))
    return false;
  Type element = getElementTypeOrSelf(op->getOperand(0).getType());
  if (narrow && (element.isBF16() || element.isF16()))
    return llvm::all_of(op->getOperandTypes(), [](Type type) {
      return cast<ShapedType>(type).hasStaticShape();
    });
  return (element.isF32() || element.isF64()) &&
         llvm::all_of(op->getOperandTypes(), [&](Type type) {
           return cast<ShapedType>(type).hasStaticShape() &&
                  getElementTypeOrSelf(type) == element;
         });
}

namespace {
struct LowerToLinalg : public pixelfly::impl::LowerToLinalgBase<LowerToLinalg> {
  using LowerToLinalgBase::LowerToLinalgBase;

  void runOnOperation() override {
    expandComposites(getOperation());
    IRRewriter rewriter(&getContext());
    for (Operation *op : collect())
      if (isa<LinearOp, ButterflyMatmulOp>(op) &&
          failed(decomposeLayer(rewriter, op)))
        return signalPassFailure();
    for (Operation *op : collect()) {
      if (keepProducts && isKernelProduct(op, narrowProducts))
        continue;
      FailureOr<Value> result = lowerOne(rewriter, op);
      if (failed(result))
        return signalPassFailure();
      rewriter.replaceOp(op, *result);
      ++numLowered;
    }
  }

private:
  /// The pixelfly operations in the function.
  SmallVector<Operation *> collect() {
    SmallVector<Operation *> ops;
    getOperation()->walk([&](Operation *op) {
      if (isa_and_nonnull<PixelflyDialect>(op->getDialect()))
        ops.push_back(op);
    });
    return ops;
  }

  FailureOr<Value> lowerOne(RewriterBase &rewriter, Operation *op) {
    if (op->getNumResults() != 1)
      return op->emitOpError("on memrefs has no lowering to linalg; run "
                             "--pixelfly-lower-to-linalg before bufferization");
    rewriter.setInsertionPoint(op);
    return llvm::TypeSwitch<Operation *, FailureOr<Value>>(op)
        .Case<ToDenseOp, FromDenseOp, MatmulOp, SddmmOp>(
            [&](auto typed) { return lower(rewriter, typed); })
        .Default([](Operation *other) {
          return other->emitOpError("has no lowering to linalg");
        });
  }
};
} // namespace
