//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The products on a block pattern against sums in double over the dense mask,
// which is built here from the definition of the pattern alone: cells that
// differ in no digit, or in one of the first digits.
//
//===----------------------------------------------------------------------===//

#include "ProductTestSupport.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::test;

namespace {
struct Butterfly {
  int64_t rows, cols, block;
  std::vector<int64_t> radices;
  int64_t factors;
};

/// A nonzero block, in the order of storage.
struct StoredBlock {
  int64_t row, col;
};
} // namespace

/// The blocks of a pattern in the documented order: block rows in order, then
/// the own cell, then each digit's other values counted upwards from its own;
/// inside a cell the block columns in order.
static std::vector<StoredBlock> blocksOf(const Butterfly &p) {
  int64_t cells = 1;
  for (int64_t radix : p.radices)
    cells *= radix;
  int64_t cellRows = p.rows / p.block / cells;
  int64_t cellCols = p.cols / p.block / cells;
  std::vector<StoredBlock> blocks;
  for (int64_t row = 0; row < p.rows / p.block; ++row) {
    int64_t cell = row / cellRows;
    std::vector<int64_t> met{cell};
    int64_t weight = 1;
    for (int64_t factor = 0; factor < p.factors; ++factor) {
      int64_t radix = p.radices[factor], digit = cell / weight % radix;
      for (int64_t shift = 1; shift < radix; ++shift)
        met.push_back(cell + ((digit + shift) % radix - digit) * weight);
      weight *= radix;
    }
    for (int64_t other : met)
      for (int64_t col = 0; col < cellCols; ++col)
        blocks.push_back({row, other * cellCols + col});
  }
  return blocks;
}

static std::string attributeOf(const Butterfly &p) {
  std::string radices;
  for (int64_t radix : p.radices)
    radices += (radices.empty() ? "" : ", ") + std::to_string(radix);
  return "#pixelfly.flat_butterfly<rows = " + std::to_string(p.rows) +
         ", cols = " + std::to_string(p.cols) +
         ", block = " + std::to_string(p.block) + ", radices = [" + radices +
         "], factors = " + std::to_string(p.factors) + ">";
}

enum class Product { Plain, Transposed, Sampled };

/// A pattern as the kernels' caller writes it, and as sums are taken over it.
struct WrittenPattern {
  int64_t rows, cols, block;
  std::string attribute;
  std::vector<StoredBlock> blocks;
};

static ProductCase makeCase(const WrittenPattern &p, Product product,
                            int64_t count, bool isDouble, bool fill,
                            int number) {
  ProductCase result;
  result.name = "product" + std::to_string(number);
  result.isDouble = isDouble;
  result.accumulates = !fill;
  const std::vector<StoredBlock> &blocks = p.blocks;
  std::vector<int64_t> weights{int64_t(blocks.size()), p.block, p.block};
  std::vector<int64_t> wide{count, p.cols}, tall{count, p.rows};
  std::string type = isDouble ? "f64" : "f32";
  auto memref = [&](const std::vector<int64_t> &shape) {
    std::string text = "memref<";
    for (int64_t size : shape)
      text += std::to_string(size) + "x";
    return text + type + ">";
  };
  std::string op;
  switch (product) {
  case Product::Plain:
    op = "pixelfly.matmul";
    result.shapeA = wide, result.shapeB = weights, result.shapeC = tall;
    break;
  case Product::Transposed:
    op = "pixelfly.matmul transposed";
    result.shapeA = tall, result.shapeB = weights, result.shapeC = wide;
    break;
  case Product::Sampled:
    op = "pixelfly.sddmm";
    result.shapeA = tall, result.shapeB = wide, result.shapeC = weights;
    break;
  }
  std::string a = memref(result.shapeA), b = memref(result.shapeB),
              c = memref(result.shapeC);
  result.function = "func.func @" + result.name + "(%a: " + a + ", %b: " + b +
                    ", %c: " + c + ") {\n" +
                    (fill ? "%zero = arith.constant 0.0 : " + type +
                                "\nlinalg.fill ins(%zero : " + type +
                                ") outs(%c : " + c + ")\n"
                          : "") +
                    op + " ins(%a, %b : " + a + ", " + b + ") outs(%c : " + c +
                    ") pattern " + p.attribute + "\nreturn\n}";
  result.expected = [=, blocks = p.blocks](const Buffer &a, const Buffer &b,
                                           std::vector<ProductCase::Sum> &c) {
    int64_t s = p.block;
    for (int64_t position = 0; position < int64_t(blocks.size()); ++position)
      for (int64_t m = 0; m < count; ++m)
        for (int64_t i = 0; i < s; ++i)
          for (int64_t j = 0; j < s; ++j) {
            int64_t row = blocks[position].row * s + i;
            int64_t col = blocks[position].col * s + j;
            int64_t weight = (position * s + i) * s + j;
            if (product == Product::Plain)
              c[m * p.rows + row].add(a[m * p.cols + col] * b[weight]);
            else if (product == Product::Transposed)
              c[m * p.cols + col].add(a[m * p.rows + row] * b[weight]);
            else
              c[weight].add(a[m * p.rows + row] * b[m * p.cols + col]);
          }
  };
  return result;
}

static void checkPatterns(int64_t block, int count) {
  std::mt19937 random(randomSeed() + unsigned(block));
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  static const std::vector<std::vector<int64_t>> kRadices = {
      {},  {2},       {2, 2},    {3},          {2, 3},       {3, 2}, {2, 2, 2},
      {5}, {2, 2, 3}, {3, 2, 2}, {2, 2, 2, 2}, {2, 2, 2, 3}, {4, 3}};
  std::vector<ProductCase> cases;
  for (int number = 0; number < count; ++number) {
    Butterfly p;
    p.block = block;
    int64_t cells;
    do {
      p.radices = kRadices[pick(0, kRadices.size() - 1)];
      cells = 1;
      for (int64_t radix : p.radices)
        cells *= radix;
    } while (cells * block > 512 && cells > 4);
    p.factors = pick(0, p.radices.size());
    bool small = cells * block <= 256;
    p.rows = cells * block * (small ? pick(1, 3) : 1);
    p.cols = cells * block * (small ? pick(1, 3) : 1);
    auto product = Product(number % 3);
    cases.push_back(
        makeCase({p.rows, p.cols, p.block, attributeOf(p), blocksOf(p)},
                 product, pick(1, 3) == 1 ? pick(1, 15) : pick(16, 230),
                 /*isDouble=*/pick(0, 5) == 0, /*fill=*/pick(0, 1), number));
  }
  checkProducts(cases, random);
}

TEST(PatternProduct, Block8AgreesWithDouble) { checkPatterns(8, 12); }
TEST(PatternProduct, Block16AgreesWithDouble) { checkPatterns(16, 12); }
TEST(PatternProduct, Block32AgreesWithDouble) { checkPatterns(32, 12); }
TEST(PatternProduct, Block64AgreesWithDouble) { checkPatterns(64, 9); }
TEST(PatternProduct, Block128AgreesWithDouble) { checkPatterns(128, 6); }

// Any other pattern, with empty block rows and columns, runs from tables.
TEST(PatternProduct, BlockMasksAgreeWithDouble) {
  std::mt19937 random(randomSeed());
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  std::vector<ProductCase> cases;
  for (int number = 0; number < 6; ++number) {
    int64_t rows = pick(1, 6), cols = pick(1, 6), block = 8 << pick(0, 2);
    WrittenPattern p{rows * block, cols * block, block, "", {}};
    for (int64_t row = 0; row < rows; ++row) {
      p.attribute += row ? ", \"" : "\"";
      for (int64_t col = 0; col < cols; ++col) {
        // At least one block.
        bool nonzero = pick(0, 2) == 0 || (row + 1 == rows && col + 1 == cols);
        p.attribute += nonzero ? '#' : '.';
        if (nonzero)
          p.blocks.push_back({row, col});
      }
      p.attribute += "\"";
    }
    p.attribute = "#pixelfly.block_mask<block = " + std::to_string(block) +
                  ", mask = [" + p.attribute + "]>";
    cases.push_back(makeCase(p, Product(number % 3), pick(1, 150),
                             /*isDouble=*/false, /*fill=*/pick(0, 1), number));
  }
  checkProducts(cases, random);
}

TEST(PatternProduct, NoRowsAddNothing) {
  std::mt19937 random(randomSeed());
  Butterfly p{32, 64, 16, {2}, 1};
  WrittenPattern written{p.rows, p.cols, p.block, attributeOf(p), blocksOf(p)};
  std::vector<ProductCase> cases;
  for (int number = 0; number < 6; ++number)
    cases.push_back(makeCase(written, Product(number % 3), /*count=*/0,
                             /*isDouble=*/false, /*fill=*/number < 3, number));
  checkProducts(cases, random);
}

// A packed panel of 12 rows is 6 MiB, more than the stack of a thread.
TEST(PatternProduct, WideRowsAgreeWithDouble) {
  std::mt19937 random(randomSeed());
  Butterfly p{32, 131072, 32, {}, 0};
  WrittenPattern written{p.rows, p.cols, p.block, attributeOf(p), blocksOf(p)};
  std::swap(p.rows, p.cols);
  WrittenPattern tall{p.rows, p.cols, p.block, attributeOf(p), blocksOf(p)};
  checkProducts({makeCase(written, Product::Plain, /*count=*/17,
                          /*isDouble=*/false, /*fill=*/true, 0),
                 makeCase(tall, Product::Transposed, /*count=*/13,
                          /*isDouble=*/false, /*fill=*/false, 1)},
                random);
}
