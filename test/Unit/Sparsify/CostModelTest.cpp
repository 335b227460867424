//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/CostModel.h"

#include <gtest/gtest.h>

using namespace mlir::pixelfly;

/// One second a flop, a thousand an element of four bytes, a million a product,
/// and a cache that nothing stays in but weights of 512 elements.
static Target slowTarget() {
  Target target;
  target.l2Bytes = 4 << 10;
  target.cost.accessBytes = 64;
  target.cost.secondsPerAccess = 16000;
  target.cost.secondsPerFlop = 1;
  target.cost.secondsPerProduct = 1e6;
  return target;
}

TEST(CostModel, CountsAProduct) {
  Target target = slowTarget();
  WeightCounts weight{/*rows=*/64, /*cols=*/32, /*nonzeros=*/512, /*block=*/16};
  for (ProductKind kind : {ProductKind::Forward, ProductKind::InputGradient}) {
    WorkCounts counts = countProduct(kind, /*vectors=*/10, weight, target);
    EXPECT_EQ(counts.flops, 2 * 10 * 512);
    EXPECT_EQ(counts.elements, 10 * (64 + 32) + 512);
    EXPECT_EQ(counts.products, 1);
  }
  WorkCounts gradient =
      countProduct(ProductKind::WeightGradient, 10, weight, target);
  EXPECT_EQ(gradient.flops, 2 * 10 * 512);
  EXPECT_EQ(gradient.elements, 3 * 10 * (64 + 32) + 512);
}

// Both activations and their adjoints take 2 * 10 * 96 * 4 bytes: in half of a
// cache of 16 KiB they stay, in less they do not.
TEST(CostModel, CountsHalfOfWhatStaysInTheCache) {
  Target target = slowTarget();
  WeightCounts weight{64, 32, 512, 16};
  target.l2Bytes = 16 << 10;
  EXPECT_EQ(countProduct(ProductKind::Forward, 10, weight, target).elements,
            10 * 96 / 2 + 512);
  // 480 of the products, of the weight gradient three times; 640 of the bias.
  EXPECT_EQ(countLayer(10, weight, target).elements,
            5 * 480 + 4 * 320 + 3 * 512);
  target.l2Bytes = 14 << 10;
  EXPECT_EQ(countProduct(ProductKind::Forward, 10, weight, target).elements,
            10 * 96 + 512);
}

// Sixteen lanes, of which a block of 8 fills half.
TEST(CostModel, CountsEmptyLanes) {
  Target target = slowTarget();
  WorkCounts narrow =
      countProduct(ProductKind::Forward, 10, {64, 32, 512, 8}, target);
  EXPECT_EQ(narrow.flops, 2 * 2 * 10 * 512);
  target.vectorBits = 256;
  narrow = countProduct(ProductKind::Forward, 10, {64, 32, 512, 8}, target);
  EXPECT_EQ(narrow.flops, 2 * 10 * 512);
}

// Blocks of 32 KiB in a cache of 32 KiB: each panel fetches them. A panel's
// operand takes at most 8 KiB: 32 rows of 64, 64 of 32, 32 (the least) of both.
TEST(CostModel, CountsBlocksThatLeaveTheCache) {
  Target target = slowTarget();
  target.l2Bytes = 32 << 10;
  WeightCounts weight{64, 32, 8192, 32};
  auto elements = [&](ProductKind kind) {
    return countProduct(kind, 128, weight, target).elements;
  };
  EXPECT_EQ(elements(ProductKind::Forward), 128 * 96 + 8192 * 2);
  EXPECT_EQ(elements(ProductKind::InputGradient), 128 * 96 + 8192 * 4);
  EXPECT_EQ(elements(ProductKind::WeightGradient), 3 * 128 * 96 + 2 * 8192 * 4);
  // One that is dense keeps its result in registers.
  weight.block = 0;
  EXPECT_EQ(elements(ProductKind::WeightGradient), 3 * 128 * 96 + 8192);
}

TEST(CostModel, WeighsCountsWithTheConstantsOfTheTarget) {
  CostModel model(slowTarget());
  EXPECT_DOUBLE_EQ(model.seconds({7, 3, 2}), 7 + 3000 + 2e6);
}

TEST(CostModel, ALayerIsThreeProductsAndItsLowRankTermSixMore) {
  CostModel model(slowTarget());
  // Five touches by the products, and four of the result for the bias.
  EXPECT_DOUBLE_EQ(model.layer(10, WeightCounts::dense(64, 32)),
                   3 * 2 * 10 * 2048 +
                       1000.0 * (5 * 10 * 96 + 3 * 2048 + 4 * 10 * 64) + 3e6);
  double blocks = model.layer(10, {64, 32, 512, 16, 0});
  EXPECT_DOUBLE_EQ(blocks, 3 * 2 * 10 * 512 +
                               1000.0 * (5 * 10 * 96 + 3 * 512 + 4 * 10 * 64) +
                               3e6);
  // V: 32 -> 8, U: 8 -> 64; three touches of both activations to add to them,
  // two of the weights to scale them.
  double lowRank =
      3 * 2 * 10 * (8 * 32 + 64 * 8) +
      1000.0 * (5 * 10 * (8 + 32) + 3 * 8 * 32 + 5 * 10 * (64 + 8) +
                3 * 64 * 8 + 3 * 10 * 96 + 2 * (512 + 8 * 64)) +
      6e6;
  EXPECT_DOUBLE_EQ(model.layer(10, {64, 32, 512, 16, 8}), blocks + lowRank);
}

TEST(CostModel, AChoiceCostsWhatItsCountsSay) {
  CostModel model(slowTarget());
  LayerChoice choice;
  choice.pattern = FlatButterfly{64, 32, 8, {2, 2}, 1};
  choice.rank = 8;
  EXPECT_DOUBLE_EQ(model.layer(10, WeightCounts::of(choice)),
                   model.layer(10, {64, 32, 16 * 64, 8, 8}));
}

// A target that nobody has measured still tells more work from less.
TEST(CostModel, FallsBackOnPeakAndBandwidth) {
  Target target;
  target.peakFlops["f32"] = 2e11;
  target.bandwidth = 4e10;
  CostModel model(target);
  EXPECT_DOUBLE_EQ(model.seconds({2e11, 0, 5}), 1);
  EXPECT_DOUBLE_EQ(model.seconds({0, 1e10, 0}), 1);
  CostModel unknown{Target()};
  EXPECT_GT(unknown.seconds({1, 0, 0}), 0);
  EXPECT_GT(unknown.seconds({0, 1, 0}), 0);
}
