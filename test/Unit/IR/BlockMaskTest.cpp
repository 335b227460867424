//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The algebra on masks and on flat butterflies, tried on random ones.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/BlockMasks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace mlir::pixelfly;

namespace {
using Picture = std::vector<std::string>;

BlockMask maskOf(const Picture &picture) {
  return BlockMask(
      picture.size(), picture[0].size(),
      [&](int64_t row, int64_t col) { return picture[row][col] == '#'; });
}

class RandomMasks : public testing::TestWithParam<int> {
protected:
  int64_t draw(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(generator);
  }
  BlockMask mask(int64_t rows, int64_t cols) {
    int64_t percent = draw(5, 95);
    return BlockMask(rows, cols,
                     [&](int64_t, int64_t) { return draw(0, 99) < percent; });
  }
  FlatButterfly butterfly() {
    FlatButterfly pattern;
    int64_t digits = draw(0, 4);
    for (int64_t t = 0; t < digits; ++t)
      pattern.radices.push_back(draw(2, pattern.cells() > 20 ? 3 : 4));
    pattern.factors = draw(0, digits);
    pattern.block = int64_t(8) << draw(0, 3);
    pattern.rows = pattern.cells() * pattern.block * draw(1, 4);
    pattern.cols = pattern.cells() * pattern.block * draw(1, 4);
    EXPECT_EQ(pattern.check(), "");
    return pattern;
  }
  std::mt19937 generator{unsigned(GetParam())};
};

TEST_P(RandomMasks, PositionsCountBlocks) {
  BlockMask m = mask(draw(1, 12), draw(1, 12));
  int64_t next = 0;
  for (int64_t row = 0; row < m.blockRows(); ++row)
    for (int64_t col : m.columnsOfRow(row))
      EXPECT_EQ(m.position(row, col), next++);
  EXPECT_EQ(next, m.numBlocks());
}

TEST_P(RandomMasks, Transposed) {
  BlockMask m = mask(draw(1, 12), draw(1, 12));
  BlockMask t = m.transposed();
  EXPECT_EQ(t.transposed(), m);
  for (int64_t row = 0; row < m.blockRows(); ++row) {
    EXPECT_EQ(t.rowsOfColumn(row), m.columnsOfRow(row));
    for (int64_t col = 0; col < m.blockCols(); ++col)
      EXPECT_EQ(m.contains(row, col), t.contains(col, row));
  }
}

TEST_P(RandomMasks, SetsOfBlocks) {
  int64_t side = draw(1, 10);
  BlockMask a = mask(side, side), b = mask(side, side);
  BlockMask either = a.unitedWith(b), both = a.intersectedWith(b);
  EXPECT_TRUE(either.covers(a) && either.covers(b));
  EXPECT_TRUE(a.covers(both) && b.covers(both));
  EXPECT_EQ(either.numBlocks() + both.numBlocks(),
            a.numBlocks() + b.numBlocks());
  BlockMask lower = a.causal();
  EXPECT_TRUE(a.covers(lower));
  EXPECT_EQ(lower.causal(), lower);
  for (int64_t row = 0; row < side; ++row)
    for (int64_t col = 0; col < side; ++col)
      EXPECT_EQ(lower.contains(row, col), col <= row && a.contains(row, col));
}

TEST_P(RandomMasks, OtherBlocks) {
  BlockMask m = mask(draw(1, 8), draw(1, 8));
  int64_t factor = draw(1, 3);
  BlockMask fine = m.refined(factor);
  EXPECT_EQ(fine.numBlocks(), m.numBlocks() * factor * factor);
  EXPECT_EQ(fine.coarsenedExactly(factor), m);
  EXPECT_EQ(m.countElements(8 * factor, 1 << 20, 1 << 20),
            fine.countElements(8, 1 << 20, 1 << 20));
  // Every touched block, and no other.
  BlockMask any = mask(m.blockRows() * factor, m.blockCols() * factor);
  BlockMask coarse = any.coarsened(factor);
  EXPECT_TRUE(coarse.refined(factor).covers(any));
  for (int64_t row = 0; row < coarse.blockRows(); ++row)
    for (int64_t col : coarse.columnsOfRow(row)) {
      bool touched = false;
      for (int64_t i = 0; i < factor * factor; ++i)
        touched |=
            any.contains(row * factor + i / factor, col * factor + i % factor);
      EXPECT_TRUE(touched);
    }
  EXPECT_EQ(any.coarsenedExactly(factor).has_value(),
            coarse.refined(factor) == any);
}

TEST_P(RandomMasks, GroupsPartitionTheGrid) {
  // Parts along the diagonal, each dense enough to hold together or not.
  int64_t parts = draw(1, 4);
  Picture picture;
  std::vector<int64_t> heights, widths;
  int64_t cols = 0;
  for (int64_t i = 0; i < parts; ++i) {
    heights.push_back(draw(1, 3));
    widths.push_back(draw(1, 3));
    cols += widths.back();
  }
  int64_t col = 0;
  for (int64_t i = 0; i < parts; ++i) {
    for (int64_t row = 0; row < heights[i]; ++row) {
      picture.push_back(std::string(cols, '.'));
      picture.back().replace(col, widths[i], std::string(widths[i], '#'));
    }
    col += widths[i];
  }
  std::vector<BlockMask::Group> groups = maskOf(picture).groups();
  ASSERT_EQ(int64_t(groups.size()), parts);
  for (int64_t i = 0; i < parts; ++i) {
    EXPECT_EQ(groups[i].rows, heights[i]);
    EXPECT_EQ(groups[i].cols, widths[i]);
  }
  // Of any mask the groups cover every nonzero block.
  BlockMask m = mask(draw(1, 10), draw(1, 10));
  int64_t inside = 0, row = 0;
  col = 0;
  for (const BlockMask::Group &group : m.groups()) {
    EXPECT_EQ(group.row, row);
    EXPECT_EQ(group.col, col);
    for (int64_t i = 0; i < group.rows; ++i)
      for (int64_t j = 0; j < group.cols; ++j)
        inside += m.contains(row + i, col + j);
    row += group.rows;
    col += group.cols;
  }
  EXPECT_EQ(inside, m.numBlocks());
  EXPECT_EQ(row, m.blockRows());
  EXPECT_EQ(col, m.blockCols());
}

TEST_P(RandomMasks, ButterflyIsRecognised) {
  FlatButterfly pattern = butterfly();
  BlockMask m(pattern);
  EXPECT_EQ(m.numBlocks(), pattern.numBlocks());
  std::optional<FlatButterfly> found = asFlatButterfly(m, pattern.block);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->check(), "");
  EXPECT_EQ(BlockMask(*found), m);
  EXPECT_LE(found->cells(), pattern.cells());
  // One block more or less is no flat butterfly of these rows.
  if (!m.isDense() && m.blockRows() > 1) {
    int64_t row = draw(0, m.blockRows() - 1), col = draw(0, m.blockCols() - 1);
    BlockMask changed(m.blockRows(), m.blockCols(), [&](int64_t i, int64_t j) {
      return m.contains(i, j) != (i == row && j == col);
    });
    EXPECT_FALSE(asFlatButterfly(changed, pattern.block));
  }
}

TEST_P(RandomMasks, ButterflyInOtherBlocks) {
  FlatButterfly pattern = butterfly();
  BlockMask m(pattern);
  if (std::optional<FlatButterfly> half =
          pattern.withBlock(pattern.block / 2)) {
    EXPECT_EQ(half->check(), "");
    EXPECT_EQ(BlockMask(*half), m.refined(2));
    std::optional<FlatButterfly> back = half->withBlock(pattern.block);
    ASSERT_TRUE(back);
    EXPECT_EQ(BlockMask(*back), m);
  } else {
    EXPECT_EQ(pattern.block, 8);
  }
  std::optional<FlatButterfly> twice = pattern.withBlock(pattern.block * 2);
  std::optional<BlockMask> expected = m.coarsenedExactly(2);
  EXPECT_EQ(twice.has_value(), expected.has_value());
  if (twice && expected)
    EXPECT_EQ(BlockMask(*twice), *expected);
}

TEST_P(RandomMasks, ButterflyFactors) {
  FlatButterfly pattern = butterfly();
  FlatButterfly diagonal = pattern.withFactors(0);
  EXPECT_EQ(diagonal.blocksPerRow(), pattern.cellBlockCols());
  for (int64_t factors = 0; factors <= int64_t(pattern.radices.size());
       ++factors) {
    FlatButterfly other = pattern.withFactors(factors);
    EXPECT_EQ(other.check(), "");
    EXPECT_EQ(BlockMask(other).covers(BlockMask(pattern)),
              factors >= pattern.factors);
    EXPECT_EQ(BlockMask(pattern).covers(BlockMask(other)),
              factors <= pattern.factors);
  }
}

TEST_P(RandomMasks, ButterflyGroups) {
  FlatButterfly pattern = butterfly();
  std::vector<BlockMask::Group> groups = BlockMask(pattern).groups();
  ASSERT_EQ(int64_t(groups.size()), pattern.groups());
  BlockMask one(pattern.ofGroups(1));
  for (const BlockMask::Group &group : groups) {
    EXPECT_EQ(group.rows, one.blockRows());
    EXPECT_EQ(group.cols, one.blockCols());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomMasks, testing::Range(0, 60));

TEST(BlockMask, EmptyRowsAndColumns) {
  BlockMask m = maskOf({"..#.", "....", ".#.."});
  EXPECT_EQ(m.numBlocks(), 2);
  EXPECT_TRUE(m.columnsOfRow(1).empty());
  EXPECT_TRUE(m.rowsOfColumn(3).empty());
  EXPECT_EQ(m.position(2, 1), 1);
  EXPECT_EQ(m.groups(), (std::vector<BlockMask::Group>{{0, 0, 3, 4}}));
  EXPECT_EQ(maskOf({"#..", "...", "..#"}).groups(),
            (std::vector<BlockMask::Group>{{0, 0, 2, 2}, {2, 2, 1, 1}}));
}

/// Which flat butterflies may stand for a mask without reordering its blocks.
TEST(BlockMask, StorageOrder) {
  FlatButterfly dense{64, 32, 8, {}, 0};
  EXPECT_TRUE(BlockMask(dense).isDense());
  EXPECT_TRUE(storesInOrder(dense));
  EXPECT_TRUE(storesInOrder({64, 32, 8, {2, 2}, 0}));
  // Row 1 stores its own block before that of column 0.
  EXPECT_FALSE(storesInOrder({64, 32, 8, {2, 2}, 1}));
}
} // namespace
