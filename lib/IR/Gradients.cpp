//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Differentiation rules of the Pixelfly ops. The adjoints of products on a
// pattern are products on the same pattern.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
/// Emits the products that the rules consist of. Operands are converted to the
/// element type that the other operand has; destinations start from zero, have
/// the shape and the type of the value whose adjoint they are.
struct Products {
  OpBuilder &builder;
  Location loc;

  Value convert(Value value, Value like) {
    return createConverted(builder, loc, value,
                           getElementTypeOrSelf(like.getType()));
  }
  /// `rows W^T`, or `rows W` if transposed.
  Value matmul(Value rows, Value blocks, Value like,
               BlockPatternAttrInterface pattern, bool transposed) {
    Value init = createZerosLike(builder, loc, like);
    return MatmulOp::create(builder, loc, convert(rows, blocks), blocks, init,
                            pattern, transposed)
        ->getResult(0);
  }
  /// A matrix of zeros, each size that of a value in a dimension.
  Value zeros(ArrayRef<std::pair<Value, int64_t>> sizes) {
    SmallVector<OpFoldResult> mixed;
    for (auto [value, dim] : sizes)
      mixed.push_back(tensor::getMixedSize(builder, loc, value, dim));
    Value empty = tensor::EmptyOp::create(
        builder, loc, mixed, getElementTypeOrSelf(sizes[0].first.getType()));
    return createZerosLike(builder, loc, empty);
  }
  /// `lhs^T rhs` on the pattern.
  Value sddmm(Value lhs, Value rhs, Value like,
              BlockPatternAttrInterface pattern) {
    Value init = createZerosLike(builder, loc, like);
    return SddmmOp::create(builder, loc, convert(lhs, rhs), convert(rhs, lhs),
                           init, pattern)
        ->getResult(0);
  }
};
} // namespace

/// Rules are for tensors: memrefs have no results and so no adjoints.
static LogicalResult requireTensors(DestinationStyleOpInterface op) {
  if (op.hasPureTensorSemantics())
    return success();
  return op->emitOpError("has no differentiation rule on memrefs; "
                         "differentiate before bufferization");
}

/// The adjoints of a product that adds to its init: of its init, the result's;
/// of the first and second operand, what the functions emit.
static LogicalResult emitProductAdjoints(
    DestinationStyleOpInterface op, Value adjoint, ArrayRef<bool> needsAdjoint,
    SmallVectorImpl<Value> &operandAdjoints, function_ref<Value()> emitFirst,
    function_ref<Value()> emitSecond) {
  if (failed(requireTensors(op)))
    return failure();
  operandAdjoints.assign({needsAdjoint[0] ? emitFirst() : Value(),
                          needsAdjoint[1] ? emitSecond() : Value(),
                          needsAdjoint[2] ? adjoint : Value()});
  return success();
}

LogicalResult MatmulOp::emitAdjoint(OpBuilder &builder,
                                    ArrayRef<Value> resultAdjoints,
                                    ArrayRef<bool> needsAdjoint,
                                    SmallVectorImpl<Value> &operandAdjoints) {
  Products products{builder, getLoc()};
  Value adjoint = resultAdjoints[0];
  return emitProductAdjoints(
      *this, adjoint, needsAdjoint, operandAdjoints,
      [&] {
        return products.matmul(adjoint, getBlocks(), getInput(), getPattern(),
                               !getTransposed());
      },
      [&] {
        // The side that meets the rows of the matrix comes first.
        Value rows = products.convert(adjoint, getInput()), cols = getInput();
        if (getTransposed())
          std::swap(rows, cols);
        return products.sddmm(rows, cols, getBlocks(), getPattern());
      });
}

LogicalResult SddmmOp::emitAdjoint(OpBuilder &builder,
                                   ArrayRef<Value> resultAdjoints,
                                   ArrayRef<bool> needsAdjoint,
                                   SmallVectorImpl<Value> &operandAdjoints) {
  Products products{builder, getLoc()};
  Value adjoint = resultAdjoints[0];
  // With G the adjoint: dlhs = rhs G^T, drhs = lhs G.
  auto product = [&](Value rows, Value like, bool transposed) {
    return products.matmul(rows, products.convert(adjoint, getLhs()), like,
                           getPattern(), transposed);
  };
  return emitProductAdjoints(
      *this, adjoint, needsAdjoint, operandAdjoints,
      [&] { return product(getRhs(), getLhs(), /*transposed=*/false); },
      [&] { return product(getLhs(), getRhs(), /*transposed=*/true); });
}

/// With B the blocks, h = x V, S = sample(dy^T x) and P = dy^T h:
///
///     dB = gamma S                   dU = (1 - gamma) P
///     dh = dy ((1 - gamma) U)        dV = x^T dh
///     dx = dy (gamma B) + dh V^T     dgamma = <S, B> - <P, U>
///     dbias = column sums of dy
///
/// gamma scales weights, never activations, and h is computed as the
/// decomposition of the layer computes it, so that the two become one.
LogicalResult LinearOp::emitAdjoint(OpBuilder &builder,
                                    ArrayRef<Value> resultAdjoints,
                                    ArrayRef<bool> needsAdjoint,
                                    SmallVectorImpl<Value> &operandAdjoints) {
  if (failed(requireTensors(*this)))
    return failure();
  Location loc = getLoc();
  Products products{builder, loc};
  Value dy = resultAdjoints[0];
  operandAdjoints.assign(getNumOperands(), Value());

  // Positions of the optional operands; meaningless for absent ones.
  unsigned u = getODSOperandIndexAndLength(2).first;
  unsigned v = getODSOperandIndexAndLength(3).first;
  unsigned gamma = getODSOperandIndexAndLength(4).first;
  unsigned bias = getODSOperandIndexAndLength(5).first;
  bool hasLowRank = bool(getGamma());
  bool needsU = hasLowRank && needsAdjoint[u];
  bool needsV = hasLowRank && needsAdjoint[v];
  bool needsGamma = hasLowRank && needsAdjoint[gamma];

  if (getBias() && needsAdjoint[bias])
    operandAdjoints[bias] = createColumnSums(builder, loc, dy);

  // The butterfly term.
  Value sampled;
  if (needsAdjoint[1] || needsGamma)
    sampled = products.sddmm(dy, getInput(), getBlocks(), getPattern());
  if (needsAdjoint[1])
    operandAdjoints[1] =
        hasLowRank ? createScaled(builder, loc, sampled, getGamma()) : sampled;
  if (needsAdjoint[0]) {
    Value blocks = getBlocks();
    if (hasLowRank)
      blocks = createScaled(builder, loc, blocks, getGamma());
    operandAdjoints[0] = products.matmul(dy, blocks, getInput(), getPattern(),
                                         /*transposed=*/true);
  }
  if (!hasLowRank)
    return success();

  // The low-rank term.
  Value product;
  if (needsU || needsGamma) {
    Value h =
        linalg::MatmulOp::create(builder, loc, ValueRange{getInput(), getV()},
                                 products.zeros({{getInput(), 0}, {getV(), 1}}))
            .getResult(0);
    Value init = createZerosLike(builder, loc, getU());
    product = linalg::MatmulTransposeAOp::create(builder, loc,
                                                 ValueRange{dy, h}, init)
                  ->getResult(0);
  }
  if (needsU)
    operandAdjoints[u] = createScaled(builder, loc, product, getGamma(),
                                      /*complement=*/true);
  if (needsV || needsAdjoint[0]) {
    Value scaled = createScaled(builder, loc, getU(), getGamma(),
                                /*complement=*/true);
    Value dh = linalg::MatmulOp::create(builder, loc, ValueRange{dy, scaled},
                                        products.zeros({{dy, 0}, {getV(), 1}}))
                   .getResult(0);
    if (needsV) {
      Value init = createZerosLike(builder, loc, getV());
      operandAdjoints[v] = linalg::MatmulTransposeAOp::create(
                               builder, loc, ValueRange{getInput(), dh}, init)
                               ->getResult(0);
    }
    if (needsAdjoint[0])
      operandAdjoints[0] =
          linalg::MatmulTransposeBOp::create(
              builder, loc, ValueRange{dh, getV()}, operandAdjoints[0])
              ->getResult(0);
  }
  if (needsGamma) {
    Value butterfly = createDot(builder, loc, sampled, getBlocks());
    Value lowRank = createDot(builder, loc, product, getU());
    operandAdjoints[gamma] = createDifference(builder, loc, butterfly, lowRank);
  }
  return success();
}

LogicalResult ToDenseOp::emitAdjoint(OpBuilder &builder,
                                     ArrayRef<Value> resultAdjoints,
                                     ArrayRef<bool> needsAdjoint,
                                     SmallVectorImpl<Value> &operandAdjoints) {
  operandAdjoints.push_back(
      needsAdjoint[0] ? FromDenseOp::create(builder, getLoc(),
                                            resultAdjoints[0], getPattern())
                            .getResult()
                      : Value());
  return success();
}

LogicalResult
FromDenseOp::emitAdjoint(OpBuilder &builder, ArrayRef<Value> resultAdjoints,
                         ArrayRef<bool> needsAdjoint,
                         SmallVectorImpl<Value> &operandAdjoints) {
  operandAdjoints.push_back(
      needsAdjoint[0] ? ToDenseOp::create(builder, getLoc(), resultAdjoints[0],
                                          getPattern())
                            .getResult()
                      : Value());
  return success();
}
