//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random numbers as a pure function of their place: no state, so the same seed
// gives the same numbers for any number of threads and any order of use.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_RANDOM_H
#define PIXELFLY_RT_RANDOM_H

#include <array>
#include <cstdint>
#include <vector>

namespace pixelfly::rt {

/// Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2,
/// 3" (SC 2011): ten rounds of a keyed bijection on 128-bit counters.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter,
                               std::array<uint32_t, 2> key);

/// What a random number is for; different purposes never share numbers.
enum class RandomPurpose : uint32_t { Parameter = 1, Shuffle = 2 };

/// The numbers of one seed and purpose. `stream` is the index of the parameter
/// or the epoch, `element` the place in it.
class Random {
public:
  Random(uint64_t seed, RandomPurpose purpose) : seed(seed), purpose(purpose) {}

  /// On [0, 1), a multiple of 2^-24.
  float uniform(uint32_t stream, uint64_t element) const;
  /// Mean 0, standard deviation 1 (Box-Muller).
  double normal(uint32_t stream, uint64_t element) const;
  /// As normal, redrawn while outside [-2, 2].
  double truncatedNormal(uint32_t stream, uint64_t element) const;
  /// On [0, bound); the bias is below bound / 2^64.
  uint64_t below(uint64_t bound, uint32_t stream, uint64_t element) const;

private:
  /// `attempt` (below 2^24) tells redraws apart.
  std::array<uint32_t, 4> draw(uint32_t stream, uint64_t element,
                               uint32_t attempt = 0) const;

  uint64_t seed;
  RandomPurpose purpose;
};

/// The numbers 0 .. count-1 in an order that depends on seed and epoch only
/// (Fisher-Yates).
std::vector<uint32_t> shuffledOrder(uint32_t count, uint64_t seed,
                                    uint32_t epoch);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_RANDOM_H
