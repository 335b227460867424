//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the budget of one layer to its rank and its flat butterfly (paper
// section 3.3, steps 2 and 3), in plain integers.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_SPARSIFY_CHOOSEPATTERN_H
#define PIXELFLY_SPARSIFY_CHOOSEPATTERN_H

#include "pixelfly/IR/Pattern.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir::pixelfly {

/// What a layer may cost. The unit of all costs is one weight element, which is
/// also one multiply-add for each row that passes through the layer. Bias and
/// gamma are not counted: the dense layer has the bias as well, and gamma is
/// one number.
struct LayerBudget {
  int64_t rows = 0; ///< output features of the layer
  int64_t cols = 0; ///< input features of the layer
  /// Share of the dense layer's rows * cols that may be spent, in (0, 1].
  double density = 0.25;
  /// Side of a block, in elements.
  int64_t block = 32;
  /// Share of the budget offered to the low-rank term, in [0, 1). Zero asks
  /// for no low-rank term.
  double lowRankShare = 1.0 / 3.0;

  /// The budget in elements: density * rows * cols, rounded down.
  int64_t elements() const;
};

/// What a layer becomes.
struct LayerChoice {
  /// Absent: the layer stays dense, and `whyDense` says why and what would fit.
  std::optional<FlatButterfly> pattern;
  std::string whyDense;
  /// Rank of the low-rank term, a multiple of the block; 0: there is none.
  int64_t rank = 0;
  /// Where there is no low-rank term although one was asked for, or a smaller
  /// one than the share allows: the reason. Empty otherwise.
  std::string rankNote;

  /// Elements of blocks and low-rank factors; 0 for a layer that stays dense.
  int64_t elements() const;
};

/// The multiple of the block that `size` is padded up to.
int64_t padToBlock(int64_t size, int64_t block);

/// The most cells a side that a pattern of the padded layer can have with this
/// block; 0 if the layer is smaller than a block.
int64_t mostCells(int64_t rows, int64_t cols, int64_t block);

/// Whether the padded layer has a pattern with this block that has fewer
/// elements than the dense layer.
bool hasSparsePattern(int64_t rows, int64_t cols, int64_t block);

/// Why none of the blocks gives the layer a sparse pattern, and which would.
std::string explainNoPattern(int64_t rows, int64_t cols,
                             const std::vector<int64_t> &blocks);

/// The largest multiple of the block whose cost rank * (rows + cols) is within
/// `lowRankShare` of the budget. Where that is none, one block of rank while it
/// costs at most half of the budget. Otherwise 0. (Our rule; the paper only
/// says "1/4 to 1/3 of the budget, a multiple of the block".)
int64_t chooseRank(const LayerBudget &budget);

/// The aligned flat butterfly with the most nonzero blocks among those of at
/// most `elements` nonzero elements; among equals the one with most cells,
/// which reaches furthest. `cells` runs over the common divisors of the two
/// block grids, the radices are its prime factors, the number of factors is
/// free. Absent if even the block diagonal costs more, or the block does not
/// divide the layer.
std::optional<FlatButterfly> choosePattern(int64_t rows, int64_t cols,
                                           int64_t block, int64_t elements);

/// Chooses rank, then pattern. Never exceeds the budget: where the rank of
/// `chooseRank` leaves too little for any pattern, it is lowered.
LayerChoice chooseLayer(const LayerBudget &budget);

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_CHOOSEPATTERN_H
