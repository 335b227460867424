//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bulk copies between global and shared memory, plain and through tensor maps
// (TMA). A load arrives when every thread of the block waits for something, the
// first started first; a store is made at once, but its source is being read
// until the thread waits for the group.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"
#include "Emulator/TensorMap.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

namespace {
/// Slots of a copy's operands.
struct BulkOperands {
  uint32_t shared = 0, global = 0, mbarrier = 0, size = 0;
  llvm::SmallVector<uint32_t, 5> coordinates;
};

/// 16 bytes (or fewer) of shared memory and where they come from or go to:
/// nowhere (null address) outside the tensor.
struct Piece {
  uint64_t offset;
  uint64_t global;
  uint32_t size;
};
} // namespace

static void report(Thread &thread, const Instruction &instruction, Fault fault,
                   const Twine &message) {
  thread.block->getEmulator().report(fault, thread, instruction.op, message);
}

/// The tensor map at a generic address, or null, reported.
static const TensorMap *findTensorMap(Thread &thread,
                                      const Instruction &instruction,
                                      uint64_t address) {
  uint64_t offset;
  GlobalMemory::Allocation *buffer = thread.block->globalBuffer(
      thread, instruction, address, sizeof(TensorMap), 64, false, offset);
  if (!buffer)
    return nullptr;
  const auto *map = reinterpret_cast<const TensorMap *>(buffer->base + offset);
  if (map->magic == TensorMap::mark)
    return map;
  report(thread, instruction, Fault::Other,
         "there is no tensor map at this address");
  return nullptr;
}

/// The pieces of the box at the coordinates, in the order of shared memory.
static FailureOr<std::vector<Piece>> boxPieces(Thread &thread,
                                               const Instruction &instruction,
                                               const BulkOperands &operands,
                                               const TensorMap &map) {
  if (operands.coordinates.size() != map.rank) {
    report(thread, instruction, Fault::Other,
           Twine(operands.coordinates.size()) +
               " coordinates for a tensor of rank " + Twine(map.rank));
    return failure();
  }
  uint64_t elements = 1;
  for (unsigned i = 0; i < map.rank; ++i)
    elements *= map.box[i];
  uint64_t bytes = elements * map.elementSize;
  uint64_t pattern = map.swizzle == TensorMapSwizzle::None
                         ? 128
                         : uint64_t(128) << swizzleBits(map.swizzle);
  // The hardware asks for 128 bytes; a swizzled tile that starts off the
  // pattern does not lie as its readers think.
  auto start = thread.block->sharedOffset(thread, instruction,
                                          thread.get<uint64_t>(operands.shared),
                                          AddressSpace::Shared, bytes, pattern);
  if (!start)
    return failure();
  std::vector<Piece> pieces;
  int64_t at[5] = {};
  for (unsigned i = 0; i < map.rank; ++i)
    at[i] = thread.get<int32_t>(operands.coordinates[i]);
  uint32_t index[5] = {};
  for (uint64_t element = 0; element < elements; ++element) {
    uint64_t global = map.base;
    bool inside = true;
    for (unsigned i = 0; i < map.rank; ++i) {
      int64_t coordinate = at[i] + index[i];
      inside &= coordinate >= 0 && coordinate < int64_t(map.sizes[i]);
      global += coordinate * map.strides[i];
    }
    uint64_t place = swizzled(*start + sharedBase + element * map.elementSize,
                              swizzleBits(map.swizzle)) -
                     sharedBase;
    if (!inside)
      global = 0;
    Piece *last = pieces.empty() ? nullptr : &pieces.back();
    bool follows = last && last->offset + last->size == place &&
                   last->size < 16 && (place & 15) != 0 &&
                   (global ? last->global && last->global + last->size == global
                           : !last->global);
    if (follows)
      last->size += map.elementSize;
    else
      pieces.push_back({place, global, map.elementSize});
    for (unsigned i = 0; i < map.rank && ++index[i] == map.box[i]; ++i)
      index[i] = 0;
  }
  return pieces;
}

/// The pieces of a copy without a tensor map.
static FailureOr<std::vector<Piece>> plainPieces(Thread &thread,
                                                 const Instruction &instruction,
                                                 const BulkOperands &operands) {
  uint32_t size = thread.get<uint32_t>(operands.size);
  uint64_t global = thread.get<uint64_t>(operands.global);
  auto start = thread.block->sharedOffset(thread, instruction,
                                          thread.get<uint64_t>(operands.shared),
                                          AddressSpace::Shared, size, 16);
  if (!start)
    return failure();
  if (size % 16 || global % 16) {
    report(thread, instruction, Fault::Misaligned,
           "misaligned: a bulk copy's size and addresses are multiples of 16");
    return failure();
  }
  std::vector<Piece> pieces;
  for (uint32_t i = 0; i < size; i += 16)
    pieces.push_back({*start + i, global + i, 16});
  return pieces;
}

template <bool ThroughMap>
static FailureOr<std::vector<Piece>> piecesOf(Thread &thread,
                                              const Instruction &instruction,
                                              const BulkOperands &operands) {
  if (!ThroughMap)
    return plainPieces(thread, instruction, operands);
  const TensorMap *map =
      findTensorMap(thread, instruction, thread.get<uint64_t>(operands.global));
  if (!map)
    return failure();
  return boxPieces(thread, instruction, operands, *map);
}

template <bool ThroughMap>
static bool startLoad(Thread &thread, const Instruction &instruction) {
  const auto &operands = *static_cast<const BulkOperands *>(instruction.extra);
  ThreadBlock &block = *thread.block;
  auto pieces = piecesOf<ThroughMap>(thread, instruction, operands);
  auto mbarrier = block.sharedOffset(thread, instruction,
                                     thread.get<uint64_t>(operands.mbarrier),
                                     AddressSpace::Shared, 8, 8);
  if (failed(pieces) || !mbarrier) {
    block.getEmulator().stop();
    return false;
  }
  if (!block.mbarriers.count(*mbarrier)) {
    report(thread, instruction, Fault::BarrierObject,
           "mbarrier: there is no initialized mbarrier object at this address");
    block.getEmulator().stop();
    return false;
  }
  std::vector<std::array<char, 16>> data(pieces->size());
  uint64_t bytes = 0;
  for (auto [piece, content] : llvm::zip(*pieces, data)) {
    content.fill(0);
    if (piece.global)
      block.read(thread, instruction, piece.global, AddressSpace::Global,
                 piece.size, 1, content.data());
    if (auto finding = block.getShared().beginWrite(
            block.accessor(thread, instruction.op), piece.offset, piece.size))
      block.reportFinding(thread, instruction.op, *finding, 0, piece.size, true,
                          "shared offset " + Twine(piece.offset));
    bytes += piece.size;
  }
  block.bulkCopies.push_back(
      {[&block, &thread, &instruction, pieces = std::move(*pieces),
        data = std::move(data), mbarrier = *mbarrier, bytes] {
        Accessor who = block.accessor(thread, instruction.op);
        for (auto [piece, content] : llvm::zip(pieces, data)) {
          std::memcpy(block.getShared().data(piece.offset), content.data(),
                      piece.size);
          block.getShared().finishWrite(who, piece.offset, piece.size,
                                        /*asyncProxy=*/true);
        }
        MBarrier &barrier = block.mbarriers[mbarrier];
        // Who waits for the phase is ordered behind this copy, not behind what
        // else the thread that started it has done.
        uint32_t &seen = barrier.clock[thread.index];
        seen = std::max(seen, thread.clock[thread.index]++);
        barrier.bytes -= bytes;
        block.completePhase(barrier);
      }});
  ++block.getEmulator().getStatistics().operations["bulk load"];
  return !block.getEmulator().mustStop();
}

template <bool ThroughMap>
static bool startStore(Thread &thread, const Instruction &instruction) {
  const auto &operands = *static_cast<const BulkOperands *>(instruction.extra);
  ThreadBlock &block = *thread.block;
  auto pieces = piecesOf<ThroughMap>(thread, instruction, operands);
  if (failed(pieces)) {
    block.getEmulator().stop();
    return false;
  }
  Accessor who = block.accessor(thread, instruction.op);
  SharedMemory &shared = block.getShared();
  for (const Piece &piece : *pieces) {
    auto finding = shared.read(who, piece.offset, piece.size);
    if (!finding)
      finding = shared.checkProxy(piece.offset, piece.size, thread.fences);
    if (finding)
      block.reportFinding(thread, instruction.op, *finding, 0, piece.size,
                          false, "shared offset " + Twine(piece.offset));
    shared.beginRead(who, piece.offset, piece.size);
    thread.openBulkReads.push_back({piece.offset, piece.size, &instruction});
    if (piece.global)
      block.write(thread, instruction, piece.global, AddressSpace::Global,
                  piece.size, 1, shared.data(piece.offset));
  }
  ++block.getEmulator().getStatistics().operations["bulk store"];
  return !block.getEmulator().mustStop();
}

static bool commitStores(Thread &thread, const Instruction &instruction) {
  thread.bulkReadGroups.push_back(std::move(thread.openBulkReads));
  thread.openBulkReads.clear();
  return true;
}

static bool waitForStores(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  while (thread.bulkReadGroups.size() > uint64_t(instruction.immediate)) {
    for (const AsyncRead &read : thread.bulkReadGroups.front())
      block.getShared().finishRead(block.accessor(thread, read.instruction->op),
                                   read.offset, read.size);
    thread.bulkReadGroups.pop_front();
  }
  return true;
}

static bool skipUnless(Thread &thread, const Instruction &instruction) {
  if (!(thread.get<uint8_t>(instruction.operands[0]) & 1))
    ++thread.counter;
  return true;
}

FailureOr<bool> FunctionCompiler::compileBulkCopy(Operation *op) {
  auto emitCopy = [&](Handler handler, Value predicate, BulkOperands operands) {
    if (predicate) {
      Instruction &skip = emit(op, skipUnless);
      skip.operands[0] = slotOf(predicate);
    }
    emit(op, handler).extra = program.keep(std::move(operands));
  };
  if (auto load =
          dyn_cast<NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp>(op)) {
    if (load.getMulticastMask() || !load.getIm2colOffsets().empty() ||
        load.getMode() != NVVM::TMALoadMode::TILE)
      return op->emitError(
          "the emulator knows tile copies within one block only");
    BulkOperands operands{slotOf(load.getDstMem()),
                          slotOf(load.getTmaDescriptor()),
                          slotOf(load.getMbar()),
                          0,
                          {}};
    for (Value coordinate : load.getCoordinates())
      operands.coordinates.push_back(slotOf(coordinate));
    emitCopy(startLoad<true>, load.getPredicate(), std::move(operands));
    return true;
  }
  if (auto store = dyn_cast<NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp>(op)) {
    if (store.getMode() != NVVM::TMAStoreMode::TILE)
      return op->emitError("the emulator knows tile copies only");
    BulkOperands operands{
        slotOf(store.getSrcMem()), slotOf(store.getTmaDescriptor()), 0, 0, {}};
    for (Value coordinate : store.getCoordinates())
      operands.coordinates.push_back(slotOf(coordinate));
    emitCopy(startStore<true>, store.getPredicate(), std::move(operands));
    return true;
  }
  if (auto load = dyn_cast<NVVM::CpAsyncBulkGlobalToSharedClusterOp>(op)) {
    if (load.getMulticastMask())
      return op->emitError("the emulator knows copies within one block only");
    emitCopy(startLoad<false>, Value(),
             {slotOf(load.getDstMem()),
              slotOf(load.getSrcMem()),
              slotOf(load.getMbar()),
              slotOf(load.getSize()),
              {}});
    return true;
  }
  if (auto store = dyn_cast<NVVM::CpAsyncBulkSharedCTAToGlobalOp>(op)) {
    if (store.getByteMask())
      return op->emitError("the emulator knows copies of whole bytes only");
    emitCopy(startStore<false>, Value(),
             {slotOf(store.getSrcMem()),
              slotOf(store.getDstMem()),
              0,
              slotOf(store.getSize()),
              {}});
    return true;
  }
  if (isa<NVVM::CpAsyncBulkCommitGroupOp>(op)) {
    emit(op, commitStores);
    return true;
  }
  if (auto wait = dyn_cast<NVVM::CpAsyncBulkWaitGroupOp>(op)) {
    emit(op, waitForStores).immediate = wait.getGroup();
    return true;
  }
  return false;
}
