//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Masks and counts of the authors' code and of the baselines.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/MaskRule.h"

#include <gtest/gtest.h>

#include <set>

using namespace mlir::pixelfly;

namespace {
using Picture = std::vector<std::string>;

/// A rule on a square grid of `side` blocks of 8 x 8.
MaskRule square(MaskRuleKind kind, int64_t side) {
  MaskRule rule;
  rule.kind = kind;
  rule.rows = rule.cols = side * 8;
  rule.block = 8;
  return rule;
}

Picture pictureOf(const MaskRule &rule) {
  EXPECT_EQ(rule.check(), "");
  return rule.build().picture();
}

/// The authors' rule, element by element: the core of `cells x cells`, each
/// cell stretched to a rectangle of elements, `global` rows and columns of
/// elements, then every block that is touched.
Picture authorsMask(int64_t rows, int64_t cols, int64_t block, int64_t cells,
                    int64_t factors, int64_t global) {
  Picture mask(rows / block, std::string(cols / block, '.'));
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      int64_t difference = (r / (rows / cells)) ^ (c / (cols / cells));
      bool isPower = (difference & (difference - 1)) == 0;
      if (difference == 0 || (isPower && difference < (1 << factors)) ||
          r < global || c < global)
        mask[r / block][c / block] = '#';
    }
  return mask;
}

/// What the table of the authors' layers says about one of them.
struct AuthorsLayer {
  int64_t out, in, block, cells, factors, global;
  int64_t blockRows, blockCols, numBlocks;
  double density;
  std::set<int64_t> perRow, perCol;
};

class AuthorsLayers : public testing::TestWithParam<AuthorsLayer> {};

std::set<int64_t> countsOfRows(const BlockMask &mask) {
  std::set<int64_t> counts;
  for (int64_t row = 0; row < mask.blockRows(); ++row)
    counts.insert(mask.columnsOfRow(row).size());
  return counts;
}

TEST_P(AuthorsLayers, Agree) {
  const AuthorsLayer &layer = GetParam();
  MaskRule rule =
      MaskRule::fromAuthors(layer.out, layer.in, layer.block, layer.cells,
                            layer.factors, layer.global);
  ASSERT_EQ(rule.check(), "");
  BlockMask mask = rule.build();
  EXPECT_EQ(mask.blockRows(), layer.blockRows);
  EXPECT_EQ(mask.blockCols(), layer.blockCols);
  EXPECT_EQ(mask.numBlocks(), layer.numBlocks);
  EXPECT_NEAR(double(mask.numBlocks()) /
                  double(mask.blockRows() * mask.blockCols()),
              layer.density, 5e-5);
  EXPECT_EQ(countsOfRows(mask), layer.perRow);
  EXPECT_EQ(countsOfRows(mask.transposed()), layer.perCol);
  EXPECT_EQ(mask.picture(),
            authorsMask(rule.rows, rule.cols, layer.block, layer.cells,
                        layer.factors, layer.global));
}

using Set = std::set<int64_t>;
INSTANTIATE_TEST_SUITE_P(
    Table, AuthorsLayers,
    testing::Values(
        AuthorsLayer{512, 512, 32, 16, 2, 0, 16, 16, 48, .1875, {3}, {3}},
        AuthorsLayer{2048, 512, 32, 16, 2, 0, 64, 16, 192, .1875, {3}, {12}},
        AuthorsLayer{2048, 512, 32, 32, 3, 0, 64, 16, 192, .1875, {3}, {12}},
        AuthorsLayer{768, 768, 32, 8, 1, 0, 24, 24, 144, .25, {6}, {6}},
        AuthorsLayer{768, 768, 32, 8, 2, 0, 24, 24, 216, .375, {9}, {9}},
        AuthorsLayer{
            768, 768, 32, 16, 2, 0, 24, 24, 128, .2222, {5, 6}, {5, 6}},
        AuthorsLayer{
            768, 768, 32, 16, 3, 0, 24, 24, 184, .3194, {7, 9}, {7, 9}},
        AuthorsLayer{
            3072, 768, 32, 16, 2, 0, 96, 24, 480, .2083, {5}, {18, 24}},
        AuthorsLayer{
            768, 3072, 32, 16, 2, 0, 24, 96, 480, .2083, {18, 24}, {5}},
        AuthorsLayer{3072, 768, 32, 8, 1, 0, 96, 24, 576, .25, {6}, {24}},
        AuthorsLayer{
            2304, 768, 32, 16, 2, 0, 72, 24, 368, .2130, {5, 6}, {14, 18}},
        AuthorsLayer{1024, 1024, 32, 16, 2, 0, 32, 32, 192, .1875, {6}, {6}},
        AuthorsLayer{1024, 1024, 32, 32, 3, 0, 32, 32, 128, .125, {4}, {4}},
        AuthorsLayer{4096, 1024, 32, 16, 2, 0, 128, 32, 768, .1875, {6}, {24}},
        AuthorsLayer{1000, 1000, 32, 16, 2, 0, 32, 32, 192, .1875, {6}, {6}},
        AuthorsLayer{96, 96, 32, 8, 1, 0, 3, 3, 7, .7778, {2, 3}, {2, 3}},
        AuthorsLayer{50, 30, 8, 4, 1, 0, 7, 4, 16, .5714, {2, 4}, {4}},
        AuthorsLayer{
            256, 256, 32, 8, 2, 1, 8, 8, 34, .5312, {3, 4, 8}, {3, 4, 8}},
        AuthorsLayer{
            256, 256, 32, 8, 2, 32, 8, 8, 34, .5312, {3, 4, 8}, {3, 4, 8}}));

TEST(BlockMaskGolden, Straddling) {
  BlockMask mask = MaskRule::fromAuthors(768, 768, 32, 16, 2).build();
  Picture part = {"#####.", "######", "###.##", "##.###", "######", ".#####"};
  for (int64_t row = 0; row < 24; ++row) {
    std::string expected(24, '.');
    expected.replace(row / 6 * 6, 6, part[row % 6]);
    EXPECT_EQ(mask.picture()[row], expected);
  }
}

TEST(BlockMaskGolden, SmallStraddling) {
  EXPECT_EQ(MaskRule::fromAuthors(96, 96, 32, 8, 1).build().picture(),
            (Picture{"##.", "###", ".##"}));
  EXPECT_EQ(MaskRule::fromAuthors(50, 30, 8, 4, 1).build().picture(),
            (Picture{"##..", "##..", "##..", "####", "..##", "..##", "..##"}));
}

TEST(BlockMaskGolden, UnevenRows) {
  MaskRule rule = MaskRule::fromAuthors(784, 784, 32, 16, 2);
  ASSERT_EQ(rule.check(), "");
  BlockMask mask = rule.build();
  EXPECT_EQ(mask.blockRows(), 25);
  EXPECT_EQ(mask.numBlocks(), 177);
  EXPECT_EQ(*countsOfRows(mask).begin(), 5);
  EXPECT_EQ(*countsOfRows(mask).rbegin(), 11);
}

TEST(BlockMaskGolden, ParametersThatExist) {
  // 1000 x 1000 is padded to 1024 x 1024; only true rows and columns count.
  BlockMask mask = MaskRule::fromAuthors(1000, 1000, 32, 16, 2).build();
  EXPECT_EQ(mask.countElements(32, 1024, 1024), 192 * 32 * 32);
  int64_t expected = 0;
  for (int64_t r = 0; r < 1000; ++r)
    for (int64_t c = 0; c < 1000; ++c)
      expected += mask.contains(r / 32, c / 32);
  EXPECT_EQ(mask.countElements(32, 1000, 1000), expected);
  EXPECT_EQ(paddedExtent(1000, 32), 1024);
  EXPECT_EQ(paddedExtent(1024, 32), 1024);
}

TEST(BlockMaskGolden, ButterflyGlobal) {
  MaskRule rule = square(MaskRuleKind::ButterflyGlobal, 8);
  rule.factors = 2;
  rule.global = 1;
  EXPECT_EQ(pictureOf(rule),
            (Picture{"########", "##.#....", "#.##....", "####....", "#...###.",
                     "#...##.#", "#...#.##", "#....###"}));
  EXPECT_EQ(rule.build().numBlocks(), 34);
  rule.causal = true;
  EXPECT_EQ(pictureOf(rule),
            (Picture{"#.......", "##......", "#.#.....", "####....", "#...#...",
                     "#...##..", "#...#.#.", "#....###"}));
  EXPECT_EQ(rule.build().numBlocks(), 21);
}

/// The factors B_4 and B_8 of the paper alone.
TEST(BlockMaskGolden, ButterflyFactor) {
  FlatButterfly pattern{64, 64, 8, {2, 2, 2}, 3};
  EXPECT_EQ(pictureOf(MaskRule::ofFactor(pattern, 1)),
            (Picture{"#.#.....", ".#.#....", "#.#.....", ".#.#....", "....#.#.",
                     ".....#.#", "....#.#.", ".....#.#"}));
  EXPECT_EQ(pictureOf(MaskRule::ofFactor(pattern, 2)),
            (Picture{"#...#...", ".#...#..", "..#...#.", "...#...#", "#...#...",
                     ".#...#..", "..#...#.", "...#...#"}));
  // Together they are the flat butterfly.
  BlockMask all = MaskRule::ofFactor(pattern, 0).build();
  for (int64_t t = 1; t < 3; ++t)
    all = all.unitedWith(MaskRule::ofFactor(pattern, t).build());
  EXPECT_EQ(all, BlockMask(pattern));
}

TEST(BlockMaskGolden, Longformer) {
  MaskRule rule = square(MaskRuleKind::Longformer, 8);
  rule.window = 3;
  rule.global = 1;
  EXPECT_EQ(pictureOf(rule),
            (Picture{"########", "###.....", "####....", "#.###...", "#..###..",
                     "#...###.", "#....###", "#.....##"}));
}

TEST(BlockMaskGolden, Fixed) {
  MaskRule rule = square(MaskRuleKind::Fixed, 8);
  rule.window = 3;
  rule.global = 1;
  EXPECT_EQ(pictureOf(rule),
            (Picture{"###..#.#", "###..#.#", "###..#.#", "..####.#", "..####.#",
                     "..####.#", "..#..###", "..#..###"}));
  rule.causal = true;
  EXPECT_EQ(pictureOf(rule),
            (Picture{"#.......", "##......", "###.....", "..##....", "..###...",
                     "..####..", "..#..##.", "..#..###"}));
}

/// The authors' attention: 98 blocks of 32 and 49 blocks of 16 a side.
TEST(BlockMaskGolden, AttentionCounts) {
  for (auto [side, longformer, bigbird, fixed, butterfly] :
       {std::tuple(98, 484, 582, 3428, 482), {49, 239, 288, 929, 237}}) {
    MaskRule rule = square(MaskRuleKind::Longformer, side);
    rule.window = 3;
    rule.global = 1;
    EXPECT_EQ(rule.build().numBlocks(), longformer);
    rule.kind = MaskRuleKind::Fixed;
    EXPECT_EQ(rule.build().numBlocks(), fixed);
    // One more in every row but the first, which is full.
    rule.kind = MaskRuleKind::BigBird;
    rule.random = 1;
    EXPECT_EQ(rule.build().numBlocks(), bigbird - 1);
    MaskRule pixelfly = square(MaskRuleKind::ButterflyGlobal, side);
    pixelfly.factors = 2;
    pixelfly.global = 1;
    EXPECT_EQ(pixelfly.build().numBlocks(), butterfly);
  }
}

TEST(BlockMaskGolden, Plain) {
  MaskRule rule = square(MaskRuleKind::Local, 4);
  rule.window = 3;
  EXPECT_EQ(pictureOf(rule), (Picture{"##..", "###.", ".###", "..##"}));
  // Two block rows to a cell.
  rule.rows *= 2;
  EXPECT_EQ(pictureOf(rule), (Picture{"##..", "##..", "###.", "###.", ".###",
                                      ".###", "..##", "..##"}));
  rule = square(MaskRuleKind::Global, 3);
  rule.global = 1;
  EXPECT_EQ(pictureOf(rule), (Picture{"###", "#..", "#.."}));
  rule = square(MaskRuleKind::BlockDiagonal, 4);
  rule.groups = 2;
  EXPECT_EQ(pictureOf(rule), (Picture{"##..", "##..", "..##", "..##"}));
  rule = square(MaskRuleKind::Dense, 2);
  EXPECT_EQ(pictureOf(rule), (Picture{"##", "##"}));
  rule.causal = true;
  EXPECT_EQ(pictureOf(rule), (Picture{"#.", "##"}));
}

/// The numbers must not change: weights are stored in this order.
TEST(BlockMaskGolden, RandomIsTheSameEverywhere) {
  MaskRule rule = square(MaskRuleKind::Random, 8);
  rule.random = 2;
  rule.seed = 7;
  EXPECT_EQ(pictureOf(rule),
            (Picture{"...#.#..", "..#....#", ".#....#.", ".##.....", ".#...#..",
                     ".##.....", "...##...", "......##"}));
  MaskRule other = rule;
  other.seed = 8;
  EXPECT_NE(pictureOf(other), pictureOf(rule));
  rule.causal = true;
  BlockMask mask = rule.build();
  for (int64_t row = 0; row < 8; ++row) {
    EXPECT_EQ(int64_t(mask.columnsOfRow(row).size()),
              std::min<int64_t>(2, row + 1));
    EXPECT_LE(mask.columnsOfRow(row).back(), row);
  }
}
} // namespace
