//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Pattern.h"

#include <algorithm>

using namespace pixelfly::rt;

// Products of two sides stay far from overflow.
static constexpr int64_t maximumSide = int64_t(1) << 30;

int64_t Pattern::cells() const {
  int64_t product = 1;
  for (int64_t radix : radices)
    product *= radix;
  return product;
}

int64_t Pattern::numBlocks() const {
  if (!columnsOfRow.empty()) {
    int64_t sum = 0;
    for (const std::vector<int64_t> &columns : columnsOfRow)
      sum += int64_t(columns.size());
    return sum;
  }
  int64_t cellsPerRow = 1;
  for (int64_t t = 0; t < factors; ++t)
    cellsPerRow += radices[t] - 1;
  return blockRows() * cellsPerRow * (blockCols() / cells());
}

double Pattern::density() const {
  return double(numBlocks()) / (double(blockRows()) * double(blockCols()));
}

int64_t Pattern::factorOf(int64_t blockRow, int64_t blockCol) const {
  if (!columnsOfRow.empty()) {
    const std::vector<int64_t> &columns = columnsOfRow[size_t(blockRow)];
    bool found = std::binary_search(columns.begin(), columns.end(), blockCol);
    return found ? 0 : -1;
  }
  int64_t row = blockRow / (blockRows() / cells());
  int64_t col = blockCol / (blockCols() / cells());
  int64_t found = 0;
  for (size_t t = 0; t < radices.size(); ++t) {
    if (row % radices[t] != col % radices[t]) {
      if (found != 0 || int64_t(t) >= factors)
        return -1;
      found = int64_t(t) + 1;
    }
    row /= radices[t];
    col /= radices[t];
  }
  return found;
}

std::vector<int64_t> Pattern::storedColumns(int64_t blockRow) const {
  if (!columnsOfRow.empty())
    return columnsOfRow[size_t(blockRow)];
  int64_t cell = blockRow / (blockRows() / cells());
  std::vector<int64_t> neighbours = {cell};
  int64_t place = 1;
  for (int64_t t = 0; t < factors; ++t) {
    int64_t radix = radices[size_t(t)], digit = cell / place % radix;
    for (int64_t step = 1; step < radix; ++step)
      neighbours.push_back(cell + ((digit + step) % radix - digit) * place);
    place *= radix;
  }
  int64_t width = blockCols() / cells();
  std::vector<int64_t> columns;
  for (int64_t neighbour : neighbours)
    for (int64_t i = 0; i < width; ++i)
      columns.push_back(neighbour * width + i);
  return columns;
}

static void parseButterfly(const JsonValue &value, Pattern &pattern) {
  int64_t cells = 1;
  for (const JsonValue &radix : value.at("radices").items()) {
    pattern.radices.push_back(radix.asInteger(2, maximumSide));
    if (__builtin_mul_overflow(cells, pattern.radices.back(), &cells) ||
        cells > maximumSide)
      value.at("radices").fail("their product is too large");
  }
  pattern.factors =
      value.at("factors").asInteger(0, int64_t(pattern.radices.size()));
  for (int64_t size : {pattern.rows, pattern.cols})
    if (size / pattern.block % cells != 0)
      value.fail("rows and cols must be multiples of cells * block = " +
                 std::to_string(cells) + " * " + std::to_string(pattern.block) +
                 ", but are " + std::to_string(pattern.rows) + " and " +
                 std::to_string(pattern.cols));
}

static void parseMask(const JsonValue &value, Pattern &pattern) {
  JsonValue rows = value.at("columns_of_row");
  for (const JsonValue &row : rows.items()) {
    std::vector<int64_t> &columns = pattern.columnsOfRow.emplace_back();
    for (const JsonValue &column : row.items())
      columns.push_back(column.asInteger(0, pattern.blockCols() - 1));
    std::sort(columns.begin(), columns.end());
    if (std::adjacent_find(columns.begin(), columns.end()) != columns.end())
      row.fail("a block column stands there twice");
  }
  if (int64_t(pattern.columnsOfRow.size()) != pattern.blockRows())
    rows.fail("must have one entry for each of the " +
              std::to_string(pattern.blockRows()) + " block rows, but has " +
              std::to_string(pattern.columnsOfRow.size()));
}

Pattern pixelfly::rt::parsePattern(const JsonValue &value) {
  size_t kind = value.at("kind").asChoice({"flat_butterfly", "block_mask"});
  Pattern pattern;
  pattern.rows = value.at("rows").asInteger(1, maximumSide);
  pattern.cols = value.at("cols").asInteger(1, maximumSide);
  pattern.block = value.at("block").asInteger(1, maximumSide);
  if (pattern.rows % pattern.block != 0 || pattern.cols % pattern.block != 0)
    value.fail("rows and cols must be multiples of the block, " +
               std::to_string(pattern.block) + ", but are " +
               std::to_string(pattern.rows) + " and " +
               std::to_string(pattern.cols));
  if (kind == 0)
    parseButterfly(value, pattern);
  else
    parseMask(value, pattern);
  return pattern;
}
