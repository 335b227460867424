//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Makes the flat instructions of one function. Internal to the emulator: each
// compile... member stands in a file of its own beside the handlers it emits.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_FUNCTIONCOMPILER_H
#define PIXELFLY_GPU_EMULATE_FUNCTIONCOMPILER_H

#include "Emulator/Machine.h"
#include "Emulator/NumberFormats.h"
#include "Emulator/Program.h"

#include "llvm/ADT/DenseMap.h"

namespace mlir::pixelfly::emulator {

/// The scalar types that instructions know. Pointers are 64-bit integers.
enum class Scalar { I1, I8, I16, I32, I64, F16, BF16, F32, F64 };

/// A scalar, or a vector of `count` of them.
struct ScalarShape {
  Scalar scalar;
  uint32_t count;
};

/// The scalar shape of an integer, float, pointer or vector type, else nothing.
std::optional<ScalarShape> scalarShapeOf(Type type);

inline bool isFloat(Scalar scalar) { return scalar >= Scalar::F16; }

inline unsigned sizeOf(Scalar scalar) {
  switch (scalar) {
  case Scalar::I1:
  case Scalar::I8:
    return 1;
  case Scalar::I16:
  case Scalar::F16:
  case Scalar::BF16:
    return 2;
  case Scalar::I32:
  case Scalar::F32:
    return 4;
  case Scalar::I64:
  case Scalar::F64:
    return 8;
  }
  return 0;
}

/// How an integer type lies in a slot and how it widens.
template <Scalar S> struct Integer;
template <> struct Integer<Scalar::I1> {
  using Storage = uint8_t;
  static constexpr unsigned width = 1;
  static int64_t asSigned(Storage value) { return -int64_t(value & 1); }
  static Storage make(uint64_t value) { return value & 1; }
};
template <typename T> struct IntegerOf {
  using Storage = T;
  static constexpr unsigned width = 8 * sizeof(T);
  static int64_t asSigned(Storage value) {
    return std::make_signed_t<T>(value);
  }
  static Storage make(uint64_t value) { return static_cast<T>(value); }
};
template <> struct Integer<Scalar::I8> : IntegerOf<uint8_t> {};
template <> struct Integer<Scalar::I16> : IntegerOf<uint16_t> {};
template <> struct Integer<Scalar::I32> : IntegerOf<uint32_t> {};
template <> struct Integer<Scalar::I64> : IntegerOf<uint64_t> {};

/// How a float type lies in a slot and in which type it is computed.
template <Scalar S> struct Float;
template <> struct Float<Scalar::F16> {
  using Storage = Half;
  using Compute = float;
};
template <> struct Float<Scalar::BF16> {
  using Storage = BFloat;
  using Compute = float;
};
template <> struct Float<Scalar::F32> {
  using Storage = float;
  using Compute = float;
};
template <> struct Float<Scalar::F64> {
  using Storage = double;
  using Compute = double;
};

template <Scalar S> using ScalarTag = std::integral_constant<Scalar, S>;

/// Calls `body` with the tag of an integer scalar; a null result for others.
template <typename Body> Handler forInteger(Scalar scalar, Body body) {
  switch (scalar) {
  case Scalar::I1:
    return body(ScalarTag<Scalar::I1>());
  case Scalar::I8:
    return body(ScalarTag<Scalar::I8>());
  case Scalar::I16:
    return body(ScalarTag<Scalar::I16>());
  case Scalar::I32:
    return body(ScalarTag<Scalar::I32>());
  case Scalar::I64:
    return body(ScalarTag<Scalar::I64>());
  default:
    return nullptr;
  }
}

/// The same for float scalars.
template <typename Body> Handler forFloat(Scalar scalar, Body body) {
  switch (scalar) {
  case Scalar::F16:
    return body(ScalarTag<Scalar::F16>());
  case Scalar::BF16:
    return body(ScalarTag<Scalar::BF16>());
  case Scalar::F32:
    return body(ScalarTag<Scalar::F32>());
  case Scalar::F64:
    return body(ScalarTag<Scalar::F64>());
  default:
    return nullptr;
  }
}

/// Handlers of this kind stop the thread until its warp has gathered.
bool waitForWarp(Thread &thread, const Instruction &instruction);

/// The handler of a function of the device library or a math intrinsic, by name
/// ("exp" for llvm.intr.exp, "__nv_expf" for a call) and scalar; null if
/// unknown. `arity` gets its number of operands.
Handler findMathFunction(StringRef name, Scalar scalar, unsigned &arity);

class FunctionCompiler {
public:
  FunctionCompiler(Program &program, Function &function)
      : program(program), function(function) {}

  LogicalResult run();

private:
  // Each returns whether the operation was one of its kind.
  FailureOr<bool> compileConstant(Operation *op);
  FailureOr<bool> compileControl(Operation *op);
  FailureOr<bool> compileArithmetic(Operation *op);
  FailureOr<bool> compileConversion(Operation *op);
  FailureOr<bool> compileAggregate(Operation *op);
  FailureOr<bool> compileMath(Operation *op);
  FailureOr<bool> compileMemory(Operation *op);
  FailureOr<bool> compileSynchronization(Operation *op);
  FailureOr<bool> compileWarp(Operation *op);
  FailureOr<bool> compileMatrix(Operation *op);
  FailureOr<bool> compileBulkCopy(Operation *op);
  FailureOr<bool> compileWarpGroup(Operation *op);

  LogicalResult compile(Operation *op);
  LogicalResult compileCall(LLVM::CallOp call);
  void emitBranch(Operation *op, mlir::Block *target, OperandRange operands);

  /// A new slot of `size` bytes.
  uint32_t newSlot(uint64_t size) {
    uint32_t slot = function.frameSize;
    function.frameSize += (size + 7) & ~uint64_t(7);
    return slot;
  }
  /// The slot of a value; made where it has none yet.
  uint32_t slotOf(Value value);
  uint32_t sizeOfSlot(Value value) { return layoutOf(value.getType())->size; }

  /// A slot that holds the constant bytes in every frame.
  uint32_t constantSlot(const void *bytes, uint64_t size);

  /// Appends an instruction with the slots of the operation's first operands
  /// and of its result, if it has one.
  Instruction &emit(Operation *op, Handler handler);
  Instruction &emitCollective(Operation *op, Collective collective,
                              Participants participants);

  Program &program;
  Function &function;
  llvm::DenseMap<Value, uint32_t> slots;
  std::vector<std::pair<uint32_t, std::vector<char>>> constants;
  llvm::DenseMap<mlir::Block *, uint32_t> starts;
  struct Jump {
    uint32_t instruction;
    mlir::Block *target;
  };
  std::vector<Jump> jumps;
};

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_FUNCTIONCOMPILER_H
