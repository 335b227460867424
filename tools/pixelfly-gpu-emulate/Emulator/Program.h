//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel as the emulator runs it: one flat array of instructions per
// function, made once from the llvm and nvvm operations of a gpu.module. Every
// SSA value has a slot in its function's frame; a slot holds the value as it
// lies in memory (vectors packed, structures with their padding, booleans as
// one byte), so loads, stores and bit casts are copies.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_PROGRAM_H
#define PIXELFLY_GPU_EMULATE_PROGRAM_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/DenseMap.h"

#include <memory>
#include <vector>

namespace mlir::pixelfly::emulator {

class GlobalMemory;
class ThreadBlock;
struct Instruction;
struct Thread;
struct Warp;

/// Runs one instruction for one thread. False leaves the thread's run loop; the
/// thread's state then says why. The thread's counter already stands on the
/// next instruction.
using Handler = bool (*)(Thread &, const Instruction &);

/// Runs one instruction for all `lanes` (a bit each) of a warp at once.
using Collective = void (*)(Warp &, uint32_t lanes, const Instruction &);

/// Which threads have to arrive at an instruction before it runs.
enum class Participants : uint8_t {
  Thread,    ///< Just the thread itself.
  Warp,      ///< All 32 lanes; none may have ended.
  Mask,      ///< The lanes in the mask (first operand) that have not ended.
  WarpGroup, ///< All 128 threads of four warps in a row.
};

struct Instruction {
  Handler handler = nullptr;
  uint32_t result = 0;
  uint32_t operands[5] = {};
  /// How many elements, or bytes: the handler's business.
  uint32_t count = 1;
  Participants participants = Participants::Thread;
  int64_t immediate = 0;
  /// More data of the handler, owned by the program.
  const void *extra = nullptr;
  Collective collective = nullptr;
  /// Where it came from, for reports.
  Operation *op = nullptr;
};

/// Moves `size` bytes from one slot to another.
struct SlotCopy {
  uint32_t from, to, size;
};

struct Function {
  LLVM::LLVMFuncOp op;
  std::vector<Instruction> code;
  /// First bytes of every frame: the constants.
  std::vector<char> constants;
  uint32_t frameSize = 0;
  /// Slot and size of each argument.
  std::vector<SlotCopy> arguments;
};

/// Size and alignment of a type in memory and in a slot, both in bytes.
struct TypeLayout {
  uint64_t size = 0, alignment = 1;
};

/// The layout of `type`; fails without a message for types that have none here.
FailureOr<TypeLayout> layoutOf(Type type);

/// The byte offset of field `index` of an aggregate, and the field's type.
std::pair<uint64_t, Type> fieldOf(Type aggregate, int64_t index);

/// Writes the constant `value` of type `type` to `bytes`.
LogicalResult writeConstant(Attribute value, Type type, char *bytes);

/// Shared memory starts here, so that a null pointer is out of bounds. A
/// multiple of 1024, as the strictest swizzle asks.
constexpr uint64_t sharedBase = 1024;
/// Bits that mark generic addresses of shared and of local memory.
constexpr uint64_t sharedWindow = uint64_t(1) << 56;
constexpr uint64_t localWindow = uint64_t(1) << 57;

/// A gpu.module ready to run. Functions are compiled when first asked for.
class Program {
public:
  /// Turns the module's inline PTX back into operations and lays out its
  /// globals; those of global and constant memory become allocations of
  /// `memory`.
  static FailureOr<std::unique_ptr<Program>> create(gpu::GPUModuleOp module,
                                                    GlobalMemory &memory);

  FailureOr<const Function *> getFunction(LLVM::LLVMFuncOp function);

  /// Address of a global variable: an offset from sharedBase on for shared
  /// memory, else a host address.
  FailureOr<uint64_t> addressOf(LLVM::GlobalOp global) const;

  gpu::GPUModuleOp getModule() const { return module; }
  uint64_t getStaticSharedSize() const { return staticSharedSize; }

  template <typename T> const T *keep(T data) {
    auto owned = std::make_shared<T>(std::move(data));
    kept.push_back(owned);
    return owned.get();
  }

private:
  Program(gpu::GPUModuleOp module, GlobalMemory &memory)
      : module(module), memory(memory) {}
  LogicalResult placeGlobal(LLVM::GlobalOp global);

  gpu::GPUModuleOp module;
  GlobalMemory &memory;
  llvm::DenseMap<Operation *, uint64_t> addresses;
  uint64_t staticSharedSize = 0;
  llvm::DenseMap<Operation *, std::unique_ptr<Function>> functions;
  std::vector<std::shared_ptr<void>> kept;
};

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_PROGRAM_H
