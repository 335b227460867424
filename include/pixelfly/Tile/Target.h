//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the passes know about a CPU: numbers in the module, not conditions in
// the code.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TILE_TARGET_H
#define PIXELFLY_TILE_TARGET_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <cstdint>
#include <optional>

namespace mlir::pixelfly {

/// Facts of a CPU that tile sizes follow from. In the IR they stand on the
/// module as a DLTI target specification of the device "CPU":
///
///   module attributes {dlti.target_system_spec = #dlti.target_system_spec<
///     "CPU" = #dlti.target_device_spec<
///       "vector_width_in_bits" = 512 : i64, "vector_registers" = 32 : i64,
///       "L1_cache_size_in_bytes" = 49152 : i64,
///       "L2_cache_size_in_bytes" = 2097152 : i64, "num_cores" = 8 : i64>>}
///
/// What the specification leaves out has the default below, an AVX-512 server
/// core.
struct CPUTarget {
  int64_t vectorBits = 512;     ///< width of a vector register
  int64_t vectorRegisters = 32; ///< architectural vector registers
  int64_t l1Bytes = 48 << 10;   ///< first-level data cache of one core
  int64_t l2Bytes = 2 << 20;    ///< second-level cache of one core
  int64_t cores = 8;            ///< cores that a parallel loop can use

  /// Lanes of a vector register for elements of `elementBits` bits.
  int64_t lanes(int64_t elementBits) const { return vectorBits / elementBits; }

  /// The target that `op`'s module names, defaults where it says nothing.
  static CPUTarget get(Operation *op);

  /// The machine this process runs on: vector width from the CPU's features,
  /// cache sizes and cores as the operating system reports them.
  static CPUTarget host();

  /// A target by name: "host", "avx512" (the defaults) or "avx2" (256 bits, 16
  /// registers, 32 KiB, 1 MiB); nullopt if the name is none of these.
  static std::optional<CPUTarget> named(StringRef name);

  /// Writes this target on `module`, replacing an earlier device "CPU" and
  /// keeping all other devices. A pass that calls this depends on the DLTI
  /// dialect.
  void attach(ModuleOp module) const;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_TILE_TARGET_H
