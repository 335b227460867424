//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The facts of a target, each with its name in a file, its key in the module
// and the values that make sense: what the reader, the printer, the module's
// specification and their checks have in common.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_TARGET_FACTS_H
#define PIXELFLY_LIB_TARGET_FACTS_H

#include "pixelfly/Target/Target.h"

namespace mlir::pixelfly {

/// A whole number.
struct IntegerFact {
  StringLiteral field; ///< in a file
  StringLiteral key;   ///< in the module
  StringLiteral what;
  int64_t Target::*value;
  int64_t low, high;
  bool isPowerOfTwo = false;
  /// May be left out of a file; the lowest value then.
  bool isOptional = false;
};

inline constexpr IntegerFact kIntegerFacts[] = {
    {"cores", "num_cores", "cores or multiprocessors", &Target::cores, 1,
     1 << 20},
    {"vector_bits", "vector_width_in_bits", "width of a vector register",
     &Target::vectorBits, 128, 8192, /*isPowerOfTwo=*/true},
    {"vector_registers", "vector_registers", "architectural vector registers",
     &Target::vectorRegisters, 8, 1024},
    {"l1_bytes", "L1_cache_size_in_bytes", "first-level data cache of a core",
     &Target::l1Bytes, 1 << 10, 1 << 30},
    {"l2_bytes", "L2_cache_size_in_bytes", "second-level cache",
     &Target::l2Bytes, 1 << 10, int64_t(1) << 40},
    {"l3_bytes", "L3_cache_size_in_bytes", "third-level cache",
     &Target::l3Bytes, 0, int64_t(1) << 40, false, /*isOptional=*/true},
    {"shared_bytes", "shared_memory_size_in_bytes",
     "shared memory of a multiprocessor", &Target::sharedBytes, 0, 1 << 30,
     false, /*isOptional=*/true},
};

/// A cost, in seconds; zero if nobody has measured it.
struct CostFact {
  StringLiteral field; ///< in the file's object "cost"
  StringLiteral key;   ///< in the module
  StringLiteral what;
  double CostConstants::*value;
};

inline constexpr CostFact kCostFacts[] = {
    {"seconds_per_access", "cost_seconds_per_access",
     "time of one memory access", &CostConstants::secondsPerAccess},
    {"seconds_per_flop", "cost_seconds_per_flop",
     "time of one floating-point operation", &CostConstants::secondsPerFlop},
    {"seconds_per_product", "cost_seconds_per_product",
     "time of a product, however small", &CostConstants::secondsPerProduct},
};
inline constexpr double kMaximumSeconds = 10;

/// Bytes of a memory access.
inline constexpr StringLiteral kAccessBytesField = "access_bytes";
inline constexpr StringLiteral kAccessBytesKey = "cost_access_bytes";
inline constexpr int64_t kMaximumAccessBytes = 1 << 16;

inline constexpr StringLiteral kBandwidthField = "bandwidth";
inline constexpr StringLiteral kBandwidthKey = "memory_bytes_per_second";
inline constexpr double kMaximumRate = 1e21;

inline constexpr StringLiteral kPeakField = "peak_flops";
inline constexpr StringLiteral kPeakKey = "peak_flops_per_second";
/// Element types that a peak rate can be given for.
inline constexpr StringLiteral kElementTypes[] = {"f64",  "f32", "tf32",
                                                  "bf16", "f16", "i8"};

inline constexpr StringLiteral kNameKey = "name";
inline constexpr StringLiteral kProcessorKey = "processor";
inline constexpr StringLiteral kMatrixTileField = "matrix_tile";
inline constexpr int64_t kMaximumMatrixTile = 1024;
inline constexpr StringLiteral kBlocksField = "blocks";
inline constexpr StringLiteral kBlocksKey = "block_sizes";

/// "a power of two from 128 to 8192", ...
std::string describeRange(const IntegerFact &fact);
bool isInRange(const IntegerFact &fact, int64_t value);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_TARGET_FACTS_H
