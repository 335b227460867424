//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/Linalg/MathApproximations.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::pixelfly;

namespace {

/// erf(x) = x * P(s), with s = 2 x^2 / X^2 - 1 in [-1, 1] and |x| clamped to X,
/// from where on erf is 1 in f32. P interpolates erf(x) / x at the Chebyshev
/// nodes in s. The coefficients alternate in sign, and at s = -1, where x is
/// small, all terms are positive: nothing cancels.
struct ErfToPolynomial : public OpRewritePattern<math::ErfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ErfOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "not on f32");
    Location loc = op.getLoc();
    auto constant = [&](double value) -> Value {
      TypedAttr attr = rewriter.getF32FloatAttr(value);
      if (auto shaped = dyn_cast<ShapedType>(type))
        attr = DenseElementsAttr::get(shaped, ArrayRef<Attribute>(attr));
      return arith::ConstantOp::create(rewriter, loc, attr);
    };
    // `bound` where the comparison holds; what is not a number does not compare
    // and passes.
    auto clamp = [&](Value x, arith::CmpFPredicate predicate, double bound) {
      Value limit = constant(bound);
      Value beyond = arith::CmpFOp::create(rewriter, loc, predicate, x, limit);
      return arith::SelectOp::create(rewriter, loc, beyond, limit, x)
          .getResult();
    };
    constexpr double kLimit = 3.92;
    constexpr double kCoefficients[] = {
        0.36073678731918335,   -0.18010859191417694,   0.1340847909450531,
        -0.10918053984642029,  0.09059291332960129,    -0.0740041509270668,
        0.05842158943414688,   -0.04351752623915672,   0.029621370136737823,
        -0.01978486031293869,  0.01432561781257391,    -0.00795068871229887,
        0.001833373331464827,  -0.0011922030244022608, 0.0021241239737719297,
        -0.0009000017889775336};

    Value x = clamp(op.getOperand(), arith::CmpFPredicate::OGT, kLimit);
    x = clamp(x, arith::CmpFPredicate::OLT, -kLimit);
    Value square = arith::MulFOp::create(rewriter, loc, x, x);
    Value s = math::FmaOp::create(
        rewriter, loc, square, constant(2 / (kLimit * kLimit)), constant(-1));
    Value sum = constant(std::end(kCoefficients)[-1]);
    for (double coefficient :
         llvm::reverse(ArrayRef<double>(kCoefficients).drop_back()))
      sum = math::FmaOp::create(rewriter, loc, sum, s, constant(coefficient));
    rewriter.replaceOpWithNewOp<arith::MulFOp>(op, sum, x);
    return success();
  }
};

} // namespace

void pixelfly::populateFastMathFunctionPatterns(RewritePatternSet &patterns) {
  patterns.add<ErfToPolynomial>(patterns.getContext(), /*benefit=*/2);
}
