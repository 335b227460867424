//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which blocks of a grid are nonzero, for patterns that are not a flat
// butterfly: the masks of the baselines, and the algebra on masks. Plain
// integers, no MLIR types.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_BLOCKMASKS_H
#define PIXELFLY_IR_BLOCKMASKS_H

#include "pixelfly/IR/Pattern.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mlir::pixelfly {

/// The nonzero blocks of a grid of `blockRows() x blockCols()` blocks, row by
/// row, ascending in a row.
class BlockMask {
public:
  /// All blocks (row, col) for which `isNonzero(row, col)`.
  BlockMask(int64_t blockRows, int64_t blockCols,
            const std::function<bool(int64_t, int64_t)> &isNonzero);
  /// The blocks of a flat butterfly.
  explicit BlockMask(const FlatButterfly &pattern);

  int64_t blockRows() const { return int64_t(starts.size()) - 1; }
  int64_t blockCols() const { return cols; }
  int64_t numBlocks() const { return starts.back(); }
  bool isDense() const { return numBlocks() == blockRows() * blockCols(); }
  bool operator==(const BlockMask &other) const {
    return cols == other.cols && starts == other.starts &&
           columns == other.columns;
  }

  bool contains(int64_t row, int64_t col) const {
    return position(row, col).has_value();
  }
  /// Number of nonzero blocks before this one, or nullopt if it is zero.
  std::optional<int64_t> position(int64_t row, int64_t col) const;
  std::vector<int64_t> columnsOfRow(int64_t row) const;
  std::vector<int64_t> rowsOfColumn(int64_t col) const;
  /// One string a block row: `#` for a nonzero block, `.` for a zero one.
  std::vector<std::string> picture() const;
  /// Elements in nonzero blocks of side `block` that lie in the first
  /// `rows x cols` elements: the parameters that exist when a matrix of that
  /// size is padded to whole blocks.
  int64_t countElements(int64_t block, int64_t rows, int64_t cols) const;

  BlockMask transposed() const;
  /// The blocks of either mask (of both); the grids are the same.
  BlockMask unitedWith(const BlockMask &other) const;
  BlockMask intersectedWith(const BlockMask &other) const;
  /// Whether every nonzero block of `other` is one of this mask.
  bool covers(const BlockMask &other) const;
  /// Without the blocks above the diagonal, of a square grid.
  BlockMask causal() const;
  /// The same elements in blocks `factor` times smaller.
  BlockMask refined(int64_t factor) const;
  /// In blocks `factor` times larger, every block that is touched. `factor`
  /// divides both sides of the grid.
  BlockMask coarsened(int64_t factor) const;
  /// The same elements in blocks `factor` times larger, or nullopt if those are
  /// not whole blocks.
  std::optional<BlockMask> coarsenedExactly(int64_t factor) const;

  /// A part of the grid that meets no other: its first block row and column and
  /// its extent in both.
  struct Group {
    int64_t row, col, rows, cols;
    bool operator==(const Group &other) const {
      return row == other.row && col == other.col && rows == other.rows &&
             cols == other.cols;
    }
  };
  /// The mask as independent parts along the diagonal, as many as there are.
  /// Empty block rows and columns go with the part before them.
  std::vector<Group> groups() const;

private:
  BlockMask(int64_t blockRows, int64_t blockCols)
      : starts(blockRows + 1, 0), cols(blockCols) {}

  std::vector<int64_t> starts;  ///< blocks of row i: [starts[i], starts[i + 1])
  std::vector<int64_t> columns; ///< of every nonzero block
  int64_t cols;
};

/// Rows (columns) of whole blocks that `extent` rows (columns) take.
int64_t paddedExtent(int64_t extent, int64_t block);

/// The flat butterfly with exactly these nonzero blocks, of side `block`, or
/// nullopt if there is none. Of several, one of the fewest cells; storage
/// orders may differ, see `storesInOrder`.
std::optional<FlatButterfly> asFlatButterfly(const BlockMask &mask,
                                             int64_t block);

/// Whether a flat butterfly stores its blocks as a mask does, ascending in
/// every block row, so that one attribute may replace the other on the same
/// weight.
bool storesInOrder(const FlatButterfly &pattern);

//===----------------------------------------------------------------------===//
// Masks with a name. Extents are in blocks. On a grid that is not square the
// rule holds on a square core of min(rows, cols) cells, which is stretched: a
// block is nonzero iff it touches a nonzero cell.
//===----------------------------------------------------------------------===//

/// Stretches `core`, a square mask, over a grid: block row p meets core rows
/// floor(p * cells / rows) to ceil((p + 1) * cells / rows) - 1, columns
/// likewise, and a block is nonzero iff one of the core blocks it meets is.
BlockMask stretchMask(const BlockMask &core, int64_t rows, int64_t cols);

BlockMask denseMask(int64_t rows, int64_t cols);
/// `groups` dense parts along the diagonal; divides rows and cols.
BlockMask blockDiagonalMask(int64_t rows, int64_t cols, int64_t groups);
/// Sliding window: |i - j| <= window / 2.
BlockMask localMask(int64_t rows, int64_t cols, int64_t window);
/// The first `global` rows and columns.
BlockMask globalMask(int64_t rows, int64_t cols, int64_t global);
/// `count` blocks in every row (as many as there are if those are fewer), among
/// those that are zero in `taken` and, if `causal`, not above the diagonal.
/// Depends on `seed` and the place alone: the same on every platform.
BlockMask randomMask(const BlockMask &taken, int64_t count, int64_t seed,
                     bool causal);
/// Sliding window and global rows and columns (Beltagy et al., Longformer).
BlockMask longformerMask(int64_t rows, int64_t cols, int64_t window,
                         int64_t global);
/// Dense windows of `window` blocks, and the last `global` blocks of each as
/// columns that every row meets (Child et al., Sparse Transformer, "fixed").
BlockMask fixedMask(int64_t rows, int64_t cols, int64_t window, int64_t global);
/// Flat butterfly by exclusive or, i == j or i ^ j == 2^t with t < factors, cut
/// off at the grid, with the first `global` rows and columns (paper, Appendix
/// I.2, for attention).
BlockMask butterflyGlobalMask(int64_t rows, int64_t cols, int64_t factors,
                              int64_t global);
/// The stretch of the authors' code: a flat butterfly core of `cells` cells,
/// any power of two, whose cells need not be whole blocks; with the first
/// `global` rows and columns. Rows are uneven where cells straddle blocks.
BlockMask stretchedButterflyMask(int64_t rows, int64_t cols, int64_t cells,
                                 int64_t factors, int64_t global);
/// One factor of a butterfly product: cells that are equal modulo `stride` and
/// in the same run of `stride * radix` cells.
BlockMask butterflyFactorMask(int64_t rows, int64_t cols, int64_t cells,
                              int64_t stride, int64_t radix);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_BLOCKMASKS_H
