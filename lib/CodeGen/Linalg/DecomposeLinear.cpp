//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/Linalg/Passes.h"
#include "pixelfly/CodeGen/Linalg/Transforms.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_DECOMPOSELINEAR
#include "pixelfly/CodeGen/Linalg/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// `destination` filled with zeros.
static Value fillWithZero(OpBuilder &builder, Location loc, Value destination) {
  Type element = getElementTypeOrSelf(destination.getType());
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  return linalg::FillOp::create(builder, loc, zero, destination).getResult(0);
}

/// `bias` repeated in every row of `destination`.
static Value broadcastRows(OpBuilder &builder, Location loc, Value bias,
                           Value destination) {
  AffineExpr column = builder.getAffineDimExpr(1);
  SmallVector<AffineMap> maps = {
      AffineMap::get(2, 0, column),
      AffineMap::getMultiDimIdentityMap(2, builder.getContext())};
  SmallVector<utils::IteratorType> parallel(2, utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, destination.getType(), bias, destination, maps,
             parallel,
             [](OpBuilder &b, Location l, ValueRange args) {
               linalg::YieldOp::create(b, l, args[0]);
             })
      .getResult(0);
}

LogicalResult pixelfly::decomposeLinear(RewriterBase &rewriter, LinearOp op) {
  if (!op.hasPureTensorSemantics())
    return op.emitOpError("on memrefs cannot be decomposed, its intermediate "
                          "results have no storage; run "
                          "--pixelfly-decompose-linear before bufferization");
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);

  Value result = op.getBias()
                     ? broadcastRows(rewriter, loc, op.getBias(), op.getInit())
                     : fillWithZero(rewriter, loc, op.getInit());
  Value blocks = op.getBlocks();
  if (op.getGamma())
    blocks = createScaled(rewriter, loc, blocks, op.getGamma());
  auto product = MatmulOp::create(rewriter, loc, op.getInput(), blocks, result,
                                  op.getPattern());
  // Attributes that later phases put on the layer belong to its main product.
  product->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  result = product.getResult().front();

  if (op.getU()) {
    Value u = createScaled(rewriter, loc, op.getU(), op.getGamma(),
                           /*complement=*/true);
    SmallVector<OpFoldResult> sizes = {
        tensor::getMixedSize(rewriter, loc, op.getInput(), 0),
        tensor::getMixedSize(rewriter, loc, op.getV(), 1)};
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, sizes, getElementTypeOrSelf(op.getInput().getType()));
    Value inner = linalg::MatmulOp::create(rewriter, loc,
                                           ValueRange{op.getInput(), op.getV()},
                                           fillWithZero(rewriter, loc, empty))
                      .getResult(0);
    result = linalg::MatmulTransposeBOp::create(rewriter, loc,
                                                ValueRange{inner, u}, result)
                 ->getResult(0);
  }
  rewriter.replaceOp(op, result);
  return success();
}

namespace {
struct DecomposeLinear
    : public pixelfly::impl::DecomposeLinearBase<DecomposeLinear> {
  void runOnOperation() override {
    SmallVector<LinearOp> layers;
    getOperation()->walk([&](LinearOp op) { layers.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (LinearOp op : layers) {
      if (failed(decomposeLinear(rewriter, op)))
        return signalPassFailure();
      ++numDecomposed;
    }
  }
};
} // namespace
