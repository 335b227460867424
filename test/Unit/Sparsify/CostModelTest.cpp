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

/// One second a flop, a thousand an element of four bytes, a million a product.
static Target slowTarget() {
  Target target;
  target.cost.accessBytes = 64;
  target.cost.secondsPerAccess = 16000;
  target.cost.secondsPerFlop = 1;
  target.cost.secondsPerProduct = 1e6;
  return target;
}

TEST(CostModel, CountsAProduct) {
  ProductCounts forward =
      countProduct(ProductKind::Forward, /*vectors=*/10, /*rows=*/64,
                   /*cols=*/32, /*nonzeros=*/512);
  EXPECT_EQ(forward.flops, 2 * 10 * 512);
  EXPECT_EQ(forward.elements, 10 * (64 + 32) + 512);
  ProductCounts gradient =
      countProduct(ProductKind::WeightGradient, 10, 64, 32, 512);
  EXPECT_EQ(gradient.flops, forward.flops);
  EXPECT_EQ(gradient.elements, 4 * 10 * (64 + 32) + 512);
}

TEST(CostModel, WeighsCountsWithTheConstantsOfTheTarget) {
  CostModel model(slowTarget());
  EXPECT_DOUBLE_EQ(model.seconds({7, 3}, 2), 7 + 3000 + 2e6);
  EXPECT_DOUBLE_EQ(model.seconds(ProductKind::Forward, 10, 64, 32, 512),
                   10240 + 1000 * (960 + 512) + 1e6);
}

TEST(CostModel, ALayerIsThreeProductsAndItsLowRankTermSixMore) {
  CostModel model(slowTarget());
  double dense = model.denseLayer(10, 64, 32);
  EXPECT_DOUBLE_EQ(dense,
                   3 * 2 * 10 * 2048 + 1000.0 * (6 * 10 * 96 + 3 * 2048) + 3e6);
  double blocks = model.sparseLayer(10, 64, 32, 512, 0);
  EXPECT_DOUBLE_EQ(blocks,
                   3 * 2 * 10 * 512 + 1000.0 * (6 * 10 * 96 + 3 * 512) + 3e6);
  // V: 32 -> 8, U: 8 -> 64, and six touches of the result to mix.
  double lowRank = 3 * 2 * 10 * (8 * 32 + 64 * 8) +
                   1000.0 * (6 * 10 * (8 + 32) + 3 * 8 * 32 +
                             6 * 10 * (64 + 8) + 3 * 64 * 8 + 6 * 10 * 64) +
                   6e6;
  EXPECT_DOUBLE_EQ(model.sparseLayer(10, 64, 32, 512, 8), blocks + lowRank);
}

TEST(CostModel, AChoiceCostsWhatItsCountsSay) {
  CostModel model(slowTarget());
  LayerChoice choice;
  EXPECT_EQ(model.sparseLayer(10, choice), 0);
  choice.pattern = FlatButterfly{64, 32, 8, {2, 2}, 1};
  choice.rank = 8;
  EXPECT_DOUBLE_EQ(model.sparseLayer(10, choice),
                   model.sparseLayer(10, 64, 32, 16 * 64, 8));
}

// A target that nobody has measured still tells more work from less.
TEST(CostModel, FallsBackOnPeakAndBandwidth) {
  Target target;
  target.peakFlops["f32"] = 2e11;
  target.bandwidth = 4e10;
  CostModel model(target);
  EXPECT_DOUBLE_EQ(model.seconds({2e11, 0}, 5), 1);
  EXPECT_DOUBLE_EQ(model.seconds({0, 1e10}), 1);
  CostModel unknown{Target()};
  EXPECT_GT(unknown.seconds({1, 0}), 0);
  EXPECT_GT(unknown.seconds({0, 1}), 0);
}
