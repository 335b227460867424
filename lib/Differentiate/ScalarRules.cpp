//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Differentiation rules of arith and math. They are written once for floats,
// vectors and tensors of floats, since all these ops are elementwise.
//
// Where a function has a kink, the choice is: |x| has slope 0 at 0; of two
// equal arguments of a maximum or minimum the second one gets the adjoint, so
// that max(x, 0) has slope 0 at 0.
//
//===----------------------------------------------------------------------===//

#include "Rules.h"
#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

#include <cmath>
#include <optional>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
/// Emits arithmetic on values of one type in the notation of formulas.
class Formula {
public:
  Formula(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), type(type) {}

  Value constant(double number) {
    TypedAttr attr = builder.getFloatAttr(getElementTypeOrSelf(type), number);
    if (auto shaped = dyn_cast<ShapedType>(type))
      attr = DenseElementsAttr::get(shaped, attr);
    return arith::ConstantOp::create(builder, loc, attr);
  }
  Value add(Value a, Value b) { return make<arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return make<arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return make<arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return make<arith::DivFOp>(a, b); }
  Value neg(Value a) { return make<arith::NegFOp>(a); }
  Value square(Value a) { return mul(a, a); }
  /// `factor * a`; the factors of a chain of scalings become one.
  Value scale(double factor, Value a) {
    if (auto product = a.getDefiningOp<arith::MulFOp>()) {
      if (std::optional<double> inner = getConstant(product.getRhs())) {
        factor *= *inner;
        a = product.getLhs();
      }
    }
    return mul(a, constant(factor));
  }
  /// The number that every element of `a` is, if `a` is such a constant.
  static std::optional<double> getConstant(Value a) {
    FloatAttr number;
    DenseFPElementsAttr elements;
    if (matchPattern(a, m_Constant(&elements)) && elements.isSplat())
      return elements.getSplatValue<APFloat>().convertToDouble();
    if (matchPattern(a, m_Constant(&number)))
      return number.getValueAsDouble();
    return std::nullopt;
  }
  /// `a` where `lhs predicate rhs`, `b` elsewhere.
  Value choose(arith::CmpFPredicate predicate, Value lhs, Value rhs, Value a,
               Value b) {
    Value condition = arith::CmpFOp::create(builder, loc, predicate, lhs, rhs);
    return make<arith::SelectOp>(condition, a, b);
  }
  template <typename OpTy, typename... Args> Value make(Args... args) {
    return OpTy::create(builder, loc, args...).getResult();
  }
  /// Converts `a` to `to`, a type of the same shape.
  template <typename OpTy> Value convert(Type to, Value a) {
    return OpTy::create(builder, loc, to, a).getResult();
  }

private:
  OpBuilder &builder;
  Location loc;
  Type type;
};
} // namespace

using Predicate = arith::CmpFPredicate;

//===----------------------------------------------------------------------===//
// arith: the adjoint of operand `i` from `d`, the adjoint of the result; null
// for zero.
//===----------------------------------------------------------------------===//

static Value rule(Formula &f, arith::AddFOp, unsigned, Value d) { return d; }
static Value rule(Formula &f, arith::SubFOp, unsigned i, Value d) {
  return i == 0 ? d : f.neg(d);
}
static Value rule(Formula &f, arith::MulFOp op, unsigned i, Value d) {
  Value other = op->getOperand(1 - i);
  if (std::optional<double> factor = Formula::getConstant(other))
    return f.scale(*factor, d);
  return f.mul(d, other);
}
static Value rule(Formula &f, arith::DivFOp op, unsigned i, Value d) {
  Value quotient = f.div(d, op.getRhs());
  return i == 0 ? quotient : f.neg(f.mul(quotient, op.getResult()));
}
static Value rule(Formula &f, arith::RemFOp op, unsigned i, Value d) {
  if (i == 0)
    return d;
  Value quotient = f.make<math::TruncOp>(f.div(op.getLhs(), op.getRhs()));
  return f.neg(f.mul(d, quotient));
}
static Value rule(Formula &f, arith::NegFOp, unsigned, Value d) {
  return f.neg(d);
}
static Value extremum(Formula &f, Operation *op, Predicate strictly, unsigned i,
                      Value d) {
  Value zero = f.constant(0.0);
  return f.choose(strictly, op->getOperand(0), op->getOperand(1),
                  i == 0 ? d : zero, i == 0 ? zero : d);
}
static Value rule(Formula &f, arith::MaximumFOp op, unsigned i, Value d) {
  return extremum(f, op, Predicate::OGT, i, d);
}
static Value rule(Formula &f, arith::MaxNumFOp op, unsigned i, Value d) {
  return extremum(f, op, Predicate::OGT, i, d);
}
static Value rule(Formula &f, arith::MinimumFOp op, unsigned i, Value d) {
  return extremum(f, op, Predicate::OLT, i, d);
}
static Value rule(Formula &f, arith::MinNumFOp op, unsigned i, Value d) {
  return extremum(f, op, Predicate::OLT, i, d);
}
static Value rule(Formula &f, arith::SelectOp op, unsigned i, Value d) {
  if (i == 0)
    return {};
  Value zero = f.constant(0.0);
  return f.make<arith::SelectOp>(op.getCondition(), i == 1 ? d : zero,
                                 i == 1 ? zero : d);
}
static Value rule(Formula &f, arith::ExtFOp op, unsigned, Value d) {
  return f.convert<arith::TruncFOp>(op.getIn().getType(), d);
}
static Value rule(Formula &f, arith::TruncFOp op, unsigned, Value d) {
  return f.convert<arith::ExtFOp>(op.getIn().getType(), d);
}

//===----------------------------------------------------------------------===//
// math, with one operand. `y` is the op's own result.
//===----------------------------------------------------------------------===//

static Value rule(Formula &f, math::AbsFOp op, unsigned, Value d) {
  Value x = op.getOperand(), zero = f.constant(0.0);
  Value negative = f.choose(Predicate::OLT, x, zero, f.neg(d), zero);
  return f.choose(Predicate::OGT, x, zero, d, negative);
}
static Value rule(Formula &f, math::SqrtOp op, unsigned, Value d) {
  return f.scale(0.5, f.div(d, op.getResult()));
}
static Value rule(Formula &f, math::RsqrtOp op, unsigned, Value d) {
  Value y = op.getResult();
  return f.scale(-0.5, f.mul(d, f.mul(f.square(y), y)));
}
static Value rule(Formula &f, math::CbrtOp op, unsigned, Value d) {
  return f.scale(1.0 / 3.0, f.div(d, f.square(op.getResult())));
}
static Value rule(Formula &f, math::ExpOp op, unsigned, Value d) {
  return f.mul(d, op.getResult());
}
static Value rule(Formula &f, math::Exp2Op op, unsigned, Value d) {
  return f.scale(std::log(2.0), f.mul(d, op.getResult()));
}
static Value rule(Formula &f, math::ExpM1Op op, unsigned, Value d) {
  return f.mul(d, f.add(op.getResult(), f.constant(1.0)));
}
static Value rule(Formula &f, math::LogOp op, unsigned, Value d) {
  return f.div(d, op.getOperand());
}
static Value rule(Formula &f, math::Log2Op op, unsigned, Value d) {
  return f.scale(1.0 / std::log(2.0), f.div(d, op.getOperand()));
}
static Value rule(Formula &f, math::Log10Op op, unsigned, Value d) {
  return f.scale(1.0 / std::log(10.0), f.div(d, op.getOperand()));
}
static Value rule(Formula &f, math::Log1pOp op, unsigned, Value d) {
  return f.div(d, f.add(f.constant(1.0), op.getOperand()));
}
static Value rule(Formula &f, math::SinOp op, unsigned, Value d) {
  return f.mul(d, f.make<math::CosOp>(op.getOperand()));
}
static Value rule(Formula &f, math::CosOp op, unsigned, Value d) {
  return f.neg(f.mul(d, f.make<math::SinOp>(op.getOperand())));
}
static Value rule(Formula &f, math::TanOp op, unsigned, Value d) {
  return f.mul(d, f.add(f.constant(1.0), f.square(op.getResult())));
}
static Value rule(Formula &f, math::SinhOp op, unsigned, Value d) {
  return f.mul(d, f.make<math::CoshOp>(op.getOperand()));
}
static Value rule(Formula &f, math::CoshOp op, unsigned, Value d) {
  return f.mul(d, f.make<math::SinhOp>(op.getOperand()));
}
static Value rule(Formula &f, math::TanhOp op, unsigned, Value d) {
  return f.mul(d, f.sub(f.constant(1.0), f.square(op.getResult())));
}
static Value rule(Formula &f, math::AsinOp op, unsigned, Value d) {
  Value root = f.sub(f.constant(1.0), f.square(op.getOperand()));
  return f.mul(d, f.make<math::RsqrtOp>(root));
}
static Value rule(Formula &f, math::AcosOp op, unsigned, Value d) {
  Value root = f.sub(f.constant(1.0), f.square(op.getOperand()));
  return f.neg(f.mul(d, f.make<math::RsqrtOp>(root)));
}
static Value rule(Formula &f, math::AtanOp op, unsigned, Value d) {
  return f.div(d, f.add(f.constant(1.0), f.square(op.getOperand())));
}
static Value rule(Formula &f, math::ErfOp op, unsigned, Value d) {
  // 2/sqrt(pi) exp(-x^2)
  Value exp = f.make<math::ExpOp>(f.neg(f.square(op.getOperand())));
  return f.scale(2.0 / std::sqrt(M_PI), f.mul(d, exp));
}
static Value rule(Formula &f, math::ErfcOp op, unsigned, Value d) {
  Value exp = f.make<math::ExpOp>(f.neg(f.square(op.getOperand())));
  return f.scale(-2.0 / std::sqrt(M_PI), f.mul(d, exp));
}
/// Steps: slope 0 wherever there is one.
static Value rule(Formula &f, math::FloorOp, unsigned, Value) { return {}; }
static Value rule(Formula &f, math::CeilOp, unsigned, Value) { return {}; }
static Value rule(Formula &f, math::RoundOp, unsigned, Value) { return {}; }
static Value rule(Formula &f, math::RoundEvenOp, unsigned, Value) { return {}; }
static Value rule(Formula &f, math::TruncOp, unsigned, Value) { return {}; }

//===----------------------------------------------------------------------===//
// math, with several operands
//===----------------------------------------------------------------------===//

static Value rule(Formula &f, math::PowFOp op, unsigned i, Value d) {
  Value x = op.getLhs(), power = op.getRhs();
  if (i == 1) // x^p log(x)
    return f.mul(f.mul(d, op.getResult()), f.make<math::LogOp>(x));
  Value lower = f.make<math::PowFOp>(x, f.sub(power, f.constant(1.0)));
  return f.mul(f.mul(d, power), lower);
}
static Value rule(Formula &f, math::FmaOp op, unsigned i, Value d) {
  return i == 2 ? d : f.mul(d, op->getOperand(1 - i));
}
static Value rule(Formula &f, math::Atan2Op op, unsigned i, Value d) {
  Value y = op.getLhs(), x = op.getRhs();
  Value scaled = f.div(d, f.add(f.square(x), f.square(y)));
  return i == 0 ? f.mul(scaled, x) : f.neg(f.mul(scaled, y));
}
static Value rule(Formula &f, math::ClampFOp op, unsigned i, Value d) {
  Value x = op.getValue(), low = op.getMin(), high = op.getMax();
  Value zero = f.constant(0.0);
  if (i == 1)
    return f.choose(Predicate::OLT, x, low, d, zero);
  if (i == 2)
    return f.choose(Predicate::OGT, x, high, d, zero);
  return f.choose(Predicate::OLT, x, low, zero,
                  f.choose(Predicate::OGT, x, high, zero, d));
}
static Value rule(Formula &f, math::CopySignOp op, unsigned i, Value d) {
  if (i == 1)
    return {};
  // The slope is 1 if copying the sign kept the value, -1 if it turned it.
  return f.choose(Predicate::OEQ, op.getLhs(), op.getResult(), d, f.neg(d));
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

namespace {
template <typename OpTy>
struct ScalarModel
    : public DifferentiableOpInterface::ExternalModel<ScalarModel<OpTy>, OpTy> {
  LogicalResult emitAdjoint(Operation *op, OpBuilder &builder,
                            ArrayRef<Value> resultAdjoints,
                            ArrayRef<bool> needsAdjoint,
                            SmallVectorImpl<Value> &operandAdjoints) const {
    Formula formula(builder, op->getLoc(), op->getResultTypes()[0]);
    for (unsigned i = 0, e = op->getNumOperands(); i < e; ++i)
      operandAdjoints.push_back(
          needsAdjoint[i] ? rule(formula, cast<OpTy>(op), i, resultAdjoints[0])
                          : Value());
    return success();
  }
};

template <typename... Ops> void attach(MLIRContext *context) {
  (Ops::template attachInterface<ScalarModel<Ops>>(*context), ...);
}
} // namespace

void pixelfly::registerScalarRules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, arith::ArithDialect *) {
    // Some arith rules are written with math ops.
    context->loadDialect<math::MathDialect>();
    attach<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
           arith::RemFOp, arith::NegFOp, arith::MaximumFOp, arith::MaxNumFOp,
           arith::MinimumFOp, arith::MinNumFOp, arith::SelectOp, arith::ExtFOp,
           arith::TruncFOp>(context);
  });
  registry.addExtension(+[](MLIRContext *context, math::MathDialect *) {
    attach<math::AbsFOp, math::SqrtOp, math::RsqrtOp, math::CbrtOp, math::ExpOp,
           math::Exp2Op, math::ExpM1Op, math::LogOp, math::Log2Op,
           math::Log10Op, math::Log1pOp, math::SinOp, math::CosOp, math::TanOp,
           math::SinhOp, math::CoshOp, math::TanhOp, math::AsinOp, math::AcosOp,
           math::AtanOp, math::ErfOp, math::ErfcOp, math::FloorOp, math::CeilOp,
           math::RoundOp, math::RoundEvenOp, math::TruncOp, math::PowFOp,
           math::FmaOp, math::Atan2Op, math::ClampFOp, math::CopySignOp>(
        context);
  });
}
