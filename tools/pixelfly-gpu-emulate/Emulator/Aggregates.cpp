//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Vectors, structures and arrays in slots: parts of them move as bytes.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

/// Copies `count` bytes from `immediate` bytes into the operand.
static bool extractField(Thread &thread, const Instruction &instruction) {
  std::memcpy(thread.slot<char>(instruction.result),
              thread.slot<char>(instruction.operands[0]) +
                  instruction.immediate,
              instruction.count);
  return true;
}

/// The aggregate operands[0] of operands[2] bytes with `count` bytes at
/// `immediate` taken from operands[1].
static bool insertField(Thread &thread, const Instruction &instruction) {
  char *result = thread.slot<char>(instruction.result);
  std::memcpy(result, thread.slot<char>(instruction.operands[0]),
              instruction.operands[2]);
  std::memcpy(result + instruction.immediate,
              thread.slot<char>(instruction.operands[1]), instruction.count);
  return true;
}

/// The index of a vector's element, reported where it is past the end.
static std::optional<uint64_t> elementIndex(Thread &thread,
                                            const Instruction &instruction,
                                            uint32_t slot, uint32_t indexSize,
                                            uint32_t numElements) {
  uint64_t index = 0;
  std::memcpy(&index, thread.slot<char>(slot), indexSize);
  if (index < numElements)
    return index;
  thread.block->getEmulator().report(
      Fault::OutOfBounds, thread, instruction.op,
      "element " + Twine(index) + " of a vector with " + Twine(numElements));
  return std::nullopt;
}

namespace {
struct ElementAccess {
  uint32_t vectorSize, elementSize, indexSize, numElements;
};
} // namespace

static bool extractElement(Thread &thread, const Instruction &instruction) {
  const auto &access = *static_cast<const ElementAccess *>(instruction.extra);
  if (auto index = elementIndex(thread, instruction, instruction.operands[1],
                                access.indexSize, access.numElements))
    std::memcpy(thread.slot<char>(instruction.result),
                thread.slot<char>(instruction.operands[0]) +
                    *index * access.elementSize,
                access.elementSize);
  return true;
}

static bool insertElement(Thread &thread, const Instruction &instruction) {
  const auto &access = *static_cast<const ElementAccess *>(instruction.extra);
  char *result = thread.slot<char>(instruction.result);
  std::memcpy(result, thread.slot<char>(instruction.operands[0]),
              access.vectorSize);
  if (auto index = elementIndex(thread, instruction, instruction.operands[2],
                                access.indexSize, access.numElements))
    std::memcpy(result + *index * access.elementSize,
                thread.slot<char>(instruction.operands[1]), access.elementSize);
  return true;
}

/// Copies pieces of two vectors; `extra` holds them as (operand slot, ...)
/// copies whose `to` counts from the result.
static bool shuffle(Thread &thread, const Instruction &instruction) {
  const auto &pieces =
      *static_cast<const std::vector<SlotCopy> *>(instruction.extra);
  char *result = thread.slot<char>(instruction.result);
  for (const SlotCopy &piece : pieces)
    std::memcpy(result + piece.to, thread.slot<char>(piece.from), piece.size);
  return true;
}

FailureOr<bool> FunctionCompiler::compileAggregate(Operation *op) {
  auto locate = [](Type type, ArrayRef<int64_t> position) {
    uint64_t offset = 0;
    for (int64_t index : position) {
      auto [at, field] = fieldOf(type, index);
      offset += at;
      type = field;
    }
    return offset;
  };
  if (auto extract = dyn_cast<LLVM::ExtractValueOp>(op)) {
    Instruction &instruction = emit(op, extractField);
    instruction.immediate =
        locate(extract.getContainer().getType(), extract.getPosition());
    instruction.count = sizeOfSlot(extract.getRes());
    return true;
  }
  if (auto insert = dyn_cast<LLVM::InsertValueOp>(op)) {
    Instruction &instruction = emit(op, insertField);
    instruction.operands[0] = slotOf(insert.getContainer());
    instruction.operands[1] = slotOf(insert.getValue());
    instruction.operands[2] = sizeOfSlot(insert.getContainer());
    instruction.immediate =
        locate(insert.getContainer().getType(), insert.getPosition());
    instruction.count = sizeOfSlot(insert.getValue());
    return true;
  }
  auto accessOf = [&](Value vector, Value element, Value index) {
    uint32_t size = sizeOfSlot(vector), part = sizeOfSlot(element);
    return program.keep(
        ElementAccess{size, part, sizeOfSlot(index), size / part});
  };
  if (auto extract = dyn_cast<LLVM::ExtractElementOp>(op)) {
    emit(op, extractElement).extra =
        accessOf(extract.getVector(), extract.getRes(), extract.getPosition());
    return true;
  }
  if (auto insert = dyn_cast<LLVM::InsertElementOp>(op)) {
    emit(op, insertElement).extra =
        accessOf(insert.getRes(), insert.getValue(), insert.getPosition());
    return true;
  }
  if (auto shuffled = dyn_cast<LLVM::ShuffleVectorOp>(op)) {
    auto from = cast<VectorType>(shuffled.getV1().getType());
    uint32_t elements = from.getNumElements();
    uint32_t size = sizeOfSlot(shuffled.getV1()) / elements;
    std::vector<SlotCopy> pieces;
    for (auto [to, index] : llvm::enumerate(shuffled.getMask())) {
      if (index < 0)
        continue;
      uint32_t base = uint32_t(index) < elements ? slotOf(shuffled.getV1())
                                                 : slotOf(shuffled.getV2());
      pieces.push_back({base + (index % elements) * size,
                        static_cast<uint32_t>(to) * size, size});
    }
    emit(op, shuffle).extra = program.keep(std::move(pieces));
    return true;
  }
  StringRef name = op->getName().getStringRef();
  if (name == "llvm.intr.vector.extract" || name == "llvm.intr.vector.insert") {
    bool isInsert = name.ends_with("insert");
    Value vector = op->getOperand(0), part = op->getResult(0);
    if (isInsert)
      part = op->getOperand(1);
    int64_t position = op->getAttrOfType<IntegerAttr>("pos").getInt();
    Instruction &instruction = emit(op, isInsert ? insertField : extractField);
    uint32_t elements = cast<VectorType>(vector.getType()).getNumElements();
    instruction.operands[2] = sizeOfSlot(vector);
    instruction.immediate = position * (sizeOfSlot(vector) / elements);
    instruction.count = sizeOfSlot(part);
    return true;
  }
  return false;
}
