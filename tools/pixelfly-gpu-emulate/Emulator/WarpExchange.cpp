//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Special registers, and instructions in which the lanes of a warp exchange
// words.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

//===----------------------------------------------------------------------===//
// Special registers
//===----------------------------------------------------------------------===//

namespace {
enum class Register {
  Thread,
  BlockSize,
  Block,
  GridSize,
  Lane,
  Warp,
  NumWarps,
  WarpSize,
  DynamicShared,
  LaneMaskEq,
  LaneMaskLt,
  LaneMaskLe,
  LaneMaskGt,
  LaneMaskGe,
  Zero,
  One,
  Clock,
};
} // namespace

/// count: which register; immediate: which dimension; operands[0]: bytes of the
/// result.
static bool readRegister(Thread &thread, const Instruction &instruction) {
  const LaunchDescription &launch = thread.block->getLaunch();
  uint64_t value = 0;
  int64_t dimension = instruction.immediate;
  switch (static_cast<Register>(instruction.count)) {
  case Register::Thread:
    value = thread.id[dimension];
    break;
  case Register::BlockSize:
    value = launch.block[dimension];
    break;
  case Register::Block:
    value = thread.block->getId()[dimension];
    break;
  case Register::GridSize:
    value = launch.grid[dimension];
    break;
  case Register::Lane:
    value = thread.lane;
    break;
  case Register::Warp:
    value = thread.index / 32;
    break;
  case Register::NumWarps:
    value = (thread.block->getThreads().size() + 31) / 32;
    break;
  case Register::WarpSize:
    value = 32;
    break;
  case Register::DynamicShared:
    value = launch.dynamicShared;
    break;
  case Register::LaneMaskEq:
    value = uint32_t(1) << thread.lane;
    break;
  case Register::LaneMaskLt:
    value = (uint32_t(1) << thread.lane) - 1;
    break;
  case Register::LaneMaskLe:
    value = (uint64_t(2) << thread.lane) - 1;
    break;
  case Register::LaneMaskGt:
    value = uint32_t(~((uint64_t(2) << thread.lane) - 1));
    break;
  case Register::LaneMaskGe:
    value = uint32_t(~((uint64_t(1) << thread.lane) - 1));
    break;
  case Register::Zero:
    value = 0;
    break;
  case Register::One:
    value = 1;
    break;
  case Register::Clock:
    value = thread.block->getEmulator().getStatistics().instructions;
    break;
  }
  std::memcpy(thread.slot<char>(instruction.result), &value,
              instruction.operands[0]);
  return true;
}

static std::optional<Register> findRegister(StringRef name) {
  static const llvm::StringMap<Register> registers = {
      {"tid", Register::Thread},
      {"ntid", Register::BlockSize},
      {"ctaid", Register::Block},
      {"nctaid", Register::GridSize},
      {"laneid", Register::Lane},
      {"warpid", Register::Warp},
      {"nwarpid", Register::NumWarps},
      {"warpsize", Register::WarpSize},
      {"dynamic.smem.size", Register::DynamicShared},
      {"lanemask.eq", Register::LaneMaskEq},
      {"lanemask.lt", Register::LaneMaskLt},
      {"lanemask.le", Register::LaneMaskLe},
      {"lanemask.gt", Register::LaneMaskGt},
      {"lanemask.ge", Register::LaneMaskGe},
      // Clusters are of one block: cluster numbers are block numbers.
      {"clusterid", Register::Block},
      {"nclusterid", Register::GridSize},
      {"cluster.ctaid", Register::Zero},
      {"cluster.nctaid", Register::One},
      {"cluster.ctarank", Register::Zero},
      {"cluster.nctarank", Register::One},
      {"smid", Register::Zero},
      {"nsmid", Register::One},
      {"gridid", Register::Zero},
      {"clock", Register::Clock},
      {"clock64", Register::Clock},
      {"globaltimer", Register::Clock},
  };
  auto found = registers.find(name);
  if (found == registers.end())
    return std::nullopt;
  return found->second;
}

//===----------------------------------------------------------------------===//
// Exchanges
//===----------------------------------------------------------------------===//

/// Operands: mask, value, offset, mask and clamp. count: bytes of the value;
/// operands[4]: where in the result the validity goes (0: nowhere).
static void exchange(Warp &warp, uint32_t lanes,
                     const Instruction &instruction) {
  uint32_t values[32] = {};
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      values[lane] = warp.lanes[lane]->get<uint32_t>(instruction.operands[1]);
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(lanes >> lane & 1))
      continue;
    Thread &thread = *warp.lanes[lane];
    int offset = thread.get<uint32_t>(instruction.operands[2]) & 31;
    uint32_t control = thread.get<uint32_t>(instruction.operands[3]);
    int clamp = control & 31, segment = control >> 8 & 31;
    int last = (lane & segment) | (clamp & ~segment);
    int first = lane & segment, source = lane;
    bool valid = true;
    switch (static_cast<NVVM::ShflKind>(instruction.immediate)) {
    case NVVM::ShflKind::up:
      source = int(lane) - offset;
      valid = source >= last;
      break;
    case NVVM::ShflKind::down:
      source = lane + offset;
      valid = source <= last;
      break;
    case NVVM::ShflKind::bfly:
      source = lane ^ offset;
      valid = source <= last;
      break;
    case NVVM::ShflKind::idx:
      source = first | (offset & ~segment);
      valid = source <= last;
      break;
    }
    if (!valid)
      source = lane;
    if (!(lanes >> source & 1))
      thread.block->getEmulator().report(
          Fault::Divergence, thread, instruction.op,
          "reads the value of lane " + Twine(source) +
              ", which does not take part");
    thread.set<uint32_t>(instruction.result, values[source]);
    if (instruction.operands[4])
      thread.set<uint8_t>(instruction.result + instruction.operands[4], valid);
  }
}

/// Operands: mask, predicate. immediate: the kind of vote.
static void vote(Warp &warp, uint32_t lanes, const Instruction &instruction) {
  uint32_t ballot = 0;
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      ballot |=
          uint32_t(warp.lanes[lane]->get<uint8_t>(instruction.operands[1]) & 1)
          << lane;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(lanes >> lane & 1))
      continue;
    Thread &thread = *warp.lanes[lane];
    switch (static_cast<NVVM::VoteSyncKind>(instruction.immediate)) {
    case NVVM::VoteSyncKind::any:
      thread.set<uint8_t>(instruction.result, ballot != 0);
      break;
    case NVVM::VoteSyncKind::all:
      thread.set<uint8_t>(instruction.result, ballot == lanes);
      break;
    case NVVM::VoteSyncKind::uni:
      thread.set<uint8_t>(instruction.result, ballot == 0 || ballot == lanes);
      break;
    case NVVM::VoteSyncKind::ballot:
      thread.set<uint32_t>(instruction.result, ballot);
      break;
    }
  }
}

/// The first lane of those that take part gets true.
static void elect(Warp &warp, uint32_t lanes, const Instruction &instruction) {
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      warp.lanes[lane]->set<uint8_t>(
          instruction.result, (lanes & ((uint32_t(1) << lane) - 1)) == 0);
}

/// Operands: mask, value. immediate: 1 where all have to be equal.
static void match(Warp &warp, uint32_t lanes, const Instruction &instruction) {
  uint64_t values[32] = {};
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      std::memcpy(&values[lane],
                  warp.lanes[lane]->slot<char>(instruction.operands[1]),
                  instruction.count);
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(lanes >> lane & 1))
      continue;
    uint32_t equal = 0;
    for (unsigned other = 0; other < 32; ++other)
      equal |= uint32_t((lanes >> other & 1) && values[other] == values[lane])
               << other;
    Thread &thread = *warp.lanes[lane];
    if (!instruction.immediate) {
      thread.set<uint32_t>(instruction.result, equal);
      continue;
    }
    thread.set<uint32_t>(instruction.result, equal == lanes ? lanes : 0);
    thread.set<uint8_t>(instruction.result + 4, equal == lanes);
  }
}

/// Operands: mask, value.
static void reduce(Warp &warp, uint32_t lanes, const Instruction &instruction) {
  std::optional<uint32_t> total;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (!(lanes >> lane & 1))
      continue;
    uint32_t value = warp.lanes[lane]->get<uint32_t>(instruction.operands[1]);
    if (!total) {
      total = value;
      continue;
    }
    int32_t a = *total, b = value;
    switch (static_cast<NVVM::ReduxKind>(instruction.immediate)) {
    case NVVM::ReduxKind::ADD:
      total = *total + value;
      break;
    case NVVM::ReduxKind::AND:
      total = *total & value;
      break;
    case NVVM::ReduxKind::OR:
      total = *total | value;
      break;
    case NVVM::ReduxKind::XOR:
      total = *total ^ value;
      break;
    case NVVM::ReduxKind::MAX:
      total = std::max(a, b);
      break;
    case NVVM::ReduxKind::MIN:
      total = std::min(a, b);
      break;
    case NVVM::ReduxKind::UMAX:
      total = std::max(*total, value);
      break;
    case NVVM::ReduxKind::UMIN:
      total = std::min(*total, value);
      break;
    default:
      break;
    }
  }
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      warp.lanes[lane]->set<uint32_t>(instruction.result, *total);
}

static void warpBarrier(Warp &warp, uint32_t lanes,
                        const Instruction &instruction) {
  VectorClock clock, fences;
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      warp.block->release(*warp.lanes[lane], clock, fences);
  for (unsigned lane = 0; lane < 32; ++lane)
    if (lanes >> lane & 1)
      warp.block->acquire(*warp.lanes[lane], clock, fences);
}

/// prmt with the default mode: each nibble of the selector picks one of 8
/// bytes.
static bool permute(Thread &thread, const Instruction &instruction) {
  uint64_t bytes = thread.get<uint32_t>(instruction.operands[0]) |
                   uint64_t(thread.get<uint32_t>(instruction.operands[1]))
                       << 32;
  uint32_t selector = thread.get<uint32_t>(instruction.operands[2]), result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    uint32_t nibble = selector >> (4 * i) & 15;
    uint32_t byte = bytes >> (8 * (nibble & 7)) & 255;
    if (nibble & 8)
      byte = byte & 128 ? 255 : 0;
    result |= byte << (8 * i);
  }
  thread.set<uint32_t>(instruction.result, result);
  return true;
}

FailureOr<bool> FunctionCompiler::compileWarp(Operation *op) {
  StringRef name = op->getName().getStringRef();
  if (name.consume_front("nvvm.read.ptx.sreg.")) {
    int64_t dimension = 0;
    if (name.size() > 2 && name[name.size() - 2] == '.' && name.back() >= 'x' &&
        name.back() <= 'z') {
      dimension = name.back() - 'x';
      name = name.drop_back(2);
    }
    std::optional<Register> found = findRegister(name);
    if (!found)
      return op->emitError("the emulator does not know this special register");
    Instruction &instruction = emit(op, readRegister);
    instruction.count = static_cast<uint32_t>(*found);
    instruction.immediate = dimension;
    instruction.operands[0] = sizeOfSlot(op->getResult(0));
    return true;
  }
  if (auto shuffle = dyn_cast<NVVM::ShflOp>(op)) {
    Instruction &instruction = emitCollective(op, exchange, Participants::Mask);
    instruction.immediate = static_cast<int64_t>(shuffle.getKind());
    bool isStruct = isa<LLVM::LLVMStructType>(shuffle.getType());
    instruction.operands[4] =
        isStruct ? fieldOf(shuffle.getType(), 1).first : 0;
    return true;
  }
  if (auto voting = dyn_cast<NVVM::VoteSyncOp>(op)) {
    emitCollective(op, vote, Participants::Mask).immediate =
        static_cast<int64_t>(voting.getKind());
    return true;
  }
  if (auto election = dyn_cast<NVVM::ElectSyncOp>(op)) {
    Instruction &instruction = emitCollective(op, elect, Participants::Mask);
    uint32_t all = ~uint32_t(0);
    if (!election.getMembermask())
      instruction.operands[0] = constantSlot(&all, sizeof(all));
    return true;
  }
  if (auto matching = dyn_cast<NVVM::MatchSyncOp>(op)) {
    Instruction &instruction = emitCollective(op, match, Participants::Mask);
    instruction.operands[0] = slotOf(matching.getThreadMask());
    instruction.operands[1] = slotOf(matching.getVal());
    instruction.count = sizeOfSlot(matching.getVal());
    instruction.immediate = matching.getKind() == NVVM::MatchSyncKind::all;
    return true;
  }
  if (auto reduction = dyn_cast<NVVM::ReduxOp>(op)) {
    if (!reduction.getVal().getType().isInteger(32))
      return op->emitError("the emulator reduces 32-bit integers only");
    Instruction &instruction = emitCollective(op, reduce, Participants::Mask);
    instruction.operands[0] = slotOf(reduction.getMaskAndClamp());
    instruction.operands[1] = slotOf(reduction.getVal());
    instruction.immediate = static_cast<int64_t>(reduction.getKind());
    return true;
  }
  if (isa<NVVM::SyncWarpOp>(op)) {
    emitCollective(op, warpBarrier, Participants::Mask).immediate =
        warpBarrierMark;
    return true;
  }
  if (auto permuted = dyn_cast<NVVM::PermuteOp>(op)) {
    if (permuted.getMode() != NVVM::PermuteMode::DEFAULT)
      return op->emitError("the emulator knows the default mode of prmt only");
    Instruction &instruction = emit(op, permute);
    instruction.operands[0] = slotOf(permuted.getLo());
    instruction.operands[1] = slotOf(permuted.getHi());
    instruction.operands[2] = slotOf(permuted.getSelector());
    return true;
  }
  return false;
}
