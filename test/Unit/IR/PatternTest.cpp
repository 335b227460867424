//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What holds for every flat butterfly pattern, tried on random ones.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace mlir::pixelfly;

namespace {
/// The digits of a cell, least significant first.
std::vector<int64_t> digits(int64_t cell, const std::vector<int64_t> &radices) {
  std::vector<int64_t> result;
  for (int64_t radix : radices) {
    result.push_back(cell % radix);
    cell /= radix;
  }
  return result;
}

/// The definition: cells are equal or differ in exactly one of the first
/// `factors` digits.
bool isNonzeroCell(const FlatButterfly &pattern, int64_t row, int64_t col) {
  std::vector<int64_t> a = digits(row, pattern.radices);
  std::vector<int64_t> b = digits(col, pattern.radices);
  int64_t different = 0;
  for (size_t t = 0; t < a.size(); ++t)
    if (a[t] != b[t])
      different += int64_t(t) < pattern.factors ? 1 : 2;
  return different <= 1;
}

class RandomPatterns : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    std::mt19937 generator(GetParam());
    auto draw = [&](int64_t low, int64_t high) {
      return std::uniform_int_distribution<int64_t>(low, high)(generator);
    };
    int64_t digitCount = draw(0, 4);
    for (int64_t t = 0; t < digitCount; ++t)
      pattern.radices.push_back(draw(2, pattern.cells() > 20 ? 3 : 5));
    pattern.factors = draw(0, digitCount);
    pattern.block = int64_t(8) << draw(0, 4);
    pattern.rows = pattern.cells() * pattern.block * draw(1, 4);
    pattern.cols = pattern.cells() * pattern.block * draw(1, 4);
    ASSERT_EQ(pattern.check(), "");
  }
  FlatButterfly pattern;
};

TEST_P(RandomPatterns, SlotsInvertNeighbors) {
  for (int64_t row = 0; row < pattern.cells(); ++row) {
    std::set<int64_t> neighbors;
    for (int64_t slot = 0; slot < pattern.cellsPerRow(); ++slot) {
      int64_t col = pattern.neighbor(row, slot);
      ASSERT_GE(col, 0);
      ASSERT_LT(col, pattern.cells());
      EXPECT_EQ(pattern.slotOf(row, col), slot);
      neighbors.insert(col);
    }
    EXPECT_EQ(int64_t(neighbors.size()), pattern.cellsPerRow());
    for (int64_t col = 0; col < pattern.cells(); ++col) {
      EXPECT_EQ(pattern.slotOf(row, col).has_value(),
                isNonzeroCell(pattern, row, col))
          << row << ", " << col;
      EXPECT_EQ(neighbors.count(col) == 1, isNonzeroCell(pattern, row, col));
    }
  }
}

TEST_P(RandomPatterns, TransposedSlotIsTheSameInEveryRow) {
  for (int64_t slot = 0; slot < pattern.cellsPerRow(); ++slot) {
    int64_t back = pattern.transposedSlot(slot);
    EXPECT_EQ(pattern.transposedSlot(back), slot);
    for (int64_t row = 0; row < pattern.cells(); ++row)
      EXPECT_EQ(pattern.slotOf(pattern.neighbor(row, slot), row), back);
  }
}

TEST_P(RandomPatterns, RowsAndColumnsAreBalanced) {
  int64_t total = 0;
  for (int64_t row = 0; row < pattern.blockRows(); ++row) {
    EXPECT_EQ(int64_t(pattern.columnsOfRow(row).size()),
              pattern.blocksPerRow());
    total += pattern.blocksPerRow();
  }
  for (int64_t col = 0; col < pattern.blockCols(); ++col)
    EXPECT_EQ(int64_t(pattern.rowsOfColumn(col).size()),
              pattern.blocksPerCol());
  EXPECT_EQ(total, pattern.numBlocks());
  EXPECT_EQ(pattern.blockCols() * pattern.blocksPerCol(), pattern.numBlocks());
  EXPECT_DOUBLE_EQ(double(pattern.numBlocks()) /
                       double(pattern.blockRows() * pattern.blockCols()),
                   pattern.density());
}

TEST_P(RandomPatterns, PositionsFollowStorageOrder) {
  int64_t next = 0;
  for (int64_t row = 0; row < pattern.blockRows(); ++row)
    for (int64_t col : pattern.columnsOfRow(row))
      EXPECT_EQ(pattern.position(row, col), next++);
  EXPECT_EQ(next, pattern.numBlocks());
  // Everything else is zero: a block of a cell that is.
  for (int64_t row = 0; row < pattern.blockRows(); ++row)
    for (int64_t col = 0; col < pattern.blockCols(); ++col)
      EXPECT_EQ(pattern.position(row, col).has_value(),
                isNonzeroCell(pattern, row / pattern.cellBlockRows(),
                              col / pattern.cellBlockCols()));
}

TEST_P(RandomPatterns, RowsOfColumnAgreeWithPositions) {
  for (int64_t col = 0; col < pattern.blockCols(); ++col) {
    std::vector<int64_t> expected;
    for (int64_t row = 0; row < pattern.blockRows(); ++row)
      if (pattern.position(row, col))
        expected.push_back(row);
    EXPECT_EQ(pattern.rowsOfColumn(col), expected);
  }
}

TEST_P(RandomPatterns, TransposeIsAnInvolution) {
  FlatButterfly transposed = pattern.transposed();
  EXPECT_EQ(transposed.check(), "");
  EXPECT_EQ(transposed.rows, pattern.cols);
  EXPECT_EQ(transposed.cols, pattern.rows);
  EXPECT_EQ(transposed.numBlocks(), pattern.numBlocks());
  for (int64_t row = 0; row < pattern.blockRows(); ++row)
    for (int64_t col = 0; col < pattern.blockCols(); ++col)
      EXPECT_EQ(pattern.position(row, col).has_value(),
                transposed.position(col, row).has_value());
  FlatButterfly twice = transposed.transposed();
  EXPECT_EQ(twice.rows, pattern.rows);
  EXPECT_EQ(twice.cols, pattern.cols);
  for (int64_t row = 0; row < pattern.blockRows(); ++row)
    EXPECT_EQ(twice.columnsOfRow(row), pattern.columnsOfRow(row));
}

TEST_P(RandomPatterns, GroupsAreIndependent) {
  for (int64_t count = 1; count <= pattern.groups(); ++count) {
    FlatButterfly some = pattern.ofGroups(count);
    ASSERT_EQ(some.check(), "");
    for (int64_t first = 0; first + count <= pattern.groups(); ++first) {
      int64_t group = some.numBlocks() / count * first;
      int64_t rowOffset = some.blockRows() / count * first;
      int64_t colOffset = some.blockCols() / count * first;
      for (int64_t row = 0; row < some.blockRows(); ++row) {
        std::vector<int64_t> expected = some.columnsOfRow(row);
        for (int64_t &col : expected) {
          EXPECT_EQ(*some.position(row, col) + group,
                    pattern.position(row + rowOffset, col + colOffset));
          col += colOffset;
        }
        EXPECT_EQ(pattern.columnsOfRow(row + rowOffset), expected);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPatterns, testing::Range(0, 40));

TEST(Pattern, PrimeRadices) {
  using Radices = std::vector<int64_t>;
  EXPECT_EQ(primeRadices(1), Radices{});
  EXPECT_EQ(primeRadices(2), Radices{2});
  EXPECT_EQ(primeRadices(16), (Radices{2, 2, 2, 2}));
  EXPECT_EQ(primeRadices(72), (Radices{2, 2, 2, 3, 3}));
  EXPECT_EQ(primeRadices(97), Radices{97});
}

TEST(Pattern, SupportedBlocks) {
  for (int64_t block : {8, 16, 32, 64, 128})
    EXPECT_TRUE(isSupportedBlock(block)) << block;
  for (int64_t block : {-8, 0, 1, 4, 24, 256})
    EXPECT_FALSE(isSupportedBlock(block)) << block;
}

TEST(Pattern, CheckNamesTheConstraint) {
  auto label = [](const FlatButterfly &pattern) {
    return pattern.check().substr(0, 4);
  };
  EXPECT_EQ(label({64, 64, 7, {2}, 1}), "(C1)");
  EXPECT_EQ(label({64, 64, 8, {2, 0}, 1}), "(C2)");
  EXPECT_EQ(label({64, 64, 8, {2}, 2}), "(C3)");
  EXPECT_EQ(label({64, 64, 8, {2}, -1}), "(C3)");
  EXPECT_EQ(label({72, 64, 8, {2}, 1}), "(C4)");
  EXPECT_EQ(label({64, -64, 8, {2}, 1}), "(C4)");
  EXPECT_EQ(label({64, 64, 8, {int64_t(1) << 62, int64_t(1) << 62}, 1}),
            "(C4)");
  EXPECT_EQ(label({64, 64, 8, {}, 0}), "");
}
} // namespace
