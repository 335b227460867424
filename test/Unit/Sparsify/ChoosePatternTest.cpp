//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/ChoosePattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace mlir::pixelfly;

static LayerChoice choose(int64_t rows, int64_t cols, double density,
                          int64_t block = 32, double lowRankShare = 1.0 / 3.0) {
  LayerBudget budget;
  budget.rows = rows;
  budget.cols = cols;
  budget.density = density;
  budget.block = block;
  budget.lowRankShare = lowRankShare;
  return chooseLayer(budget);
}

namespace {
/// A layer and the choice worked out by hand.
struct Golden {
  int64_t rows, cols;
  double density;
  int64_t block;
  int64_t rank, cells, factors;
  int64_t numBlocks;
  double used; ///< elements over rows * cols
};
} // namespace

// The paper says "1/4 to 1/3 of the budget, a multiple of the block" and no
// more. The select() list in our notes on the paper takes a quarter, rounded
// down to blocks but at least one; our rule goes up to a third. So of that list
//   1024 x 1024 at .25 agrees: r = 32 (.0625), 6/32 left, exactly .25;
//   2048 x 512 at .25 agrees: r = 32 (.0781 <= .0833), 2/16, .2031;
//   4096 x 1024 at .25: r = 64 (.0781 <= .0833), 5/32, .2344 (list: 32, .2266);
//   4096 x 4096 at .10: r = 64 (.0312 <= .0333), 8/128, .0938 (list: 32, 5/64).
// The list has no aligned answer for 768; with mixed radices there is one.
TEST(ChooseLayer, Goldens) {
  const Golden goldens[] = {
      // Powers of two.
      {1024, 1024, 0.25, 32, 32, 32, 5, 192, 0.25},
      {4096, 1024, 0.25, 32, 64, 32, 4, 640, 0.234375},
      {2048, 512, 0.25, 32, 32, 16, 1, 128, 0.203125},
      {512, 2048, 0.25, 32, 32, 16, 1, 128, 0.203125},
      {4096, 4096, 0.10, 32, 64, 128, 7, 1024, 0.09375},
      // Mixer-B and ViT: 24 cells of radices 2, 2, 2, 3. At 25 % one block of
      // rank of the square layer costs exactly a third of the budget.
      {768, 768, 0.25, 32, 32, 24, 3, 96, 0.25},
      {3072, 768, 0.25, 32, 32, 24, 3, 384, 0.21875},
      {768, 3072, 0.25, 32, 32, 24, 3, 384, 0.21875},
      {2304, 768, 0.25, 32, 32, 24, 3, 288, 2.0 / 9},
      // At 10 % one block of rank costs .0833, .0521 and .0556, more than half.
      {768, 768, 0.10, 32, 0, 24, 1, 48, 1.0 / 12},
      {3072, 768, 0.10, 32, 0, 24, 1, 192, 1.0 / 12},
      {2304, 768, 0.10, 32, 0, 24, 1, 144, 1.0 / 12},
      // The cells that use the budget best are not always the most: 4/24 is
      // exactly what the rank leaves, where 48 cells offer 5/48 and 7/48.
      {1536, 1536, 0.25, 32, 64, 24, 3, 384, 0.25},
      {2304, 2304, 0.25, 32, 96, 24, 3, 864, 0.25},
      {3072, 3072, 0.25, 32, 128, 24, 3, 1536, 0.25},
      {8960, 8960, 0.25, 32, 352, 70, 3, 13440, 0.25},
      {8960, 8960, 0.10, 32, 128, 56, 3, 5600, 0.10},
      // One block of rank costs .0417, between a third and half of the budget;
      // of the patterns with 2/48 of the blocks the one of most cells is taken.
      {1536, 1536, 0.10, 32, 32, 48, 1, 96, 1.0 / 12},
      // 4/72 and 6/96: several counts of cells give them, the most is taken.
      {2304, 2304, 0.10, 32, 32, 72, 3, 288, 1.0 / 12},
      {3072, 3072, 0.10, 32, 32, 96, 5, 576, 1.0 / 12},
      // Other blocks.
      {768, 768, 0.10, 16, 16, 48, 1, 96, 1.0 / 12},
      {768, 768, 0.10, 8, 8, 96, 5, 576, 1.0 / 12},
      {1024, 1024, 0.25, 64, 64, 16, 1, 32, 0.25},
      {512, 512, 0.25, 128, 0, 4, 0, 4, 0.25},
  };
  for (const Golden &g : goldens) {
    SCOPED_TRACE(std::to_string(g.rows) + " x " + std::to_string(g.cols) +
                 " at " + std::to_string(g.density) + ", block " +
                 std::to_string(g.block));
    LayerChoice choice = choose(g.rows, g.cols, g.density, g.block);
    ASSERT_TRUE(choice.pattern) << choice.whyDense;
    EXPECT_EQ(choice.pattern->check(), "");
    EXPECT_EQ(choice.rank, g.rank);
    EXPECT_EQ(choice.pattern->cells(), g.cells);
    EXPECT_EQ(choice.pattern->factors, g.factors);
    EXPECT_EQ(choice.pattern->numBlocks(), g.numBlocks);
    double whole = static_cast<double>(g.rows) * static_cast<double>(g.cols);
    EXPECT_DOUBLE_EQ(static_cast<double>(choice.elements()) / whole, g.used);
  }
}

TEST(ChooseRank, TakesUpToTheShare) {
  LayerBudget budget;
  budget.rows = budget.cols = 768;
  budget.density = 0.25;
  // One block costs exactly a third: also by the digits a printed pipeline has.
  EXPECT_EQ(chooseRank(budget), 32);
  budget.lowRankShare = 3.333333e-01;
  EXPECT_EQ(chooseRank(budget), 32);
  budget.lowRankShare = 0.7;
  EXPECT_EQ(chooseRank(budget), 64);
  budget.lowRankShare = 0;
  EXPECT_EQ(chooseRank(budget), 0);
}

TEST(ChooseRank, OneBlockWhileItCostsAtMostHalf) {
  LayerBudget budget;
  budget.rows = budget.cols = 768; // one block of rank has density 1/12
  budget.density = 2.0 / 12;
  EXPECT_EQ(chooseRank(budget), 32);
  budget.density = 1.99 / 12;
  EXPECT_EQ(chooseRank(budget), 0);
  LayerChoice choice = chooseLayer(budget);
  ASSERT_TRUE(choice.pattern);
  EXPECT_EQ(choice.rankNote,
            "no low-rank term: one block of rank costs 0.0833, more than half "
            "of the budget of 0.1658");
}

TEST(ChooseLayer, LowersARankThatLeavesNoRoomForThePattern) {
  // One block of rank costs .0625, the block diagonal .03125.
  LayerChoice choice = choose(1024, 1024, 0.08, 32, /*lowRankShare=*/0.9);
  ASSERT_TRUE(choice.pattern);
  EXPECT_EQ(choice.rank, 0);
  EXPECT_EQ(choice.pattern->numBlocks(), 64);
  EXPECT_EQ(choice.rankNote,
            "rank 32 would leave too little for the block diagonal");
}

TEST(ChooseLayer, SaysWhatWouldFit) {
  LayerChoice choice = choose(256, 784, 0.25);
  EXPECT_FALSE(choice.pattern);
  EXPECT_EQ(choice.elements(), 0);
  EXPECT_EQ(choice.whyDense,
            "block 32 does not divide 256 x 784; blocks that fit, with their "
            "least density: 8 (0.5000)");
  EXPECT_EQ(choose(100, 100, 0.25).whyDense,
            "block 32 does not divide 100 x 100; no block size gives this "
            "layer a sparse pattern");
  EXPECT_EQ(choose(64, 64, 0.25).whyDense,
            "the sparsest pattern with block 32, a diagonal of 2 cells, has "
            "density 0.5000, above the budget of 0.2500; blocks that fit, with "
            "their least density: 8 (0.1250), 16 (0.2500), 32 (0.5000)");
  EXPECT_EQ(choose(64, 64, 0.25, 24).whyDense,
            "block 24 is not supported; blocks that fit, with their least "
            "density: 8 (0.1250), 16 (0.2500), 32 (0.5000)");
}

// The properties that must hold for any layer, against a search that knows
// nothing of the algorithm: every divisor and every number of factors.
TEST(ChooseLayer, PropertiesOverRandomLayers) {
  std::mt19937 generator(1);
  auto uniform = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(generator);
  };
  int numSparse = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    LayerBudget budget;
    budget.block = int64_t(8) << uniform(0, 4);
    // Common divisors make patterns likely.
    int64_t common = uniform(1, 60);
    budget.rows = budget.block * common * uniform(1, 5);
    budget.cols = budget.block * common * uniform(1, 5);
    if (uniform(0, 9) == 0)
      budget.rows += uniform(1, budget.block);
    budget.density = double(uniform(10, 900)) / 1000;
    budget.lowRankShare = double(uniform(0, 9)) / 10;
    SCOPED_TRACE(std::to_string(budget.rows) + " x " +
                 std::to_string(budget.cols) + ", block " +
                 std::to_string(budget.block) + ", density " +
                 std::to_string(budget.density) + ", share " +
                 std::to_string(budget.lowRankShare));
    LayerChoice choice = chooseLayer(budget);
    EXPECT_EQ(choice.whyDense.empty(), choice.pattern.has_value());

    double whole = double(budget.rows) * double(budget.cols);
    double limit = budget.density * whole * (1 + 1e-12);
    bool divides =
        budget.rows % budget.block == 0 && budget.cols % budget.block == 0;
    if (!choice.pattern) {
      EXPECT_EQ(choice.rank, 0);
      if (divides)
        EXPECT_GT(whole /
                      double(std::gcd(budget.rows, budget.cols) / budget.block),
                  limit);
      continue;
    }
    ++numSparse;
    const FlatButterfly &pattern = *choice.pattern;
    EXPECT_EQ(pattern.check(), "");
    EXPECT_EQ(pattern.rows, budget.rows);
    EXPECT_EQ(pattern.cols, budget.cols);
    EXPECT_EQ(choice.rank % budget.block, 0);
    EXPECT_LE(double(choice.elements()), limit);

    double rankCost = double(choice.rank) * double(budget.rows + budget.cols);
    if (choice.rank > budget.block)
      EXPECT_LE(rankCost, budget.lowRankShare * limit * (1 + 1e-5));
    else
      EXPECT_LE(rankCost,
                std::max(0.5, budget.lowRankShare) * limit * (1 + 1e-5));
    if (budget.lowRankShare == 0)
      EXPECT_EQ(choice.rank, 0);

    // No pattern within the rest has more blocks, or as many and more cells.
    int64_t grid = pattern.blockRows() * pattern.blockCols();
    for (int64_t cells = 1; cells <= pattern.blockRows(); ++cells) {
      if (pattern.blockRows() % cells != 0 || pattern.blockCols() % cells != 0)
        continue;
      int64_t perRow = 1;
      std::vector<int64_t> radices = primeRadices(cells);
      for (size_t factors = 0; factors <= radices.size(); ++factors) {
        perRow += factors == 0 ? 0 : radices[factors - 1] - 1;
        int64_t numBlocks = grid / cells * perRow;
        double cost =
            rankCost + double(numBlocks * budget.block * budget.block);
        if (cost > limit)
          continue;
        EXPECT_LE(numBlocks, pattern.numBlocks());
        if (numBlocks == pattern.numBlocks())
          EXPECT_LE(cells, pattern.cells());
      }
    }
  }
  EXPECT_GT(numSparse, 1000);
}
