//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Integer and float arithmetic, comparisons, select and conversions.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

namespace {
/// Both operands as unsigned and as signed 64-bit numbers, and the type's
/// width.
struct Operands {
  uint64_t a, b;
  int64_t signedA, signedB;
  unsigned width;
};
} // namespace

using IntegerFunction = uint64_t (*)(Operands);

static uint64_t add(Operands x) { return x.a + x.b; }
static uint64_t subtract(Operands x) { return x.a - x.b; }
static uint64_t multiply(Operands x) { return x.a * x.b; }
static uint64_t bitAnd(Operands x) { return x.a & x.b; }
static uint64_t bitOr(Operands x) { return x.a | x.b; }
static uint64_t bitXor(Operands x) { return x.a ^ x.b; }
static uint64_t shiftLeft(Operands x) { return x.b < x.width ? x.a << x.b : 0; }
static uint64_t shiftRight(Operands x) {
  return x.b < x.width ? x.a >> x.b : 0;
}
static uint64_t shiftRightSigned(Operands x) {
  return x.signedA >> std::min<uint64_t>(x.b, x.width - 1);
}
static uint64_t minSigned(Operands x) { return std::min(x.signedA, x.signedB); }
static uint64_t maxSigned(Operands x) { return std::max(x.signedA, x.signedB); }
static uint64_t minUnsigned(Operands x) { return std::min(x.a, x.b); }
static uint64_t maxUnsigned(Operands x) { return std::max(x.a, x.b); }
static uint64_t subtractSaturating(Operands x) {
  return x.a < x.b ? 0 : x.a - x.b;
}
static uint64_t divideUnsigned(Operands x) { return x.a / x.b; }
static uint64_t remainderUnsigned(Operands x) { return x.a % x.b; }
static uint64_t divideSigned(Operands x) {
  return x.signedB == -1 ? -x.a : static_cast<uint64_t>(x.signedA / x.signedB);
}
static uint64_t remainderSigned(Operands x) {
  return x.signedB == -1 ? 0 : static_cast<uint64_t>(x.signedA % x.signedB);
}

template <Scalar S, IntegerFunction F, bool Divides>
static bool integerBinary(Thread &thread, const Instruction &instruction) {
  using Type = Integer<S>;
  using Storage = typename Type::Storage;
  const Storage *a = thread.slot<Storage>(instruction.operands[0]);
  const Storage *b = thread.slot<Storage>(instruction.operands[1]);
  Storage *result = thread.slot<Storage>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i) {
    if (Divides && b[i] == 0) {
      thread.block->getEmulator().report(Fault::Other, thread, instruction.op,
                                         "division by zero");
      result[i] = 0;
      continue;
    }
    result[i] = Type::make(F(
        {a[i], b[i], Type::asSigned(a[i]), Type::asSigned(b[i]), Type::width}));
  }
  return true;
}

template <IntegerFunction F, bool Divides = false>
static Handler integerBinaryHandler(Scalar scalar) {
  return forInteger(scalar, [](auto tag) -> Handler {
    return integerBinary<decltype(tag)::value, F, Divides>;
  });
}

template <Scalar S>
static bool integerCompare(Thread &thread, const Instruction &instruction) {
  using Type = Integer<S>;
  using Storage = typename Type::Storage;
  const Storage *a = thread.slot<Storage>(instruction.operands[0]);
  const Storage *b = thread.slot<Storage>(instruction.operands[1]);
  uint8_t *result = thread.slot<uint8_t>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i) {
    int64_t x = Type::asSigned(a[i]), y = Type::asSigned(b[i]);
    bool holds = false;
    switch (static_cast<LLVM::ICmpPredicate>(instruction.immediate)) {
    case LLVM::ICmpPredicate::eq:
      holds = x == y;
      break;
    case LLVM::ICmpPredicate::ne:
      holds = x != y;
      break;
    case LLVM::ICmpPredicate::slt:
      holds = x < y;
      break;
    case LLVM::ICmpPredicate::sle:
      holds = x <= y;
      break;
    case LLVM::ICmpPredicate::sgt:
      holds = x > y;
      break;
    case LLVM::ICmpPredicate::sge:
      holds = x >= y;
      break;
    case LLVM::ICmpPredicate::ult:
      holds = a[i] < b[i];
      break;
    case LLVM::ICmpPredicate::ule:
      holds = a[i] <= b[i];
      break;
    case LLVM::ICmpPredicate::ugt:
      holds = a[i] > b[i];
      break;
    case LLVM::ICmpPredicate::uge:
      holds = a[i] >= b[i];
      break;
    }
    result[i] = holds;
  }
  return true;
}

/// Counts, reversals and the like: one operand.
template <Scalar S, uint64_t (*F)(uint64_t, int64_t, unsigned)>
static bool integerUnary(Thread &thread, const Instruction &instruction) {
  using Type = Integer<S>;
  using Storage = typename Type::Storage;
  const Storage *a = thread.slot<Storage>(instruction.operands[0]);
  Storage *result = thread.slot<Storage>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i)
    result[i] = Type::make(F(a[i], Type::asSigned(a[i]), Type::width));
  return true;
}

template <uint64_t (*F)(uint64_t, int64_t, unsigned)>
static Handler integerUnaryHandler(Scalar scalar) {
  return forInteger(scalar, [](auto tag) -> Handler {
    return integerUnary<decltype(tag)::value, F>;
  });
}

static uint64_t absolute(uint64_t a, int64_t s, unsigned) {
  return s < 0 ? -s : s;
}
static uint64_t countOnes(uint64_t a, int64_t, unsigned) {
  return __builtin_popcountll(a);
}
static uint64_t leadingZeros(uint64_t a, int64_t, unsigned width) {
  return a ? __builtin_clzll(a) - (64 - width) : width;
}
static uint64_t trailingZeros(uint64_t a, int64_t, unsigned width) {
  return a ? __builtin_ctzll(a) : width;
}
static uint64_t reverseBits(uint64_t a, int64_t, unsigned width) {
  return __builtin_bitreverse64(a) >> (64 - width);
}
static uint64_t swapBytes(uint64_t a, int64_t, unsigned width) {
  return __builtin_bswap64(a) >> (64 - width);
}

/// Funnel shifts: the high (low) half of a:b shifted left (right) by c.
template <Scalar S, bool Left>
static bool funnelShift(Thread &thread, const Instruction &instruction) {
  using Type = Integer<S>;
  using Storage = typename Type::Storage;
  const Storage *a = thread.slot<Storage>(instruction.operands[0]);
  const Storage *b = thread.slot<Storage>(instruction.operands[1]);
  const Storage *c = thread.slot<Storage>(instruction.operands[2]);
  Storage *result = thread.slot<Storage>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i) {
    unsigned shift = c[i] % Type::width;
    unsigned __int128 both =
        static_cast<unsigned __int128>(a[i]) << Type::width | b[i];
    result[i] = Type::make(static_cast<uint64_t>(
        Left ? (both << shift) >> Type::width : both >> shift));
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Floats
//===----------------------------------------------------------------------===//

namespace {
struct FloatAdd {
  template <typename T> T operator()(T a, T b) const { return a + b; }
};
struct FloatSubtract {
  template <typename T> T operator()(T a, T b) const { return a - b; }
};
struct FloatMultiply {
  template <typename T> T operator()(T a, T b) const { return a * b; }
};
struct FloatDivide {
  template <typename T> T operator()(T a, T b) const { return a / b; }
};
struct FloatRemainder {
  template <typename T> T operator()(T a, T b) const { return std::fmod(a, b); }
};
} // namespace

template <Scalar S, typename F>
static bool floatBinary(Thread &thread, const Instruction &instruction) {
  using Storage = typename Float<S>::Storage;
  using Compute = typename Float<S>::Compute;
  const Storage *a = thread.slot<Storage>(instruction.operands[0]);
  const Storage *b = thread.slot<Storage>(instruction.operands[1]);
  Storage *result = thread.slot<Storage>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i)
    result[i] = Storage(F()(Compute(a[i]), Compute(b[i])));
  return true;
}

template <typename F> static Handler floatBinaryHandler(Scalar scalar) {
  return forFloat(scalar, [](auto tag) -> Handler {
    return floatBinary<decltype(tag)::value, F>;
  });
}

/// Flips the sign bit, as fneg does for every value.
template <Scalar S>
static bool floatNegate(Thread &thread, const Instruction &instruction) {
  using Storage = typename Float<S>::Storage;
  const char *from = thread.slot<char>(instruction.operands[0]);
  char *to = thread.slot<char>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i) {
    char bytes[sizeof(Storage)];
    std::memcpy(bytes, from + i * sizeof(Storage), sizeof(Storage));
    bytes[sizeof(Storage) - 1] ^= static_cast<char>(0x80);
    std::memcpy(to + i * sizeof(Storage), bytes, sizeof(Storage));
  }
  return true;
}

template <Scalar S>
static bool floatCompare(Thread &thread, const Instruction &instruction) {
  using Storage = typename Float<S>::Storage;
  using Compute = typename Float<S>::Compute;
  const Storage *a = thread.slot<Storage>(instruction.operands[0]);
  const Storage *b = thread.slot<Storage>(instruction.operands[1]);
  uint8_t *result = thread.slot<uint8_t>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i) {
    Compute x = Compute(a[i]), y = Compute(b[i]);
    bool unordered = std::isnan(x) || std::isnan(y);
    bool holds = false;
    switch (static_cast<LLVM::FCmpPredicate>(instruction.immediate)) {
    case LLVM::FCmpPredicate::_false:
      holds = false;
      break;
    case LLVM::FCmpPredicate::oeq:
      holds = x == y;
      break;
    case LLVM::FCmpPredicate::ogt:
      holds = x > y;
      break;
    case LLVM::FCmpPredicate::oge:
      holds = x >= y;
      break;
    case LLVM::FCmpPredicate::olt:
      holds = x < y;
      break;
    case LLVM::FCmpPredicate::ole:
      holds = x <= y;
      break;
    case LLVM::FCmpPredicate::one:
      holds = !unordered && x != y;
      break;
    case LLVM::FCmpPredicate::ord:
      holds = !unordered;
      break;
    case LLVM::FCmpPredicate::ueq:
      holds = unordered || x == y;
      break;
    case LLVM::FCmpPredicate::ugt:
      holds = unordered || x > y;
      break;
    case LLVM::FCmpPredicate::uge:
      holds = unordered || x >= y;
      break;
    case LLVM::FCmpPredicate::ult:
      holds = unordered || x < y;
      break;
    case LLVM::FCmpPredicate::ule:
      holds = unordered || x <= y;
      break;
    case LLVM::FCmpPredicate::une:
      holds = x != y;
      break;
    case LLVM::FCmpPredicate::uno:
      holds = unordered;
      break;
    case LLVM::FCmpPredicate::_true:
      holds = true;
      break;
    }
    result[i] = holds;
  }
  return true;
}

/// operands[0] is one condition (immediate 0) or one for each element; count is
/// the number of elements, operands[3] holds the bytes of each.
static bool select(Thread &thread, const Instruction &instruction) {
  const uint8_t *condition = thread.slot<uint8_t>(instruction.operands[0]);
  uint32_t size = instruction.operands[3];
  for (uint32_t i = 0; i < instruction.count; ++i) {
    uint32_t from = condition[instruction.immediate ? i : 0] & 1
                        ? instruction.operands[1]
                        : instruction.operands[2];
    std::memcpy(thread.slot<char>(instruction.result) + i * size,
                thread.slot<char>(from) + i * size, size);
  }
  return true;
}

FailureOr<bool> FunctionCompiler::compileArithmetic(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0)
    return false;
  if (isa<LLVM::SelectOp>(op)) {
    Type conditionType = op->getOperand(0).getType();
    Instruction &instruction = emit(op, select);
    auto shape = scalarShapeOf(op->getResult(0).getType());
    instruction.immediate = isa<VectorType>(conditionType);
    instruction.count = instruction.immediate ? shape->count : 1;
    instruction.operands[3] = sizeOfSlot(op->getResult(0)) / instruction.count;
    return true;
  }
  auto shape = scalarShapeOf(op->getOperand(0).getType());
  if (!shape)
    return false;
  Scalar scalar = shape->scalar;
  int64_t immediate = 0;
  StringRef intrinsic = op->getName().getStringRef();
  if (!intrinsic.consume_front("llvm.intr."))
    intrinsic = "";
  Handler handler =
      llvm::TypeSwitch<Operation *, Handler>(op)
          .Case([&](LLVM::AddOp) { return integerBinaryHandler<add>(scalar); })
          .Case([&](LLVM::SubOp) {
            return integerBinaryHandler<subtract>(scalar);
          })
          .Case([&](LLVM::MulOp) {
            return integerBinaryHandler<multiply>(scalar);
          })
          .Case(
              [&](LLVM::AndOp) { return integerBinaryHandler<bitAnd>(scalar); })
          .Case([&](LLVM::OrOp) { return integerBinaryHandler<bitOr>(scalar); })
          .Case(
              [&](LLVM::XOrOp) { return integerBinaryHandler<bitXor>(scalar); })
          .Case([&](LLVM::ShlOp) {
            return integerBinaryHandler<shiftLeft>(scalar);
          })
          .Case([&](LLVM::LShrOp) {
            return integerBinaryHandler<shiftRight>(scalar);
          })
          .Case([&](LLVM::AShrOp) {
            return integerBinaryHandler<shiftRightSigned>(scalar);
          })
          .Case([&](LLVM::UDivOp) {
            return integerBinaryHandler<divideUnsigned, true>(scalar);
          })
          .Case([&](LLVM::SDivOp) {
            return integerBinaryHandler<divideSigned, true>(scalar);
          })
          .Case([&](LLVM::URemOp) {
            return integerBinaryHandler<remainderUnsigned, true>(scalar);
          })
          .Case([&](LLVM::SRemOp) {
            return integerBinaryHandler<remainderSigned, true>(scalar);
          })
          .Case([&](LLVM::ICmpOp compare) {
            immediate = static_cast<int64_t>(compare.getPredicate());
            return forInteger(scalar, [](auto tag) -> Handler {
              return integerCompare<decltype(tag)::value>;
            });
          })
          .Case([&](LLVM::FAddOp) {
            return floatBinaryHandler<FloatAdd>(scalar);
          })
          .Case([&](LLVM::FSubOp) {
            return floatBinaryHandler<FloatSubtract>(scalar);
          })
          .Case([&](LLVM::FMulOp) {
            return floatBinaryHandler<FloatMultiply>(scalar);
          })
          .Case([&](LLVM::FDivOp) {
            return floatBinaryHandler<FloatDivide>(scalar);
          })
          .Case([&](LLVM::FRemOp) {
            return floatBinaryHandler<FloatRemainder>(scalar);
          })
          .Case([&](LLVM::FNegOp) {
            return forFloat(scalar, [](auto tag) -> Handler {
              return floatNegate<decltype(tag)::value>;
            });
          })
          .Case([&](LLVM::FCmpOp compare) {
            immediate = static_cast<int64_t>(compare.getPredicate());
            return forFloat(scalar, [](auto tag) -> Handler {
              return floatCompare<decltype(tag)::value>;
            });
          })
          .Default([&](Operation *) -> Handler {
            if (intrinsic == "smin")
              return integerBinaryHandler<minSigned>(scalar);
            if (intrinsic == "smax")
              return integerBinaryHandler<maxSigned>(scalar);
            if (intrinsic == "umin")
              return integerBinaryHandler<minUnsigned>(scalar);
            if (intrinsic == "umax")
              return integerBinaryHandler<maxUnsigned>(scalar);
            if (intrinsic == "usub.sat")
              return integerBinaryHandler<subtractSaturating>(scalar);
            if (intrinsic == "abs")
              return integerUnaryHandler<absolute>(scalar);
            if (intrinsic == "ctpop")
              return integerUnaryHandler<countOnes>(scalar);
            if (intrinsic == "ctlz")
              return integerUnaryHandler<leadingZeros>(scalar);
            if (intrinsic == "cttz")
              return integerUnaryHandler<trailingZeros>(scalar);
            if (intrinsic == "bitreverse")
              return integerUnaryHandler<reverseBits>(scalar);
            if (intrinsic == "bswap")
              return integerUnaryHandler<swapBytes>(scalar);
            if (intrinsic == "fshl")
              return forInteger(scalar, [](auto tag) -> Handler {
                return funnelShift<decltype(tag)::value, true>;
              });
            if (intrinsic == "fshr")
              return forInteger(scalar, [](auto tag) -> Handler {
                return funnelShift<decltype(tag)::value, false>;
              });
            return nullptr;
          });
  if (!handler)
    return false;
  Instruction &instruction = emit(op, handler);
  instruction.count = shape->count;
  instruction.immediate = immediate;
  return true;
}

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

template <Scalar From, Scalar To, bool Signed>
static bool integerToInteger(Thread &thread, const Instruction &instruction) {
  auto *from =
      thread.slot<typename Integer<From>::Storage>(instruction.operands[0]);
  auto *to = thread.slot<typename Integer<To>::Storage>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i)
    to[i] = Integer<To>::make(Signed ? Integer<From>::asSigned(from[i])
                                     : uint64_t(from[i]));
  return true;
}

template <Scalar From, Scalar To>
static bool floatToFloat(Thread &thread, const Instruction &instruction) {
  using Source = typename Float<From>::Compute;
  auto *from =
      thread.slot<typename Float<From>::Storage>(instruction.operands[0]);
  auto *to = thread.slot<typename Float<To>::Storage>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i)
    to[i] = typename Float<To>::Storage(Source(from[i]));
  return true;
}

template <Scalar From, Scalar To, bool Signed>
static bool integerToFloat(Thread &thread, const Instruction &instruction) {
  using Target = typename Float<To>::Storage;
  auto *from =
      thread.slot<typename Integer<From>::Storage>(instruction.operands[0]);
  auto *to = thread.slot<Target>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i) {
    if constexpr (std::is_same_v<Target, float>)
      to[i] = Signed ? static_cast<float>(Integer<From>::asSigned(from[i]))
                     : static_cast<float>(uint64_t(from[i]));
    else
      to[i] =
          Target(Signed ? static_cast<double>(Integer<From>::asSigned(from[i]))
                        : static_cast<double>(uint64_t(from[i])));
  }
  return true;
}

/// Values out of range become the nearest number and NaN zero, as cvt does it.
template <Scalar From, Scalar To, bool Signed>
static bool floatToInteger(Thread &thread, const Instruction &instruction) {
  auto *from =
      thread.slot<typename Float<From>::Storage>(instruction.operands[0]);
  auto *to = thread.slot<typename Integer<To>::Storage>(instruction.result);
  constexpr unsigned width = Integer<To>::width;
  for (uint32_t i = 0; i < instruction.count; ++i) {
    double value =
        std::trunc(static_cast<double>(typename Float<From>::Compute(from[i])));
    double low = Signed ? -std::ldexp(1.0, width - 1) : 0.0;
    double high = std::ldexp(1.0, Signed ? width - 1 : width);
    uint64_t whole;
    if (std::isnan(value))
      whole = 0;
    else if (value < low)
      whole = Signed ? uint64_t(1) << (width - 1) : 0;
    else if (value >= high)
      whole =
          ~uint64_t(0) >> (Signed ? std::min(63u, 64 - width + 1) : 64 - width);
    else
      whole = Signed ? static_cast<uint64_t>(static_cast<int64_t>(value))
                     : static_cast<uint64_t>(value);
    to[i] = Integer<To>::make(whole);
  }
  return true;
}

static bool copyBytes(Thread &thread, const Instruction &instruction) {
  std::memcpy(thread.slot<char>(instruction.result),
              thread.slot<char>(instruction.operands[0]), instruction.count);
  return true;
}

/// Bits of a vector of booleans, first element lowest, to or from an integer.
static bool packBits(Thread &thread, const Instruction &instruction) {
  const uint8_t *bits = thread.slot<uint8_t>(instruction.operands[0]);
  uint8_t *bytes = thread.slot<uint8_t>(instruction.result);
  std::memset(bytes, 0, (instruction.count + 7) / 8);
  for (uint32_t i = 0; i < instruction.count; ++i)
    bytes[i / 8] |= (bits[i] & 1) << (i % 8);
  return true;
}

static bool unpackBits(Thread &thread, const Instruction &instruction) {
  const uint8_t *bytes = thread.slot<uint8_t>(instruction.operands[0]);
  uint8_t *bits = thread.slot<uint8_t>(instruction.result);
  for (uint32_t i = 0; i < instruction.count; ++i)
    bits[i] = bytes[i / 8] >> (i % 8) & 1;
  return true;
}

/// operands[1], operands[2]: the address spaces from and to.
static bool castAddressSpace(Thread &thread, const Instruction &instruction) {
  uint64_t address = thread.get<uint64_t>(instruction.operands[0]);
  auto from = static_cast<AddressSpace>(instruction.operands[1]);
  auto to = static_cast<AddressSpace>(instruction.operands[2]);
  auto isShared = [](AddressSpace space) {
    return space == AddressSpace::Shared ||
           space == AddressSpace::SharedCluster;
  };
  if (isShared(from) && to == AddressSpace::Generic) {
    address = uint32_t(address) | sharedWindow;
  } else if (from == AddressSpace::Generic && isShared(to)) {
    if (!(address & sharedWindow))
      thread.block->getEmulator().report(
          Fault::Other, thread, instruction.op,
          "the generic address is cast to shared memory but does not lie "
          "there");
    address &= ~sharedWindow;
  }
  thread.set<uint64_t>(instruction.result, address);
  return true;
}

/// immediate: the rounding mode; count: whether negative numbers become zero.
static bool convertToTF32(Thread &thread, const Instruction &instruction) {
  float value = thread.get<float>(instruction.operands[0]);
  if (instruction.count && value < 0)
    value = 0;
  uint32_t bits;
  switch (static_cast<NVVM::FPRoundingMode>(instruction.immediate)) {
  case NVVM::FPRoundingMode::RZ:
    bits = bitsOf(truncateToTF32(bitsOf(value)));
    break;
  case NVVM::FPRoundingMode::RN:
    bits = roundToTF32Even(value);
    break;
  default:
    bits = roundToTF32(value);
    break;
  }
  thread.set<uint32_t>(instruction.result, bits);
  return true;
}

/// Two floats to a vector of two: the first operand is the upper element.
template <typename T>
static bool convertPair(Thread &thread, const Instruction &instruction) {
  for (unsigned i = 0; i < 2; ++i) {
    float value = thread.get<float>(instruction.operands[1 - i]);
    thread.set(instruction.result + 2 * i,
               T(instruction.count && value < 0 ? 0.0f : value));
  }
  return true;
}

FailureOr<bool> FunctionCompiler::compileConversion(Operation *op) {
  if (auto convert = dyn_cast<NVVM::ConvertFloatToTF32Op>(op)) {
    Instruction &instruction = emit(op, convertToTF32);
    instruction.immediate = static_cast<int64_t>(convert.getRnd());
    instruction.count = convert.getRelu();
    return true;
  }
  auto pair = [&](auto convert, Handler handler) -> FailureOr<bool> {
    if (convert.getRandomBits() || convert.getRnd() == NVVM::FPRoundingMode::RZ)
      return op->emitError("the emulator rounds to the nearest here only");
    emit(op, handler).count = convert.getRelu();
    return true;
  };
  if (auto convert = dyn_cast<NVVM::ConvertF32x2ToF16x2Op>(op))
    return pair(convert, convertPair<Half>);
  if (auto convert = dyn_cast<NVVM::ConvertF32x2ToBF16x2Op>(op))
    return pair(convert, convertPair<BFloat>);
  if (!isa<LLVM::ZExtOp, LLVM::SExtOp, LLVM::TruncOp, LLVM::FPExtOp,
           LLVM::FPTruncOp, LLVM::SIToFPOp, LLVM::UIToFPOp, LLVM::FPToSIOp,
           LLVM::FPToUIOp, LLVM::BitcastOp, LLVM::FreezeOp,
           LLVM::AddrSpaceCastOp, LLVM::IntToPtrOp, LLVM::PtrToIntOp>(op))
    return false;
  if (auto cast = dyn_cast<LLVM::AddrSpaceCastOp>(op)) {
    auto space = [](Value pointer) {
      return mlir::cast<LLVM::LLVMPointerType>(pointer.getType())
          .getAddressSpace();
    };
    Instruction &instruction = emit(op, castAddressSpace);
    instruction.operands[1] = space(cast.getArg());
    instruction.operands[2] = space(cast.getRes());
    return true;
  }
  auto from = scalarShapeOf(op->getOperand(0).getType());
  auto to = scalarShapeOf(op->getResult(0).getType());
  if (isa<LLVM::BitcastOp, LLVM::FreezeOp>(op)) {
    bool fromBits = from && from->scalar == Scalar::I1 && from->count > 1;
    bool toBits = to && to->scalar == Scalar::I1 && to->count > 1;
    Instruction &instruction =
        emit(op, fromBits == toBits ? copyBytes
                                    : (fromBits ? packBits : unpackBits));
    instruction.count = fromBits == toBits ? sizeOfSlot(op->getResult(0))
                        : fromBits         ? from->count
                                           : to->count;
    return true;
  }
  if (!from || !to)
    return false;
  bool isSigned = isa<LLVM::SExtOp, LLVM::SIToFPOp, LLVM::FPToSIOp>(op);
  auto dispatch = [&](auto forFrom, auto forTo, auto make) {
    return forFrom(from->scalar, [&](auto source) -> Handler {
      return forTo(to->scalar, [&](auto target) -> Handler {
        return make(source, target);
      });
    });
  };
  auto integers = [](Scalar s, auto body) { return forInteger(s, body); };
  auto floats = [](Scalar s, auto body) { return forFloat(s, body); };
  Handler handler;
  if (isFloat(from->scalar) && isFloat(to->scalar))
    handler = dispatch(floats, floats, [](auto a, auto b) -> Handler {
      return floatToFloat<decltype(a)::value, decltype(b)::value>;
    });
  else if (isFloat(from->scalar))
    handler = dispatch(floats, integers, [&](auto a, auto b) -> Handler {
      constexpr Scalar s = decltype(a)::value, t = decltype(b)::value;
      return isSigned ? floatToInteger<s, t, true>
                      : floatToInteger<s, t, false>;
    });
  else if (isFloat(to->scalar))
    handler = dispatch(integers, floats, [&](auto a, auto b) -> Handler {
      constexpr Scalar s = decltype(a)::value, t = decltype(b)::value;
      return isSigned ? integerToFloat<s, t, true>
                      : integerToFloat<s, t, false>;
    });
  else
    handler = dispatch(integers, integers, [&](auto a, auto b) -> Handler {
      constexpr Scalar s = decltype(a)::value, t = decltype(b)::value;
      return isSigned ? integerToInteger<s, t, true>
                      : integerToInteger<s, t, false>;
    });
  emit(op, handler).count = from->count;
  return true;
}
