//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Random.h"

#include <cmath>
#include <numeric>
#include <utility>

using namespace pixelfly::rt;

std::array<uint32_t, 4> pixelfly::rt::philox(std::array<uint32_t, 4> counter,
                                             std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t product0 = uint64_t(0xD2511F53) * counter[0];
    uint64_t product1 = uint64_t(0xCD9E8D57) * counter[2];
    counter = {
        uint32_t(product1 >> 32) ^ counter[1] ^ key[0], uint32_t(product1),
        uint32_t(product0 >> 32) ^ counter[3] ^ key[1], uint32_t(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

std::array<uint32_t, 4> Random::draw(uint32_t stream, uint64_t element,
                                     uint32_t attempt) const {
  return philox({uint32_t(element), uint32_t(element >> 32), stream,
                 uint32_t(purpose) | attempt << 8},
                {uint32_t(seed), uint32_t(seed >> 32)});
}

float Random::uniform(uint32_t stream, uint64_t element) const {
  return float(draw(stream, element)[0] >> 8) * 0x1p-24f;
}

/// One normal number out of 64 random bits. The first uniform lies in (0, 1),
/// so its logarithm is finite.
static double boxMuller(uint32_t first, uint32_t second) {
  double radius = std::sqrt(-2 * std::log((first + 0.5) * 0x1p-32));
  return radius * std::cos(2 * M_PI * (second * 0x1p-32));
}

double Random::normal(uint32_t stream, uint64_t element) const {
  std::array<uint32_t, 4> bits = draw(stream, element);
  return boxMuller(bits[0], bits[1]);
}

double Random::truncatedNormal(uint32_t stream, uint64_t element) const {
  // 4.6 % fall outside; 2^24 attempts never run out.
  for (uint32_t attempt = 0;; ++attempt) {
    std::array<uint32_t, 4> bits = draw(stream, element, attempt);
    for (int i : {0, 2}) {
      double value = boxMuller(bits[i], bits[i + 1]);
      if (std::abs(value) <= 2)
        return value;
    }
  }
}

uint64_t Random::below(uint64_t bound, uint32_t stream,
                       uint64_t element) const {
  std::array<uint32_t, 4> bits = draw(stream, element);
  uint64_t number = uint64_t(bits[0]) << 32 | bits[1];
  return uint64_t((unsigned __int128)number * bound >> 64);
}

std::vector<uint32_t> pixelfly::rt::shuffledOrder(uint32_t count, uint64_t seed,
                                                  uint32_t epoch) {
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  Random random(seed, RandomPurpose::Shuffle);
  for (uint32_t left = count; left > 1; --left)
    std::swap(order[left - 1], order[random.below(left, epoch, left)]);
  return order;
}
