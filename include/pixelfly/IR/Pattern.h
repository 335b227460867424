//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Arithmetic of the flat block butterfly pattern in plain integers: no MLIR
// types, so the budget search and the unit tests use it directly.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_PATTERN_H
#define PIXELFLY_IR_PATTERN_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir::pixelfly {

/// Whether patterns may have blocks of this side: 8, 16, 32, 64 or 128.
bool isSupportedBlock(int64_t block);

/// A flat block butterfly pattern (paper section 3.4), mixed radix, stretched
/// over rectangular matrices. See `#pixelfly.flat_butterfly` for the definition
/// and the storage order.
struct FlatButterfly {
  int64_t rows = 0;             ///< matrix rows
  int64_t cols = 0;             ///< matrix columns
  int64_t block = 0;            ///< side of a block, in elements
  std::vector<int64_t> radices; ///< least significant digit first
  int64_t factors = 0;          ///< digits in which cells may differ

  /// Cells per side: the product of the radices, 1 when there are none.
  int64_t cells() const;
  /// Block rows (block columns) that one cell covers.
  int64_t cellBlockRows() const { return rows / block / cells(); }
  int64_t cellBlockCols() const { return cols / block / cells(); }
  int64_t blockRows() const { return rows / block; }
  int64_t blockCols() const { return cols / block; }
  /// Nonzero cells in each row of cells: 1 + sum over factors of (radix - 1).
  int64_t cellsPerRow() const;
  /// Nonzero blocks in each block row (block column); the same for all.
  int64_t blocksPerRow() const { return cellsPerRow() * cellBlockCols(); }
  int64_t blocksPerCol() const { return cellsPerRow() * cellBlockRows(); }
  int64_t numBlocks() const { return blockRows() * blocksPerRow(); }
  /// Nonzero blocks over all blocks.
  double density() const;

  /// Cell that row `cell` meets in slot `slot` (0 <= slot < cellsPerRow()).
  int64_t neighbor(int64_t cell, int64_t slot) const;
  /// Slot in row `cell` of column `other`, or nullopt if that cell is zero.
  std::optional<int64_t> slotOf(int64_t cell, int64_t other) const;
  /// The slot of cell (j, i) in row j when (i, j) is in slot `slot` of row i.
  /// The same for all i: the fact that makes the transposed product free of
  /// index tables.
  int64_t transposedSlot(int64_t slot) const;

  /// Block columns of block row `blockRow`, in storage order.
  std::vector<int64_t> columnsOfRow(int64_t blockRow) const;
  /// Block rows that meet block column `blockCol`, in ascending order.
  std::vector<int64_t> rowsOfColumn(int64_t blockCol) const;
  /// Position of a block in storage, or nullopt if it is zero.
  std::optional<int64_t> position(int64_t blockRow, int64_t blockCol) const;
  /// The pattern of the transposed matrix: the same core, stretches swapped.
  FlatButterfly transposed() const;

  /// The pattern with other factors: fewer drop the largest strides, more add
  /// larger ones. At most as many as there are radices.
  FlatButterfly withFactors(int64_t count) const;
  /// The pattern of the same elements in blocks of side `side`, or nullopt if
  /// they are not whole blocks of that side or no pattern may have it. The
  /// storage order may be another.
  std::optional<FlatButterfly> withBlock(int64_t side) const;

  /// Consecutive cells that meet only each other: the product of the first
  /// `factors` radices. The matrix is block diagonal with one block a group.
  int64_t groupCells() const;
  int64_t groups() const { return cells() / groupCells(); }
  /// The pattern of `count` consecutive groups. It is the same for all: the
  /// first group's row and column are multiples of the group's extents, and its
  /// blocks are consecutive in storage.
  FlatButterfly ofGroups(int64_t count) const;

  /// Empty if the numbers form a pattern; otherwise the violated constraint,
  /// its label (C1..C4 of `#pixelfly.flat_butterfly`), and what would fit.
  std::string check() const;
};

/// The prime factors of `cells` in the order the project gives radices: twos
/// first, then ascending. `cells` must be positive.
std::vector<int64_t> primeRadices(int64_t cells);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_PATTERN_H
