//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/ArenaPlan.h"

#include "gtest/gtest.h"

#include <random>

using namespace mlir::pixelfly;

/// Buffers that share a step must not share bytes.
static void expectValid(const std::vector<BufferLifetime> &buffers,
                        const ArenaPlan &plan, int64_t alignment) {
  ASSERT_EQ(plan.offsets.size(), buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % alignment, 0);
    EXPECT_LE(plan.offsets[i] + buffers[i].bytes, plan.totalBytes);
    for (size_t j = 0; j < i; ++j) {
      bool together = buffers[i].first <= buffers[j].last &&
                      buffers[j].first <= buffers[i].last;
      bool apart = plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                   plan.offsets[j] + buffers[j].bytes <= plan.offsets[i];
      EXPECT_TRUE(!together || apart) << "buffers " << i << " and " << j;
    }
  }
  EXPECT_GE(plan.totalBytes, plan.lowerBound);
}

TEST(ArenaPlan, NothingNeedsNothing) {
  ArenaPlan plan = planArena({}, 64);
  EXPECT_EQ(plan.totalBytes, 0);
  EXPECT_EQ(plan.lowerBound, 0);
}

TEST(ArenaPlan, ReusesWhatHasEnded) {
  ArenaPlan plan = planArena({{100, 0, 1}, {128, 2, 3}}, 64);
  EXPECT_EQ(plan.totalBytes, 128);
  EXPECT_EQ(plan.offsets[0], plan.offsets[1]);
}

TEST(ArenaPlan, SeparatesWhatMeetsInOneStep) {
  ArenaPlan plan = planArena({{64, 0, 2}, {64, 2, 3}}, 64);
  EXPECT_EQ(plan.totalBytes, 128);
  EXPECT_NE(plan.offsets[0], plan.offsets[1]);
}

TEST(ArenaPlan, RoundsSizesUp) {
  ArenaPlan plan = planArena({{1, 0, 1}, {1, 0, 1}}, 64);
  EXPECT_EQ(plan.totalBytes, 128);
  EXPECT_EQ(plan.lowerBound, 128);
}

// Activations of the forward part wait for their backward counterpart, and each
// layer needs short temporaries on the way up and down.
TEST(ArenaPlan, TrainingStepIsWithinTenPercentOfTheBound) {
  std::vector<BufferLifetime> buffers;
  const int64_t layers = 24;
  for (int64_t layer = 0; layer < layers; ++layer) {
    int64_t up = 3 * layer, down = 6 * layers - 3 * layer;
    int64_t wide = layer % 2 ? 4 : 1;
    buffers.push_back({wide << 20, up, down});
    buffers.push_back({(wide << 18) + 100, up, up + 1});
    buffers.push_back({wide << 20, down - 2, down + 1});
    buffers.push_back({300 * wide, down, 6 * layers + 1});
  }
  ArenaPlan plan = planArena(buffers, 64);
  expectValid(buffers, plan, 64);
  EXPECT_LE(plan.totalBytes, plan.lowerBound * 1.1);
}

TEST(ArenaPlan, RandomLifetimesNeverOverlap) {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    std::vector<BufferLifetime> buffers;
    for (int i = 0; i < 60; ++i) {
      int64_t first = random() % 100;
      buffers.push_back({static_cast<int64_t>(random() % 5000), first,
                         first + static_cast<int64_t>(random() % 30)});
    }
    expectValid(buffers, planArena(buffers, 64), 64);
  }
}
