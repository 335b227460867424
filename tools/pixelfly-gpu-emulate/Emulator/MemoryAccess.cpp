//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads, stores, addresses, atomics, copies of memory.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

static AddressSpace spaceOf(Value pointer) {
  return static_cast<AddressSpace>(
      cast<LLVM::LLVMPointerType>(pointer.getType()).getAddressSpace());
}

/// `immediate` of memory accesses: alignment and address space.
static int64_t packAccess(uint32_t alignment, AddressSpace space) {
  return alignment | static_cast<int64_t>(space) << 32;
}

static uint32_t alignmentOf(const Instruction &instruction) {
  return static_cast<uint32_t>(instruction.immediate);
}

static AddressSpace spaceOf(const Instruction &instruction) {
  return static_cast<AddressSpace>(instruction.immediate >> 32);
}

static bool load(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  block.read(thread, instruction, thread.get<uint64_t>(instruction.operands[0]),
             spaceOf(instruction), instruction.count, alignmentOf(instruction),
             thread.slot<char>(instruction.result));
  return !block.getEmulator().mustStop();
}

static bool store(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  block.write(thread, instruction,
              thread.get<uint64_t>(instruction.operands[1]),
              spaceOf(instruction), instruction.count, alignmentOf(instruction),
              thread.slot<char>(instruction.operands[0]));
  return !block.getEmulator().mustStop();
}

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

namespace {
struct Term {
  uint32_t slot, size;
  int64_t stride;
};
} // namespace

static bool computeAddress(Thread &thread, const Instruction &instruction) {
  uint64_t address =
      thread.get<uint64_t>(instruction.operands[0]) + instruction.immediate;
  for (const Term &term :
       *static_cast<const std::vector<Term> *>(instruction.extra)) {
    int64_t index = term.size == 8   ? thread.get<int64_t>(term.slot)
                    : term.size == 4 ? thread.get<int32_t>(term.slot)
                    : term.size == 2 ? thread.get<int16_t>(term.slot)
                                     : thread.get<int8_t>(term.slot);
    address += index * term.stride;
  }
  thread.set<uint64_t>(instruction.result, address);
  return true;
}

/// Reserves operands[1] (count, of `count` bytes) elements of operands[2]
/// bytes.
static bool allocateLocal(Thread &thread, const Instruction &instruction) {
  uint64_t number = 0;
  std::memcpy(&number, thread.slot<char>(instruction.operands[0]),
              instruction.count);
  uint64_t alignment = instruction.immediate;
  uint64_t size = number * instruction.operands[2];
  // The first bytes stay unused, so that no object lies at a null address.
  uint64_t offset = std::max<uint64_t>(thread.local.size(), 16);
  offset = (offset + alignment - 1) / alignment * alignment;
  thread.local.resize(offset + size);
  thread.localObjects.push_back({offset, size});
  thread.set<uint64_t>(instruction.result, offset | localWindow);
  return true;
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

template <Scalar S>
static bool atomicInteger(Thread &thread, const Instruction &instruction) {
  using Type = Integer<S>;
  using Storage = typename Type::Storage;
  Storage b = thread.get<Storage>(instruction.operands[1]);
  Storage old = 0;
  thread.block->modify(
      thread, instruction, thread.get<uint64_t>(instruction.operands[0]),
      spaceOf(instruction), sizeof(Storage), [&](char *bytes) {
        std::memcpy(&old, bytes, sizeof(Storage));
        Storage value = old;
        switch (static_cast<LLVM::AtomicBinOp>(instruction.count)) {
        case LLVM::AtomicBinOp::xchg:
          value = b;
          break;
        case LLVM::AtomicBinOp::add:
          value = old + b;
          break;
        case LLVM::AtomicBinOp::sub:
          value = old - b;
          break;
        case LLVM::AtomicBinOp::_and:
          value = old & b;
          break;
        case LLVM::AtomicBinOp::nand:
          value = ~(old & b);
          break;
        case LLVM::AtomicBinOp::_or:
          value = old | b;
          break;
        case LLVM::AtomicBinOp::_xor:
          value = old ^ b;
          break;
        case LLVM::AtomicBinOp::max:
          value = Type::asSigned(old) > Type::asSigned(b) ? old : b;
          break;
        case LLVM::AtomicBinOp::min:
          value = Type::asSigned(old) < Type::asSigned(b) ? old : b;
          break;
        case LLVM::AtomicBinOp::umax:
          value = std::max(old, b);
          break;
        case LLVM::AtomicBinOp::umin:
          value = std::min(old, b);
          break;
        case LLVM::AtomicBinOp::uinc_wrap:
          value = old >= b ? 0 : old + 1;
          break;
        case LLVM::AtomicBinOp::udec_wrap:
          value = old == 0 || old > b ? b : old - 1;
          break;
        default:
          break;
        }
        std::memcpy(bytes, &value, sizeof(Storage));
      });
  thread.set<Storage>(instruction.result, old);
  return !thread.block->getEmulator().mustStop();
}

template <Scalar S>
static bool atomicFloat(Thread &thread, const Instruction &instruction) {
  using Storage = typename Float<S>::Storage;
  using Compute = typename Float<S>::Compute;
  Compute b = Compute(thread.get<Storage>(instruction.operands[1]));
  Storage old = Storage(Compute(0));
  thread.block->modify(
      thread, instruction, thread.get<uint64_t>(instruction.operands[0]),
      spaceOf(instruction), sizeof(Storage), [&](char *bytes) {
        std::memcpy(&old, bytes, sizeof(Storage));
        Compute a = Compute(old), value = a;
        switch (static_cast<LLVM::AtomicBinOp>(instruction.count)) {
        case LLVM::AtomicBinOp::xchg:
          value = b;
          break;
        case LLVM::AtomicBinOp::fadd:
          value = a + b;
          break;
        case LLVM::AtomicBinOp::fsub:
          value = a - b;
          break;
        case LLVM::AtomicBinOp::fmax:
          value = std::fmax(a, b);
          break;
        case LLVM::AtomicBinOp::fmin:
          value = std::fmin(a, b);
          break;
        default:
          break;
        }
        Storage stored(value);
        std::memcpy(bytes, &stored, sizeof(Storage));
      });
  thread.set<Storage>(instruction.result, old);
  return !thread.block->getEmulator().mustStop();
}

/// The result is a structure of the old value and, `count` bytes on, whether it
/// was the expected one.
template <Scalar S>
static bool compareExchange(Thread &thread, const Instruction &instruction) {
  using Storage = typename Integer<S>::Storage;
  Storage expected = thread.get<Storage>(instruction.operands[1]);
  Storage desired = thread.get<Storage>(instruction.operands[2]);
  Storage old = 0;
  thread.block->modify(thread, instruction,
                       thread.get<uint64_t>(instruction.operands[0]),
                       spaceOf(instruction), sizeof(Storage), [&](char *bytes) {
                         std::memcpy(&old, bytes, sizeof(Storage));
                         if (old == expected)
                           std::memcpy(bytes, &desired, sizeof(Storage));
                       });
  thread.set<Storage>(instruction.result, old);
  thread.set<uint8_t>(instruction.result + instruction.count, old == expected);
  return !thread.block->getEmulator().mustStop();
}

//===----------------------------------------------------------------------===//
// Blocks of memory
//===----------------------------------------------------------------------===//

namespace {
struct MemoryCopy {
  AddressSpace to, from;
  uint32_t lengthSize;
};
} // namespace

template <bool IsFill>
static bool copyMemory(Thread &thread, const Instruction &instruction) {
  const auto &copy = *static_cast<const MemoryCopy *>(instruction.extra);
  uint64_t length = 0;
  std::memcpy(&length, thread.slot<char>(instruction.operands[2]),
              copy.lengthSize);
  uint64_t to = thread.get<uint64_t>(instruction.operands[0]);
  for (uint64_t i = 0; i < length; ++i) {
    char byte = thread.get<char>(instruction.operands[1]);
    if (!IsFill &&
        !thread.block->read(thread, instruction,
                            thread.get<uint64_t>(instruction.operands[1]) + i,
                            copy.from, 1, 1, &byte))
      break;
    if (!thread.block->write(thread, instruction, to + i, copy.to, 1, 1, &byte))
      break;
  }
  return !thread.block->getEmulator().mustStop();
}

FailureOr<bool> FunctionCompiler::compileMemory(Operation *op) {
  auto isBitVector = [](Type type) {
    auto shape = scalarShapeOf(type);
    return shape && shape->scalar == Scalar::I1 && shape->count > 1;
  };
  auto access = [&](Operation *op, Handler handler, Value pointer, Type type,
                    std::optional<uint64_t> alignment) {
    TypeLayout layout = *layoutOf(type);
    Instruction &instruction = emit(op, handler);
    instruction.count = layout.size;
    instruction.immediate =
        packAccess(alignment.value_or(layout.alignment), spaceOf(pointer));
  };
  if (auto loaded = dyn_cast<LLVM::LoadOp>(op)) {
    if (isBitVector(loaded.getType()))
      return op->emitError("the emulator does not load vectors of i1");
    access(op, load, loaded.getAddr(), loaded.getType(), loaded.getAlignment());
    return true;
  }
  if (auto stored = dyn_cast<LLVM::StoreOp>(op)) {
    Type type = stored.getValue().getType();
    if (isBitVector(type))
      return op->emitError("the emulator does not store vectors of i1");
    access(op, store, stored.getAddr(), type, stored.getAlignment());
    return true;
  }
  if (auto address = dyn_cast<LLVM::GEPOp>(op)) {
    if (isa<VectorType>(address.getType()))
      return op->emitError(
          "the emulator does not compute vectors of addresses");
    std::vector<Term> terms;
    int64_t offset = 0;
    Type type = address.getElemType();
    bool first = true;
    for (auto index : address.getIndices()) {
      Type inner = type;
      int64_t stride = 0;
      auto constant = dyn_cast<IntegerAttr>(index);
      if (first || !isa<LLVM::LLVMStructType>(type)) {
        if (!first)
          inner = fieldOf(type, 0).second;
        FailureOr<TypeLayout> layout = layoutOf(inner);
        if (failed(layout))
          return op->emitError("the emulator does not know type ") << inner;
        stride = (layout->size + layout->alignment - 1) / layout->alignment *
                 layout->alignment;
        if (constant)
          offset += constant.getInt() * stride;
      } else {
        auto [at, field] = fieldOf(type, constant.getInt());
        offset += at;
        inner = field;
      }
      if (!constant) {
        Value value = cast<Value>(index);
        terms.push_back({slotOf(value), sizeOfSlot(value), stride});
      }
      type = inner;
      first = false;
    }
    Instruction &instruction = emit(op, computeAddress);
    instruction.immediate = offset;
    instruction.extra = program.keep(std::move(terms));
    return true;
  }
  if (auto alloca = dyn_cast<LLVM::AllocaOp>(op)) {
    FailureOr<TypeLayout> layout = layoutOf(alloca.getElemType());
    if (failed(layout))
      return op->emitError("the emulator does not know type ")
             << alloca.getElemType();
    Instruction &instruction = emit(op, allocateLocal);
    instruction.count = sizeOfSlot(alloca.getArraySize());
    instruction.operands[2] = layout->size;
    instruction.immediate = std::max<uint64_t>(
        alloca.getAlignment().value_or(0), layout->alignment);
    return true;
  }
  if (auto atomic = dyn_cast<LLVM::AtomicRMWOp>(op)) {
    auto shape = scalarShapeOf(atomic.getType());
    if (!shape || shape->count != 1)
      return op->emitError("the emulator has no atomics of this type");
    Handler handler = isFloat(shape->scalar)
                          ? forFloat(shape->scalar,
                                     [](auto tag) -> Handler {
                                       return atomicFloat<decltype(tag)::value>;
                                     })
                          : forInteger(shape->scalar, [](auto tag) -> Handler {
                              return atomicInteger<decltype(tag)::value>;
                            });
    Instruction &instruction = emit(op, handler);
    instruction.count = static_cast<uint32_t>(atomic.getBinOp());
    instruction.immediate = packAccess(0, spaceOf(atomic.getPtr()));
    return true;
  }
  if (auto exchange = dyn_cast<LLVM::AtomicCmpXchgOp>(op)) {
    auto shape = scalarShapeOf(exchange.getVal().getType());
    if (!shape || isFloat(shape->scalar))
      return op->emitError("the emulator has no atomics of this type");
    Instruction &instruction =
        emit(op, forInteger(shape->scalar, [](auto tag) -> Handler {
               return compareExchange<decltype(tag)::value>;
             }));
    instruction.count = fieldOf(exchange.getType(), 1).first;
    instruction.immediate = packAccess(0, spaceOf(exchange.getPtr()));
    return true;
  }
  StringRef name = op->getName().getStringRef();
  if (name.starts_with("llvm.intr.mem")) {
    bool isFill = name.starts_with("llvm.intr.memset");
    if (!isFill && !name.starts_with("llvm.intr.memcpy"))
      return false;
    Instruction &instruction =
        emit(op, isFill ? copyMemory<true> : copyMemory<false>);
    uint32_t lengthSize =
        op->getNumOperands() > 2 ? sizeOfSlot(op->getOperand(2)) : 0;
    if (auto length = op->getAttrOfType<IntegerAttr>("len")) {
      uint64_t value = length.getValue().getZExtValue();
      instruction.operands[2] = constantSlot(&value, sizeof(value));
      lengthSize = sizeof(value);
    }
    instruction.extra = program.keep(
        MemoryCopy{spaceOf(op->getOperand(0)),
                   isFill ? AddressSpace::Generic : spaceOf(op->getOperand(1)),
                   lengthSize});
    return true;
  }
  return false;
}
