//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pattern.h"

#include <algorithm>
#include <cassert>

using namespace mlir::pixelfly;

int64_t FlatButterfly::cells() const {
  int64_t product = 1;
  for (int64_t radix : radices)
    product *= radix;
  return product;
}

int64_t FlatButterfly::cellsPerRow() const {
  int64_t count = 1;
  for (int64_t t = 0; t < factors; ++t)
    count += radices[t] - 1;
  return count;
}

double FlatButterfly::density() const {
  return double(cellsPerRow()) / double(cells());
}

namespace {
/// What one slot does to a cell index: add `shift` to the digit of weight
/// `weight`, modulo `radix`. Slot 0 has shift 0.
struct DigitShift {
  int64_t weight = 1, radix = 1, shift = 0;
  /// The slot of shift 1 in the same digit.
  int64_t firstSlot = 0;
};

DigitShift digitShift(const FlatButterfly &p, int64_t slot) {
  DigitShift result;
  if (slot == 0)
    return result;
  int64_t first = 1;
  int64_t weight = 1;
  for (int64_t t = 0; t < p.factors; ++t) {
    int64_t radix = p.radices[t];
    if (slot < first + radix - 1)
      return {weight, radix, slot - first + 1, first};
    first += radix - 1;
    weight *= radix;
  }
  assert(false && "slot out of range");
  return result;
}
} // namespace

int64_t FlatButterfly::neighbor(int64_t cell, int64_t slot) const {
  DigitShift s = digitShift(*this, slot);
  int64_t digit = cell / s.weight % s.radix;
  return cell + ((digit + s.shift) % s.radix - digit) * s.weight;
}

std::optional<int64_t> FlatButterfly::slotOf(int64_t cell,
                                             int64_t other) const {
  if (cell == other)
    return 0;
  std::optional<int64_t> slot;
  int64_t first = 1;
  for (int64_t t = 0, e = radices.size(); t < e; ++t) {
    int64_t radix = radices[t];
    int64_t shift = (other % radix - cell % radix + radix) % radix;
    if (shift != 0) {
      if (slot || t >= factors)
        return std::nullopt;
      slot = first + shift - 1;
    }
    first += radix - 1;
    cell /= radix;
    other /= radix;
  }
  return slot;
}

int64_t FlatButterfly::transposedSlot(int64_t slot) const {
  if (slot == 0)
    return 0;
  DigitShift s = digitShift(*this, slot);
  return s.firstSlot + (s.radix - s.shift) - 1;
}

std::vector<int64_t> FlatButterfly::columnsOfRow(int64_t blockRow) const {
  std::vector<int64_t> columns;
  int64_t cell = blockRow / cellBlockRows();
  for (int64_t slot = 0, e = cellsPerRow(); slot < e; ++slot)
    for (int64_t c = 0; c < cellBlockCols(); ++c)
      columns.push_back(neighbor(cell, slot) * cellBlockCols() + c);
  return columns;
}

std::vector<int64_t> FlatButterfly::rowsOfColumn(int64_t blockCol) const {
  std::vector<int64_t> result;
  int64_t cell = blockCol / cellBlockCols();
  // The core is symmetric: the rows of column j are the columns of row j.
  for (int64_t slot = 0, e = cellsPerRow(); slot < e; ++slot)
    for (int64_t r = 0; r < cellBlockRows(); ++r)
      result.push_back(neighbor(cell, slot) * cellBlockRows() + r);
  std::sort(result.begin(), result.end());
  return result;
}

std::optional<int64_t> FlatButterfly::position(int64_t blockRow,
                                               int64_t blockCol) const {
  std::optional<int64_t> slot =
      slotOf(blockRow / cellBlockRows(), blockCol / cellBlockCols());
  if (!slot)
    return std::nullopt;
  return blockRow * blocksPerRow() + *slot * cellBlockCols() +
         blockCol % cellBlockCols();
}

FlatButterfly FlatButterfly::transposed() const {
  FlatButterfly result = *this;
  std::swap(result.rows, result.cols);
  return result;
}

FlatButterfly FlatButterfly::withFactors(int64_t count) const {
  assert(count >= 0 && count <= int64_t(radices.size()));
  FlatButterfly result = *this;
  result.factors = count;
  return result;
}

std::optional<FlatButterfly> FlatButterfly::withBlock(int64_t side) const {
  FlatButterfly result = *this;
  result.block = side;
  // Cells that all meet each other are one cell.
  if (factors == 1) {
    result.radices.erase(result.radices.begin());
    result.factors = 0;
  }
  if (!result.check().empty())
    return std::nullopt;
  return result;
}

int64_t FlatButterfly::groupCells() const {
  int64_t product = 1;
  for (int64_t t = 0; t < factors; ++t)
    product *= radices[t];
  return product;
}

FlatButterfly FlatButterfly::ofGroups(int64_t count) const {
  FlatButterfly result = *this;
  result.rows = rows / groups() * count;
  result.cols = cols / groups() * count;
  result.radices.resize(factors);
  if (count > 1)
    for (int64_t radix : primeRadices(count))
      result.radices.push_back(radix);
  return result;
}

bool mlir::pixelfly::isSupportedBlock(int64_t block) {
  return block == 8 || block == 16 || block == 32 || block == 64 ||
         block == 128;
}

std::string FlatButterfly::check() const {
  if (!isSupportedBlock(block))
    return "(C1) block must be 8, 16, 32, 64 or 128, but is " +
           std::to_string(block);
  int64_t product = 1;
  for (int64_t radix : radices) {
    if (radix < 2)
      return "(C2) every radix must be at least 2, but one is " +
             std::to_string(radix);
    if (__builtin_mul_overflow(product, radix, &product) ||
        product > (int64_t(1) << 40))
      return "(C4) the product of the radices is too large";
  }
  if (factors < 0 || factors > int64_t(radices.size()))
    return "(C3) factors must lie between 0 and the number of radices, " +
           std::to_string(radices.size()) + ", but is " +
           std::to_string(factors);
  int64_t cellSide = product * block;
  for (auto [name, size] : {std::pair("rows", rows), std::pair("cols", cols)})
    if (size <= 0 || size % cellSide != 0)
      return std::string("(C4) ") + name +
             " must be a positive multiple of cells * block = " +
             std::to_string(product) + " * " + std::to_string(block) + " = " +
             std::to_string(cellSide) + ", but is " + std::to_string(size);
  return "";
}

std::vector<int64_t> mlir::pixelfly::primeRadices(int64_t cells) {
  std::vector<int64_t> radices;
  for (int64_t prime = 2; prime * prime <= cells; ++prime)
    for (; cells % prime == 0; cells /= prime)
      radices.push_back(prime);
  if (cells > 1)
    radices.push_back(cells);
  return radices;
}
