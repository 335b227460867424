//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/BlockMasks.h"

#include <algorithm>
#include <cassert>
#include <numeric>

using namespace mlir::pixelfly;

BlockMask::BlockMask(int64_t blockRows, int64_t blockCols,
                     const std::function<bool(int64_t, int64_t)> &isNonzero)
    : BlockMask(blockRows, blockCols) {
  for (int64_t row = 0; row < blockRows; ++row) {
    for (int64_t col = 0; col < blockCols; ++col)
      if (isNonzero(row, col))
        columns.push_back(col);
    starts[row + 1] = columns.size();
  }
}

BlockMask::BlockMask(const FlatButterfly &pattern)
    : BlockMask(pattern.blockRows(), pattern.blockCols()) {
  for (int64_t row = 0; row < blockRows(); ++row) {
    std::vector<int64_t> line = pattern.columnsOfRow(row);
    std::sort(line.begin(), line.end());
    columns.insert(columns.end(), line.begin(), line.end());
    starts[row + 1] = columns.size();
  }
}

std::optional<int64_t> BlockMask::position(int64_t row, int64_t col) const {
  auto first = columns.begin() + starts[row];
  auto last = columns.begin() + starts[row + 1];
  auto found = std::lower_bound(first, last, col);
  if (found == last || *found != col)
    return std::nullopt;
  return found - columns.begin();
}

std::vector<int64_t> BlockMask::columnsOfRow(int64_t row) const {
  return {columns.begin() + starts[row], columns.begin() + starts[row + 1]};
}

std::vector<int64_t> BlockMask::rowsOfColumn(int64_t col) const {
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < blockRows(); ++row)
    if (contains(row, col))
      rows.push_back(row);
  return rows;
}

std::vector<std::string> BlockMask::picture() const {
  std::vector<std::string> lines(blockRows(), std::string(cols, '.'));
  for (int64_t row = 0; row < blockRows(); ++row)
    for (int64_t i = starts[row]; i < starts[row + 1]; ++i)
      lines[row][columns[i]] = '#';
  return lines;
}

int64_t BlockMask::countElements(int64_t block, int64_t rows,
                                 int64_t cols) const {
  auto inside = [block](int64_t index, int64_t extent) {
    return std::clamp<int64_t>(extent - index * block, 0, block);
  };
  int64_t count = 0;
  for (int64_t row = 0; row < blockRows(); ++row)
    for (int64_t i = starts[row]; i < starts[row + 1]; ++i)
      count += inside(row, rows) * inside(columns[i], cols);
  return count;
}

//===----------------------------------------------------------------------===//
// Algebra
//===----------------------------------------------------------------------===//

BlockMask BlockMask::transposed() const {
  BlockMask result(cols, blockRows());
  for (int64_t col : columns)
    ++result.starts[col + 1];
  std::partial_sum(result.starts.begin(), result.starts.end(),
                   result.starts.begin());
  std::vector<int64_t> next = result.starts;
  result.columns.resize(columns.size());
  for (int64_t row = 0; row < blockRows(); ++row)
    for (int64_t i = starts[row]; i < starts[row + 1]; ++i)
      result.columns[next[columns[i]]++] = row;
  return result;
}

BlockMask BlockMask::unitedWith(const BlockMask &other) const {
  assert(blockRows() == other.blockRows() && cols == other.cols);
  return BlockMask(blockRows(), cols, [&](int64_t row, int64_t col) {
    return contains(row, col) || other.contains(row, col);
  });
}

BlockMask BlockMask::intersectedWith(const BlockMask &other) const {
  assert(blockRows() == other.blockRows() && cols == other.cols);
  return BlockMask(blockRows(), cols, [&](int64_t row, int64_t col) {
    return contains(row, col) && other.contains(row, col);
  });
}

bool BlockMask::covers(const BlockMask &other) const {
  return intersectedWith(other) == other;
}

BlockMask BlockMask::causal() const {
  assert(blockRows() == cols && "only a square grid has a diagonal");
  return BlockMask(blockRows(), cols, [&](int64_t row, int64_t col) {
    return col <= row && contains(row, col);
  });
}

BlockMask BlockMask::refined(int64_t factor) const {
  return BlockMask(blockRows() * factor, cols * factor,
                   [&](int64_t row, int64_t col) {
                     return contains(row / factor, col / factor);
                   });
}

BlockMask BlockMask::coarsened(int64_t factor) const {
  assert(blockRows() % factor == 0 && cols % factor == 0);
  std::vector<bool> touched(
      numBlocks() == 0 ? 0 : (blockRows() / factor) * (cols / factor));
  for (int64_t row = 0; row < blockRows(); ++row)
    for (int64_t i = starts[row]; i < starts[row + 1]; ++i)
      touched[row / factor * (cols / factor) + columns[i] / factor] = true;
  return BlockMask(
      blockRows() / factor, cols / factor, [&](int64_t row, int64_t col) {
        return !touched.empty() && touched[row * (cols / factor) + col];
      });
}

std::optional<BlockMask> BlockMask::coarsenedExactly(int64_t factor) const {
  if (blockRows() % factor != 0 || cols % factor != 0)
    return std::nullopt;
  BlockMask result = coarsened(factor);
  if (result.numBlocks() * factor * factor != numBlocks())
    return std::nullopt;
  return result;
}

// A part ends where no block so far reaches beyond it, neither a row's last
// column nor a column's last row.
std::vector<BlockMask::Group> BlockMask::groups() const {
  BlockMask byColumn = transposed();
  std::vector<Group> result;
  int64_t row = 0, col = 0;
  while (row < blockRows() || col < cols) {
    Group group{row, col, 0, 0};
    // At least one row and one column, as far as there are any.
    int64_t rowEnd = std::min(row + 1, blockRows());
    int64_t colEnd = std::min(col + 1, cols);
    int64_t seenRow = row, seenCol = col;
    while (seenRow < rowEnd || seenCol < colEnd) {
      for (; seenRow < rowEnd; ++seenRow)
        if (starts[seenRow] < starts[seenRow + 1])
          colEnd = std::max(colEnd, columns[starts[seenRow + 1] - 1] + 1);
      for (; seenCol < colEnd; ++seenCol)
        if (byColumn.starts[seenCol] < byColumn.starts[seenCol + 1])
          rowEnd = std::max(
              rowEnd, byColumn.columns[byColumn.starts[seenCol + 1] - 1] + 1);
    }
    // Empty rows and columns that follow belong to this part.
    while (rowEnd < blockRows() && starts[rowEnd] == starts[rowEnd + 1])
      ++rowEnd;
    while (colEnd < cols &&
           byColumn.starts[colEnd] == byColumn.starts[colEnd + 1])
      ++colEnd;
    group.rows = rowEnd - row;
    group.cols = colEnd - col;
    result.push_back(group);
    row = rowEnd;
    col = colEnd;
  }
  return result;
}

int64_t mlir::pixelfly::paddedExtent(int64_t extent, int64_t block) {
  return (extent + block - 1) / block * block;
}

//===----------------------------------------------------------------------===//
// Flat butterflies among masks
//===----------------------------------------------------------------------===//

/// Calls `visit` with every list of radices whose product is `cells`, smaller
/// radices first, until it returns true.
static bool forEachRadices(int64_t cells, std::vector<int64_t> &radices,
                           const std::function<bool()> &visit) {
  if (cells == 1)
    return visit();
  for (int64_t radix = 2; radix <= cells; ++radix) {
    if (cells % radix != 0)
      continue;
    radices.push_back(radix);
    bool done = forEachRadices(cells / radix, radices, visit);
    if (done)
      return true;
    radices.pop_back();
  }
  return false;
}

std::optional<FlatButterfly>
mlir::pixelfly::asFlatButterfly(const BlockMask &mask, int64_t block) {
  int64_t rows = mask.blockRows(), cols = mask.blockCols();
  int64_t perRow = mask.columnsOfRow(0).size();
  for (int64_t row = 1; row < rows; ++row)
    if (int64_t(mask.columnsOfRow(row).size()) != perRow)
      return std::nullopt;
  auto meetsLine = [&](const FlatButterfly &pattern, int64_t row) {
    std::vector<int64_t> columns = pattern.columnsOfRow(row);
    std::sort(columns.begin(), columns.end());
    return columns == mask.columnsOfRow(row);
  };
  int64_t most = std::gcd(rows, cols);
  for (int64_t cells = 1; cells <= most; ++cells) {
    if (most % cells != 0 || perRow % (cols / cells) != 0)
      continue;
    FlatButterfly pattern{rows * block, cols * block, block, {}, 0};
    auto matches = [&] {
      for (pattern.factors = 0;
           pattern.factors <= int64_t(pattern.radices.size());
           ++pattern.factors)
        if (pattern.blocksPerRow() == perRow && meetsLine(pattern, 0) &&
            meetsLine(pattern, rows - 1) && BlockMask(pattern) == mask)
          return true;
      return false;
    };
    if (forEachRadices(cells, pattern.radices, matches))
      return pattern;
  }
  return std::nullopt;
}

bool mlir::pixelfly::storesInOrder(const FlatButterfly &pattern) {
  for (int64_t row = 0; row < pattern.blockRows(); ++row) {
    std::vector<int64_t> columns = pattern.columnsOfRow(row);
    if (!std::is_sorted(columns.begin(), columns.end()))
      return false;
  }
  return true;
}
