//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/Linalg/Passes.h"
#include "pixelfly/CodeGen/Linalg/Transforms.h"
#include "pixelfly/IR/ButterflyProduct.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
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

/// x V, which the low-rank term starts with.
static Value createInner(OpBuilder &builder, LinearOp op) {
  Location loc = op.getLoc();
  SmallVector<OpFoldResult> sizes = {
      tensor::getMixedSize(builder, loc, op.getInput(), 0),
      tensor::getMixedSize(builder, loc, op.getV(), 1)};
  Value empty = tensor::EmptyOp::create(
      builder, loc, sizes, getElementTypeOrSelf(op.getInput().getType()));
  return linalg::MatmulOp::create(builder, loc,
                                  ValueRange{op.getInput(), op.getV()},
                                  fillWithZero(builder, loc, empty))
      .getResult(0);
}

/// x B^T added to `init`.
static Value createSparseProduct(OpBuilder &builder, LinearOp op, Value blocks,
                                 Value init) {
  auto product = MatmulOp::create(builder, op.getLoc(), op.getInput(), blocks,
                                  init, op.getPattern());
  // Attributes that later phases put on the layer belong to its main product.
  product->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  return product.getResult().front();
}

/// gamma B and (1 - gamma) U are small; the products add up to the bias.
static Value decomposeScalarMix(OpBuilder &builder, LinearOp op) {
  Location loc = op.getLoc();
  Value result = op.getBias()
                     ? broadcastRows(builder, loc, op.getBias(), op.getInit())
                     : fillWithZero(builder, loc, op.getInit());
  Value blocks = op.getBlocks();
  if (op.getGamma())
    blocks = createScaled(builder, loc, blocks, op.getGamma());
  result = createSparseProduct(builder, op, blocks, result);
  if (!op.getU())
    return result;
  Value u = createScaled(builder, loc, op.getU(), op.getGamma(),
                         /*complement=*/true);
  Value inner = createInner(builder, op);
  return linalg::MatmulTransposeBOp::create(builder, loc, ValueRange{inner, u},
                                            result)
      ->getResult(0);
}

/// Every row of `product` times one minus its gate, plus the bias if there is
/// one, in one pass over memory.
static Value createGatedWithBias(OpBuilder &builder, Location loc,
                                 Value product, Value gate, Value bias) {
  Value one = arith::ConstantOp::create(
      builder, loc,
      builder.getFloatAttr(getElementTypeOrSelf(product.getType()), 1.0));
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  SmallVector<AffineMap> maps = {
      AffineMap::get(2, 0, builder.getAffineDimExpr(0))};
  SmallVector<Value> inputs = {gate};
  if (bias) {
    maps.push_back(AffineMap::get(2, 0, builder.getAffineDimExpr(1)));
    inputs.push_back(bias);
  }
  maps.push_back(identity);
  SmallVector<utils::IteratorType> parallel(2, utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, product.getType(), inputs, product, maps, parallel,
             [&](OpBuilder &b, Location l, ValueRange args) {
               Value rest = arith::SubFOp::create(b, l, one, args[0]);
               Value value = arith::MulFOp::create(b, l, args.back(), rest);
               if (bias)
                 value = arith::AddFOp::create(b, l, value, args[1]);
               linalg::YieldOp::create(b, l, value);
             })
      .getResult(0);
}

/// The gate differs from row to row, so it goes onto activations: onto the
/// product with B, and onto x V, which is narrow.
static Value decomposeGatedMix(OpBuilder &builder, LinearOp op) {
  Location loc = op.getLoc();
  Value gate = createGate(builder, loc, op.getInput(), op.getGateWeight(),
                          op.getGateBias());
  Value product = createSparseProduct(builder, op, op.getBlocks(),
                                      fillWithZero(builder, loc, op.getInit()));
  Value sum = createGatedWithBias(builder, loc, product, gate, op.getBias());
  Value inner = createRowsScaled(builder, loc, createInner(builder, op), gate);
  return linalg::MatmulTransposeBOp::create(builder, loc,
                                            ValueRange{inner, op.getU()}, sum)
      ->getResult(0);
}

static LogicalResult requireDecomposable(DestinationStyleOpInterface op) {
  if (op.hasPureTensorSemantics())
    return success();
  return op->emitOpError("on memrefs cannot be decomposed, its intermediate "
                         "results have no storage; run "
                         "--pixelfly-decompose-linear before bufferization");
}

LogicalResult pixelfly::decomposeLinear(RewriterBase &rewriter, LinearOp op) {
  if (failed(requireDecomposable(op)))
    return failure();
  rewriter.setInsertionPoint(op);
  rewriter.replaceOp(op, op.getGateWeight() ? decomposeGatedMix(rewriter, op)
                                            : decomposeScalarMix(rewriter, op));
  return success();
}

LogicalResult pixelfly::decomposeButterfly(RewriterBase &rewriter,
                                           ButterflyMatmulOp op) {
  if (failed(requireDecomposable(op)))
    return failure();
  rewriter.setInsertionPoint(op);
  Value rows = op.getInput();
  for (int64_t t = 0, e = op.getFactors().size(); t < e; ++t)
    rows = createButterflyStep(rewriter, op, t, rows);
  rewriter.replaceOp(op, rows);
  return success();
}

LogicalResult pixelfly::decomposeLayer(RewriterBase &rewriter, Operation *op) {
  if (auto linear = dyn_cast<LinearOp>(op))
    return decomposeLinear(rewriter, linear);
  return decomposeButterfly(rewriter, cast<ButterflyMatmulOp>(op));
}

namespace {
struct DecomposeLinear
    : public pixelfly::impl::DecomposeLinearBase<DecomposeLinear> {
  void runOnOperation() override {
    SmallVector<Operation *> layers;
    getOperation()->walk([&](Operation *op) {
      if (isa<LinearOp, ButterflyMatmulOp>(op))
        layers.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : layers) {
      if (failed(decomposeLayer(rewriter, op)))
        return signalPassFailure();
      ++numDecomposed;
    }
  }
};
} // namespace
