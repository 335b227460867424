//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Masks and counts of the paper and of the authors' code, as far as cells are
// whole blocks.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pattern.h"

#include <gtest/gtest.h>

using namespace mlir::pixelfly;

namespace {
using Mask = std::vector<std::string>;

/// A pattern with a power-of-two core of `cells` cells.
FlatButterfly binary(int64_t rows, int64_t cols, int64_t block, int64_t cells,
                     int64_t factors) {
  return {rows, cols, block, primeRadices(cells), factors};
}

Mask maskOf(const FlatButterfly &pattern) {
  Mask mask(pattern.blockRows(), std::string(pattern.blockCols(), '.'));
  for (int64_t row = 0; row < pattern.blockRows(); ++row)
    for (int64_t col : pattern.columnsOfRow(row))
      mask[row][col] = '#';
  return mask;
}

/// The authors' rule, element by element: the core of `cells x cells`, each
/// cell stretched to a rectangle of elements, then every block that it touches.
Mask authorsMask(int64_t rows, int64_t cols, int64_t block, int64_t cells,
                 int64_t factors) {
  Mask mask(rows / block, std::string(cols / block, '.'));
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      int64_t difference = (r / (rows / cells)) ^ (c / (cols / cells));
      bool isPower = (difference & (difference - 1)) == 0;
      if (difference == 0 || (isPower && difference < (1 << factors)))
        mask[r / block][c / block] = '#';
    }
  return mask;
}

TEST(PatternGolden, Stride2) {
  FlatButterfly pattern = binary(64, 64, 8, 8, 1);
  EXPECT_EQ(maskOf(pattern),
            (Mask{"##......", "##......", "..##....", "..##....", "....##..",
                  "....##..", "......##", "......##"}));
  EXPECT_EQ(pattern.numBlocks(), 16);
}

TEST(PatternGolden, Stride4) {
  FlatButterfly pattern = binary(64, 64, 8, 8, 2);
  EXPECT_EQ(maskOf(pattern),
            (Mask{"###.....", "##.#....", "#.##....", ".###....", "....###.",
                  "....##.#", "....#.##", ".....###"}));
  EXPECT_EQ(pattern.numBlocks(), 24);
}

TEST(PatternGolden, Stride8) {
  FlatButterfly pattern = binary(64, 64, 8, 8, 3);
  EXPECT_EQ(maskOf(pattern),
            (Mask{"###.#...", "##.#.#..", "#.##..#.", ".###...#", "#...###.",
                  ".#..##.#", "..#.#.##", "...#.###"}));
  EXPECT_EQ(pattern.numBlocks(), 32);
}

/// With radix 2, slot t + 1 is the factor of stride 2^(t + 1) off the diagonal.
TEST(PatternGolden, SlotsAreFactors) {
  FlatButterfly pattern = binary(64, 64, 8, 8, 3);
  auto factor = [&](int64_t slot) {
    Mask mask(8, std::string(8, '.'));
    for (int64_t row = 0; row < 8; ++row)
      mask[row][row] = mask[row][pattern.neighbor(row, slot)] = '#';
    return mask;
  };
  EXPECT_EQ(factor(2), (Mask{"#.#.....", ".#.#....", "#.#.....", ".#.#....",
                             "....#.#.", ".....#.#", "....#.#.", ".....#.#"}));
  EXPECT_EQ(factor(3), (Mask{"#...#...", ".#...#..", "..#...#.", "...#...#",
                             "#...#...", ".#...#..", "..#...#.", "...#...#"}));
}

TEST(PatternGolden, TallStretch) {
  FlatButterfly pattern = binary(512, 256, 32, 8, 2);
  EXPECT_EQ(maskOf(pattern),
            (Mask{"###.....", "###.....", "##.#....", "##.#....", "#.##....",
                  "#.##....", ".###....", ".###....", "....###.", "....###.",
                  "....##.#", "....##.#", "....#.##", "....#.##", ".....###",
                  ".....###"}));
  EXPECT_EQ(pattern.numBlocks(), 48);
  EXPECT_EQ(pattern.blocksPerRow(), 3);
  EXPECT_EQ(pattern.blocksPerCol(), 6);
}

TEST(PatternGolden, WideStretch) {
  FlatButterfly pattern = binary(256, 512, 32, 8, 2);
  EXPECT_EQ(maskOf(pattern),
            (Mask{"######..........", "####..##........", "##..####........",
                  "..######........", "........######..", "........####..##",
                  "........##..####", "..........######"}));
  EXPECT_EQ(pattern.numBlocks(), 48);
  EXPECT_EQ(pattern.blocksPerRow(), 6);
  EXPECT_EQ(pattern.blocksPerCol(), 3);
}

struct Count {
  int64_t rows, cols, cells, factors;
  int64_t numBlocks;
  double density;
  int64_t perRow, perCol;
};

class PatternCount : public testing::TestWithParam<Count> {};

TEST_P(PatternCount, AgreesWithAuthors) {
  const Count &expected = GetParam();
  FlatButterfly pattern = binary(expected.rows, expected.cols, 32,
                                 expected.cells, expected.factors);
  ASSERT_EQ(pattern.check(), "");
  EXPECT_EQ(pattern.numBlocks(), expected.numBlocks);
  EXPECT_NEAR(pattern.density(), expected.density, 5e-5);
  EXPECT_EQ(pattern.blocksPerRow(), expected.perRow);
  EXPECT_EQ(pattern.blocksPerCol(), expected.perCol);
  EXPECT_EQ(maskOf(pattern), authorsMask(expected.rows, expected.cols, 32,
                                         expected.cells, expected.factors));
}

// The rows of the authors' table whose cells are whole blocks; 1000 x 1000 is
// padded to 1024 x 1024.
INSTANTIATE_TEST_SUITE_P(
    AuthorsTable, PatternCount,
    testing::Values(Count{512, 512, 16, 2, 48, .1875, 3, 3},
                    Count{2048, 512, 16, 2, 192, .1875, 3, 12},
                    Count{768, 768, 8, 1, 144, .2500, 6, 6},
                    Count{768, 768, 8, 2, 216, .3750, 9, 9},
                    Count{3072, 768, 8, 1, 576, .2500, 6, 24},
                    Count{1024, 1024, 16, 2, 192, .1875, 6, 6},
                    Count{1024, 1024, 32, 3, 128, .1250, 4, 4},
                    Count{4096, 1024, 16, 2, 768, .1875, 6, 24}));

/// A core whose cells are smaller than a block is the coarser core with as many
/// fewer factors.
TEST(PatternGolden, CoarserCore) {
  EXPECT_EQ(maskOf(binary(512, 512, 32, 16, 2)),
            authorsMask(512, 512, 32, 32, 3));
  EXPECT_EQ(maskOf(binary(256, 256, 32, 8, 0)),
            authorsMask(256, 256, 32, 32, 2));
}

/// 24 blocks a side: no aligned power-of-two core below 25 %, but mixed radix.
TEST(PatternGolden, MixedRadix) {
  FlatButterfly pattern{768, 768, 32, primeRadices(24), 2};
  EXPECT_EQ(pattern.radices, (std::vector<int64_t>{2, 2, 2, 3}));
  EXPECT_EQ(pattern.numBlocks(), 72);
  EXPECT_DOUBLE_EQ(pattern.density(), .125);
  // The last digit has radix 3: two more neighbours, at distances 8 and 16.
  FlatButterfly full{768, 768, 32, primeRadices(24), 4};
  EXPECT_EQ(maskOf(full).front(), "###.#...#.......#.......");
  EXPECT_EQ(maskOf(full)[9], ".#......##.#.#...#......");
  EXPECT_EQ(full.columnsOfRow(9), (std::vector<int64_t>{9, 8, 11, 13, 17, 1}));
}
} // namespace
