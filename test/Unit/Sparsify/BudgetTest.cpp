//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/Budget.h"
#include "pixelfly/Sparsify/CostModel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mlir::pixelfly;

/// A layer whose cost is its elements times `scale`.
static BudgetLayer layerOf(int64_t rows, int64_t cols, int64_t scale = 1) {
  BudgetLayer layer;
  layer.rows = rows;
  layer.cols = cols;
  layer.dense = rows * cols * scale;
  layer.cost = [scale](const LayerChoice &choice) {
    return choice.elements() * scale;
  };
  return layer;
}

static int64_t sumOfCosts(const std::vector<BudgetLayer> &layers,
                          const BudgetPlan &plan) {
  int64_t sum = 0;
  for (size_t i = 0; i < layers.size(); ++i)
    sum += layers[i].cost(plan.choices[i]);
  return sum;
}

// Four layers of which each alone reaches 20.3 %: three get one more factor,
// which is exactly the budget.
TEST(Budget, GivesWhatIsLeftToOneLayerAfterTheOther) {
  std::vector<BudgetLayer> layers = {layerOf(2048, 512), layerOf(512, 2048),
                                     layerOf(2048, 512), layerOf(512, 2048)};
  BudgetRules rules;
  rules.limit = 4 * 2048 * 512 / 4;
  rules.blocks = {32};
  BudgetPlan plan = planBudget(layers, rules);
  ASSERT_TRUE(plan.isPossible());
  EXPECT_EQ(plan.used, rules.limit);
  EXPECT_EQ(plan.nextStep, 2048 * 512 / 16);
  for (const LayerChoice &choice : plan.choices)
    EXPECT_EQ(choice.rank, 32);
  EXPECT_EQ(plan.choices[0].pattern->factors, 2);
  EXPECT_EQ(plan.choices[1].pattern->factors, 2);
  EXPECT_EQ(plan.choices[2].pattern->factors, 2);
  EXPECT_EQ(plan.choices[3].pattern->factors, 1);
}

// The small layer cannot be sparser than half; the other gives what that is
// above its share.
TEST(Budget, LayersAtTheirLeastAreCarriedByTheOthers) {
  std::vector<BudgetLayer> layers = {layerOf(64, 64), layerOf(1024, 1024)};
  BudgetRules rules;
  rules.blocks = {32};
  rules.limit = (64 * 64 + 1024 * 1024) / 10;
  BudgetPlan plan = planBudget(layers, rules);
  ASSERT_TRUE(plan.isPossible());
  EXPECT_EQ(plan.choices[0].elements(), 64 * 64 / 2);
  EXPECT_EQ(plan.choices[0].rank, 0);
  // Three of 32 cells.
  EXPECT_EQ(plan.choices[1].elements(), 1024 * 1024 * 3 / 32);
  EXPECT_LE(plan.used, rules.limit);
}

TEST(Budget, SaysTheLeastOfAnImpossibleBudget) {
  std::vector<BudgetLayer> layers = {layerOf(64, 64), layerOf(128, 64)};
  BudgetRules rules;
  rules.blocks = {32};
  rules.limit = 64 * 64 / 4;
  BudgetPlan plan = planBudget(layers, rules);
  EXPECT_FALSE(plan.isPossible());
  // Two cells a side: half of each.
  EXPECT_EQ(plan.least, 64 * 64 / 2 + 128 * 64 / 2);
  rules.limit = plan.least;
  plan = planBudget(layers, rules);
  ASSERT_TRUE(plan.isPossible());
  EXPECT_EQ(plan.used, plan.least);
}

// Weights shift density from one layer to the other.
TEST(Budget, SharesByWeight) {
  std::vector<BudgetLayer> layers = {layerOf(4096, 4096), layerOf(4096, 4096)};
  layers[1].weight = 3;
  BudgetRules rules;
  rules.blocks = {32};
  rules.lowRankShare = 0;
  // 1/32 and 3/32 of the layers.
  rules.limit = 4096 * 4096 / 8;
  BudgetPlan plan = planBudget(layers, rules);
  ASSERT_TRUE(plan.isPossible());
  double first = double(layers[0].cost(plan.choices[0]));
  double second = double(layers[1].cost(plan.choices[1]));
  EXPECT_DOUBLE_EQ(second / first, 3);
}

// A size that the block does not divide is padded; the padding counts.
TEST(Budget, CountsThePaddingOfALayer) {
  std::vector<BudgetLayer> layers = {layerOf(1000, 1000)};
  BudgetRules rules;
  rules.blocks = {32};
  rules.limit = 1000 * 1000 / 4;
  BudgetPlan plan = planBudget(layers, rules);
  ASSERT_TRUE(plan.isPossible());
  EXPECT_EQ(plan.choices[0].pattern->rows, 1024);
  EXPECT_LE(plan.choices[0].elements(), rules.limit);
  EXPECT_GE(double(plan.used), 0.85 * double(rules.limit));
}

TEST(Budget, TakesASmallerBlockWhereTheLargeOneUsesLittle) {
  std::vector<BudgetLayer> layers = {layerOf(512, 512)};
  BudgetRules rules;
  rules.limit = 512 * 512 * 15 / 100;
  rules.blocks = {32};
  BudgetPlan large = planBudget(layers, rules);
  EXPECT_LT(double(large.used), kWellUsed * double(rules.limit));
  rules.blocks = {32, 16, 8};
  BudgetPlan free = planBudget(layers, rules);
  ASSERT_TRUE(free.isPossible());
  EXPECT_EQ(free.choices[0].pattern->block, 8);
  EXPECT_GE(double(free.used), kWellUsed * double(rules.limit));
  // Where the large one uses the budget well, it stays.
  rules.limit = 512 * 512 / 4;
  EXPECT_EQ(planBudget(layers, rules).choices[0].pattern->block, 32);
}

// Over random layers: the limit holds, nothing larger would fit, every pattern
// is aligned with rows of equal length, and ranks keep to their rule.
TEST(Budget, Properties) {
  std::mt19937 random(3);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  const std::vector<std::vector<int64_t>> blockLists = {
      {32}, {16}, {8}, {32, 16}, {64, 32, 16, 8}};
  int numPossible = 0, numLarge = 0;
  for (int round = 0; round < 400; ++round) {
    SCOPED_TRACE(round);
    BudgetRules rules;
    rules.blocks = blockLists[draw(0, int64_t(blockLists.size()) - 1)];
    rules.lowRankShare = draw(0, 2) == 0 ? 0 : 1.0 / 3;
    std::vector<BudgetLayer> layers;
    int64_t dense = 0, numLayers = draw(1, 12);
    while (int64_t(layers.size()) < numLayers) {
      // Padded now and then.
      int64_t rows = 32 * draw(2, 48) - (draw(0, 3) == 0 ? 5 : 0);
      int64_t cols = 32 * draw(2, 48);
      if (!hasSparsePattern(rows, cols, rules.blocks.front()))
        continue;
      layers.push_back(layerOf(rows, cols, draw(1, 4)));
      dense += layers.back().dense;
    }
    rules.limit = int64_t(double(dense) * 0.01 * double(draw(1, 60)));
    BudgetPlan plan = planBudget(layers, rules);
    int64_t least = 0;
    for (const BudgetLayer &layer : layers)
      least += leastCost(layer, rules.blocks);
    EXPECT_EQ(plan.isPossible(), least <= rules.limit);
    if (!plan.isPossible()) {
      EXPECT_EQ(plan.least, least);
      continue;
    }
    ++numPossible;
    EXPECT_EQ(plan.used, sumOfCosts(layers, plan));
    EXPECT_LE(plan.used, rules.limit);
    if (plan.nextStep > 0)
      EXPECT_GT(plan.used + plan.nextStep, rules.limit);
    for (size_t i = 0; i < layers.size(); ++i) {
      const LayerChoice &choice = plan.choices[i];
      ASSERT_TRUE(choice.pattern);
      const FlatButterfly &pattern = *choice.pattern;
      EXPECT_EQ(pattern.check(), "");
      EXPECT_LT(layers[i].cost(choice), layers[i].dense);
      EXPECT_EQ(choice.rank % pattern.block, 0);
      if (rules.lowRankShare == 0)
        EXPECT_EQ(choice.rank, 0);
      int64_t perRow = pattern.columnsOfRow(0).size();
      int64_t perCol = pattern.rowsOfColumn(0).size();
      for (int64_t row = 1; row < pattern.blockRows(); ++row)
        ASSERT_EQ(int64_t(pattern.columnsOfRow(row).size()), perRow);
      for (int64_t col = 1; col < pattern.blockCols(); ++col)
        ASSERT_EQ(int64_t(pattern.rowsOfColumn(col).size()), perCol);
    }
    // The same again.
    EXPECT_EQ(planBudget(layers, rules).used, plan.used);
    // With a step that is small against the budget, most of it is used.
    if (plan.nextStep > 0 && double(plan.nextStep) < 0.1 * rules.limit) {
      ++numLarge;
      EXPECT_GE(double(plan.used), 0.9 * double(rules.limit));
    }
  }
  EXPECT_GT(numPossible, 200);
  EXPECT_GT(numLarge, 100);
}

// The same of predicted times, which are no multiples of the elements: a part
// of them does not depend on the pattern at all.
TEST(Budget, PropertiesOfTimes) {
  std::mt19937 random(5);
  auto draw = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  Target target;
  target.cost = {64, 1e-9, 6e-12, 2e-6};
  CostModel model(target);
  int numPossible = 0, numWellUsed = 0;
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    BudgetRules rules;
    rules.blocks = {32};
    if (draw(0, 1))
      rules.blocks = {32, 16, 8};
    std::vector<BudgetLayer> layers;
    int64_t dense = 0, least = 0, numLayers = draw(1, 8);
    while (int64_t(layers.size()) < numLayers) {
      BudgetLayer layer;
      layer.rows = 64 * draw(2, 32);
      layer.cols = 64 * draw(2, 32);
      int64_t vectors = 64 * draw(1, 16);
      layer.dense = std::llround(
          1e9 *
          model.layer(vectors, WeightCounts::dense(layer.rows, layer.cols)));
      layer.cost = [&model, vectors](const LayerChoice &choice) {
        return int64_t(
            std::ceil(1e9 * model.layer(vectors, WeightCounts::of(choice))));
      };
      if (!hasSparsePattern(layer.rows, layer.cols, 32) ||
          leastCost(layer, rules.blocks) >= layer.dense)
        continue;
      least += leastCost(layer, rules.blocks);
      dense += layer.dense;
      layers.push_back(layer);
    }
    // A sum of shares needs weights of one kind.
    bool isWeighted = draw(0, 1);
    for (BudgetLayer &layer : layers)
      layer.weight = isWeighted
                         ? double(layer.rows * layer.cols) / double(layer.dense)
                         : 1;
    rules.limit = int64_t(double(dense) * 0.01 * double(draw(5, 60)));
    BudgetPlan plan = planBudget(layers, rules);
    EXPECT_EQ(plan.isPossible(), least <= rules.limit);
    if (!plan.isPossible()) {
      EXPECT_EQ(plan.least, least);
      continue;
    }
    ++numPossible;
    EXPECT_EQ(plan.used, sumOfCosts(layers, plan));
    EXPECT_LE(plan.used, rules.limit);
    if (plan.nextStep > 0)
      EXPECT_GT(plan.used + plan.nextStep, rules.limit);
    for (size_t i = 0; i < layers.size(); ++i) {
      ASSERT_TRUE(plan.choices[i].pattern);
      EXPECT_EQ(plan.choices[i].pattern->check(), "");
      EXPECT_LT(layers[i].cost(plan.choices[i]), layers[i].dense);
    }
    numWellUsed += double(plan.used) >= 0.9 * double(rules.limit);
  }
  EXPECT_GT(numPossible, 80);
  EXPECT_GT(numWellUsed, numPossible * 3 / 4);
}
