//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Global memory and the shared memory of one block, with a shadow of every byte
// that says whether it was written, by whom, and who has read it since.
//
// Order is kept in vector clocks: each thread counts its own releases
// (barriers, arrivals) and knows up to which count it is ordered behind every
// other thread. An access is a race when an earlier access of another thread,
// one of the two being a write, is not covered by the clock. This finds a
// missing barrier in any order in which the threads happen to run.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_MEMORY_H
#define PIXELFLY_GPU_EMULATE_MEMORY_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace mlir::pixelfly::emulator {

/// What is wrong with an access.
enum class Fault {
  OutOfBounds,
  Misaligned,
  Uninitialized,
  /// Touches bytes that an asynchronous copy has still to write.
  PendingCopy,
  /// Writes bytes that an asynchronous matrix product may still read.
  PendingRead,
  /// Not ordered against an access of another thread of the block.
  Race,
  /// Not ordered against an access of another block.
  BlockRace,
  ReadOnly,
  /// An ordinary access to an mbarrier object, or the reverse.
  BarrierObject,
  /// Written by ordinary stores, read by the asynchronous proxy, no proxy
  /// fence.
  ProxyFence,
  Divergence,
  Deadlock,
  Other,
};

/// A finding about an access; `other` is the operation it clashes with, if any.
struct Finding {
  Fault fault;
  /// Offset of the first bad byte within the access.
  uint64_t byte = 0;
  Operation *other = nullptr;
  unsigned otherThread = 0;
  uint32_t otherBlock = 0;
  bool otherWrote = false;
};

/// Who makes an access.
struct Accessor {
  unsigned thread;
  /// Linear index of the block in the grid.
  uint32_t block;
  const std::vector<uint32_t> &clock;
  Operation *op;
  bool atomic = false;
};

/// The shared memory of a block. Offsets count from the start of the memory.
class SharedMemory {
public:
  explicit SharedMemory(uint64_t size) : bytes(size), shadow(size) {}

  uint64_t size() const { return bytes.size(); }
  char *data(uint64_t offset) { return bytes.data() + offset; }

  std::optional<Finding> read(const Accessor &who, uint64_t offset,
                              uint64_t size);
  std::optional<Finding> write(const Accessor &who, uint64_t offset,
                               uint64_t size);

  /// An asynchronous write begins: it must be ordered like a write, and until
  /// `finishWrite` every access to the bytes is a finding.
  std::optional<Finding> beginWrite(const Accessor &who, uint64_t offset,
                                    uint64_t size);
  /// The asynchronous write is done, as if the accessor wrote now. Copies of the
  /// asynchronous proxy (bulk copies, not cp.async) need no proxy fence.
  void finishWrite(const Accessor &who, uint64_t offset, uint64_t size,
                   bool asyncProxy);

  /// An asynchronous read begins; until `finishRead` every write is a finding.
  void beginRead(const Accessor &who, uint64_t offset, uint64_t size);
  void finishRead(const Accessor &who, uint64_t offset, uint64_t size);

  /// Marks 8 bytes as an mbarrier object (or no longer as one).
  void markBarrier(uint64_t offset, bool isBarrier);

  /// The byte's last writer by an ordinary store and its clock, if not yet seen
  /// by the asynchronous proxy according to `fences`.
  std::optional<Finding> checkProxy(uint64_t offset, uint64_t size,
                                    const std::vector<uint32_t> &fences) const;

private:
  struct Cell {
    Operation *writer = nullptr;
    Operation *reader = nullptr;
    uint32_t writeClock = 0;
    uint32_t readClock = 0;
    uint32_t readers = 0; // 1 + index into readerSets, when there are several.
    uint16_t writeThread = 0;
    uint16_t readThread = 0;
    uint16_t pendingReads = 0;
    uint8_t initialized : 1;
    uint8_t pending : 1;
    uint8_t barrier : 1;
    uint8_t atomic : 1;
    uint8_t asyncProxy : 1;
    Cell() : initialized(0), pending(0), barrier(0), atomic(0), asyncProxy(0) {}
  };
  struct Reader {
    uint16_t thread;
    uint32_t clock;
    Operation *op;
  };

  std::optional<Finding> checkWrite(const Accessor &who, const Cell &cell,
                                    uint64_t byte) const;
  void setWriter(const Accessor &who, Cell &cell);
  void addReader(const Accessor &who, Cell &cell);

  std::vector<char> bytes;
  std::vector<Cell> shadow;
  std::vector<llvm::SmallVector<Reader, 8>> readerSets;
  std::vector<uint32_t> freeSets;
};

/// Buffers in the device's memory, at their addresses on the host.
class GlobalMemory {
public:
  struct Allocation {
    char *base;
    uint64_t size;
    std::string name;
    bool readOnly = false;
    std::vector<uint8_t> initialized;
    struct Cell {
      Operation *writer = nullptr;
      Operation *reader = nullptr;
      uint32_t writeBlock = 0, readBlock = 0; // 1 + the block's index.
      uint32_t writeClock = 0, readClock = 0;
      uint16_t writeThread = 0, readThread = 0;
      bool otherReaders = false; // Of blocks other than readBlock.
      bool atomic = false;
    };
    /// Empty until a kernel touches the buffer.
    std::vector<Cell> shadow;
    std::unique_ptr<char[]> owned;
  };

  /// A new buffer, not initialized, aligned to 256 bytes as cuMemAlloc does it.
  char *allocate(uint64_t size, std::string name);
  void free(char *base);
  /// Makes memory of the host known (initialized): the kernel may use it.
  Allocation &adopt(char *base, uint64_t size, std::string name);
  /// Notes that the host wrote these bytes, where they are device memory.
  void markInitialized(char *address, uint64_t size);

  Allocation *find(uint64_t address);

  /// Forgets who read and wrote: what follows is ordered after all before.
  void beginLaunch();

  std::optional<Finding> read(Allocation &allocation, const Accessor &who,
                              uint64_t offset, uint64_t size);
  std::optional<Finding> write(Allocation &allocation, const Accessor &who,
                               uint64_t offset, uint64_t size);

private:
  std::map<uint64_t, Allocation> allocations;
  Allocation *last = nullptr;
};

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_MEMORY_H
