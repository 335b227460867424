//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs kernels at the nvvm level on the CPU and reports what would go wrong, or
// only go right by chance, on a GPU.
//
// The model. Blocks run one after the other, in an order that a seed can
// shuffle. The threads of a block are interpreters of their own: each runs
// until it has to wait for others (a barrier, an mbarrier, an instruction of
// the whole warp) or ends. Warp-wide instructions run once all their lanes have
// arrived at them. Copies and products that a GPU does asynchronously happen as
// late as the program allows: cp.async when the thread waits for its group,
// bulk copies when every thread of the block waits for something. Whoever
// touches their data before is reported, as are races, out-of-bounds and
// misaligned accesses, reads of memory that nobody has written, and threads
// that wait for each other for ever.
//
// docs/GPUEmulation.md says what is checked and what is not.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_MACHINE_H
#define PIXELFLY_GPU_EMULATE_MACHINE_H

#include "Emulator/Memory.h"
#include "Emulator/Program.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <array>
#include <cstring>
#include <deque>
#include <functional>
#include <set>

namespace mlir::pixelfly::emulator {

using Dim3 = std::array<uint32_t, 3>;
using VectorClock = std::vector<uint32_t>;

/// The address spaces of the LLVM dialect's pointers on NVIDIA GPUs.
enum class AddressSpace : uint8_t {
  Generic = 0,
  Global = 1,
  Shared = 3,
  Constant = 4,
  Local = 5,
  SharedCluster = 7,
};

/// One cp.async that has not been waited for.
struct AsyncCopy {
  uint64_t offset;
  uint32_t size;
  std::array<char, 16> data;
  const Instruction *instruction;
};

/// Bytes of shared memory that an issued wgmma has still to read.
struct AsyncRead {
  uint64_t offset, size;
  const Instruction *instruction;
};

struct Thread {
  enum class State {
    Runnable,
    AtCollective,
    AtBarrier,
    AtMBarrier,
    /// Asked a question that will have another answer later.
    Yielded,
    Ended,
  };
  struct Call {
    const Function *function;
    uint32_t counter;
    std::unique_ptr<char[]> frame;
    uint32_t resultSlot, resultSize;
    uint64_t localTop;
    size_t numLocalObjects;
  };
  struct LocalObject {
    uint64_t offset, size;
  };

  ThreadBlock *block = nullptr;
  Warp *warp = nullptr;
  unsigned index = 0; ///< In the block, x fastest.
  unsigned lane = 0;
  Dim3 id = {};

  State state = State::Runnable;
  const Function *function = nullptr;
  uint32_t counter = 0;
  std::unique_ptr<char[]> frame;
  std::vector<Call> callers;
  /// Where the thread waits, if it does.
  const Instruction *waitsAt = nullptr;
  /// Which barrier, or the mbarrier's offset and phase.
  uint64_t waitsFor = 0;
  uint32_t waitsPhase = 0;
  uint64_t backwardBranches = 0;

  std::vector<char> local;
  std::vector<LocalObject> localObjects;

  VectorClock clock;
  /// What the asynchronous proxy sees: see fence.proxy.async.
  VectorClock fences;

  std::vector<AsyncCopy> openCopies;
  std::deque<std::vector<AsyncCopy>> copyGroups;
  std::vector<AsyncRead> openReads;
  std::deque<std::vector<AsyncRead>> readGroups;
  std::vector<AsyncRead> openBulkReads;
  std::deque<std::vector<AsyncRead>> bulkReadGroups;

  template <typename T> T *slot(uint32_t offset) {
    return reinterpret_cast<T *>(frame.get() + offset);
  }
  template <typename T> T get(uint32_t offset) {
    T value;
    std::memcpy(&value, frame.get() + offset, sizeof(T));
    return value;
  }
  template <typename T> void set(uint32_t offset, T value) {
    std::memcpy(frame.get() + offset, &value, sizeof(T));
  }
};

struct Warp {
  ThreadBlock *block = nullptr;
  unsigned index = 0;
  /// Null for lanes beyond the block's last thread.
  std::array<Thread *, 32> lanes = {};
};

/// One of the sixteen barriers of a block.
struct Barrier {
  uint32_t arrived = 0, expected = 0;
  VectorClock clock, fences;
  uint32_t numTrue = 0;
};

struct MBarrier {
  uint32_t count = 0;        ///< Arrivals that complete a phase.
  int64_t pending = 0;       ///< Arrivals missing in the current phase.
  int64_t bytes = 0;         ///< Transaction bytes outstanding.
  uint32_t phase = 0;        ///< How many phases are complete.
  VectorClock clock, fences; ///< Of arrivals in this phase.
  VectorClock completedClock, completedFences; ///< Of all phases before.
  unsigned initThread = 0;
  uint32_t initClock = 0;
  Operation *initOp = nullptr;
};

/// A bulk copy under way: `finish` writes its data and completes its bytes.
struct BulkCopy {
  std::function<void()> finish;
};

struct LaunchDescription {
  LLVM::LLVMFuncOp kernel;
  const Function *function;
  Dim3 grid, block;
  uint64_t dynamicShared;
  void *const *parameters;
};

struct Options {
  enum class Schedule { Forward, Reverse, Random };
  /// The order in which blocks, warps and lanes get their turn.
  Schedule schedule = Schedule::Forward;
  uint64_t seed = 0;
  /// Reports after which the emulation stops.
  unsigned maxReports = 20;
  /// Backward branches after which a thread is said to run for ever.
  uint64_t maxIterations = 50000000;
};

/// What the kernels did, summed over launches.
struct Statistics {
  uint64_t instructions = 0;
  /// Executions by name of the operation, of those that matter for speed.
  llvm::StringMap<uint64_t> operations;
  /// Extra cycles because addresses of one access share a bank of shared
  /// memory.
  llvm::DenseMap<Operation *, uint64_t> bankConflicts;
};

/// `immediate` of instructions that wait for a warp at any such instruction.
constexpr int64_t warpBarrierMark = 1;

class Emulator {
public:
  explicit Emulator(Options options) : options(options) {}

  /// Runs a kernel. Fails when something could not be run or was reported.
  LogicalResult launch(LLVM::LLVMFuncOp kernel, Dim3 grid, Dim3 block,
                       uint64_t dynamicShared, void *const *parameters);

  GlobalMemory &getMemory() { return memory; }
  unsigned getNumReports() const { return numReports; }
  Statistics &getStatistics() { return statistics; }
  const Options &getOptions() const { return options; }

  /// Emits an error about `thread` at `instruction`, once for each kind of
  /// fault and operation. The diagnostic is empty when it has been said before.
  std::optional<InFlightDiagnostic> report(Fault fault, const Thread &thread,
                                           Operation *op, const Twine &message);
  bool hasReported() const { return numReports != 0; }
  bool mustStop() const { return stopped || seen.size() >= options.maxReports; }
  void stop() { stopped = true; }

private:
  FailureOr<Program *> getProgram(gpu::GPUModuleOp module);

  Options options;
  GlobalMemory memory;
  Statistics statistics;
  llvm::DenseMap<Operation *, std::unique_ptr<Program>> programs;
  std::set<std::pair<Fault, Operation *>> seen;
  unsigned numReports = 0;
  bool stopped = false;
};

/// A block of threads while it runs.
class ThreadBlock {
public:
  ThreadBlock(Emulator &emulator, const LaunchDescription &launch, Dim3 id,
              uint32_t linearIndex, uint64_t sharedSize);

  void run();

  Emulator &getEmulator() { return emulator; }
  const LaunchDescription &getLaunch() const { return launch; }
  SharedMemory &getShared() { return shared; }
  Dim3 getId() const { return id; }
  uint32_t getLinearIndex() const { return linearIndex; }
  std::vector<Thread> &getThreads() { return threads; }

  /// Reads or writes memory for a thread with all checks. A false result says
  /// that the access was reported and not made; reads then give zeros.
  bool read(Thread &thread, const Instruction &instruction, uint64_t address,
            AddressSpace space, uint32_t size, uint32_t alignment, void *to);
  bool write(Thread &thread, const Instruction &instruction, uint64_t address,
             AddressSpace space, uint32_t size, uint32_t alignment,
             const void *from);
  /// One read-modify-write: `update` maps the old bytes to the new ones.
  bool modify(Thread &thread, const Instruction &instruction, uint64_t address,
              AddressSpace space, uint32_t size,
              llvm::function_ref<void(char *)> update);

  /// Offset into shared memory of an access through a shared or generic
  /// pointer, or nothing, reported.
  std::optional<uint64_t> sharedOffset(Thread &thread,
                                       const Instruction &instruction,
                                       uint64_t address, AddressSpace space,
                                       uint64_t size, uint64_t alignment);
  /// The buffer of an access to global memory and the offset in it, or null,
  /// reported.
  GlobalMemory::Allocation *globalBuffer(Thread &thread,
                                         const Instruction &instruction,
                                         uint64_t address, uint64_t size,
                                         uint64_t alignment, bool isWrite,
                                         uint64_t &offset);
  void reportFinding(Thread &thread, Operation *op, const Finding &finding,
                     uint64_t address, uint32_t size, bool isWrite,
                     const Twine &what);

  Accessor accessor(Thread &thread, Operation *op, bool atomic = false) {
    return {thread.index, linearIndex, thread.clock, op, atomic};
  }

  /// Finishes cp.async groups of a thread until at most `keep` are open.
  void waitForCopies(Thread &thread, uint32_t keep);

  /// The thread's events until now come before those of whoever acquires
  /// `clock`.
  void release(Thread &thread, VectorClock &clock, VectorClock &fences);
  void acquire(Thread &thread, const VectorClock &clock,
               const VectorClock &fences);

  std::array<Barrier, 16> barriers;
  llvm::DenseMap<uint64_t, MBarrier> mbarriers;
  std::deque<BulkCopy> bulkCopies;

  /// Ends a phase whose arrivals and bytes are complete.
  void completePhase(MBarrier &barrier);

private:
  void runThread(Thread &thread);
  bool runCollectives(Warp &warp);
  bool runWarpGroups();
  bool releaseBarriers();
  bool wakeWaiting();
  void reportDeadlock();
  std::string describe(const Thread &thread) const;

  Emulator &emulator;
  const LaunchDescription &launch;
  Dim3 id;
  uint32_t linearIndex;
  SharedMemory shared;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::vector<unsigned> order;
};

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_MACHINE_H
