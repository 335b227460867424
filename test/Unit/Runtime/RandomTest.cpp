//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Random.h"
#include "pixelfly-rt/Initialize.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace pixelfly::rt;
using Words = std::array<uint32_t, 4>;

// The known answers that come with the authors' Random123 library.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                   {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, DependsOnEveryPartOfItsPlace) {
  Random random(7, RandomPurpose::Parameter);
  float value = random.uniform(3, 5);
  EXPECT_EQ(value, Random(7, RandomPurpose::Parameter).uniform(3, 5));
  EXPECT_NE(value, random.uniform(3, 6));
  EXPECT_NE(value, random.uniform(3, 5 + (uint64_t(1) << 32)));
  EXPECT_NE(value, random.uniform(4, 5));
  EXPECT_NE(value, Random(8, RandomPurpose::Parameter).uniform(3, 5));
  EXPECT_NE(
      value,
      Random(7 + (uint64_t(1) << 32), RandomPurpose::Parameter).uniform(3, 5));
  EXPECT_NE(value, Random(7, RandomPurpose::Shuffle).uniform(3, 5));
}

namespace {
struct Moments {
  double mean = 0, deviation = 0, smallest = 0, largest = 0;
};

Moments momentsOf(InitKind kind, double scale) {
  Parameter parameter;
  parameter.shape = {100000};
  parameter.init = {kind, scale};
  std::vector<float> values(100000);
  initialize(values.data(), parameter, 0, 1);
  Moments result;
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / 1e5;
  for (double value : values)
    result.deviation += (value - result.mean) * (value - result.mean) / 1e5;
  result.deviation = std::sqrt(result.deviation);
  result.smallest = *std::min_element(values.begin(), values.end());
  result.largest = *std::max_element(values.begin(), values.end());
  return result;
}
} // namespace

// Means of 1e5 numbers are off by about deviation / 316.
TEST(Initialize, Constant) {
  Moments m = momentsOf(InitKind::Constant, -0.5);
  EXPECT_EQ(m.smallest, -0.5);
  EXPECT_EQ(m.largest, -0.5);
}

TEST(Initialize, Uniform) {
  Moments m = momentsOf(InitKind::Uniform, 0.5);
  EXPECT_NEAR(m.mean, 0, 0.005);
  EXPECT_NEAR(m.deviation, 0.5 / std::sqrt(3.0), 0.003);
  EXPECT_GE(m.smallest, -0.5);
  EXPECT_LT(m.smallest, -0.499);
  EXPECT_LE(m.largest, 0.5);
  EXPECT_GT(m.largest, 0.499);
}

TEST(Initialize, Normal) {
  Moments m = momentsOf(InitKind::Normal, 0.5);
  EXPECT_NEAR(m.mean, 0, 0.008);
  EXPECT_NEAR(m.deviation, 0.5, 0.005);
  EXPECT_GT(m.largest, 3.5 * 0.5);
  EXPECT_LT(m.largest, 6 * 0.5);
}

TEST(Initialize, TruncatedNormal) {
  Moments m = momentsOf(InitKind::TruncatedNormal, 0.5);
  EXPECT_NEAR(m.mean, 0, 0.008);
  // The deviation of a normal distribution cut at two deviations.
  EXPECT_NEAR(m.deviation, 0.5 * 0.8796, 0.005);
  EXPECT_LE(m.largest, 1.0);
  EXPECT_GE(m.smallest, -1.0);
  EXPECT_GT(m.largest, 0.99);
}

TEST(Shuffle, IsAPermutationThatDependsOnSeedAndEpoch) {
  std::vector<uint32_t> order = shuffledOrder(1000, 1, 0);
  EXPECT_EQ(order, shuffledOrder(1000, 1, 0));
  EXPECT_NE(order, shuffledOrder(1000, 1, 1));
  EXPECT_NE(order, shuffledOrder(1000, 2, 0));
  std::sort(order.begin(), order.end());
  for (uint32_t i = 0; i < 1000; ++i)
    EXPECT_EQ(order[i], i);
  EXPECT_TRUE(shuffledOrder(0, 1, 0).empty());
}

// Every example comes first about equally often.
TEST(Shuffle, IsFair) {
  std::vector<int> first(10);
  for (uint32_t epoch = 0; epoch < 10000; ++epoch)
    ++first[shuffledOrder(10, 5, epoch)[0]];
  for (int count : first)
    EXPECT_NEAR(count, 1000, 150); // five standard deviations
}

// Blocks of 8 of a 20 x 21 matrix, in a pattern of 24 x 24 whose rows store
// their own cell first and then the next ones round.
TEST(Initialize, PaddingIsZero) {
  Parameter parameter;
  parameter.shape = {9, 8, 8};
  parameter.init = {InitKind::Uniform, 1.0};
  parameter.pattern = Pattern{24, 24, 8, {3}, 1, {}};
  parameter.rows = 20;
  parameter.cols = 21;
  std::vector<float> values(9 * 64);
  initialize(values.data(), parameter, 0, 1);
  int64_t columns[3][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}};
  for (int64_t p = 0; p < 3; ++p)
    for (int64_t s = 0; s < 3; ++s)
      for (int64_t i = 0; i < 8; ++i)
        for (int64_t j = 0; j < 8; ++j) {
          bool inside = p * 8 + i < 20 && columns[p][s] * 8 + j < 21;
          float value = values[size_t(((p * 3 + s) * 8 + i) * 8 + j)];
          EXPECT_EQ(value != 0, inside)
              << "block " << p << ", " << s << " at " << i << ", " << j;
        }
}

// A block row with more blocks than others starts with smaller numbers: every
// output has the same variance.
TEST(Initialize, UnevenRowsHaveTheSameVariance) {
  constexpr int64_t block = 64;
  Parameter parameter;
  parameter.shape = {8, block, block};
  parameter.init = {InitKind::Uniform, 1.0};
  parameter.pattern = Pattern{
      4 * block, 4 * block, block, {}, 0, {{0, 1, 2, 3}, {2}, {}, {0, 1, 3}}};
  parameter.rows = parameter.cols = 4 * block;
  std::vector<float> values(8 * block * block);
  initialize(values.data(), parameter, 0, 1);
  size_t position = 0;
  for (size_t stored : {4, 1, 0, 3}) {
    double sum = 0;
    for (size_t i = 0; i < stored * block * block; ++i, ++position)
      sum += double(values[position]) * values[position];
    // The mean row has two blocks.
    if (stored != 0)
      EXPECT_NEAR(sum / block, 2 * block / 3.0, 0.04 * block);
  }
}
