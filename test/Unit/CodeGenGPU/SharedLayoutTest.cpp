//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedLayout.h"

#include "mlir/IR/Matchers.h"
#include "gtest/gtest.h"

#include <set>
#include <vector>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
/// Every tile that a product of any block size and element type has.
std::vector<SharedLayout> allLayouts() {
  std::vector<SharedLayout> layouts;
  for (int64_t rows : {8, 16, 32, 64, 128})
    for (int64_t columns : {16, 32, 64, 128}) {
      layouts.push_back({rows, columns, 2, /*columnAccess=*/false});
      layouts.push_back({rows, columns, 4, /*columnAccess=*/false});
      layouts.push_back({rows, columns, 4, /*columnAccess=*/true});
    }
  return layouts;
}

std::string describe(const SharedLayout &layout) {
  return std::to_string(layout.rows) + " x " + std::to_string(layout.columns) +
         " of " + std::to_string(layout.elementBytes) + " bytes" +
         (layout.columnAccess ? ", read down the columns" : "");
}

/// The group of four banks in which a chunk lies.
int64_t bankGroup(const SharedLayout &layout, int64_t row, int64_t chunk) {
  int64_t offset = layout.offset(row, chunk * layout.elementsPerChunk());
  return offset * layout.elementBytes / kChunkBytes % 8;
}
} // namespace

TEST(SharedLayoutTest, EveryElementHasItsOwnPlace) {
  for (const SharedLayout &layout : allLayouts()) {
    std::set<int64_t> places;
    for (int64_t row = 0; row < layout.rows; ++row)
      for (int64_t column = 0; column < layout.columns; ++column)
        places.insert(layout.offset(row, column));
    EXPECT_EQ(int64_t(places.size()), layout.size()) << describe(layout);
    EXPECT_EQ(*places.begin(), 0) << describe(layout);
    EXPECT_EQ(*places.rbegin(), layout.size() - 1) << describe(layout);
  }
}

// The eight rows of one tile of ldmatrix lie in eight groups of banks.
TEST(SharedLayoutTest, MatrixLoadsMeetEveryBankOnce) {
  for (const SharedLayout &layout : allLayouts()) {
    if (layout.columnAccess)
      continue;
    for (int64_t row = 0; row < layout.rows; row += 8)
      for (int64_t chunk = 0; chunk < layout.chunksPerRow(); ++chunk) {
        std::set<int64_t> groups;
        for (int64_t i = 0; i < 8; ++i)
          groups.insert(bankGroup(layout, row + i, chunk));
        EXPECT_EQ(groups.size(), 8u) << describe(layout);
      }
  }
}

// Eight consecutive threads copy eight consecutive chunks.
TEST(SharedLayoutTest, CopiesMeetEveryBankOnce) {
  for (const SharedLayout &layout : allLayouts())
    for (int64_t id = 0; id < layout.rows * layout.chunksPerRow(); id += 8) {
      std::set<int64_t> groups;
      for (int64_t i = id; i < id + 8; ++i)
        groups.insert(bankGroup(layout, i / layout.chunksPerRow(),
                                i % layout.chunksPerRow()));
      EXPECT_EQ(groups.size(), 8u) << describe(layout);
    }
}

// A warp reads 4 rows x 8 columns of words.
TEST(SharedLayoutTest, WordsDownTheColumnsMeetEveryBankOnce) {
  for (const SharedLayout &layout : allLayouts()) {
    if (!layout.columnAccess)
      continue;
    for (int64_t row = 0; row < layout.rows; row += 4)
      for (int64_t column = 0; column < layout.columns; column += 8) {
        std::set<int64_t> banks;
        for (int64_t lane = 0; lane < kWarpSize; ++lane)
          banks.insert(layout.offset(row + lane % 4, column + lane / 4) % 32);
        EXPECT_EQ(banks.size(), 32u) << describe(layout);
      }
  }
}

// For rows of 32, 64 and 128 bytes the places are those of the tensor memory
// accelerator's swizzle: bits 4-6 of the address, as many as the row's chunks
// need, exclusive or of bits 7-9.
TEST(SharedLayoutTest, IsTheSwizzleOfTheTensorMemoryAccelerator) {
  for (const SharedLayout &layout : allLayouts()) {
    int64_t rowBytes = layout.columns * layout.elementBytes;
    if (layout.columnAccess || rowBytes > 128)
      continue;
    int64_t mask = rowBytes / kChunkBytes - 1;
    for (int64_t row = 0; row < layout.rows; ++row)
      for (int64_t column = 0; column < layout.columns; ++column) {
        int64_t plain = row * rowBytes + column * layout.elementBytes;
        int64_t swizzled = plain ^ ((plain >> 7 & mask) << 4);
        EXPECT_EQ(layout.offset(row, column) * layout.elementBytes, swizzled)
            << describe(layout);
      }
  }
}

// The arithmetic that kernels do is the arithmetic tested above.
TEST(SharedLayoutTest, EmittedCodeAgrees) {
  MLIRContext context;
  context.loadDialect<arith::ArithDialect, scf::SCFDialect>();
  Location loc = UnknownLoc::get(&context);
  Block block;
  DeviceBuilder b(loc, &context);
  b.setInsertionPointToEnd(&block);
  for (const SharedLayout &layout : allLayouts()) {
    int64_t period = layout.columnAccess ? 4 : 8;
    for (int64_t row = 0; row < layout.rows; row += 3)
      for (int64_t chunk = 0; chunk < layout.chunksPerRow(); ++chunk) {
        // The row and the chunk as code splits them: constants of the fragment,
        // the lane's bit.
        int64_t rowConstant = row / period * period;
        Value offset =
            layout.offset(b, b.index(row - rowConstant), rowConstant,
                          b.index(0), chunk & ~int64_t(1), b.index(chunk & 1));
        APInt folded;
        ASSERT_TRUE(matchPattern(offset, m_ConstantInt(&folded)));
        EXPECT_EQ(folded.getSExtValue(),
                  layout.offset(row, chunk * layout.elementsPerChunk()))
            << describe(layout);
        // And with the whole chunk as a value, as copies and warps have it.
        Value whole =
            layout.offset(b, b.index(row), 0, b.index(chunk), 0, b.index(0));
        ASSERT_TRUE(matchPattern(whole, m_ConstantInt(&folded)));
        EXPECT_EQ(folded.getSExtValue(),
                  layout.offset(row, chunk * layout.elementsPerChunk()))
            << describe(layout);
      }
  }
}
