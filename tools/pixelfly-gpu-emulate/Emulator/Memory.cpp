//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emulator/Memory.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

/// Whether an event of `thread` at `clock` comes before what `who` does now.
static bool isOrdered(const Accessor &who, unsigned thread, uint32_t clock) {
  return thread == who.thread || clock <= who.clock[thread];
}

void SharedMemory::addReader(const Accessor &who, Cell &cell) {
  uint32_t now = who.clock[who.thread];
  if (cell.readers) {
    auto &set = readerSets[cell.readers - 1];
    for (Reader &reader : set)
      if (reader.thread == who.thread) {
        reader.clock = now;
        reader.op = who.op;
        return;
      }
    set.push_back({static_cast<uint16_t>(who.thread), now, who.op});
    return;
  }
  if (cell.reader && !isOrdered(who, cell.readThread, cell.readClock)) {
    if (freeSets.empty()) {
      readerSets.emplace_back();
      freeSets.push_back(readerSets.size());
    }
    cell.readers = freeSets.back();
    freeSets.pop_back();
    auto &set = readerSets[cell.readers - 1];
    set.push_back({cell.readThread, cell.readClock, cell.reader});
    set.push_back({static_cast<uint16_t>(who.thread), now, who.op});
    return;
  }
  cell.reader = who.op;
  cell.readThread = who.thread;
  cell.readClock = now;
}

std::optional<Finding> SharedMemory::read(const Accessor &who, uint64_t offset,
                                          uint64_t size) {
  std::optional<Finding> found;
  for (uint64_t byte = 0; byte < size; ++byte) {
    Cell &cell = shadow[offset + byte];
    if (!found) {
      if (cell.barrier)
        found = Finding{Fault::BarrierObject, byte, cell.writer};
      else if (cell.pending)
        found =
            Finding{Fault::PendingCopy, byte, cell.writer, cell.writeThread};
      else if (!cell.initialized)
        found = Finding{Fault::Uninitialized, byte};
      else if (!isOrdered(who, cell.writeThread, cell.writeClock) &&
               !(who.atomic && cell.atomic))
        found =
            Finding{Fault::Race, byte, cell.writer, cell.writeThread, 0, true};
    }
    addReader(who, cell);
  }
  return found;
}

std::optional<Finding> SharedMemory::checkWrite(const Accessor &who,
                                                const Cell &cell,
                                                uint64_t byte) const {
  if (cell.barrier)
    return Finding{Fault::BarrierObject, byte, cell.writer};
  if (cell.pending)
    return Finding{Fault::PendingCopy, byte, cell.writer, cell.writeThread};
  if (cell.pendingReads)
    return Finding{Fault::PendingRead, byte, cell.reader, cell.readThread};
  if (who.atomic && cell.atomic)
    return std::nullopt;
  if (cell.writer && !isOrdered(who, cell.writeThread, cell.writeClock))
    return Finding{Fault::Race, byte, cell.writer, cell.writeThread, 0, true};
  if (cell.readers) {
    for (const Reader &reader : readerSets[cell.readers - 1])
      if (!isOrdered(who, reader.thread, reader.clock))
        return Finding{Fault::Race, byte, reader.op, reader.thread, 0, false};
  } else if (cell.reader && !isOrdered(who, cell.readThread, cell.readClock)) {
    return Finding{Fault::Race, byte, cell.reader, cell.readThread, 0, false};
  }
  return std::nullopt;
}

void SharedMemory::setWriter(const Accessor &who, Cell &cell) {
  cell.writer = who.op;
  cell.writeThread = who.thread;
  cell.writeClock = who.clock[who.thread];
  cell.atomic = who.atomic;
  cell.asyncProxy = false;
  cell.reader = nullptr;
  if (cell.readers) {
    readerSets[cell.readers - 1].clear();
    freeSets.push_back(cell.readers);
    cell.readers = 0;
  }
}

std::optional<Finding> SharedMemory::write(const Accessor &who, uint64_t offset,
                                           uint64_t size) {
  std::optional<Finding> found;
  for (uint64_t byte = 0; byte < size; ++byte) {
    Cell &cell = shadow[offset + byte];
    if (!found)
      found = checkWrite(who, cell, byte);
    setWriter(who, cell);
    cell.initialized = true;
    cell.pending = false;
  }
  return found;
}

std::optional<Finding>
SharedMemory::beginWrite(const Accessor &who, uint64_t offset, uint64_t size) {
  std::optional<Finding> found;
  for (uint64_t byte = 0; byte < size; ++byte) {
    Cell &cell = shadow[offset + byte];
    if (!found)
      found = checkWrite(who, cell, byte);
    setWriter(who, cell);
    cell.pending = true;
  }
  return found;
}

void SharedMemory::finishWrite(const Accessor &who, uint64_t offset,
                               uint64_t size, bool asyncProxy) {
  for (uint64_t byte = 0; byte < size; ++byte) {
    Cell &cell = shadow[offset + byte];
    setWriter(who, cell);
    cell.initialized = true;
    cell.pending = false;
    cell.asyncProxy = asyncProxy;
  }
}

void SharedMemory::beginRead(const Accessor &who, uint64_t offset,
                             uint64_t size) {
  for (uint64_t byte = 0; byte < size; ++byte)
    ++shadow[offset + byte].pendingReads;
}

void SharedMemory::finishRead(const Accessor &who, uint64_t offset,
                              uint64_t size) {
  for (uint64_t byte = 0; byte < size; ++byte) {
    Cell &cell = shadow[offset + byte];
    --cell.pendingReads;
    addReader(who, cell);
  }
}

void SharedMemory::markBarrier(uint64_t offset, bool isBarrier) {
  for (uint64_t byte = 0; byte < 8; ++byte)
    shadow[offset + byte].barrier = isBarrier;
}

std::optional<Finding>
SharedMemory::checkProxy(uint64_t offset, uint64_t size,
                         const std::vector<uint32_t> &fences) const {
  for (uint64_t byte = 0; byte < size; ++byte) {
    const Cell &cell = shadow[offset + byte];
    if (cell.writer && !cell.pending && !cell.asyncProxy &&
        cell.writeClock > fences[cell.writeThread])
      return Finding{Fault::ProxyFence, byte, cell.writer,
                     cell.writeThread,  0,    true};
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Global memory
//===----------------------------------------------------------------------===//

char *GlobalMemory::allocate(uint64_t size, std::string name) {
  auto owned = std::make_unique<char[]>(size + 255);
  uint64_t base =
      (reinterpret_cast<uint64_t>(owned.get()) + 255) & ~uint64_t(255);
  Allocation &allocation =
      adopt(reinterpret_cast<char *>(base), size, std::move(name));
  allocation.owned = std::move(owned);
  // What a kernel reads by mistake should not look like a number.
  std::fill_n(allocation.base, size, static_cast<char>(0xFF));
  std::fill(allocation.initialized.begin(), allocation.initialized.end(), 0);
  return allocation.base;
}

void GlobalMemory::free(char *base) {
  last = nullptr;
  allocations.erase(reinterpret_cast<uint64_t>(base));
}

GlobalMemory::Allocation &GlobalMemory::adopt(char *base, uint64_t size,
                                              std::string name) {
  last = nullptr;
  Allocation &allocation = allocations[reinterpret_cast<uint64_t>(base)];
  allocation = Allocation();
  allocation.base = base;
  allocation.size = size;
  allocation.name = std::move(name);
  allocation.initialized.assign(size, 1);
  return allocation;
}

void GlobalMemory::markInitialized(char *address, uint64_t size) {
  Allocation *allocation = find(reinterpret_cast<uint64_t>(address));
  if (!allocation)
    return;
  uint64_t offset = address - allocation->base;
  size = std::min(size, allocation->size - offset);
  std::fill_n(allocation->initialized.begin() + offset, size, 1);
}

GlobalMemory::Allocation *GlobalMemory::find(uint64_t address) {
  auto contains = [&](const Allocation &allocation) {
    uint64_t base = reinterpret_cast<uint64_t>(allocation.base);
    return address >= base && address - base < allocation.size;
  };
  if (last && contains(*last))
    return last;
  auto next = allocations.upper_bound(address);
  if (next == allocations.begin())
    return nullptr;
  Allocation &allocation = std::prev(next)->second;
  if (!contains(allocation))
    return nullptr;
  return last = &allocation;
}

void GlobalMemory::beginLaunch() {
  for (auto &[address, allocation] : allocations)
    allocation.shadow.clear();
}

std::optional<Finding> GlobalMemory::read(Allocation &allocation,
                                          const Accessor &who, uint64_t offset,
                                          uint64_t size) {
  if (allocation.readOnly)
    return std::nullopt;
  if (allocation.shadow.empty())
    allocation.shadow.resize(allocation.size);
  std::optional<Finding> found;
  uint32_t block = who.block + 1;
  for (uint64_t byte = 0; byte < size; ++byte) {
    auto &cell = allocation.shadow[offset + byte];
    if (!found) {
      if (!allocation.initialized[offset + byte])
        found = Finding{Fault::Uninitialized, byte};
      else if (cell.writeBlock && !(who.atomic && cell.atomic)) {
        if (cell.writeBlock != block)
          found =
              Finding{Fault::BlockRace,    byte, cell.writer, cell.writeThread,
                      cell.writeBlock - 1, true};
        else if (!isOrdered(who, cell.writeThread, cell.writeClock))
          found = Finding{Fault::Race,      byte,      cell.writer,
                          cell.writeThread, who.block, true};
      }
    }
    if (cell.readBlock && cell.readBlock != block)
      cell.otherReaders = true;
    cell.reader = who.op;
    cell.readBlock = block;
    cell.readThread = who.thread;
    cell.readClock = who.clock[who.thread];
  }
  return found;
}

std::optional<Finding> GlobalMemory::write(Allocation &allocation,
                                           const Accessor &who, uint64_t offset,
                                           uint64_t size) {
  if (allocation.readOnly)
    return Finding{Fault::ReadOnly};
  if (allocation.shadow.empty())
    allocation.shadow.resize(allocation.size);
  std::optional<Finding> found;
  uint32_t block = who.block + 1;
  for (uint64_t byte = 0; byte < size; ++byte) {
    auto &cell = allocation.shadow[offset + byte];
    bool bothAtomic = who.atomic && cell.atomic;
    if (!found && cell.writeBlock && !bothAtomic) {
      if (cell.writeBlock != block)
        found =
            Finding{Fault::BlockRace,    byte, cell.writer, cell.writeThread,
                    cell.writeBlock - 1, true};
      else if (!isOrdered(who, cell.writeThread, cell.writeClock))
        found = Finding{Fault::Race,      byte,      cell.writer,
                        cell.writeThread, who.block, true};
    }
    if (!found && cell.readBlock && !bothAtomic) {
      if (cell.otherReaders || cell.readBlock != block)
        found = Finding{Fault::BlockRace,   byte, cell.reader, cell.readThread,
                        cell.readBlock - 1, false};
      else if (!isOrdered(who, cell.readThread, cell.readClock))
        found = Finding{Fault::Race,     byte,      cell.reader,
                        cell.readThread, who.block, false};
    }
    cell.writer = who.op;
    cell.writeBlock = block;
    cell.writeThread = who.thread;
    cell.writeClock = who.clock[who.thread];
    cell.atomic = who.atomic;
    allocation.initialized[offset + byte] = 1;
  }
  return found;
}
