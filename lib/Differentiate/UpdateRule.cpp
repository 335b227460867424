//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "UpdateRule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::pixelfly;

namespace {

/// Arithmetic on scalars of one float type, to read like the formula it emits.
class Scalars {
public:
  Scalars(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value constant(Type type, double value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(type, value));
  }
  Value add(Value a, Value b) {
    return arith::AddFOp::create(builder, loc, a, b);
  }
  Value sub(Value a, Value b) {
    return arith::SubFOp::create(builder, loc, a, b);
  }
  Value mul(Value a, Value b) {
    return arith::MulFOp::create(builder, loc, a, b);
  }
  Value div(Value a, Value b) {
    return arith::DivFOp::create(builder, loc, a, b);
  }
  Value sqrt(Value a) { return math::SqrtOp::create(builder, loc, a); }
  Value pow(Value a, Value b) {
    return math::PowFOp::create(builder, loc, a, b);
  }
  /// `value` in the float type `type`.
  Value convert(Value value, Type type) {
    unsigned from = value.getType().getIntOrFloatBitWidth();
    unsigned to = type.getIntOrFloatBitWidth();
    if (value.getType() == type)
      return value;
    if (from < to)
      return arith::ExtFOp::create(builder, loc, type, value);
    return arith::TruncFOp::create(builder, loc, type, value);
  }

private:
  OpBuilder &builder;
  Location loc;
};

/// Emits the elementwise generic all updates are: reads the gradient, updates
/// `destinations` in place. `body` gets the gradient's element, then one
/// element per destination, and returns the new elements.
ValueRange
emitInPlace(OpBuilder &builder, Location loc, Value gradient,
            ValueRange destinations,
            function_ref<SmallVector<Value>(Scalars &, ValueRange)> body) {
  int64_t rank = cast<RankedTensorType>(gradient.getType()).getRank();
  SmallVector<AffineMap> maps(destinations.size() + 1,
                              builder.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto op = linalg::GenericOp::create(
      builder, loc, TypeRange(destinations), gradient, destinations, maps,
      iterators, [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
        Scalars scalars(nested, nestedLoc);
        linalg::YieldOp::create(nested, nestedLoc, body(scalars, args));
      });
  return op.getResults();
}

/// Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019):
///   m = beta1 m + (1 - beta1) g
///   v = beta2 v + (1 - beta2) g^2
///   p = (1 - lr decay) p - lr (m / (1 - beta1^t)) /
///                          (sqrt(v / (1 - beta2^t)) + epsilon)
class AdamW : public UpdateRule {
public:
  explicit AdamW(const BuildTrainStepOptions &options) : options(options) {}

  ArrayRef<StringRef> getStateNames() const override {
    static const StringRef names[] = {"first_moment", "second_moment"};
    return names;
  }

  void emitScalars(OpBuilder &builder, Location loc,
                   const StepScalars &step) override {
    Scalars s(builder, loc);
    Type f32 = builder.getF32Type(), f64 = builder.getF64Type();
    gradientScale = step.gradientScale;
    // In f64, as 1 - beta2^t loses most of its digits in f32 at small t.
    Value t = s.convert(step.step, f64);
    Value one = s.constant(f64, 1.0);
    Value correction1 = s.sub(one, s.pow(s.constant(f64, options.beta1), t));
    Value correction2 = s.sub(one, s.pow(s.constant(f64, options.beta2), t));
    Value rate = s.convert(step.learningRate, f64);
    stepSize = s.convert(s.div(rate, correction1), f32);
    momentScale = s.convert(s.div(one, s.sqrt(correction2)), f32);
    if (options.weightDecay != 0.0)
      keep = s.convert(
          s.sub(one, s.mul(rate, s.constant(f64, options.weightDecay))), f32);
  }

  ValueRange emitUpdate(OpBuilder &builder, Location loc, Value gradient,
                        Value parameter, ValueRange state,
                        bool decay) override {
    Scalars outer(builder, loc);
    Type type = getElementTypeOrSelf(parameter);
    Value step = outer.convert(stepSize, type);
    Value scale = outer.convert(momentScale, type);
    Value clip = gradientScale ? outer.convert(gradientScale, type) : Value();
    Value shrink = keep && decay ? outer.convert(keep, type) : Value();
    Value beta1 = outer.constant(type, options.beta1);
    Value beta2 = outer.constant(type, options.beta2);
    Value rest1 = outer.constant(type, 1.0 - options.beta1);
    Value rest2 = outer.constant(type, 1.0 - options.beta2);
    Value epsilon = outer.constant(type, options.epsilon);
    return emitInPlace(
        builder, loc, gradient, {parameter, state[0], state[1]},
        [&](Scalars &s, ValueRange args) -> SmallVector<Value> {
          Value g = clip ? s.mul(args[0], clip) : args[0];
          Value p = shrink ? s.mul(args[1], shrink) : args[1];
          Value m = s.add(s.mul(args[2], beta1), s.mul(g, rest1));
          Value v = s.add(s.mul(args[3], beta2), s.mul(s.mul(g, g), rest2));
          Value root = s.add(s.mul(s.sqrt(v), scale), epsilon);
          return {s.sub(p, s.mul(step, s.div(m, root))), m, v};
        });
  }

private:
  BuildTrainStepOptions options;
  /// lr / (1 - beta1^t), 1 / sqrt(1 - beta2^t), 1 - lr decay (null: no decay).
  Value stepSize, momentScale, keep;
  Value gradientScale;
};

/// Stochastic gradient descent with momentum; decay is part of the gradient:
///   u = momentum u + g + decay p
///   p = p - lr u
class SGD : public UpdateRule {
public:
  explicit SGD(const BuildTrainStepOptions &options) : options(options) {}

  ArrayRef<StringRef> getStateNames() const override {
    static const StringRef names[] = {"velocity"};
    return names;
  }

  void emitScalars(OpBuilder &, Location, const StepScalars &step) override {
    scalars = step;
  }

  ValueRange emitUpdate(OpBuilder &builder, Location loc, Value gradient,
                        Value parameter, ValueRange state,
                        bool decay) override {
    Scalars outer(builder, loc);
    Type type = getElementTypeOrSelf(parameter);
    Value rate = outer.convert(scalars.learningRate, type);
    Value clip = scalars.gradientScale
                     ? outer.convert(scalars.gradientScale, type)
                     : Value();
    Value weight = decay && options.weightDecay != 0.0
                       ? outer.constant(type, options.weightDecay)
                       : Value();
    Value momentum = outer.constant(type, options.momentum);
    return emitInPlace(builder, loc, gradient, {parameter, state[0]},
                       [&](Scalars &s, ValueRange args) -> SmallVector<Value> {
                         Value u = clip ? s.mul(args[0], clip) : args[0];
                         if (weight)
                           u = s.add(u, s.mul(args[1], weight));
                         u = s.add(s.mul(args[2], momentum), u);
                         return {s.sub(args[1], s.mul(rate, u)), u};
                       });
  }

private:
  BuildTrainStepOptions options;
  StepScalars scalars;
};

} // namespace

std::unique_ptr<UpdateRule>
pixelfly::createAdamW(const BuildTrainStepOptions &options) {
  return std::make_unique<AdamW>(options);
}

std::unique_ptr<UpdateRule>
pixelfly::createSGD(const BuildTrainStepOptions &options) {
  return std::make_unique<SGD>(options);
}
