//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrix instructions of a warp: ldmatrix, stmatrix, mma.sync.
//
// A product adds the exact products of its k terms and the accumulator in
// double precision and rounds once; the tensor cores truncate what they align,
// so the two differ by a few units in the last place of the accumulator.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"
#include "Emulator/MatrixFragments.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

//===----------------------------------------------------------------------===//
// ldmatrix and stmatrix
//===----------------------------------------------------------------------===//

namespace {
/// Slots of the words, one for each of the matrices.
struct MatrixWords {
  llvm::SmallVector<uint32_t, 4> slots;
  bool transposed;
};
} // namespace

/// Counts the extra cycles of eight 16-byte rows that share banks.
static void countConflicts(Warp &warp, const uint64_t *rows,
                           const Instruction &instruction) {
  unsigned uses[8] = {};
  for (unsigned row = 0; row < 8; ++row)
    ++uses[rows[row] / 16 % 8];
  unsigned cycles = *std::max_element(uses, uses + 8);
  Statistics &statistics = warp.block->getEmulator().getStatistics();
  statistics.bankConflicts[instruction.op] += cycles - 1;
}

static void loadMatrices(Warp &warp, uint32_t, const Instruction &instruction) {
  const auto &words = *static_cast<const MatrixWords *>(instruction.extra);
  ThreadBlock &block = *warp.block;
  for (unsigned matrix = 0; matrix < words.slots.size(); ++matrix) {
    uint16_t elements[8][8];
    uint64_t rows[8];
    for (unsigned row = 0; row < 8; ++row) {
      Thread &thread = *warp.lanes[8 * matrix + row];
      rows[row] = thread.get<uint64_t>(instruction.operands[0]);
      block.read(thread, instruction, rows[row], AddressSpace::Shared, 16, 16,
                 elements[row]);
    }
    countConflicts(warp, rows, instruction);
    for (unsigned lane = 0; lane < 32; ++lane)
      for (unsigned i = 0; i < 2; ++i) {
        MatrixPosition at = positionInLoaded(words.transposed, lane, i);
        warp.lanes[lane]->set<uint16_t>(words.slots[matrix] + 2 * i,
                                        elements[at.row][at.column]);
      }
  }
  ++block.getEmulator().getStatistics().operations["ldmatrix"];
}

static void storeMatrices(Warp &warp, uint32_t,
                          const Instruction &instruction) {
  const auto &words = *static_cast<const MatrixWords *>(instruction.extra);
  ThreadBlock &block = *warp.block;
  for (unsigned matrix = 0; matrix < words.slots.size(); ++matrix) {
    uint16_t elements[8][8];
    uint64_t rows[8];
    for (unsigned lane = 0; lane < 32; ++lane)
      for (unsigned i = 0; i < 2; ++i) {
        MatrixPosition at = positionInLoaded(words.transposed, lane, i);
        elements[at.row][at.column] =
            warp.lanes[lane]->get<uint16_t>(words.slots[matrix] + 2 * i);
      }
    for (unsigned row = 0; row < 8; ++row) {
      Thread &thread = *warp.lanes[8 * matrix + row];
      rows[row] = thread.get<uint64_t>(instruction.operands[0]);
      block.write(thread, instruction, rows[row], AddressSpace::Shared, 16, 16,
                  elements[row]);
    }
    countConflicts(warp, rows, instruction);
  }
  ++block.getEmulator().getStatistics().operations["stmatrix"];
}

//===----------------------------------------------------------------------===//
// mma.sync
//===----------------------------------------------------------------------===//

namespace {
struct Product {
  unsigned m, n, k;
  NVVM::MMATypes typeA, typeB;
  /// Of the accumulator: f16, f32, f64 or s32.
  NVVM::MMATypes typeC;
  bool saturates;
  llvm::SmallVector<uint32_t, 8> a, b, c;
  unsigned registerSize;
};
} // namespace

/// Elements of a type in a register.
static unsigned packedIn(NVVM::MMATypes type) {
  switch (type) {
  case NVVM::MMATypes::f16:
  case NVVM::MMATypes::bf16:
    return 2;
  case NVVM::MMATypes::s8:
  case NVVM::MMATypes::u8:
    return 4;
  default:
    return 1;
  }
}

/// Element `index` of a row of registers, as a number.
static double elementOf(NVVM::MMATypes type, const char *registers,
                        unsigned index) {
  auto at = [&](auto value) {
    std::memcpy(&value, registers + index * sizeof(value), sizeof(value));
    return value;
  };
  switch (type) {
  case NVVM::MMATypes::f16:
    return float(at(Half()));
  case NVVM::MMATypes::bf16:
    return float(at(BFloat()));
  case NVVM::MMATypes::tf32:
    return truncateToTF32(at(uint32_t()));
  case NVVM::MMATypes::f32:
    return at(float());
  case NVVM::MMATypes::f64:
    return at(double());
  case NVVM::MMATypes::s8:
    return at(int8_t());
  case NVVM::MMATypes::u8:
    return at(uint8_t());
  case NVVM::MMATypes::s32:
    return at(int32_t());
  default:
    return 0;
  }
}

static void setElement(NVVM::MMATypes type, char *registers, unsigned index,
                       double value, bool saturates) {
  auto put = [&](auto element) {
    std::memcpy(registers + index * sizeof(element), &element, sizeof(element));
  };
  switch (type) {
  case NVVM::MMATypes::f16:
    return put(Half(value));
  case NVVM::MMATypes::f32:
    return put(static_cast<float>(value));
  case NVVM::MMATypes::f64:
    return put(value);
  case NVVM::MMATypes::s32: {
    // Sums of at most 32 byte products and an int are exact in a double.
    int64_t whole = static_cast<int64_t>(value);
    if (saturates)
      whole = std::clamp<int64_t>(whole, INT32_MIN, INT32_MAX);
    return put(static_cast<int32_t>(whole));
  }
  default:
    return;
  }
}

static void multiply(Warp &warp, uint32_t, const Instruction &instruction) {
  const auto &product = *static_cast<const Product *>(instruction.extra);
  double a[16][32], b[32][8], c[16][8];
  unsigned size = product.registerSize;
  auto gather = [&](Thread &thread, ArrayRef<uint32_t> slots, unsigned bytes,
                    char *registers) {
    for (auto [index, slot] : llvm::enumerate(slots))
      std::memcpy(registers + index * bytes, thread.slot<char>(slot), bytes);
  };
  unsigned packedA = packedIn(product.typeA), packedB = packedIn(product.typeB);
  unsigned numC = product.m * product.n / 32;
  unsigned sizeC = product.typeC == NVVM::MMATypes::f64 ? 8 : 4;
  for (unsigned lane = 0; lane < 32; ++lane) {
    Thread &thread = *warp.lanes[lane];
    char registers[64];
    gather(thread, product.a, size, registers);
    for (unsigned i = 0; i < product.a.size() * packedA; ++i) {
      MatrixPosition at = positionInA(product.m, packedA, lane, i);
      a[at.row][at.column] = elementOf(product.typeA, registers, i);
    }
    gather(thread, product.b, size, registers);
    for (unsigned i = 0; i < product.b.size() * packedB; ++i) {
      MatrixPosition at = positionInB(packedB, lane, i);
      b[at.row][at.column] = elementOf(product.typeB, registers, i);
    }
    gather(thread, product.c, sizeC, registers);
    for (unsigned i = 0; i < numC; ++i) {
      MatrixPosition at = positionInC(lane, i);
      c[at.row][at.column] = elementOf(product.typeC, registers, i);
    }
  }
  for (unsigned row = 0; row < product.m; ++row)
    for (unsigned k = 0; k < product.k; ++k)
      for (unsigned column = 0; column < product.n; ++column)
        c[row][column] += a[row][k] * b[k][column];
  for (unsigned lane = 0; lane < 32; ++lane)
    for (unsigned i = 0; i < numC; ++i) {
      MatrixPosition at = positionInC(lane, i);
      setElement(product.typeC,
                 warp.lanes[lane]->slot<char>(instruction.result), i,
                 c[at.row][at.column], product.saturates);
    }
  ++warp.block->getEmulator().getStatistics().operations["mma.sync"];
}

/// The type of A or B: said, or clear from the registers.
static std::optional<NVVM::MMATypes>
multiplicandType(std::optional<NVVM::MMATypes> said, Type type) {
  if (said)
    return said;
  if (type.isF64())
    return NVVM::MMATypes::f64;
  if (auto vector = dyn_cast<VectorType>(type))
    if (vector.getElementType().isF16())
      return NVVM::MMATypes::f16;
  return std::nullopt;
}

FailureOr<bool> FunctionCompiler::compileMatrix(Operation *op) {
  if (isa<NVVM::LdMatrixOp, NVVM::StMatrixOp>(op)) {
    auto load = dyn_cast<NVVM::LdMatrixOp>(op);
    auto store = dyn_cast<NVVM::StMatrixOp>(op);
    auto shape = load ? load.getShape() : store.getShape();
    auto type = load ? load.getEltType() : store.getEltType();
    if (shape.getM() != 8 || shape.getN() != 8 ||
        type != NVVM::LdStMatrixEltType::B16)
      return op->emitError(
          "the emulator knows 8 x 8 matrices of 16-bit elements only");
    MatrixWords words;
    words.transposed =
        (load ? load.getLayout() : store.getLayout()) == NVVM::MMALayout::col;
    if (load)
      for (unsigned i = 0; i < load.getNum(); ++i)
        words.slots.push_back(slotOf(load.getRes()) + 4 * i);
    else
      for (Value word : store.getSources())
        words.slots.push_back(slotOf(word));
    emitCollective(op, load ? loadMatrices : storeMatrices, Participants::Warp)
        .extra = program.keep(std::move(words));
    return true;
  }
  auto mma = dyn_cast<NVVM::MmaOp>(op);
  if (!mma)
    return false;
  Product product;
  product.m = mma.getShape().getM();
  product.n = mma.getShape().getN();
  product.k = mma.getShape().getK();
  auto typeA = multiplicandType(mma.getMultiplicandAPtxType(),
                                mma.getOperandA().front().getType());
  auto typeB = multiplicandType(mma.getMultiplicandBPtxType(),
                                mma.getOperandB().front().getType());
  Type result = cast<LLVM::LLVMStructType>(mma.getType()).getBody().front();
  product.typeC = result.isF32()         ? NVVM::MMATypes::f32
                  : result.isF64()       ? NVVM::MMATypes::f64
                  : result.isInteger(32) ? NVVM::MMATypes::s32
                                         : NVVM::MMATypes::f16;
  bool known =
      typeA && typeB &&
      llvm::all_of(ArrayRef({*typeA, *typeB}), [](NVVM::MMATypes type) {
        return llvm::is_contained({NVVM::MMATypes::f16, NVVM::MMATypes::bf16,
                                   NVVM::MMATypes::tf32, NVVM::MMATypes::f64,
                                   NVVM::MMATypes::s8, NVVM::MMATypes::u8},
                                  type);
      });
  bool plainLayout = mma.getLayoutA() == NVVM::MMALayout::row &&
                     mma.getLayoutB() == NVVM::MMALayout::col;
  bool oldHalf = product.m == 8 && known && *typeA == NVVM::MMATypes::f16;
  if (!known || !plainLayout || oldHalf || product.n != 8)
    return op->emitError("the emulator does not know this form of mma.sync");
  product.typeA = *typeA;
  product.typeB = *typeB;
  product.saturates =
      mma.getIntOverflowBehavior() == NVVM::MMAIntOverflow::satfinite;
  product.registerSize = product.typeA == NVVM::MMATypes::f64 ? 8 : 4;
  for (Value value : mma.getOperandA())
    product.a.push_back(slotOf(value));
  for (Value value : mma.getOperandB())
    product.b.push_back(slotOf(value));
  for (Value value : mma.getOperandC())
    product.c.push_back(slotOf(value));
  // The layout rule has to cover each matrix exactly.
  if (product.a.size() * packedIn(product.typeA) * 32 !=
          product.m * product.k ||
      product.b.size() * packedIn(product.typeB) * 32 !=
          product.n * product.k ||
      product.m > 16 || product.k > 32)
    return op->emitError("the emulator does not know this shape of mma.sync");
  emitCollective(op, multiply, Participants::Warp).extra =
      program.keep(std::move(product));
  return true;
}
