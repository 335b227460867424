//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a tensor map holds, in the emulator's own words (the driver's 128 bytes
// are opaque), and the swizzles of shared memory.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_TENSORMAP_H
#define PIXELFLY_GPU_EMULATE_TENSORMAP_H

#include <cstdint>

namespace mlir::pixelfly::emulator {

/// As the driver numbers them (CUtensorMapSwizzle).
enum class TensorMapSwizzle : uint32_t { None, Bytes32, Bytes64, Bytes128 };

/// A tensor in global memory and the box of it that one copy moves. Dimension 0
/// is the innermost one, as in PTX.
struct alignas(64) TensorMap {
  static constexpr uint64_t mark = 0x70616D726F736E74;

  uint64_t magic = mark;
  uint64_t base = 0;
  uint32_t rank = 0, elementSize = 0;
  TensorMapSwizzle swizzle = TensorMapSwizzle::None;
  uint32_t sizes[5] = {}, box[5] = {};
  /// Bytes from one index to the next; the innermost one is elementSize.
  uint64_t strides[5] = {};
};
static_assert(sizeof(TensorMap) <= 128, "a tensor map takes 128 bytes");

/// How many address bits a swizzle changes: 0 to 3.
inline unsigned swizzleBits(TensorMapSwizzle swizzle) {
  return static_cast<unsigned>(swizzle);
}

/// Where the byte at `address` of an unswizzled layout lies: bits 4 and up are
/// XORed with those from bit 7 on. The pattern repeats every 256, 512 or 1024
/// bytes of shared memory, counted from its start and not from the tile's.
inline uint64_t swizzled(uint64_t address, unsigned bits) {
  uint64_t mask = (uint64_t(1) << bits) - 1;
  return address ^ (address >> 7 & mask) << 4;
}

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_TENSORMAP_H
