//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Differentiation rule of the product of butterfly factors.
//
//===----------------------------------------------------------------------===//

#include "AdjointProducts.h"

#include "pixelfly/IR/ButterflyProduct.h"
#include "pixelfly/IR/TensorBuilders.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// With h_t the rows before factor t, and g_t their adjoint, from the last
/// factor to the first:
///
///     product:   dB_t = sample(g_(t+1)^T h_t)      g_t = g_(t+1) B_t
///     residual:  P_t = sample(g_(t+1)^T h_t)
///                dB_t = lambda P_t                 dlambda += <P_t, B_t>
///                g_t = g_(t+1) + g_(t+1) (lambda B_t)
///
/// The h_t are computed as the decomposition of the op computes them, so that
/// they become one.
LogicalResult ButterflyMatmulOp::emitAdjoint(
    OpBuilder &builder, ArrayRef<Value> resultAdjoints,
    ArrayRef<bool> needsAdjoint, SmallVectorImpl<Value> &operandAdjoints) {
  if (failed(requireTensors(*this)))
    return failure();
  Location loc = getLoc();
  AdjointProducts products{builder, loc};
  operandAdjoints.assign(getNumOperands(), Value());
  int64_t count = getFactors().size();
  bool needsLambda = getLambda() && needsAdjoint[1 + count];

  SmallVector<Value> before = {getInput()};
  if (llvm::is_contained(needsAdjoint.slice(1), true))
    for (int64_t t = 0; t + 1 < count; ++t)
      before.push_back(createButterflyStep(builder, *this, t, before.back()));

  Value adjoint = resultAdjoints[0], lambda;
  // The first factor whose adjoint, or that of what comes before, is needed.
  for (int64_t t = count - 1; t >= 0; --t) {
    Value blocks = getFactors()[t];
    BlockPatternAttrInterface pattern = getFactorPattern(t);
    if (needsAdjoint[1 + t] || needsLambda) {
      Value sampled = products.sddmm(adjoint, before[t], blocks, pattern);
      if (needsAdjoint[1 + t])
        operandAdjoints[1 + t] =
            getLambda() ? createScaled(builder, loc, sampled, getLambda())
                        : sampled;
      if (needsLambda) {
        Value dot = createDot(builder, loc, sampled, blocks);
        lambda = lambda ? createSum(builder, loc, lambda, dot) : dot;
      }
    }
    Value init = adjoint;
    if (getLambda())
      blocks = createScaled(builder, loc, blocks, getLambda());
    else
      init = createZerosLike(builder, loc, adjoint);
    adjoint = MatmulOp::create(builder, loc, adjoint, blocks, init, pattern,
                               /*transposed=*/true)
                  ->getResult(0);
  }
  if (needsAdjoint[0])
    operandAdjoints[0] = adjoint;
  if (needsLambda)
    operandAdjoints[1 + count] = lambda;
  return success();
}
