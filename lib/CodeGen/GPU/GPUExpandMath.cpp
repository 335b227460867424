//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/GPU/Passes.h"
#include "pixelfly/CodeGen/Linalg/MathApproximations.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPUEXPANDMATH
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {

/// 1 / sqrt(x), both rounded to nearest, as on the CPU.
struct ExpandRsqrt : public OpRewritePattern<math::RsqrtOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::RsqrtOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    TypedAttr one = rewriter.getFloatAttr(getElementTypeOrSelf(type), 1.0);
    if (auto shaped = dyn_cast<ShapedType>(type))
      one = DenseElementsAttr::get(shaped, ArrayRef<Attribute>(one));
    Value root = math::SqrtOp::create(rewriter, op.getLoc(), op.getOperand());
    rewriter.replaceOpWithNewOp<arith::DivFOp>(
        op, arith::ConstantOp::create(rewriter, op.getLoc(), one), root);
    return success();
  }
};

/// base^x = 2^k e^r, with x log2(base) = k + r / log(2), |r| <= log(2) / 2, and
/// the Taylor series of e^r: its 14 terms leave a relative error below 1e-17.
struct ExpandPowerOfConstant : public OpRewritePattern<math::PowFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::PowFOp op,
                                PatternRewriter &rewriter) const override {
    APFloat base(0.0);
    if (!op.getType().isF64() ||
        !matchPattern(op.getLhs(), m_ConstantFloat(&base)) ||
        !(base.convertToDouble() > 0) || base.isInfinity())
      return rewriter.notifyMatchFailure(op, "not a constant base in f64");
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Type f64 = b.getF64Type();
    auto constant = [&](double value) -> Value {
      return arith::ConstantOp::create(b, b.getF64FloatAttr(value));
    };
    auto fma = [&](Value x, Value y, Value z) -> Value {
      return math::FmaOp::create(b, x, y, z);
    };
    constexpr double kLog2High = 0x1.62e42fefa3800p-1,
                     kLog2Low = 0x1.ef35793c76730p-45;
    // The logarithm in two parts: its error would count x times.
    long double logarithm = std::log((long double)(base.convertToDouble()));
    double high = logarithm, low = logarithm - high;
    Value x = op.getRhs();
    Value k = math::RoundEvenOp::create(
        b, arith::MulFOp::create(b, x, constant(logarithm / std::log(2.0L))));
    // Results beyond the range of normal numbers are 0 or infinite.
    k = arith::MaximumFOp::create(b, k, constant(-1100));
    k = arith::MinimumFOp::create(b, k, constant(1100));
    Value product = arith::MulFOp::create(b, x, constant(high));
    Value rest = fma(x, constant(high), arith::NegFOp::create(b, product));
    rest = fma(x, constant(low), rest);
    Value r = fma(k, constant(-kLog2High), product);
    r = fma(k, constant(-kLog2Low), r);
    r = arith::AddFOp::create(b, r, rest);
    double factorial = 6227020800.0; // 13!
    Value sum = constant(1 / factorial);
    for (int term = 13; term > 0; --term) {
      factorial /= term;
      sum = fma(sum, r, constant(1 / factorial));
    }
    // 2^k in two factors: k may lie outside of the exponents of f64.
    Type i64 = b.getI64Type();
    auto integer = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(b, b.getI64IntegerAttr(value));
    };
    Value exponent = arith::FPToSIOp::create(b, i64, k);
    Value half = arith::ShRSIOp::create(b, exponent, integer(1));
    for (Value part :
         {half, arith::SubIOp::create(b, exponent, half).getResult()}) {
      Value bits = arith::ShLIOp::create(
          b, arith::AddIOp::create(b, part, integer(1023)), integer(52));
      sum =
          arith::MulFOp::create(b, sum, arith::BitcastOp::create(b, f64, bits));
    }
    rewriter.replaceOp(op, sum);
    return success();
  }
};

struct GPUExpandMath : public pixelfly::impl::GPUExpandMathBase<GPUExpandMath> {
  using GPUExpandMathBase::GPUExpandMathBase;

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    populateFastMathFunctionPatterns(patterns);
    populateMathPolynomialApproximationPatterns(patterns);
    patterns.add<ExpandRsqrt, ExpandPowerOfConstant>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns)))) {
      getOperation().emitOpError(
          "expanding the elementary functions did not end");
      return signalPassFailure();
    }
  }
};

} // namespace
