//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulator/Machine.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <random>

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

//===----------------------------------------------------------------------===//
// Emulator
//===----------------------------------------------------------------------===//

static std::string text(Dim3 id) {
  return llvm::formatv("({0}, {1}, {2})", id[0], id[1], id[2]).str();
}

std::optional<InFlightDiagnostic> Emulator::report(Fault fault,
                                                   const Thread &thread,
                                                   Operation *op,
                                                   const Twine &message) {
  ++numReports;
  if (!seen.insert({fault, op}).second)
    return std::nullopt;
  ThreadBlock &block = *thread.block;
  return std::optional<InFlightDiagnostic>(
      op->emitError() << "kernel '"
                      << LLVM::LLVMFuncOp(block.getLaunch().kernel).getName()
                      << "', block " << text(block.getId()) << ", thread "
                      << text(thread.id) << ": " << message);
}

FailureOr<Program *> Emulator::getProgram(gpu::GPUModuleOp module) {
  std::unique_ptr<Program> &program = programs[module];
  if (!program) {
    FailureOr<std::unique_ptr<Program>> created =
        Program::create(module, memory);
    if (failed(created))
      return failure();
    program = std::move(*created);
  }
  return program.get();
}

LogicalResult Emulator::launch(LLVM::LLVMFuncOp kernel, Dim3 grid, Dim3 block,
                               uint64_t dynamicShared,
                               void *const *parameters) {
  auto module = kernel->getParentOfType<gpu::GPUModuleOp>();
  uint64_t numThreads = uint64_t(block[0]) * block[1] * block[2];
  uint64_t numBlocks = uint64_t(grid[0]) * grid[1] * grid[2];
  if (numThreads == 0 || numThreads > 1024 || numBlocks == 0)
    return kernel.emitError()
           << "launched with " << numBlocks << " blocks of " << numThreads
           << " threads; a GPU takes 1 to 1024 "
           << "threads in a block and at least one block";
  FailureOr<Program *> program = getProgram(module);
  if (failed(program))
    return failure();
  FailureOr<const Function *> function = (*program)->getFunction(kernel);
  if (failed(function))
    return failure();

  uint64_t sharedSize = (*program)->getStaticSharedSize() + dynamicShared;
  constexpr uint64_t maxShared = 227 * 1024;
  if (sharedSize > maxShared)
    return kernel.emitError() << "needs " << sharedSize
                              << " bytes of shared memory; no block gets "
                              << "more than " << maxShared;

  memory.beginLaunch();
  LaunchDescription launch{kernel, *function,     grid,
                           block,  dynamicShared, parameters};
  std::vector<uint32_t> order(numBlocks);
  for (uint32_t i = 0; i < numBlocks; ++i)
    order[i] = i;
  if (options.schedule == Options::Schedule::Reverse)
    std::reverse(order.begin(), order.end());
  else if (options.schedule == Options::Schedule::Random)
    std::shuffle(order.begin(), order.end(), std::mt19937_64(options.seed));
  unsigned before = numReports;
  for (uint32_t index : order) {
    Dim3 id = {index % grid[0], index / grid[0] % grid[1],
               index / grid[0] / grid[1]};
    ThreadBlock(*this, launch, id, index, sharedSize).run();
    if (mustStop())
      return failure();
  }
  return success(numReports == before);
}

//===----------------------------------------------------------------------===//
// ThreadBlock
//===----------------------------------------------------------------------===//

static void join(VectorClock &into, const VectorClock &from) {
  if (into.empty())
    into.assign(from.size(), 0);
  for (size_t i = 0; i < from.size(); ++i)
    into[i] = std::max(into[i], from[i]);
}

void ThreadBlock::release(Thread &thread, VectorClock &clock,
                          VectorClock &fences) {
  join(clock, thread.clock);
  join(fences, thread.fences);
  ++thread.clock[thread.index];
}

void ThreadBlock::acquire(Thread &thread, const VectorClock &clock,
                          const VectorClock &fences) {
  join(thread.clock, clock);
  join(thread.fences, fences);
}

ThreadBlock::ThreadBlock(Emulator &emulator, const LaunchDescription &launch,
                         Dim3 id, uint32_t linearIndex, uint64_t sharedSize)
    : emulator(emulator), launch(launch), id(id), linearIndex(linearIndex),
      shared(sharedSize) {
  const Dim3 &size = launch.block;
  unsigned numThreads = size[0] * size[1] * size[2];
  threads.resize(numThreads);
  warps.resize((numThreads + 31) / 32);
  for (unsigned i = 0; i < warps.size(); ++i) {
    warps[i].block = this;
    warps[i].index = i;
    order.push_back(i);
  }
  const Options &options = emulator.getOptions();
  if (options.schedule == Options::Schedule::Reverse)
    std::reverse(order.begin(), order.end());
  else if (options.schedule == Options::Schedule::Random)
    std::shuffle(order.begin(), order.end(),
                 std::mt19937_64(options.seed + linearIndex + 1));
  const Function *function = launch.function;
  for (unsigned i = 0; i < numThreads; ++i) {
    Thread &thread = threads[i];
    thread.block = this;
    thread.index = i;
    thread.lane = i % 32;
    thread.warp = &warps[i / 32];
    thread.warp->lanes[i % 32] = &thread;
    thread.id = {i % size[0], i / size[0] % size[1], i / size[0] / size[1]};
    thread.clock.assign(numThreads, 0);
    thread.clock[i] = 1;
    thread.fences.assign(numThreads, 0);
    thread.function = function;
    thread.frame = std::make_unique<char[]>(function->frameSize);
    std::memcpy(thread.frame.get(), function->constants.data(),
                function->constants.size());
    for (auto [index, argument] : llvm::enumerate(function->arguments))
      std::memcpy(thread.frame.get() + argument.to, launch.parameters[index],
                  argument.size);
  }
}

void ThreadBlock::runThread(Thread &thread) {
  thread.state = Thread::State::Runnable;
  uint64_t steps = 0;
  const Instruction *instruction;
  do {
    instruction = &thread.function->code[thread.counter++];
    ++steps;
  } while (instruction->handler(thread, *instruction));
  emulator.getStatistics().instructions += steps;
}

/// Lanes that have to take part when `thread` arrives at its instruction.
static uint32_t requestedLanes(Thread &thread) {
  const Instruction &instruction = *thread.waitsAt;
  return instruction.participants == Participants::Mask
             ? thread.get<uint32_t>(instruction.operands[0])
             : ~uint32_t(0);
}

bool ThreadBlock::runCollectives(Warp &warp) {
  bool progress = false;
  for (unsigned lane = 0; lane < 32; ++lane) {
    Thread *first = warp.lanes[lane];
    if (!first || first->state != Thread::State::AtCollective ||
        first->waitsAt->participants == Participants::WarpGroup)
      continue;
    const Instruction &instruction = *first->waitsAt;
    uint32_t requested = requestedLanes(*first);
    if (!(requested >> lane & 1)) {
      emulator.report(
          Fault::Divergence, *first, instruction.op,
          llvm::formatv("lane {0} is not in the mask {1:x} it gives", lane,
                        requested));
      emulator.stop();
      return false;
    }
    uint32_t lanes = 0;
    bool complete = true;
    for (unsigned other = 0; other < 32; ++other) {
      if (!(requested >> other & 1))
        continue;
      Thread *thread = warp.lanes[other];
      if (!thread || thread->state == Thread::State::Ended) {
        complete &= instruction.participants == Participants::Mask;
        continue;
      }
      // A warp barrier takes arrivals at any bar.warp.sync (volta and later).
      bool arrived = thread->state == Thread::State::AtCollective &&
                     (thread->waitsAt == &instruction ||
                      (thread->waitsAt->collective == instruction.collective &&
                       instruction.immediate == warpBarrierMark)) &&
                     requestedLanes(*thread) == requested;
      complete &= arrived;
      lanes |= uint32_t(arrived) << other;
    }
    if (!complete)
      continue;
    instruction.collective(warp, lanes, instruction);
    for (unsigned other = 0; other < 32; ++other)
      if (lanes >> other & 1)
        warp.lanes[other]->state = Thread::State::Runnable;
    progress = true;
  }
  return progress;
}

bool ThreadBlock::runWarpGroups() {
  bool progress = false;
  for (size_t start = 0; start + 4 <= warps.size(); start += 4) {
    Thread *first = warps[start].lanes[0];
    if (first->state != Thread::State::AtCollective ||
        first->waitsAt->participants != Participants::WarpGroup)
      continue;
    bool complete = true;
    for (unsigned i = 0; i < 128; ++i) {
      Thread *thread = warps[start + i / 32].lanes[i % 32];
      complete &= thread && thread->state == Thread::State::AtCollective &&
                  thread->waitsAt == first->waitsAt;
    }
    if (!complete)
      continue;
    first->waitsAt->collective(warps[start], ~uint32_t(0), *first->waitsAt);
    for (unsigned i = 0; i < 128; ++i)
      warps[start + i / 32].lanes[i % 32]->state = Thread::State::Runnable;
    progress = true;
  }
  return progress;
}

bool ThreadBlock::releaseBarriers() {
  bool progress = false;
  for (auto [index, barrier] : llvm::enumerate(barriers)) {
    if (!barrier.expected || barrier.arrived < barrier.expected)
      continue;
    // The barrier is an aligned one: a warp comes to it as one.
    for (Warp &warp : warps) {
      Thread *first = nullptr;
      for (Thread *thread : warp.lanes) {
        if (!thread || thread->state != Thread::State::AtBarrier ||
            thread->waitsFor != index)
          continue;
        if (!first)
          first = thread;
        else if (first->waitsAt != thread->waitsAt) {
          auto diagnostic = emulator.report(
              Fault::Divergence, *thread, thread->waitsAt->op,
              "barrier divergence: other lanes of the warp wait at another "
              "barrier operation");
          if (diagnostic)
            diagnostic->attachNote(first->waitsAt->op->getLoc())
                << "thread " << text(first->id) << " waits here";
        }
      }
    }
    for (Thread &thread : threads) {
      if (thread.state != Thread::State::AtBarrier || thread.waitsFor != index)
        continue;
      acquire(thread, barrier.clock, barrier.fences);
      const Instruction &instruction = *thread.waitsAt;
      if (instruction.count) { // A reduction: popc, and, or.
        uint32_t values[] = {barrier.numTrue,
                             barrier.numTrue == barrier.expected,
                             barrier.numTrue != 0};
        thread.set<uint32_t>(instruction.result, values[instruction.immediate]);
      }
      thread.state = Thread::State::Runnable;
    }
    barrier = Barrier();
    progress = true;
  }
  return progress;
}

void ThreadBlock::completePhase(MBarrier &barrier) {
  if (barrier.pending > 0 || barrier.bytes != 0)
    return;
  join(barrier.completedClock, barrier.clock);
  join(barrier.completedFences, barrier.fences);
  std::fill(barrier.clock.begin(), barrier.clock.end(), 0);
  std::fill(barrier.fences.begin(), barrier.fences.end(), 0);
  barrier.pending = barrier.count;
  ++barrier.phase;
}

bool ThreadBlock::wakeWaiting() {
  bool progress = false;
  for (Thread &thread : threads) {
    if (thread.state != Thread::State::AtMBarrier)
      continue;
    auto found = mbarriers.find(thread.waitsFor);
    if (found == mbarriers.end() ||
        (found->second.phase & 1) == (thread.waitsPhase & 1))
      continue;
    thread.state = Thread::State::Runnable;
    progress = true;
  }
  return progress;
}

void ThreadBlock::run() {
  unsigned fruitlessRounds = 0;
  bool backward = emulator.getOptions().schedule == Options::Schedule::Reverse;
  while (!emulator.mustStop()) {
    bool ran = false, yielded = false, allEnded = true;
    for (unsigned index : order) {
      Warp &warp = warps[index];
      do {
        for (unsigned i = 0; i < 32; ++i) {
          Thread *thread = warp.lanes[backward ? 31 - i : i];
          if (thread && thread->state == Thread::State::Runnable) {
            runThread(*thread);
            ran = true;
            if (emulator.mustStop())
              return;
          }
        }
      } while (runCollectives(warp));
    }
    ran |= runWarpGroups();
    ran |= releaseBarriers();
    ran |= wakeWaiting();
    for (Thread &thread : threads) {
      allEnded &= thread.state == Thread::State::Ended;
      if (thread.state == Thread::State::Yielded) {
        yielded = true;
        thread.state = Thread::State::Runnable;
      }
    }
    if (allEnded || emulator.mustStop())
      return;
    fruitlessRounds = yielded ? fruitlessRounds + 1 : 0;
    if (!bulkCopies.empty() && (!ran || fruitlessRounds > 2)) {
      BulkCopy copy = std::move(bulkCopies.front());
      bulkCopies.pop_front();
      copy.finish();
      wakeWaiting();
      fruitlessRounds = 0;
      continue;
    }
    if ((!ran && !yielded) || fruitlessRounds > 10000) {
      reportDeadlock();
      return;
    }
  }
}

std::string ThreadBlock::describe(const Thread &thread) const {
  std::string name = "thread " + text(thread.id);
  switch (thread.state) {
  case Thread::State::Ended:
    return name + " has ended";
  case Thread::State::AtBarrier:
    return name + " waits at a barrier";
  case Thread::State::AtMBarrier:
    return name + " waits for phase " + std::to_string(thread.waitsPhase) +
           " of the mbarrier at shared address " +
           llvm::formatv("{0:x}", thread.waitsFor + sharedBase).str();
  case Thread::State::AtCollective:
    return name + " waits for its warp";
  case Thread::State::Runnable:
  case Thread::State::Yielded:
    return name + " keeps asking";
  }
  return name;
}

void ThreadBlock::reportDeadlock() {
  // One place for each operation at which threads wait.
  llvm::SmallVector<const Thread *> places;
  const Thread *ended = nullptr;
  for (const Thread &thread : threads) {
    if (thread.state == Thread::State::Ended) {
      ended = ended ? ended : &thread;
      continue;
    }
    if (llvm::none_of(places, [&](const Thread *place) {
          return place->waitsAt == thread.waitsAt;
        }))
      places.push_back(&thread);
  }
  const Thread &first = *places.front();
  bool collective = llvm::any_of(places, [](const Thread *thread) {
    return thread->state == Thread::State::AtCollective;
  });
  bool barrier = llvm::any_of(places, [](const Thread *thread) {
    return thread->state == Thread::State::AtBarrier;
  });
  StringRef kind = collective
                       ? "an instruction of the whole warp in a divergent "
                         "warp"
                   : barrier ? "barrier divergence"
                             : "deadlock";
  Operation *op = first.waitsAt
                      ? first.waitsAt->op
                      : LLVM::LLVMFuncOp(launch.kernel).getOperation();
  auto diagnostic = emulator.report(
      collective || barrier ? Fault::Divergence : Fault::Deadlock, first, op,
      kind + ": no thread of the block can go on; " + describe(first));
  emulator.stop();
  if (!diagnostic)
    return;
  for (const Thread *place : ArrayRef(places).drop_front().take_front(4))
    diagnostic->attachNote(place->waitsAt ? place->waitsAt->op->getLoc()
                                          : op->getLoc())
        << describe(*place) << " here";
  if (ended)
    diagnostic->attachNote(op->getLoc()) << describe(*ended);
}

void ThreadBlock::waitForCopies(Thread &thread, uint32_t keep) {
  while (thread.copyGroups.size() > keep) {
    for (const AsyncCopy &copy : thread.copyGroups.front()) {
      std::memcpy(shared.data(copy.offset), copy.data.data(), copy.size);
      shared.finishWrite(accessor(thread, copy.instruction->op), copy.offset,
                         copy.size, /*asyncProxy=*/false);
    }
    thread.copyGroups.pop_front();
  }
}

//===----------------------------------------------------------------------===//
// Memory accesses
//===----------------------------------------------------------------------===//

static std::string hex(uint64_t value) {
  return llvm::formatv("{0:x}", value).str();
}

void ThreadBlock::reportFinding(Thread &thread, Operation *op,
                                const Finding &finding, uint64_t address,
                                uint32_t size, bool isWrite,
                                const Twine &what) {
  std::string access =
      (Twine(isWrite ? "writes " : "reads ") + Twine(size) + " bytes at " +
       what + " (byte " + Twine(finding.byte) + " of the access)")
          .str();
  std::string message, note;
  Dim3 otherId = {finding.otherThread % launch.block[0],
                  finding.otherThread / launch.block[0] % launch.block[1],
                  finding.otherThread / launch.block[0] / launch.block[1]};
  std::string other = "thread " + text(otherId);
  switch (finding.fault) {
  case Fault::Uninitialized:
    message = "uninitialized: " + access + ", which nothing has written";
    break;
  case Fault::PendingCopy:
    message = "too early: " + access +
              ", before the asynchronous copy to it has been waited for";
    note = "copy started by " + other + " here";
    break;
  case Fault::PendingRead:
    message = "too early: " + access +
              ", before the asynchronous read of it has been waited for";
    break;
  case Fault::Race:
    message = "data race: " + access +
              ", and no barrier orders this after the " +
              (finding.otherWrote ? "write" : "read") + " by " + other;
    note = std::string("other access, a ") +
           (finding.otherWrote ? "write" : "read") + " by " + other;
    break;
  case Fault::BlockRace: {
    const Dim3 &grid = launch.grid;
    Dim3 block = {finding.otherBlock % grid[0],
                  finding.otherBlock / grid[0] % grid[1],
                  finding.otherBlock / grid[0] / grid[1]};
    message = "data race between blocks: " + access + ", which block " +
              text(block) + " " + (finding.otherWrote ? "writes" : "reads") +
              " in the same launch";
    note = "access of block " + text(block) + ", " + other;
    break;
  }
  case Fault::ReadOnly:
    message = "read-only: " + access;
    break;
  case Fault::BarrierObject:
    message = "mbarrier: " + access + ", which holds an mbarrier object";
    break;
  case Fault::ProxyFence:
    message = "missing fence: the asynchronous proxy " + access +
              ", which an ordinary store wrote with no fence.proxy.async since";
    note = "written by " + other + " here";
    break;
  default:
    message = access;
    break;
  }
  auto diagnostic = emulator.report(finding.fault, thread, op, message);
  if (diagnostic && finding.other && !note.empty())
    diagnostic->attachNote(finding.other->getLoc()) << note;
}

std::optional<uint64_t>
ThreadBlock::sharedOffset(Thread &thread, const Instruction &instruction,
                          uint64_t address, AddressSpace space, uint64_t size,
                          uint64_t alignment) {
  if (space == AddressSpace::Generic) {
    if (!(address & sharedWindow)) {
      emulator.report(Fault::Other, thread, instruction.op,
                      "generic address " + hex(address) +
                          " does not lie in shared memory");
      return std::nullopt;
    }
    address &= ~sharedWindow;
  }
  // Pointers to shared memory have 32 bits.
  uint64_t offset = uint32_t(address) - sharedBase;
  if (offset >= shared.size() || shared.size() - offset < size) {
    emulator.report(Fault::OutOfBounds, thread, instruction.op,
                    "out of bounds: " + Twine(size) +
                        " bytes at shared address " + hex(uint32_t(address)) +
                        "; the block has " + Twine(shared.size()) +
                        " bytes from " + hex(sharedBase));
    return std::nullopt;
  }
  if (address % alignment) {
    emulator.report(Fault::Misaligned, thread, instruction.op,
                    "misaligned: shared address " + hex(uint32_t(address)) +
                        " is not a multiple of " + Twine(alignment));
    return std::nullopt;
  }
  return offset;
}

GlobalMemory::Allocation *
ThreadBlock::globalBuffer(Thread &thread, const Instruction &instruction,
                          uint64_t address, uint64_t size, uint64_t alignment,
                          bool isWrite, uint64_t &offset) {
  GlobalMemory::Allocation *buffer = emulator.getMemory().find(address);
  StringRef verb = isWrite ? "writes " : "reads ";
  if (!buffer) {
    // The nearest buffer below, to say by how much it is missed.
    emulator.report(Fault::OutOfBounds, thread, instruction.op,
                    "out of bounds: " + verb + Twine(size) +
                        " bytes at global address " + hex(address) +
                        ", which lies in no buffer of the device");
    return nullptr;
  }
  offset = address - reinterpret_cast<uint64_t>(buffer->base);
  if (buffer->size - offset < size) {
    emulator.report(Fault::OutOfBounds, thread, instruction.op,
                    "out of bounds: " + verb + Twine(size) +
                        " bytes at offset " + Twine(offset) + " of " +
                        buffer->name + ", which has " + Twine(buffer->size) +
                        " bytes");
    return nullptr;
  }
  if (address % alignment) {
    emulator.report(Fault::Misaligned, thread, instruction.op,
                    "misaligned: offset " + Twine(offset) + " of " +
                        buffer->name + " is not a multiple of " +
                        Twine(alignment));
    return nullptr;
  }
  return buffer;
}

/// The thread's local bytes at `address`, or null, reported.
static char *localBytes(Thread &thread, const Instruction &instruction,
                        uint64_t address, uint32_t size, uint32_t alignment) {
  uint64_t offset = address & ~localWindow;
  for (const Thread::LocalObject &object : llvm::reverse(thread.localObjects)) {
    if (offset < object.offset || offset - object.offset >= object.size)
      continue;
    if (object.size - (offset - object.offset) < size)
      break;
    if (offset % alignment) {
      thread.block->getEmulator().report(
          Fault::Misaligned, thread, instruction.op,
          "misaligned: local address is not a multiple of " + Twine(alignment));
      return nullptr;
    }
    return thread.local.data() + offset;
  }
  thread.block->getEmulator().report(Fault::OutOfBounds, thread, instruction.op,
                                     "out of bounds: " + Twine(size) +
                                         " bytes at local address " +
                                         hex(offset));
  return nullptr;
}

static bool isLocal(uint64_t address, AddressSpace space) {
  return space == AddressSpace::Local ||
         (space == AddressSpace::Generic && (address & localWindow));
}

static bool isShared(uint64_t address, AddressSpace space) {
  return space == AddressSpace::Shared ||
         space == AddressSpace::SharedCluster ||
         (space == AddressSpace::Generic && (address & sharedWindow));
}

static std::string sharedName(uint64_t offset) {
  return "shared address " + hex(offset + sharedBase);
}

static std::string bufferName(const GlobalMemory::Allocation &buffer,
                              uint64_t offset) {
  return "offset " + std::to_string(offset) + " of " + buffer.name;
}

bool ThreadBlock::read(Thread &thread, const Instruction &instruction,
                       uint64_t address, AddressSpace space, uint32_t size,
                       uint32_t alignment, void *to) {
  if (isShared(address, space)) {
    if (std::optional<uint64_t> offset = sharedOffset(
            thread, instruction, address, space, size, alignment)) {
      if (auto finding =
              shared.read(accessor(thread, instruction.op), *offset, size))
        reportFinding(thread, instruction.op, *finding, address, size, false,
                      sharedName(*offset));
      std::memcpy(to, shared.data(*offset), size);
      return true;
    }
  } else if (isLocal(address, space)) {
    if (char *from =
            localBytes(thread, instruction, address, size, alignment)) {
      std::memcpy(to, from, size);
      return true;
    }
  } else {
    uint64_t offset;
    if (GlobalMemory::Allocation *buffer = globalBuffer(
            thread, instruction, address, size, alignment, false, offset)) {
      if (auto finding = emulator.getMemory().read(
              *buffer, accessor(thread, instruction.op), offset, size))
        reportFinding(thread, instruction.op, *finding, address, size, false,
                      bufferName(*buffer, offset));
      std::memcpy(to, buffer->base + offset, size);
      return true;
    }
  }
  std::memset(to, 0, size);
  return false;
}

bool ThreadBlock::write(Thread &thread, const Instruction &instruction,
                        uint64_t address, AddressSpace space, uint32_t size,
                        uint32_t alignment, const void *from) {
  if (isShared(address, space)) {
    std::optional<uint64_t> offset =
        sharedOffset(thread, instruction, address, space, size, alignment);
    if (!offset)
      return false;
    if (auto finding =
            shared.write(accessor(thread, instruction.op), *offset, size))
      reportFinding(thread, instruction.op, *finding, address, size, true,
                    sharedName(*offset));
    std::memcpy(shared.data(*offset), from, size);
    return true;
  }
  if (isLocal(address, space)) {
    char *to = localBytes(thread, instruction, address, size, alignment);
    if (to)
      std::memcpy(to, from, size);
    return to != nullptr;
  }
  uint64_t offset;
  GlobalMemory::Allocation *buffer =
      globalBuffer(thread, instruction, address, size, alignment, true, offset);
  if (!buffer)
    return false;
  if (auto finding = emulator.getMemory().write(
          *buffer, accessor(thread, instruction.op), offset, size)) {
    reportFinding(thread, instruction.op, *finding, address, size, true,
                  bufferName(*buffer, offset));
    if (finding->fault == Fault::ReadOnly)
      return false;
  }
  std::memcpy(buffer->base + offset, from, size);
  return true;
}

bool ThreadBlock::modify(Thread &thread, const Instruction &instruction,
                         uint64_t address, AddressSpace space, uint32_t size,
                         llvm::function_ref<void(char *)> update) {
  Accessor who = accessor(thread, instruction.op, /*atomic=*/true);
  if (isShared(address, space)) {
    std::optional<uint64_t> offset =
        sharedOffset(thread, instruction, address, space, size, size);
    if (!offset)
      return false;
    std::optional<Finding> finding = shared.read(who, *offset, size);
    std::optional<Finding> onWrite = shared.write(who, *offset, size);
    if (finding || onWrite)
      reportFinding(thread, instruction.op, finding ? *finding : *onWrite,
                    address, size, true, sharedName(*offset));
    update(shared.data(*offset));
    return true;
  }
  if (isLocal(address, space)) {
    char *bytes = localBytes(thread, instruction, address, size, size);
    if (bytes)
      update(bytes);
    return bytes != nullptr;
  }
  uint64_t offset;
  GlobalMemory::Allocation *buffer =
      globalBuffer(thread, instruction, address, size, size, true, offset);
  if (!buffer)
    return false;
  std::optional<Finding> finding =
      emulator.getMemory().read(*buffer, who, offset, size);
  std::optional<Finding> onWrite =
      emulator.getMemory().write(*buffer, who, offset, size);
  if (finding || onWrite)
    reportFinding(thread, instruction.op, finding ? *finding : *onWrite,
                  address, size, true, bufferName(*buffer, offset));
  if (!buffer->readOnly)
    update(buffer->base + offset);
  return !buffer->readOnly;
}
