//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Barriers, mbarriers, asynchronous copies and fences.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

static bool nothing(Thread &thread, const Instruction &instruction) {
  return true;
}

/// Runs the next instruction only where the predicate holds.
static bool skipUnless(Thread &thread, const Instruction &instruction) {
  if (!(thread.get<uint8_t>(instruction.operands[0]) & 1))
    ++thread.counter;
  return true;
}

//===----------------------------------------------------------------------===//
// The sixteen barriers
//===----------------------------------------------------------------------===//

/// operands[0]: barrier, operands[1]: threads (0: all), operands[2]: predicate
/// of a reduction. count: whether there is one; immediate: popc, and, or.
/// Instructions with a null `extra` also wait.
static bool arriveAtBarrier(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  uint32_t index = thread.get<uint32_t>(instruction.operands[0]);
  uint32_t expected = thread.get<uint32_t>(instruction.operands[1]);
  Emulator &emulator = block.getEmulator();
  if (index >= 16) {
    emulator.report(Fault::Other, thread, instruction.op,
                    "barrier " + Twine(index) + " of 16");
    emulator.stop();
    return false;
  }
  if (!expected)
    expected = block.getThreads().size();
  else if (expected % 32)
    emulator.report(Fault::Other, thread, instruction.op,
                    "a barrier for " + Twine(expected) +
                        " threads; it takes a multiple of 32");
  Barrier &barrier = block.barriers[index];
  if (barrier.expected && barrier.expected != expected)
    emulator.report(Fault::Divergence, thread, instruction.op,
                    "barrier " + Twine(index) + " for " + Twine(expected) +
                        " threads, but threads already wait at it for " +
                        Twine(barrier.expected));
  barrier.expected = expected;
  ++barrier.arrived;
  if (instruction.count)
    barrier.numTrue += thread.get<uint32_t>(instruction.operands[2]) != 0;
  block.release(thread, barrier.clock, barrier.fences);
  if (instruction.extra)
    return true;
  thread.state = Thread::State::AtBarrier;
  thread.waitsAt = &instruction;
  thread.waitsFor = index;
  return false;
}

//===----------------------------------------------------------------------===//
// Mbarriers
//===----------------------------------------------------------------------===//

static AddressSpace spaceOf(const Instruction &instruction) {
  return static_cast<AddressSpace>(instruction.immediate);
}

/// The mbarrier at operands[0], or null, reported.
static MBarrier *findMBarrier(Thread &thread, const Instruction &instruction,
                              uint64_t &offset) {
  ThreadBlock &block = *thread.block;
  auto found = block.sharedOffset(thread, instruction,
                                  thread.get<uint64_t>(instruction.operands[0]),
                                  spaceOf(instruction), 8, 8);
  if (!found)
    return nullptr;
  offset = *found;
  auto barrier = block.mbarriers.find(offset);
  if (barrier == block.mbarriers.end()) {
    block.getEmulator().report(Fault::BarrierObject, thread, instruction.op,
                               "mbarrier: there is no initialized mbarrier "
                               "object at this address");
    return nullptr;
  }
  return &barrier->second;
}

static bool initMBarrier(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  auto offset = block.sharedOffset(
      thread, instruction, thread.get<uint64_t>(instruction.operands[0]),
      spaceOf(instruction), 8, 8);
  uint32_t count = thread.get<uint32_t>(instruction.operands[1]);
  if (!offset)
    return !block.getEmulator().mustStop();
  if (block.mbarriers.count(*offset))
    block.getEmulator().report(
        Fault::BarrierObject, thread, instruction.op,
        "mbarrier: there is already an mbarrier object at this address");
  else if (auto finding = block.getShared().write(
               block.accessor(thread, instruction.op), *offset, 8))
    block.reportFinding(thread, instruction.op, *finding, 0, 8, true,
                        "an mbarrier's address");
  if (count == 0 || count >= 1 << 20)
    block.getEmulator().report(Fault::Other, thread, instruction.op,
                               "mbarrier: a count of " + Twine(count));
  MBarrier barrier;
  barrier.count = barrier.pending = count;
  size_t numThreads = block.getThreads().size();
  barrier.clock.assign(numThreads, 0);
  barrier.fences.assign(numThreads, 0);
  // Whoever uses the object has to be ordered behind its initialization.
  barrier.initThread = thread.index;
  barrier.initClock = thread.clock[thread.index];
  barrier.initOp = instruction.op;
  block.mbarriers[*offset] = std::move(barrier);
  block.getShared().markBarrier(*offset, true);
  return true;
}

static void checkInitOrder(Thread &thread, const Instruction &instruction,
                           const MBarrier &barrier) {
  if (barrier.initThread == thread.index ||
      barrier.initClock <= thread.clock[barrier.initThread])
    return;
  auto diagnostic = thread.block->getEmulator().report(
      Fault::Race, thread, instruction.op,
      "data race: uses an mbarrier, and no barrier orders this after its "
      "initialization");
  if (diagnostic)
    diagnostic->attachNote(barrier.initOp->getLoc()) << "initialized here";
}

static bool invalidateMBarrier(Thread &thread, const Instruction &instruction) {
  uint64_t offset;
  if (findMBarrier(thread, instruction, offset)) {
    thread.block->mbarriers.erase(offset);
    thread.block->getShared().markBarrier(offset, false);
  }
  return true;
}

namespace {
/// What an arrival does: which operands (0: none) hold its numbers.
struct Arrival {
  uint32_t countSlot = 0, bytesSlot = 0;
  bool arrives = true, drops = false, hasResult = false;
};
} // namespace

static bool arriveAtMBarrier(Thread &thread, const Instruction &instruction) {
  const auto &arrival = *static_cast<const Arrival *>(instruction.extra);
  ThreadBlock &block = *thread.block;
  uint64_t offset;
  MBarrier *barrier = findMBarrier(thread, instruction, offset);
  if (!barrier)
    return !block.getEmulator().mustStop();
  checkInitOrder(thread, instruction, *barrier);
  if (arrival.hasResult)
    thread.set<uint64_t>(instruction.result, barrier->phase);
  if (arrival.bytesSlot)
    barrier->bytes += thread.get<int32_t>(arrival.bytesSlot);
  if (arrival.arrives) {
    uint32_t count =
        arrival.countSlot ? thread.get<uint32_t>(arrival.countSlot) : 1;
    barrier->pending -= count;
    if (arrival.drops)
      barrier->count -= count;
    if (barrier->pending < 0)
      block.getEmulator().report(Fault::BarrierObject, thread, instruction.op,
                                 "mbarrier: more arrivals than the " +
                                     Twine(barrier->count) + " of one phase");
    block.release(thread, barrier->clock, barrier->fences);
  }
  block.completePhase(*barrier);
  return true;
}

/// complete_tx: the opposite of expect_tx.
static bool completeBytes(Thread &thread, const Instruction &instruction) {
  uint64_t offset;
  if (MBarrier *barrier = findMBarrier(thread, instruction, offset)) {
    barrier->bytes -= thread.get<int32_t>(instruction.operands[1]);
    thread.block->completePhase(*barrier);
  }
  return true;
}

/// Waits until the phase of parity operands[1] is over. `count`: bytes of the
/// operand (4: a parity, 8: a state from an arrival).
static bool waitForPhase(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  uint64_t offset;
  MBarrier *barrier = findMBarrier(thread, instruction, offset);
  if (!barrier) {
    block.getEmulator().stop();
    return false;
  }
  checkInitOrder(thread, instruction, *barrier);
  uint32_t phase = thread.get<uint32_t>(instruction.operands[1]);
  if ((barrier->phase & 1) == (phase & 1)) {
    --thread.counter;
    thread.state = Thread::State::AtMBarrier;
    thread.waitsAt = &instruction;
    thread.waitsFor = offset;
    thread.waitsPhase = phase;
    return false;
  }
  if (!barrier->completedClock.empty())
    block.acquire(thread, barrier->completedClock, barrier->completedFences);
  if (instruction.result)
    thread.set<uint8_t>(instruction.result, 1);
  return true;
}

/// Like the above, but only asks.
static bool testPhase(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  uint64_t offset;
  MBarrier *barrier = findMBarrier(thread, instruction, offset);
  if (!barrier) {
    block.getEmulator().stop();
    return false;
  }
  checkInitOrder(thread, instruction, *barrier);
  uint32_t phase = thread.get<uint32_t>(instruction.operands[1]);
  bool over = (barrier->phase & 1) != (phase & 1);
  if (over && !barrier->completedClock.empty())
    block.acquire(thread, barrier->completedClock, barrier->completedFences);
  thread.set<uint8_t>(instruction.result, over);
  if (over)
    return true;
  thread.state = Thread::State::Yielded;
  thread.waitsAt = &instruction;
  return false;
}

//===----------------------------------------------------------------------===//
// Asynchronous copies of a thread
//===----------------------------------------------------------------------===//

/// Copies `count` bytes; operands[2], where not 0, says how many come from the
/// source (the rest are zeros).
static bool startCopy(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  uint32_t size = instruction.count, sourceSize = size;
  if (instruction.operands[2])
    sourceSize = thread.get<uint32_t>(instruction.operands[2]);
  if (sourceSize > size) {
    block.getEmulator().report(Fault::Other, thread, instruction.op,
                               "a copy of " + Twine(size) + " bytes from " +
                                   Twine(sourceSize));
    sourceSize = size;
  }
  auto offset = block.sharedOffset(
      thread, instruction, thread.get<uint64_t>(instruction.operands[0]),
      AddressSpace::Shared, size, size);
  AsyncCopy copy{0, size, {}, &instruction};
  uint64_t source = thread.get<uint64_t>(instruction.operands[1]);
  if (source % size)
    block.getEmulator().report(Fault::Misaligned, thread, instruction.op,
                               "misaligned: the source of a copy of " +
                                   Twine(size) +
                                   " bytes is not a multiple of them");
  if (sourceSize)
    block.read(thread, instruction, source, AddressSpace::Global, sourceSize, 1,
               copy.data.data());
  if (!offset)
    return !block.getEmulator().mustStop();
  copy.offset = *offset;
  if (auto finding = block.getShared().beginWrite(
          block.accessor(thread, instruction.op), *offset, size))
    block.reportFinding(thread, instruction.op, *finding, 0, size, true,
                        "shared offset " + Twine(*offset));
  thread.openCopies.push_back(copy);
  return !block.getEmulator().mustStop();
}

static bool commitCopies(Thread &thread, const Instruction &instruction) {
  thread.copyGroups.push_back(std::move(thread.openCopies));
  thread.openCopies.clear();
  return true;
}

static bool waitForCopyGroups(Thread &thread, const Instruction &instruction) {
  thread.block->waitForCopies(thread, instruction.immediate);
  return true;
}

static bool waitForAllCopies(Thread &thread, const Instruction &instruction) {
  commitCopies(thread, instruction);
  thread.block->waitForCopies(thread, 0);
  return true;
}

/// The mbarrier gets an arrival once the thread's copies so far are done.
static bool arriveAfterCopies(Thread &thread, const Instruction &instruction) {
  ThreadBlock &block = *thread.block;
  uint64_t offset;
  MBarrier *barrier = findMBarrier(thread, instruction, offset);
  if (!barrier)
    return !block.getEmulator().mustStop();
  checkInitOrder(thread, instruction, *barrier);
  bool counted = instruction.count; // noinc
  if (!counted)
    ++barrier->pending;
  commitCopies(thread, instruction);
  size_t numGroups = thread.copyGroups.size();
  block.bulkCopies.push_back({[&block, &thread, offset, numGroups] {
    size_t open = thread.copyGroups.size();
    block.waitForCopies(thread, open - std::min(open, numGroups));
    MBarrier &barrier = block.mbarriers[offset];
    --barrier.pending;
    block.release(thread, barrier.clock, barrier.fences);
    block.completePhase(barrier);
  }});
  return true;
}

/// What the thread knows of becomes visible to asynchronous copies and
/// products.
static bool fenceProxy(Thread &thread, const Instruction &instruction) {
  for (size_t i = 0; i < thread.clock.size(); ++i)
    thread.fences[i] = std::max(thread.fences[i], thread.clock[i]);
  return true;
}

FailureOr<bool> FunctionCompiler::compileSynchronization(Operation *op) {
  uint32_t zero = 0;
  auto spaceOfPointer = [](Value pointer) {
    return cast<LLVM::LLVMPointerType>(pointer.getType()).getAddressSpace();
  };
  auto predicated = [&](Value predicate) {
    if (!predicate)
      return;
    Instruction &skip = emit(op, skipUnless);
    skip.operands[0] = slotOf(predicate);
    skip.result = 0;
  };
  auto onMBarrier = [&](Handler handler, Value address) -> Instruction & {
    Instruction &instruction = emit(op, handler);
    instruction.operands[0] = slotOf(address);
    instruction.immediate = spaceOfPointer(address);
    return instruction;
  };

  if (isa<NVVM::Barrier0Op>(op)) {
    Instruction &instruction = emit(op, arriveAtBarrier);
    instruction.operands[0] = constantSlot(&zero, sizeof(zero));
    instruction.operands[1] = instruction.operands[0];
    instruction.count = 0;
    return true;
  }
  if (auto barrier = dyn_cast<NVVM::BarrierOp>(op)) {
    Instruction &instruction = emit(op, arriveAtBarrier);
    uint32_t none = constantSlot(&zero, sizeof(zero));
    instruction.operands[0] =
        barrier.getBarrierId() ? slotOf(barrier.getBarrierId()) : none;
    instruction.operands[1] = barrier.getNumberOfThreads()
                                  ? slotOf(barrier.getNumberOfThreads())
                                  : none;
    instruction.count = barrier.getReductionOp().has_value();
    if (instruction.count) {
      instruction.operands[2] = slotOf(barrier.getReductionPredicate());
      instruction.immediate = static_cast<int64_t>(*barrier.getReductionOp());
    }
    return true;
  }
  if (auto arrive = dyn_cast<NVVM::BarrierArriveOp>(op)) {
    Instruction &instruction = emit(op, arriveAtBarrier);
    instruction.operands[0] = arrive.getBarrierId()
                                  ? slotOf(arrive.getBarrierId())
                                  : constantSlot(&zero, sizeof(zero));
    instruction.operands[1] = slotOf(arrive.getNumberOfThreads());
    instruction.count = 0;
    instruction.extra = &program; // Does not wait.
    return true;
  }

  if (auto init = dyn_cast<NVVM::MBarrierInitOp>(op)) {
    predicated(init.getPredicate());
    onMBarrier(initMBarrier, init.getAddr()).operands[1] =
        slotOf(init.getCount());
    return true;
  }
  if (auto invalidate = dyn_cast<NVVM::MBarrierInvalOp>(op)) {
    onMBarrier(invalidateMBarrier, invalidate.getAddr());
    return true;
  }
  auto arrival = [&](Value address, Arrival what) {
    what.hasResult = op->getNumResults() == 1;
    onMBarrier(arriveAtMBarrier, address).extra = program.keep(std::move(what));
  };
  StringRef name = op->getName().getStringRef();
  if (auto arrive = dyn_cast<NVVM::MBarrierArriveExpectTxOp>(op)) {
    predicated(arrive.getPredicate());
    Arrival what;
    what.bytesSlot = slotOf(arrive.getTxcount());
    arrival(arrive.getAddr(), what);
    return true;
  }
  if (auto expect = dyn_cast<NVVM::MBarrierExpectTxOp>(op)) {
    Arrival what;
    what.arrives = false;
    what.bytesSlot = slotOf(expect.getTxcount());
    arrival(expect.getAddr(), what);
    return true;
  }
  if (auto complete = dyn_cast<NVVM::MBarrierCompleteTxOp>(op)) {
    onMBarrier(completeBytes, complete.getAddr());
    return true;
  }
  if (name.starts_with("nvvm.mbarrier.arrive")) {
    Arrival what;
    what.drops = name.contains("arrive_drop");
    uint32_t number = op->getNumOperands() > 1 ? slotOf(op->getOperand(1)) : 0;
    (name.contains("expect_tx") ? what.bytesSlot : what.countSlot) = number;
    arrival(op->getOperand(0), what);
    return true;
  }
  if (auto wait = dyn_cast<NVVM::MBarrierTryWaitParityOp>(op)) {
    onMBarrier(waitForPhase, wait.getAddr());
    return true;
  }
  if (auto wait = dyn_cast<NVVM::MBarrierTryWaitOp>(op)) {
    onMBarrier(waitForPhase, wait.getAddr());
    return true;
  }
  if (auto test = dyn_cast<NVVM::MBarrierTestWaitOp>(op)) {
    onMBarrier(testPhase, test.getAddr());
    return true;
  }

  if (auto copy = dyn_cast<NVVM::CpAsyncOp>(op)) {
    Instruction &instruction = emit(op, startCopy);
    instruction.count = copy.getSize();
    instruction.operands[2] = copy.getCpSize() ? slotOf(copy.getCpSize()) : 0;
    return true;
  }
  if (isa<NVVM::CpAsyncCommitGroupOp>(op)) {
    emit(op, commitCopies);
    return true;
  }
  if (auto wait = dyn_cast<NVVM::CpAsyncWaitGroupOp>(op)) {
    emit(op, waitForCopyGroups).immediate = wait.getN();
    return true;
  }
  if (name == "nvvm.cp.async.wait.all") {
    emit(op, waitForAllCopies);
    return true;
  }
  if (auto arrive = dyn_cast<NVVM::CpAsyncMBarrierArriveOp>(op)) {
    onMBarrier(arriveAfterCopies, arrive.getAddr()).count = arrive.getNoinc();
    return true;
  }
  if (isa<NVVM::FenceProxyOp>(op)) {
    emit(op, fenceProxy);
    return true;
  }
  if (isa<LLVM::FenceOp, NVVM::MembarOp, NVVM::FenceMbarrierInitOp,
          NVVM::FenceScClusterOp, NVVM::SetMaxRegisterOp, NVVM::PrefetchOp,
          NVVM::NanosleepOp, NVVM::GriddepcontrolOp>(op) ||
      name == "nvvm.pmevent") {
    emit(op, nothing);
    return true;
  }
  return false;
}
