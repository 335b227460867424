//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products of a warp group (wgmma) with both operands in shared memory.
//
// A matrix descriptor gives the start address (bits 0 to 13), the leading and
// the stride byte offsets (16 to 29, 32 to 45), all in units of 16 bytes, and
// the swizzle (62, 63: none, 128, 64, 32 bytes). In units of 16 bytes
// ("columns" of 8 16-bit elements), with r the row (of A; the column of B) and
// c the column along k, element (r, c) lies, before the swizzle of its address,
// at
//   K-major,  no swizzle:  r % 8 + r / 8 stride + c leading
//   K-major,  swizzle s:   r % 8 (s / 16) + r / 8 stride + c
//   MN-major, no swizzle:  k % 8 + k / 8 leading + u stride
//   MN-major, swizzle s:   u % (s / 16) + u / (s / 16) leading
//                          + k % 8 (s / 16) + k / 8 stride
// where u is the unit of 8 elements along m or n and k the index along k.
//
// The product is made when all four warps have arrived; its operands are being
// read until the group waits.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"
#include "Emulator/TensorMap.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

namespace {
struct GroupProduct {
  unsigned n, k, elementSize;
  NVVM::WGMMATypes type;
  bool halfAccumulator, addsAccumulator, kMajorA, kMajorB;
  double sign;
};

struct MatrixDescriptor {
  uint64_t start, leading, stride;
  unsigned swizzleBits;
};
} // namespace

static std::optional<MatrixDescriptor>
decode(Thread &thread, const Instruction &instruction, uint64_t bits) {
  Emulator &emulator = thread.block->getEmulator();
  if (bits >> 49 & 7) {
    emulator.report(
        Fault::Other, thread, instruction.op,
        "the emulator knows matrix descriptors with a base offset of "
        "0 only");
    return std::nullopt;
  }
  static constexpr unsigned swizzles[] = {0, 3, 2, 1};
  return MatrixDescriptor{(bits & 0x3FFF) << 4, (bits >> 16 & 0x3FFF) << 4,
                          (bits >> 32 & 0x3FFF) << 4, swizzles[bits >> 62]};
}

/// Address of the 16-byte unit with element (r, k) in it.
static uint64_t unitAddress(const MatrixDescriptor &matrix, bool kMajor,
                            unsigned r, unsigned k, unsigned perUnit) {
  uint64_t width = uint64_t(1) << matrix.swizzleBits; // In units.
  uint64_t address = matrix.start;
  if (kMajor) {
    uint64_t column = k / perUnit;
    address += r % 8 * width * 16 + r / 8 * matrix.stride;
    address += matrix.swizzleBits ? column * 16 : column * matrix.leading;
  } else {
    uint64_t unit = r / perUnit;
    if (matrix.swizzleBits)
      address += unit % width * 16 + unit / width * matrix.leading +
                 k % 8 * width * 16 + k / 8 * matrix.stride;
    else
      address += k % 8 * 16 + k / 8 * matrix.leading + unit * matrix.stride;
  }
  return swizzled(address, matrix.swizzleBits);
}

static double elementOf(NVVM::WGMMATypes type, const char *bytes) {
  if (type == NVVM::WGMMATypes::tf32) {
    uint32_t bits;
    std::memcpy(&bits, bytes, 4);
    return truncateToTF32(bits);
  }
  uint16_t bits;
  std::memcpy(&bits, bytes, 2);
  if (type == NVVM::WGMMATypes::f16) {
    Half value;
    value.bits = bits;
    return float(value);
  }
  BFloat value;
  value.bits = bits;
  return float(value);
}

/// The rows x k matrix that a descriptor describes, with every check.
static bool readOperand(Thread &thread, const Instruction &instruction,
                        const GroupProduct &product, uint64_t bits, bool kMajor,
                        unsigned rows, std::vector<double> &matrix) {
  auto descriptor = decode(thread, instruction, bits);
  if (!descriptor)
    return false;
  ThreadBlock &block = *thread.block;
  SharedMemory &shared = block.getShared();
  unsigned perUnit = 16 / product.elementSize;
  matrix.assign(rows * product.k, 0);
  unsigned stepR = kMajor ? 1 : perUnit, stepK = kMajor ? perUnit : 1;
  for (unsigned r = 0; r < rows; r += stepR)
    for (unsigned k = 0; k < product.k; k += stepK) {
      auto offset = block.sharedOffset(
          thread, instruction, unitAddress(*descriptor, kMajor, r, k, perUnit),
          AddressSpace::Shared, 16, 16);
      if (!offset)
        return false;
      Accessor who = block.accessor(thread, instruction.op);
      auto finding = shared.read(who, *offset, 16);
      if (!finding)
        finding = shared.checkProxy(*offset, 16, thread.fences);
      if (finding)
        block.reportFinding(thread, instruction.op, *finding, 0, 16, false,
                            "shared offset " + Twine(*offset));
      shared.beginRead(who, *offset, 16);
      thread.openReads.push_back({*offset, 16, &instruction});
      for (unsigned i = 0; i < perUnit; ++i) {
        unsigned row = kMajor ? r : r + i, column = kMajor ? k + i : k;
        matrix[row * product.k + column] = elementOf(
            product.type, shared.data(*offset) + i * product.elementSize);
      }
    }
  return true;
}

static Thread &threadOfGroup(Warp &first, unsigned index) {
  return first.block->getThreads()[first.index * 32 + index];
}

static void multiplyGroup(Warp &first, uint32_t,
                          const Instruction &instruction) {
  const auto &product = *static_cast<const GroupProduct *>(instruction.extra);
  Thread &leader = threadOfGroup(first, 0);
  Emulator &emulator = first.block->getEmulator();
  for (unsigned i = 1; i < 128; ++i)
    for (unsigned operand : {1, 2})
      if (threadOfGroup(first, i).get<uint64_t>(
              instruction.operands[operand]) !=
          leader.get<uint64_t>(instruction.operands[operand]))
        emulator.report(
            Fault::Divergence, threadOfGroup(first, i), instruction.op,
            "a matrix descriptor differs between threads of the warp "
            "group");
  std::vector<double> a, b, c(64 * product.n);
  if (!readOperand(leader, instruction, product,
                   leader.get<uint64_t>(instruction.operands[1]),
                   product.kMajorA, 64, a) ||
      !readOperand(leader, instruction, product,
                   leader.get<uint64_t>(instruction.operands[2]),
                   product.kMajorB, product.n, b)) {
    emulator.stop();
    return;
  }
  for (unsigned row = 0; row < 64; ++row)
    for (unsigned column = 0; column < product.n; ++column) {
      double sum = 0;
      for (unsigned k = 0; k < product.k; ++k)
        sum += a[row * product.k + k] * b[column * product.k + k];
      c[row * product.n + column] = product.sign * sum;
    }
  // Register i of a thread: as C of mma.sync, 8 columns after 8 columns, and 16
  // rows for each warp.
  for (unsigned index = 0; index < 128; ++index) {
    Thread &thread = threadOfGroup(first, index);
    unsigned lane = index % 32;
    for (unsigned i = 0; i < product.n / 2; ++i) {
      unsigned row = index / 32 * 16 + lane / 4 + 8 * (i / 2 % 2);
      unsigned column = i / 4 * 8 + lane % 4 * 2 + i % 2;
      double value = c[row * product.n + column];
      if (product.halfAccumulator) {
        if (product.addsAccumulator)
          value += float(thread.get<Half>(instruction.operands[0] + 2 * i));
        thread.set(instruction.result + 2 * i, Half(value));
      } else {
        if (product.addsAccumulator)
          value += thread.get<float>(instruction.operands[0] + 4 * i);
        thread.set(instruction.result + 4 * i, static_cast<float>(value));
      }
    }
  }
  ++emulator.getStatistics().operations["wgmma"];
}

static void commitGroup(Warp &first, uint32_t, const Instruction &instruction) {
  Thread &leader = threadOfGroup(first, 0);
  leader.readGroups.push_back(std::move(leader.openReads));
  leader.openReads.clear();
}

static void waitForGroups(Warp &first, uint32_t,
                          const Instruction &instruction) {
  Thread &leader = threadOfGroup(first, 0);
  ThreadBlock &block = *first.block;
  while (leader.readGroups.size() > uint64_t(instruction.immediate)) {
    for (const AsyncRead &read : leader.readGroups.front())
      block.getShared().finishRead(block.accessor(leader, read.instruction->op),
                                   read.offset, read.size);
    leader.readGroups.pop_front();
  }
  // The reads count as the first thread's; every thread of the group knows that
  // they are done.
  uint32_t now = leader.clock[leader.index]++;
  for (unsigned i = 1; i < 128; ++i) {
    uint32_t &seen = threadOfGroup(first, i).clock[leader.index];
    seen = std::max(seen, now);
  }
}

static void orderRegisters(Warp &, uint32_t, const Instruction &) {}

FailureOr<bool> FunctionCompiler::compileWarpGroup(Operation *op) {
  if (isa<NVVM::WgmmaFenceAlignedOp>(op)) {
    emitCollective(op, orderRegisters, Participants::WarpGroup);
    return true;
  }
  if (isa<NVVM::WgmmaGroupSyncAlignedOp>(op)) {
    emitCollective(op, commitGroup, Participants::WarpGroup);
    return true;
  }
  if (auto wait = dyn_cast<NVVM::WgmmaWaitGroupSyncOp>(op)) {
    emitCollective(op, waitForGroups, Participants::WarpGroup).immediate =
        wait.getGroup();
    return true;
  }
  auto mma = dyn_cast<NVVM::WgmmaMmaAsyncOp>(op);
  if (!mma)
    return false;
  GroupProduct product;
  product.n = mma.getShape().getN();
  product.k = mma.getShape().getK();
  product.type = mma.getTypeA();
  product.elementSize = product.type == NVVM::WGMMATypes::tf32 ? 4 : 2;
  product.halfAccumulator = mma.getTypeD() == NVVM::WGMMATypes::f16;
  product.addsAccumulator = mma.getScaleD() == NVVM::WGMMAScaleOut::one;
  product.kMajorA = mma.getLayoutA() == NVVM::MMALayout::row;
  product.kMajorB = mma.getLayoutB() == NVVM::MMALayout::col;
  product.sign =
      static_cast<int>(mma.getScaleA()) * static_cast<int>(mma.getScaleB());
  bool known =
      llvm::is_contained({NVVM::WGMMATypes::f16, NVVM::WGMMATypes::bf16,
                          NVVM::WGMMATypes::tf32},
                         product.type) &&
      mma.getTypeB() == product.type &&
      (product.halfAccumulator || mma.getTypeD() == NVVM::WGMMATypes::f32) &&
      product.k * product.elementSize == 32 && mma.getShape().getM() == 64 &&
      (product.elementSize == 2 || (product.kMajorA && product.kMajorB));
  unsigned registers = product.n * 64 / 128 * (product.halfAccumulator ? 2 : 4);
  if (!known || sizeOfSlot(mma.getResults()) != registers)
    return op->emitError("the emulator does not know this form of wgmma");
  Instruction &instruction =
      emitCollective(op, multiplyGroup, Participants::WarpGroup);
  instruction.operands[0] = slotOf(mma.getInouts());
  instruction.operands[1] = slotOf(mma.getDescriptorA());
  instruction.operands[2] = slotOf(mma.getDescriptorB());
  instruction.extra = program.keep(std::move(product));
  return true;
}
