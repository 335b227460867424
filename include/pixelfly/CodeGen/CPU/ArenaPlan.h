//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Placing buffers with known lifetimes in one block of memory. Plain integers,
// no IR, so that it can be tested on its own.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_CPU_ARENAPLAN_H
#define PIXELFLY_CODEGEN_CPU_ARENAPLAN_H

#include <cstdint>
#include <vector>

namespace mlir::pixelfly {

/// A buffer that must keep its contents from step `first` to step `last`, both
/// included.
struct BufferLifetime {
  int64_t bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
};

/// Where each buffer lies.
struct ArenaPlan {
  std::vector<int64_t> offsets; ///< one per buffer, multiples of the alignment
  int64_t totalBytes = 0;       ///< size of the arena
  /// Most bytes that are alive in one step: no plan can be smaller.
  int64_t lowerBound = 0;
};

/// Places the buffers so that two whose lifetimes share a step do not share
/// bytes. Every size is rounded up to `alignment`.
///
/// Optimal placement is NP-hard. This tries several orders (by size, by size
/// times duration, by time), puts each buffer into the tightest gap that the
/// buffers placed before leave it, and keeps the smallest arena. On the
/// lifetimes of a training step (a stack of activations, and short temporaries)
/// the result is close to the lower bound. Deterministic.
ArenaPlan planArena(const std::vector<BufferLifetime> &buffers,
                    int64_t alignment);

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_CPU_ARENAPLAN_H
