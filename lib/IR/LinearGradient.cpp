//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Differentiation rule of the layer, with either mix.
//
//===----------------------------------------------------------------------===//

#include "AdjointProducts.h"

#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
/// The operands of a layer by their position in its declaration: one value may
/// stand for several.
enum Operand { Input, Blocks, U, V, Gamma, Bias, GateWeight, GateBias };

/// Emits the adjoints of the operands of one layer from `dy`, that of its
/// result.
struct LinearGradient {
  LinearOp op;
  OpBuilder &builder;
  Value dy;
  ArrayRef<bool> needsAdjoint;
  SmallVectorImpl<Value> &adjoints;
  Location loc = op.getLoc();
  AdjointProducts products{builder, loc};

  void emitScalarMix();
  void emitGatedMix();

private:
  /// Whether the adjoint of this operand, which may be absent, is asked for.
  bool needs(Operand operand) {
    auto [index, length] = op.getODSOperandIndexAndLength(operand);
    return length == 1 && needsAdjoint[index];
  }
  void set(Operand operand, Value adjoint) {
    adjoints[op.getODSOperandIndexAndLength(operand).first] = adjoint;
  }
};
} // namespace

/// g (1 - g) times `adjoint`, elementwise: through the sigmoid.
static Value createGateAdjoint(OpBuilder &builder, Location loc, Value gate,
                               Value adjoint) {
  AffineMap identity = builder.getMultiDimIdentityMap(1);
  Value one = arith::ConstantOp::create(
      builder, loc,
      builder.getFloatAttr(getElementTypeOrSelf(gate.getType()), 1.0));
  Value empty = createEmptyLike(builder, loc, gate);
  return linalg::GenericOp::create(
             builder, loc, empty.getType(), ValueRange{gate, adjoint}, empty,
             SmallVector<AffineMap>(3, identity), utils::IteratorType::parallel,
             [&](OpBuilder &b, Location l, ValueRange args) {
               Value rest = arith::SubFOp::create(b, l, one, args[0]);
               Value slope = arith::MulFOp::create(b, l, args[0], rest);
               linalg::YieldOp::create(
                   b, l,
                   ValueRange{arith::MulFOp::create(b, l, slope, args[1])});
             })
      .getResult(0);
}

/// `matrix[i, j] + rows[i] * columns[j]`, in place of the matrix.
static Value createOuterSum(OpBuilder &builder, Location loc, Value matrix,
                            Value rows, Value columns) {
  SmallVector<AffineMap> maps = {
      AffineMap::get(2, 0, builder.getAffineDimExpr(0)),
      AffineMap::get(2, 0, builder.getAffineDimExpr(1)),
      builder.getMultiDimIdentityMap(2)};
  SmallVector<utils::IteratorType> parallel(2, utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, matrix.getType(), ValueRange{rows, columns}, matrix,
             maps, parallel,
             [](OpBuilder &b, Location l, ValueRange args) {
               Value product = arith::MulFOp::create(b, l, args[0], args[1]);
               Value sum = arith::AddFOp::create(b, l, args[2], product);
               linalg::YieldOp::create(b, l, sum);
             })
      .getResult(0);
}

/// With B the blocks, h = x V, S = sample(dy^T x) and P = dy^T h:
///
///     dB = gamma S                   dU = (1 - gamma) P
///     dh = dy ((1 - gamma) U)        dV = x^T dh
///     dx = dy (gamma B) + dh V^T     dgamma = <S, B> - <P, U>
///
/// gamma scales weights, never activations, and h is computed as the
/// decomposition of the layer computes it, so that the two become one.
void LinearGradient::emitScalarMix() {
  Value x = op.getInput(), gamma = op.getGamma();

  // The butterfly term.
  Value sampled, dx;
  if (needs(Blocks) || needs(Gamma))
    sampled = products.sddmm(dy, x, op.getBlocks(), op.getPattern());
  if (needs(Blocks))
    set(Blocks, gamma ? createScaled(builder, loc, sampled, gamma) : sampled);
  if (needs(Input)) {
    Value blocks = op.getBlocks();
    if (gamma)
      blocks = createScaled(builder, loc, blocks, gamma);
    dx = products.matmul(dy, blocks, x, op.getPattern(), /*transposed=*/true);
  }

  // The low-rank term.
  Value product;
  if (needs(U) || needs(Gamma))
    product =
        products.denseTransposed(dy, products.dense(x, op.getV()), op.getU());
  if (needs(U))
    set(U, createScaled(builder, loc, product, gamma, /*complement=*/true));
  if (needs(V) || (op.getU() && needs(Input))) {
    Value scaled =
        createScaled(builder, loc, op.getU(), gamma, /*complement=*/true);
    Value dh = products.dense(dy, scaled);
    if (needs(V))
      set(V, products.denseTransposed(x, dh, op.getV()));
    if (needs(Input))
      dx = linalg::MatmulTransposeBOp::create(builder, loc,
                                              ValueRange{dh, op.getV()}, dx)
               ->getResult(0);
  }
  if (needs(Gamma)) {
    Value butterfly = createDot(builder, loc, sampled, op.getBlocks());
    Value lowRank = createDot(builder, loc, product, op.getU());
    set(Gamma, createDifference(builder, loc, butterfly, lowRank));
  }
  if (needs(Input))
    set(Input, dx);
}

/// With g the gate of each row, q = dy B, h = x V and p = dy U:
///
///     dz = g (1 - g) (<p, h> - <q, x>)        (of the sum in the gate)
///     dB = sample(((1 - g) dy)^T x)           dw = x^T dz, dc = sum of dz
///     dU = dy^T (g h)                         dV = x^T (g p)
///     dx = (1 - g) q + (g p) V^T + dz w
///
/// so the adjoint needs neither of the layer's two terms again.
void LinearGradient::emitGatedMix() {
  Value x = op.getInput();
  Value gate =
      createGate(builder, loc, x, op.getGateWeight(), op.getGateBias());
  bool needsGate = needs(GateWeight) || needs(GateBias) || needs(Input);

  if (needs(Blocks)) {
    Value rest = createRowsScaled(builder, loc, dy, gate, /*complement=*/true);
    set(Blocks, products.sddmm(rest, x, op.getBlocks(), op.getPattern()));
  }
  Value h, p, q, dz;
  if (needs(U) || needsGate)
    h = products.dense(x, op.getV());
  if (needs(U))
    set(U, products.denseTransposed(dy, createRowsScaled(builder, loc, h, gate),
                                    op.getU()));
  if (needs(V) || needsGate)
    p = products.dense(dy, op.getU());
  Value gated;
  if (needs(V) || needs(Input))
    gated = createRowsScaled(builder, loc, p, gate);
  if (needs(V))
    set(V, products.denseTransposed(x, gated, op.getV()));
  if (!needsGate)
    return;

  q = products.matmul(dy, op.getBlocks(), x, op.getPattern(),
                      /*transposed=*/true);
  dz = createGateAdjoint(builder, loc, gate,
                         createDifference(builder, loc,
                                          createRowDots(builder, loc, p, h),
                                          createRowDots(builder, loc, q, x)));
  if (needs(GateWeight))
    set(GateWeight,
        createColumnSums(builder, loc, createRowsScaled(builder, loc, x, dz)));
  if (needs(GateBias))
    set(GateBias, createTotal(builder, loc, dz));
  if (needs(Input)) {
    Value own = createRowsScaled(builder, loc, q, gate, /*complement=*/true);
    Value sum = linalg::MatmulTransposeBOp::create(
                    builder, loc, ValueRange{gated, op.getV()}, own)
                    ->getResult(0);
    set(Input, createOuterSum(builder, loc, sum, dz, op.getGateWeight()));
  }
}

LogicalResult LinearOp::emitAdjoint(OpBuilder &builder,
                                    ArrayRef<Value> resultAdjoints,
                                    ArrayRef<bool> needsAdjoint,
                                    SmallVectorImpl<Value> &operandAdjoints) {
  if (failed(requireTensors(*this)))
    return failure();
  operandAdjoints.assign(getNumOperands(), Value());
  LinearGradient gradient{*this, builder, resultAdjoints[0], needsAdjoint,
                          operandAdjoints};
  unsigned bias = getODSOperandIndexAndLength(Operand::Bias).first;
  if (getBias() && needsAdjoint[bias])
    operandAdjoints[bias] =
        createColumnSums(builder, getLoc(), resultAdjoints[0]);
  if (getGateWeight())
    gradient.emitGatedMix();
  else
    gradient.emitScalarMix();
  return success();
}
