//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elementary functions: math intrinsics of the llvm dialect, functions of
// NVIDIA's device library (by name), reductions of vectors. All are computed by
// the host's library and rounded once: the GPU's versions differ from them by a
// few units in the last place, its .approx ones by more.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

namespace {
#define FUNCTION1(NAME, EXPRESSION)                                            \
  struct NAME {                                                                \
    static constexpr unsigned arity = 1;                                       \
    template <typename T> static T apply(T x, T, T) { return EXPRESSION; }     \
  };
#define FUNCTION2(NAME, EXPRESSION)                                            \
  struct NAME {                                                                \
    static constexpr unsigned arity = 2;                                       \
    template <typename T> static T apply(T x, T y, T) { return EXPRESSION; }   \
  };
FUNCTION1(Exp, std::exp(x))
FUNCTION1(Exp2, std::exp2(x))
FUNCTION1(Exp10, std::pow(T(10), x))
FUNCTION1(Expm1, std::expm1(x))
FUNCTION1(Log, std::log(x))
FUNCTION1(Log2, std::log2(x))
FUNCTION1(Log10, std::log10(x))
FUNCTION1(Log1p, std::log1p(x))
FUNCTION1(Sqrt, std::sqrt(x))
FUNCTION1(Rsqrt, T(1) / std::sqrt(x))
FUNCTION1(Reciprocal, T(1) / x)
FUNCTION1(Cbrt, std::cbrt(x))
FUNCTION1(Sin, std::sin(x))
FUNCTION1(Cos, std::cos(x))
FUNCTION1(Tan, std::tan(x))
FUNCTION1(Asin, std::asin(x))
FUNCTION1(Acos, std::acos(x))
FUNCTION1(Atan, std::atan(x))
FUNCTION1(Sinh, std::sinh(x))
FUNCTION1(Cosh, std::cosh(x))
FUNCTION1(Tanh, std::tanh(x))
FUNCTION1(Erf, std::erf(x))
FUNCTION1(Erfc, std::erfc(x))
FUNCTION1(Fabs, std::fabs(x))
FUNCTION1(Floor, std::floor(x))
FUNCTION1(Ceil, std::ceil(x))
FUNCTION1(Trunc, std::trunc(x))
FUNCTION1(Round, std::round(x))
FUNCTION1(RoundEven, std::nearbyint(x))
FUNCTION2(Pow, std::pow(x, y))
FUNCTION2(Atan2, std::atan2(x, y))
FUNCTION2(Fmod, std::fmod(x, y))
FUNCTION2(CopySign, std::copysign(x, y))
FUNCTION2(MinNumber, std::fmin(x, y))
FUNCTION2(MaxNumber, std::fmax(x, y))
FUNCTION2(FastDivide, x / y)
FUNCTION2(Minimum, std::isnan(x) || std::isnan(y) ? T(NAN)
                   : x == y                       ? (std::signbit(x) ? x : y)
                                                  : std::min(x, y))
FUNCTION2(Maximum, std::isnan(x) || std::isnan(y) ? T(NAN)
                   : x == y                       ? (std::signbit(x) ? y : x)
                                                  : std::max(x, y))
#undef FUNCTION1
#undef FUNCTION2
struct FusedMultiplyAdd {
  static constexpr unsigned arity = 3;
  template <typename T> static T apply(T x, T y, T z) {
    return std::fma(x, y, z);
  }
};
} // namespace

template <Scalar S, typename F>
static bool evaluate(Thread &thread, const Instruction &instruction) {
  using Storage = typename Float<S>::Storage;
  using Compute = typename Float<S>::Compute;
  const Storage *a = thread.slot<Storage>(instruction.operands[0]);
  const Storage *b = thread.slot<Storage>(instruction.operands[F::arity > 1]);
  const Storage *c =
      thread.slot<Storage>(instruction.operands[F::arity > 2 ? 2 : 0]);
  Storage *result = thread.slot<Storage>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i)
    result[i] = Storage(F::apply(Compute(a[i]), Compute(b[i]), Compute(c[i])));
  return true;
}

/// Half and bfloat products are exact in double: one rounding in all.
template <Scalar S>
static bool shortFusedMultiplyAdd(Thread &thread,
                                  const Instruction &instruction) {
  using Storage = typename Float<S>::Storage;
  const Storage *a = thread.slot<Storage>(instruction.operands[0]);
  const Storage *b = thread.slot<Storage>(instruction.operands[1]);
  const Storage *c = thread.slot<Storage>(instruction.operands[2]);
  Storage *result = thread.slot<Storage>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i)
    result[i] = Storage(double(float(a[i])) * double(float(b[i])) +
                        double(float(c[i])));
  return true;
}

template <typename F>
static Handler evaluateHandler(Scalar scalar, unsigned &arity) {
  arity = F::arity;
  if (std::is_same_v<F, FusedMultiplyAdd>) {
    if (scalar == Scalar::F16)
      return shortFusedMultiplyAdd<Scalar::F16>;
    if (scalar == Scalar::BF16)
      return shortFusedMultiplyAdd<Scalar::BF16>;
  }
  return forFloat(scalar, [](auto tag) -> Handler {
    return evaluate<decltype(tag)::value, F>;
  });
}

Handler emulator::findMathFunction(StringRef name, Scalar scalar,
                                   unsigned &arity) {
  if (name.consume_front("__nv_")) {
    // The device library's float functions end in f, the double ones do not;
    // __nv_fast_expf and the like are the approximate ones.
    name.consume_front("fast_");
    if (scalar == Scalar::F32 && name != "erf")
      name.consume_back("f");
  }
  name.consume_back(".f");
  using Maker = Handler (*)(Scalar, unsigned &);
  static const llvm::StringMap<Maker> makers = {
      {"exp", evaluateHandler<Exp>},
      {"exp2", evaluateHandler<Exp2>},
      {"exp10", evaluateHandler<Exp10>},
      {"expm1", evaluateHandler<Expm1>},
      {"log", evaluateHandler<Log>},
      {"log2", evaluateHandler<Log2>},
      {"log10", evaluateHandler<Log10>},
      {"log1p", evaluateHandler<Log1p>},
      {"sqrt", evaluateHandler<Sqrt>},
      {"rsqrt", evaluateHandler<Rsqrt>},
      {"cbrt", evaluateHandler<Cbrt>},
      {"sin", evaluateHandler<Sin>},
      {"cos", evaluateHandler<Cos>},
      {"tan", evaluateHandler<Tan>},
      {"asin", evaluateHandler<Asin>},
      {"acos", evaluateHandler<Acos>},
      {"atan", evaluateHandler<Atan>},
      {"sinh", evaluateHandler<Sinh>},
      {"cosh", evaluateHandler<Cosh>},
      {"tanh", evaluateHandler<Tanh>},
      {"erf", evaluateHandler<Erf>},
      {"erfc", evaluateHandler<Erfc>},
      {"fabs", evaluateHandler<Fabs>},
      {"floor", evaluateHandler<Floor>},
      {"ceil", evaluateHandler<Ceil>},
      {"trunc", evaluateHandler<Trunc>},
      {"round", evaluateHandler<Round>},
      {"roundeven", evaluateHandler<RoundEven>},
      {"rint", evaluateHandler<RoundEven>},
      {"nearbyint", evaluateHandler<RoundEven>},
      {"pow", evaluateHandler<Pow>},
      {"atan2", evaluateHandler<Atan2>},
      {"fmod", evaluateHandler<Fmod>},
      {"copysign", evaluateHandler<CopySign>},
      {"minnum", evaluateHandler<MinNumber>},
      {"maxnum", evaluateHandler<MaxNumber>},
      {"fmin", evaluateHandler<MinNumber>},
      {"fmax", evaluateHandler<MaxNumber>},
      {"minimum", evaluateHandler<Minimum>},
      {"maximum", evaluateHandler<Maximum>},
      {"fdivide", evaluateHandler<FastDivide>},
      {"fma", evaluateHandler<FusedMultiplyAdd>},
      {"fmuladd", evaluateHandler<FusedMultiplyAdd>},
      {"rcp.approx.ftz", evaluateHandler<Reciprocal>},
  };
  auto found = makers.find(name);
  return found == makers.end() ? nullptr : found->second(scalar, arity);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// operands[0] is the start value where the intrinsic has one.
template <Scalar S, typename F, bool HasStart>
static bool reduceFloats(Thread &thread, const Instruction &instruction) {
  using Storage = typename Float<S>::Storage;
  using Compute = typename Float<S>::Compute;
  const Storage *x = thread.slot<Storage>(instruction.operands[HasStart]);
  Storage total =
      HasStart ? *thread.slot<Storage>(instruction.operands[0]) : x[0];
  for (uint32_t i = HasStart ? 0 : 1; i < instruction.count; ++i)
    total = Storage(F::apply(Compute(total), Compute(x[i]), Compute(0)));
  *thread.slot<Storage>(instruction.result) = total;
  return true;
}

namespace {
struct Sum {
  template <typename T> static T apply(T x, T y, T) { return x + y; }
};
struct Product {
  template <typename T> static T apply(T x, T y, T) { return x * y; }
};
enum class IntegerReduction { Add, Mul, And, Or, Xor, SMin, SMax, UMin, UMax };
} // namespace

template <Scalar S>
static bool reduceIntegers(Thread &thread, const Instruction &instruction) {
  using Storage = typename Integer<S>::Storage;
  const Storage *x = thread.slot<Storage>(instruction.operands[0]);
  Storage total = x[0];
  for (uint32_t i = 1; i < instruction.count; ++i) {
    int64_t a = Integer<S>::asSigned(total), b = Integer<S>::asSigned(x[i]);
    switch (static_cast<IntegerReduction>(instruction.immediate)) {
    case IntegerReduction::Add:
      total = Integer<S>::make(total + x[i]);
      break;
    case IntegerReduction::Mul:
      total = Integer<S>::make(uint64_t(total) * x[i]);
      break;
    case IntegerReduction::And:
      total &= x[i];
      break;
    case IntegerReduction::Or:
      total |= x[i];
      break;
    case IntegerReduction::Xor:
      total ^= x[i];
      break;
    case IntegerReduction::SMin:
      total = a < b ? total : x[i];
      break;
    case IntegerReduction::SMax:
      total = a > b ? total : x[i];
      break;
    case IntegerReduction::UMin:
      total = std::min(total, x[i]);
      break;
    case IntegerReduction::UMax:
      total = std::max(total, x[i]);
      break;
    }
  }
  *thread.slot<Storage>(instruction.result) = total;
  return true;
}

FailureOr<bool> FunctionCompiler::compileMath(Operation *op) {
  StringRef name = op->getName().getStringRef();
  if (op->getNumResults() != 1)
    return false;
  if (name == "nvvm.rcp.approx.ftz.f") {
    unsigned arity;
    emit(op, findMathFunction("rcp.approx.ftz.f", Scalar::F32, arity));
    return true;
  }
  if (!name.consume_front("llvm.intr."))
    return false;
  if (name.consume_front("vector.reduce.")) {
    Value vector = op->getOperands().back();
    auto shape = scalarShapeOf(vector.getType());
    if (!shape)
      return false;
    bool hasStart = op->getNumOperands() == 2;
    Handler handler = nullptr;
    auto floats = [&](auto function, auto start) {
      return forFloat(shape->scalar, [&](auto tag) -> Handler {
        return reduceFloats<decltype(tag)::value, decltype(function),
                            decltype(start)::value>;
      });
    };
    if (name == "fadd" && hasStart)
      handler = floats(Sum(), std::true_type());
    else if (name == "fmul" && hasStart)
      handler = floats(Product(), std::true_type());
    else if (name == "fmax")
      handler = floats(MaxNumber(), std::false_type());
    else if (name == "fmin")
      handler = floats(MinNumber(), std::false_type());
    else if (name == "fmaximum")
      handler = floats(Maximum(), std::false_type());
    else if (name == "fminimum")
      handler = floats(Minimum(), std::false_type());
    int64_t kind = 0;
    if (!handler) {
      static const llvm::StringMap<IntegerReduction> kinds = {
          {"add", IntegerReduction::Add},   {"mul", IntegerReduction::Mul},
          {"and", IntegerReduction::And},   {"or", IntegerReduction::Or},
          {"xor", IntegerReduction::Xor},   {"smin", IntegerReduction::SMin},
          {"smax", IntegerReduction::SMax}, {"umin", IntegerReduction::UMin},
          {"umax", IntegerReduction::UMax}};
      auto found = kinds.find(name);
      if (found == kinds.end())
        return false;
      kind = static_cast<int64_t>(found->second);
      handler = forInteger(shape->scalar, [](auto tag) -> Handler {
        return reduceIntegers<decltype(tag)::value>;
      });
    }
    if (!handler)
      return false;
    Instruction &instruction = emit(op, handler);
    instruction.count = shape->count;
    instruction.immediate = kind;
    return true;
  }
  auto shape = scalarShapeOf(op->getResult(0).getType());
  unsigned arity = 0;
  Handler handler = shape && isFloat(shape->scalar)
                        ? findMathFunction(name, shape->scalar, arity)
                        : nullptr;
  if (!handler || arity != op->getNumOperands())
    return false;
  emit(op, handler).count = shape->count;
  return true;
}
