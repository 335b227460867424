//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/ChooseInitialisers.h"
#include "pixelfly/Sparsify/ChoosePattern.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mlir::pixelfly;

namespace {
/// Draws as the runtime does, in double.
class Source {
public:
  double draw(const Initialiser &init) {
    switch (init.kind) {
    case InitKind::Constant:
      return init.scale;
    case InitKind::Uniform:
      return std::uniform_real_distribution<double>(-init.scale,
                                                    init.scale)(generator);
    case InitKind::Normal:
      return init.scale * normal(generator);
    case InitKind::TruncatedNormal:
      while (true) {
        double value = normal(generator);
        if (std::abs(value) <= 2)
          return init.scale * value;
      }
    case InitKind::SingularVectors:
      break; // of no rule that keeps the variance
    }
    return 0;
  }

  std::vector<double> draw(const Initialiser &init, int64_t count) {
    std::vector<double> values(count);
    for (double &value : values)
      value = draw(init);
    return values;
  }

private:
  std::mt19937_64 generator{7};
  std::normal_distribution<double> normal;
};

/// Mean square of the outputs of a layer, over draws of its parameters and of
/// inputs of variance 1. The outputs have mean zero.
class OutputVariance {
public:
  void add(double output) {
    sum += output * output;
    ++count;
  }
  double get() const { return sum / double(count); }

private:
  double sum = 0;
  int64_t count = 0;
};
} // namespace

static constexpr int kDraws = 8, kInputs = 40;

static double denseVariance(const Initialiser &init, int64_t rows,
                            int64_t cols) {
  Source source;
  OutputVariance variance;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<double> w = source.draw(init, rows * cols);
    for (int i = 0; i < kInputs; ++i) {
      std::vector<double> x = source.draw({InitKind::Normal, 1}, cols);
      for (int64_t row = 0; row < rows; ++row) {
        double y = 0;
        for (int64_t col = 0; col < cols; ++col)
          y += w[row * cols + col] * x[col];
        variance.add(y);
      }
    }
  }
  return variance.get();
}

/// The layer as it is defined, on the blocks in storage order.
static double sparseVariance(const LayerChoice &choice,
                             const LayerInitialisers &init) {
  const FlatButterfly &p = *choice.pattern;
  int64_t b = p.block, rank = choice.rank;
  Source source;
  OutputVariance variance;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<double> w = source.draw(init.blocks, p.numBlocks() * b * b);
    std::vector<double> u = source.draw(init.u, p.rows * rank);
    std::vector<double> v = source.draw(init.v, p.cols * rank);
    double gamma = rank > 0 ? source.draw(init.gamma) : 1;
    for (int i = 0; i < kInputs; ++i) {
      std::vector<double> x = source.draw({InitKind::Normal, 1}, p.cols);
      std::vector<double> hidden(rank, 0.0);
      for (int64_t col = 0; col < p.cols; ++col)
        for (int64_t k = 0; k < rank; ++k)
          hidden[k] += v[col * rank + k] * x[col];
      int64_t position = 0;
      for (int64_t blockRow = 0; blockRow < p.blockRows(); ++blockRow) {
        std::vector<double> y(b, 0.0);
        for (int64_t blockCol : p.columnsOfRow(blockRow)) {
          const double *block = &w[position++ * b * b];
          for (int64_t row = 0; row < b; ++row)
            for (int64_t col = 0; col < b; ++col)
              y[row] += gamma * block[row * b + col] * x[blockCol * b + col];
        }
        for (int64_t row = 0; row < b; ++row) {
          for (int64_t k = 0; k < rank; ++k)
            y[row] +=
                (1 - gamma) * u[(blockRow * b + row) * rank + k] * hidden[k];
          variance.add(y[row]);
        }
      }
    }
  }
  return variance.get();
}

TEST(ChooseInitialisers, KeepTheOutputVarianceOfTheDenseLayer) {
  struct Case {
    const char *what;
    Initialiser dense;
    int64_t rows, cols;
    double density;
    int64_t block;
    bool lowRank;
  };
  const Case cases[] = {
      {"uniform, square",
       {InitKind::Uniform, 1 / std::sqrt(256.0)},
       256,
       256,
       0.25,
       16,
       true},
      {"uniform, tall", {InitKind::Uniform, 0.1}, 512, 128, 0.35, 8, true},
      {"normal, wide", {InitKind::Normal, 0.02}, 96, 384, 0.25, 8, true},
      {"truncated normal",
       {InitKind::TruncatedNormal, 0.02},
       192,
       192,
       0.25,
       8,
       true},
      {"uniform, no low rank",
       {InitKind::Uniform, 0.05},
       256,
       256,
       0.1,
       16,
       false},
      {"truncated normal, no low rank",
       {InitKind::TruncatedNormal, 0.02},
       384,
       96,
       0.25,
       8,
       false},
  };
  for (const Case &c : cases) {
    SCOPED_TRACE(c.what);
    LayerBudget budget;
    budget.rows = c.rows;
    budget.cols = c.cols;
    budget.density = c.density;
    budget.block = c.block;
    budget.lowRankShare = c.lowRank ? 1.0 / 3.0 : 0;
    LayerChoice choice = chooseLayer(budget);
    ASSERT_TRUE(choice.pattern) << choice.whyDense;
    ASSERT_EQ(choice.rank > 0, c.lowRank);
    LayerInitialisers init = keepVariance(
        c.dense, c.cols, choice.pattern->blocksPerRow() * c.block, choice.rank);
    EXPECT_EQ(init.blocks.kind, c.dense.kind);

    double dense = denseVariance(c.dense, c.rows, c.cols);
    // What the formula rests on: the variance of one element times the fan-in.
    EXPECT_NEAR(dense / (c.dense.variance() * double(c.cols)), 1, 0.05);
    EXPECT_NEAR(sparseVariance(choice, init) / dense, 1, 0.05);

    // A scale that is a tenth off would be seen.
    for (double wrong : {0.9, 1.1}) {
      LayerInitialisers off = init;
      off.blocks.scale *= wrong;
      off.u.scale *= wrong;
      EXPECT_GT(std::abs(sparseVariance(choice, off) / dense - 1), 0.1);
    }
  }
}

// Each of the two parts carries half of the variance.
TEST(ChooseInitialisers, ShareTheVarianceEqually) {
  Initialiser dense{InitKind::Uniform, 1 / std::sqrt(1024.0)};
  LayerInitialisers init = keepVariance(dense, 1024, 6 * 32, 32);
  double sparse = 0.25 * 192 * init.blocks.variance();
  double lowRank = 0.25 * 32 * init.u.variance() * 1024 * init.v.variance();
  EXPECT_DOUBLE_EQ(sparse, 1.0 / 6);
  EXPECT_DOUBLE_EQ(lowRank, 1.0 / 6);
  EXPECT_DOUBLE_EQ(1024 * init.v.variance(), 1);
  EXPECT_EQ(init.gamma.kind, InitKind::Constant);
  EXPECT_EQ(init.gamma.scale, kInitialGamma);
  // A gate weighs both parts as gamma does.
  for (const Initialiser &gate : {init.gateWeight, init.gateBias}) {
    EXPECT_EQ(gate.kind, InitKind::Constant);
    EXPECT_EQ(gate.scale, 0);
  }
}

// Zero weights give zero outputs, but no factor pair that cannot learn: the
// gradient of U is zero where V is, and the other way round.
TEST(ChooseInitialisers, ZeroStaysZeroAndCanLearn) {
  LayerInitialisers init = keepVariance({InitKind::Constant, 0}, 256, 64, 32);
  EXPECT_EQ(init.blocks.kind, InitKind::Constant);
  EXPECT_EQ(init.blocks.scale, 0);
  EXPECT_EQ(init.u.kind, InitKind::Constant);
  EXPECT_EQ(init.u.scale, 0);
  EXPECT_EQ(init.v.kind, InitKind::Uniform);
  EXPECT_GT(init.v.scale, 0);
}

static void expectInit(const Initialiser &actual, const Initialiser &expected) {
  EXPECT_EQ(actual.kind, expected.kind);
  EXPECT_DOUBLE_EQ(actual.scale, expected.scale);
  EXPECT_EQ(actual.opposite, expected.opposite);
}

// A layer of 500 x 1000, stored as 512 x 1024 with blocks of 32: 6 in a row.
static LayerSizes paddedLayer() {
  return {500, 1000, 6 * 32 * 1000 / 1024, 6 * 32, 1024, 512, 64};
}

TEST(ChooseInitialisers, AuthorsDefault) {
  LayerInitialisers init = chooseInitialisers(
      InitRule::AuthorsDefault, {InitKind::Normal, 3}, paddedLayer());
  // A dense draw on +-1/sqrt(1024) whose rows are scaled by sqrt(32 / 6).
  expectInit(init.blocks,
             {InitKind::Uniform, 1 / std::sqrt(1024.) * std::sqrt(32. / 6)});
  expectInit(init.u, {InitKind::Uniform, 1 / std::sqrt(64.)});
  expectInit(init.v, {InitKind::Uniform, 1 / std::sqrt(1000.)});
  expectInit(init.gamma, {InitKind::Constant, 0.5});
  expectInit(init.gateWeight, {InitKind::Normal, 0.02});
  expectInit(init.gateBias, {InitKind::Constant, 0});
}

// What the authors' start does to the output (paper.md's 1/3, 1/9 and 1/9 for
// inputs of variance 1): a third of the dense layer's variance.
TEST(ChooseInitialisers, AuthorsDefaultHasAThirdOfTheVariance) {
  LayerSizes sizes{1024, 1024, 192, 192, 1024, 1024, 32};
  LayerInitialisers init = followAuthors(InitRule::AuthorsDefault, sizes);
  double sparse = 192 * init.blocks.variance();
  double lowRank = 32 * init.u.variance() * 1024 * init.v.variance();
  EXPECT_DOUBLE_EQ(sparse, 1. / 3);
  EXPECT_DOUBLE_EQ(lowRank, 1. / 9);
  EXPECT_DOUBLE_EQ(0.25 * sparse + 0.25 * lowRank, 1. / 9);
}

TEST(ChooseInitialisers, AuthorsTransformer) {
  LayerInitialisers init = chooseInitialisers(
      InitRule::AuthorsViT, {InitKind::Uniform, 3}, paddedLayer());
  Initialiser dense{InitKind::TruncatedNormal, 0.02};
  // The share of nonzeros in a row is 6 / 32.
  expectInit(init.blocks,
             {InitKind::TruncatedNormal, 0.02 / std::sqrt(6. / 32)});
  double deviation = std::sqrt(dense.variance());
  expectInit(init.u, {InitKind::SingularVectors, deviation, 1000});
  expectInit(init.v, {InitKind::SingularVectors, deviation, 500});
  expectInit(init.gateWeight, dense);
  expectInit(init.gateBias, {InitKind::Constant, 0});
}

TEST(ChooseInitialisers, AuthorsMixer) {
  LayerInitialisers init = chooseInitialisers(
      InitRule::AuthorsMixer, {InitKind::Uniform, 3}, paddedLayer());
  expectInit(init.blocks, {InitKind::Uniform,
                           std::sqrt(6. / (512 + 1024)) * std::sqrt(32. / 6)});
  double deviation = std::sqrt(6. / (500 + 1000)) / std::sqrt(3.);
  expectInit(init.u, {InitKind::SingularVectors, deviation, 1000});
  expectInit(init.v, {InitKind::SingularVectors, deviation, 500});
  expectInit(init.gateWeight, {InitKind::Uniform, std::sqrt(6. / 1001)});
  expectInit(init.gateBias, {InitKind::Normal, 1e-6});
}
