//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulator/Program.h"

#include "Emulator/FunctionCompiler.h"
#include "Emulator/InlineAssembly.h"
#include "Emulator/Memory.h"

#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

//===----------------------------------------------------------------------===//
// Types and constants
//===----------------------------------------------------------------------===//

static uint64_t alignTo(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

std::optional<ScalarShape> emulator::scalarShapeOf(Type type) {
  uint32_t count = 1;
  if (auto vector = dyn_cast<VectorType>(type)) {
    if (vector.isScalable() || vector.getRank() != 1)
      return std::nullopt;
    count = vector.getNumElements();
    type = vector.getElementType();
  }
  if (isa<LLVM::LLVMPointerType>(type))
    return ScalarShape{Scalar::I64, count};
  if (type.isF16())
    return ScalarShape{Scalar::F16, count};
  if (type.isBF16())
    return ScalarShape{Scalar::BF16, count};
  if (type.isF32())
    return ScalarShape{Scalar::F32, count};
  if (type.isF64())
    return ScalarShape{Scalar::F64, count};
  if (auto integer = dyn_cast<IntegerType>(type)) {
    switch (integer.getWidth()) {
    case 1:
      return ScalarShape{Scalar::I1, count};
    case 8:
      return ScalarShape{Scalar::I8, count};
    case 16:
      return ScalarShape{Scalar::I16, count};
    case 32:
      return ScalarShape{Scalar::I32, count};
    case 64:
      return ScalarShape{Scalar::I64, count};
    default:
      return std::nullopt;
    }
  }
  return std::nullopt;
}

FailureOr<TypeLayout> emulator::layoutOf(Type type) {
  if (auto shape = scalarShapeOf(type)) {
    uint64_t size = uint64_t(sizeOf(shape->scalar)) * shape->count;
    uint64_t alignment = 1;
    while (alignment < size)
      alignment *= 2;
    return TypeLayout{size, isa<VectorType>(type) ? alignment : size};
  }
  if (auto array = dyn_cast<LLVM::LLVMArrayType>(type)) {
    FailureOr<TypeLayout> element = layoutOf(array.getElementType());
    if (failed(element))
      return failure();
    uint64_t stride = alignTo(element->size, element->alignment);
    return TypeLayout{stride * array.getNumElements(), element->alignment};
  }
  if (auto structure = dyn_cast<LLVM::LLVMStructType>(type)) {
    TypeLayout layout;
    for (Type field : structure.getBody()) {
      FailureOr<TypeLayout> part = layoutOf(field);
      if (failed(part))
        return failure();
      uint64_t alignment = structure.isPacked() ? 1 : part->alignment;
      layout.size = alignTo(layout.size, alignment) + part->size;
      layout.alignment = std::max(layout.alignment, alignment);
    }
    layout.size = alignTo(layout.size, layout.alignment);
    return layout;
  }
  return failure();
}

std::pair<uint64_t, Type> emulator::fieldOf(Type aggregate, int64_t index) {
  if (auto array = dyn_cast<LLVM::LLVMArrayType>(aggregate)) {
    TypeLayout element = *layoutOf(array.getElementType());
    return {alignTo(element.size, element.alignment) * index,
            array.getElementType()};
  }
  if (auto vector = dyn_cast<VectorType>(aggregate))
    return {layoutOf(vector.getElementType())->size * index,
            vector.getElementType()};
  auto structure = cast<LLVM::LLVMStructType>(aggregate);
  uint64_t offset = 0;
  for (int64_t i = 0;; ++i) {
    Type field = structure.getBody()[i];
    TypeLayout part = *layoutOf(field);
    offset = alignTo(offset, structure.isPacked() ? 1 : part.alignment);
    if (i == index)
      return {offset, field};
    offset += part.size;
  }
}

static void writeBits(const APInt &bits, unsigned size, char *bytes) {
  uint64_t value = bits.getZExtValue();
  std::memcpy(bytes, &value, size);
}

LogicalResult emulator::writeConstant(Attribute value, Type type, char *bytes) {
  FailureOr<TypeLayout> layout = layoutOf(type);
  if (failed(layout))
    return failure();
  if (isa<LLVM::ZeroAttr, LLVM::UndefAttr, LLVM::PoisonAttr>(value)) {
    std::memset(bytes, 0, layout->size);
    return success();
  }
  if (auto text = dyn_cast<StringAttr>(value)) {
    if (text.getValue().size() > layout->size)
      return failure();
    std::memcpy(bytes, text.data(), text.getValue().size());
    return success();
  }
  if (auto array = dyn_cast<ArrayAttr>(value)) {
    for (auto [index, element] : llvm::enumerate(array)) {
      auto [offset, field] = fieldOf(type, index);
      if (failed(writeConstant(element, field, bytes + offset)))
        return failure();
    }
    return success();
  }
  if (auto integer = dyn_cast<IntegerAttr>(value)) {
    if (integer.getValue().getBitWidth() > 64)
      return failure();
    writeBits(integer.getValue(), layout->size, bytes);
    return success();
  }
  if (auto real = dyn_cast<FloatAttr>(value)) {
    writeBits(real.getValue().bitcastToAPInt(), layout->size, bytes);
    return success();
  }
  if (auto elements = dyn_cast<DenseElementsAttr>(value)) {
    FailureOr<TypeLayout> element = layoutOf(elements.getElementType());
    if (failed(element) ||
        element->size * elements.getNumElements() != layout->size)
      return failure();
    if (isa<FloatType>(elements.getElementType())) {
      for (APFloat real : elements.getValues<APFloat>()) {
        writeBits(real.bitcastToAPInt(), element->size, bytes);
        bytes += element->size;
      }
      return success();
    }
    for (APInt integer : elements.getValues<APInt>()) {
      writeBits(integer, element->size, bytes);
      bytes += element->size;
    }
    return success();
  }
  return failure();
}

//===----------------------------------------------------------------------===//
// Program
//===----------------------------------------------------------------------===//

LogicalResult Program::placeGlobal(LLVM::GlobalOp global) {
  FailureOr<TypeLayout> layout = layoutOf(global.getGlobalType());
  if (failed(layout))
    return global.emitError()
           << "the emulator has no layout for type " << global.getGlobalType();
  uint64_t alignment =
      std::max<uint64_t>(layout->alignment, global.getAlignment().value_or(1));
  if (global.getAddrSpace() == static_cast<unsigned>(AddressSpace::Shared)) {
    if (layout->size == 0)
      return success(); // Dynamic shared memory, placed behind all others.
    uint64_t offset = alignTo(staticSharedSize, alignment);
    addresses[global] = sharedBase + offset;
    staticSharedSize = offset + layout->size;
    return success();
  }
  char *base = memory.allocate(
      layout->size, ("global variable '" + global.getSymName() + "'").str());
  std::memset(base, 0, layout->size);
  if (Attribute value = global.getValueOrNull())
    if (failed(writeConstant(value, global.getGlobalType(), base)))
      return global.emitError(
          "the emulator does not understand this initial value");
  if (mlir::Block *initializer = global.getInitializerBlock()) {
    auto result = cast<LLVM::ReturnOp>(initializer->getTerminator());
    Operation *value = result.getOperand(0).getDefiningOp();
    if (!isa<LLVM::UndefOp, LLVM::PoisonOp, LLVM::ZeroOp>(value))
      return global.emitError("the emulator does not run initializer regions");
  }
  memory.markInitialized(base, layout->size);
  memory.find(reinterpret_cast<uint64_t>(base))->readOnly =
      global.getConstant() ||
      global.getAddrSpace() == static_cast<unsigned>(AddressSpace::Constant);
  addresses[global] = reinterpret_cast<uint64_t>(base);
  return success();
}

FailureOr<std::unique_ptr<Program>> Program::create(gpu::GPUModuleOp module,
                                                    GlobalMemory &memory) {
  if (failed(raiseInlineAssembly(module)))
    return failure();
  std::unique_ptr<Program> program(new Program(module, memory));
  uint64_t dynamicAlignment = 16;
  for (auto global : module.getOps<LLVM::GlobalOp>()) {
    if (failed(program->placeGlobal(global)))
      return failure();
    dynamicAlignment =
        std::max<uint64_t>(dynamicAlignment, global.getAlignment().value_or(1));
  }
  program->staticSharedSize =
      alignTo(program->staticSharedSize, dynamicAlignment);
  for (auto global : module.getOps<LLVM::GlobalOp>())
    program->addresses.try_emplace(global,
                                   sharedBase + program->staticSharedSize);
  return program;
}

FailureOr<uint64_t> Program::addressOf(LLVM::GlobalOp global) const {
  auto found = addresses.find(global);
  if (found == addresses.end())
    return failure();
  return found->second;
}

FailureOr<const Function *> Program::getFunction(LLVM::LLVMFuncOp op) {
  std::unique_ptr<Function> &function = functions[op];
  if (function)
    return const_cast<const Function *>(function.get());
  if (op.isExternal())
    return op.emitError("the emulator knows no function of this name");
  function = std::make_unique<Function>();
  function->op = op;
  Function *made = function.get();
  if (failed(FunctionCompiler(*this, *made).run()))
    return failure();
  return const_cast<const Function *>(made);
}
