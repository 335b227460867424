//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Patterns as attributes, seen through their interface.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include <gtest/gtest.h>

#include <set>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
class PatternAttr : public testing::Test {
protected:
  PatternAttr() { context.loadDialect<PixelflyDialect>(); }

  /// The pattern with one string a block row.
  BlockMaskAttr mask(int64_t block, ArrayRef<StringRef> rows) {
    SmallVector<StringAttr> attrs;
    for (StringRef row : rows)
      attrs.push_back(StringAttr::get(&context, row));
    return BlockMaskAttr::get(&context, block, attrs);
  }

  MLIRContext context;
};

/// What every implementation owes: all methods tell the same story.
void checkInterface(BlockPatternAttrInterface pattern) {
  int64_t blockRows = pattern.getBlockRows();
  int64_t blockCols = pattern.getBlockCols();
  EXPECT_EQ(blockRows * pattern.getBlock(), pattern.getRows());
  EXPECT_EQ(blockCols * pattern.getBlock(), pattern.getCols());
  int64_t next = 0;
  std::set<std::pair<int64_t, int64_t>> nonzero;
  for (int64_t row = 0; row < blockRows; ++row)
    for (int64_t col : pattern.getColumnsOfRow(row)) {
      EXPECT_EQ(pattern.getPosition(row, col), next++);
      nonzero.insert({row, col});
    }
  EXPECT_EQ(next, pattern.getNumBlocks());
  EXPECT_EQ(int64_t(nonzero.size()), pattern.getNumBlocks());
  EXPECT_DOUBLE_EQ(pattern.getDensity(),
                   double(next) / double(blockRows * blockCols));
  BlockPatternAttrInterface transposed = pattern.getTransposed();
  EXPECT_EQ(transposed.getTransposed(), pattern);
  for (int64_t col = 0; col < blockCols; ++col) {
    SmallVector<int64_t> rows;
    for (int64_t row = 0; row < blockRows; ++row) {
      bool expected = nonzero.count({row, col});
      EXPECT_EQ(pattern.getPosition(row, col).has_value(), expected);
      EXPECT_EQ(transposed.getPosition(col, row).has_value(), expected);
      if (expected)
        rows.push_back(row);
    }
    EXPECT_EQ(pattern.getRowsOfColumn(col), rows);
  }
}

TEST_F(PatternAttr, FlatButterfly) {
  auto attr = FlatButterflyAttr::get(&context, /*rows=*/96, /*cols=*/48,
                                     /*block=*/8, /*radices=*/{2, 3},
                                     /*factors=*/2);
  auto pattern = cast<BlockPatternAttrInterface>(attr);
  EXPECT_EQ(pattern.getNumBlocks(), 48);
  EXPECT_EQ(attr.getPattern().blocksPerRow(), 4);
  EXPECT_EQ(pattern.getColumnsOfRow(2), (SmallVector<int64_t>{1, 0, 3, 5}));
  checkInterface(pattern);
}

TEST_F(PatternAttr, BlockMask) {
  auto pattern =
      cast<BlockPatternAttrInterface>(mask(16, {"#.##", "....", ".#.#"}));
  EXPECT_EQ(pattern.getRows(), 48);
  EXPECT_EQ(pattern.getCols(), 64);
  EXPECT_EQ(pattern.getNumBlocks(), 5);
  EXPECT_EQ(pattern.getColumnsOfRow(2), (SmallVector<int64_t>{1, 3}));
  EXPECT_EQ(pattern.getPosition(2, 3), 4);
  EXPECT_EQ(pattern.getPosition(1, 1), std::nullopt);
  EXPECT_EQ(pattern.getTransposed(), mask(16, {"#..", "..#", "#..", "#.#"}));
  checkInterface(pattern);
}

TEST_F(PatternAttr, MaskRule) {
  auto check = [&](MaskRule rule) {
    ASSERT_EQ(rule.check(), "");
    auto attr = MaskRuleAttr::get(&context, rule);
    checkInterface(cast<BlockPatternAttrInterface>(attr));
    EXPECT_EQ(attr.getBlockMask(), rule.build());
    // Only a rule that differs from its transpose carries the word.
    EXPECT_EQ(rule.getTransposed().transposed, !rule.isSymmetric());
  };
  for (auto [rows, cols] : {std::pair(96, 96), {96, 48}, {40, 64}, {8, 8}})
    for (bool causal : {false, true}) {
      if (causal && rows != cols)
        continue;
      MaskRule rule;
      rule.rows = rows;
      rule.cols = cols;
      rule.block = 8;
      rule.causal = causal;
      check(rule);
      MaskRule local = rule;
      local.kind = MaskRuleKind::Local;
      local.window = 3;
      check(local);
      MaskRule longformer = local;
      longformer.kind = MaskRuleKind::Longformer;
      longformer.global = 1;
      check(longformer);
      MaskRule bigbird = longformer;
      bigbird.kind = MaskRuleKind::BigBird;
      bigbird.random = 2;
      bigbird.seed = 5;
      check(bigbird);
      MaskRule fixed = longformer;
      fixed.kind = MaskRuleKind::Fixed;
      check(fixed);
      MaskRule random = rule;
      random.kind = MaskRuleKind::Random;
      random.random = 3;
      check(random);
      MaskRule global = rule;
      global.kind = MaskRuleKind::Global;
      global.global = 2;
      check(global);
      MaskRule butterfly = global;
      butterfly.kind = MaskRuleKind::ButterflyGlobal;
      butterfly.factors = 2;
      check(butterfly);
      MaskRule stretched = rule;
      stretched.kind = MaskRuleKind::StretchedButterfly;
      stretched.cells = 8;
      stretched.factors = 1;
      check(stretched);
      MaskRule diagonal = rule;
      diagonal.kind = MaskRuleKind::BlockDiagonal;
      diagonal.groups = 1;
      check(diagonal);
    }
}

/// One mask for one rule, whatever asks for it.
TEST_F(PatternAttr, MasksAreUniqued) {
  MaskRule rule = MaskRule::fromAuthors(96, 96, 8, 4, 1);
  auto attr = MaskRuleAttr::get(&context, rule);
  EXPECT_EQ(MaskRuleAttr::get(&context, rule), attr);
  EXPECT_EQ(&MaskRuleAttr::get(&context, rule).getBlockMask(),
            &attr.getBlockMask());
  rule.factors = 2;
  EXPECT_NE(MaskRuleAttr::get(&context, rule), attr);
}

TEST_F(PatternAttr, InvalidNumbersGiveNoAttribute) {
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(&context)); };
  int64_t rows = 96, cols = 40, block = 8, factors = 2;
  SmallVector<int64_t> radices = {2, 3};
  EXPECT_FALSE(FlatButterflyAttr::getChecked(
      emitError, &context, rows, cols, block, ArrayRef(radices), factors));
  EXPECT_EQ(message, "(C4) cols must be a positive multiple of cells * block = "
                     "6 * 8 = 48, but is 40");
}
} // namespace
