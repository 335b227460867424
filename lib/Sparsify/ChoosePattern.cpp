//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/ChoosePattern.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <numeric>

using namespace mlir::pixelfly;

/// Block sides that `#pixelfly.flat_butterfly` takes.
static constexpr int64_t kBlocks[] = {8, 16, 32, 64, 128};

/// A fraction of `whole`, rounded down; `slack` is the relative error of the
/// fraction that still counts as exact.
static int64_t floorOfShare(double share, int64_t whole, double slack) {
  return static_cast<int64_t>(
      std::floor(share * static_cast<double>(whole) * (1.0 + slack)));
}

int64_t LayerBudget::elements() const {
  // The slack covers the rounding of a decimal such as 0.1 to a double.
  return floorOfShare(density, rows * cols, 1e-12);
}

int64_t LayerChoice::elements() const {
  if (!pattern)
    return 0;
  return pattern->numBlocks() * pattern->block * pattern->block +
         rank * (pattern->rows + pattern->cols);
}

int64_t mlir::pixelfly::chooseRank(const LayerBudget &budget) {
  assert(budget.block > 0 && "block must be positive");
  if (budget.lowRankShare <= 0)
    return 0;
  int64_t whole = budget.elements();
  // Six digits of 1/3, which is what a printed pipeline keeps of it, mean 1/3.
  int64_t allowed = floorOfShare(budget.lowRankShare, whole, 1e-5);
  int64_t blockCost = budget.block * (budget.rows + budget.cols);
  if (blockCost <= allowed)
    return allowed / blockCost * budget.block;
  return 2 * blockCost <= whole ? budget.block : 0;
}

std::optional<FlatButterfly> mlir::pixelfly::choosePattern(int64_t rows,
                                                           int64_t cols,
                                                           int64_t block,
                                                           int64_t elements) {
  if (!FlatButterfly{rows, cols, block, {}, 0}.check().empty())
    return std::nullopt;
  int64_t common = std::gcd(rows / block, cols / block);
  std::optional<FlatButterfly> best;
  for (int64_t cells = 1; cells <= common; ++cells) {
    if (common % cells != 0)
      continue;
    FlatButterfly candidate{rows, cols, block, primeRadices(cells), 0};
    int64_t numFactors = candidate.radices.size();
    for (; candidate.factors <= numFactors; ++candidate.factors) {
      if (candidate.numBlocks() > elements / (block * block))
        break;
      // Cells ascend, so "not fewer" prefers more cells among equals.
      if (!best || candidate.numBlocks() >= best->numBlocks())
        best = candidate;
    }
  }
  return best;
}

/// A density as it stands in messages.
static std::string formatDensity(double density) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", density);
  return text;
}

/// The blocks that divide both sides of the layer with the least density each
/// allows (its block diagonal): "8 (0.0104), 16 (0.0208)". Empty if none does.
static std::string fittingBlocks(int64_t rows, int64_t cols) {
  std::string list;
  for (int64_t block : kBlocks) {
    if (rows % block != 0 || cols % block != 0)
      continue;
    int64_t common = std::gcd(rows / block, cols / block);
    if (common == 1)
      continue; // Only the dense pattern.
    list += (list.empty() ? "" : ", ") + std::to_string(block) + " (" +
            formatDensity(1.0 / static_cast<double>(common)) + ")";
  }
  return list;
}

int64_t mlir::pixelfly::padToBlock(int64_t size, int64_t block) {
  return (size + block - 1) / block * block;
}

int64_t mlir::pixelfly::mostCells(int64_t rows, int64_t cols, int64_t block) {
  if (std::min(rows, cols) < block)
    return 0;
  return std::gcd(padToBlock(rows, block) / block,
                  padToBlock(cols, block) / block);
}

bool mlir::pixelfly::hasSparsePattern(int64_t rows, int64_t cols,
                                      int64_t block) {
  int64_t cells = mostCells(rows, cols, block);
  // With one cell there is only the dense pattern.
  return cells > 1 && padToBlock(rows, block) * padToBlock(cols, block) <
                          cells * rows * cols;
}

std::string
mlir::pixelfly::explainNoPattern(int64_t rows, int64_t cols,
                                 const std::vector<int64_t> &blocks) {
  int64_t smallest = *std::min_element(blocks.begin(), blocks.end());
  if (std::min(rows, cols) < smallest)
    return "it has " + std::to_string(rows) + " outputs and " +
           std::to_string(cols) +
           " inputs, and needs as many as the block of " +
           std::to_string(smallest) + " of each";
  std::string grids, fitting;
  bool isDivisible = false;
  for (int64_t block : blocks) {
    grids += (grids.empty() ? "" : ", ") +
             std::to_string(padToBlock(rows, block) / block) + " x " +
             std::to_string(padToBlock(cols, block) / block) + " blocks of " +
             std::to_string(block);
    isDivisible |= mostCells(rows, cols, block) > 1;
  }
  for (int64_t block : kBlocks)
    if (hasSparsePattern(rows, cols, block))
      fitting += (fitting.empty() ? "" : ", ") + std::to_string(block);
  std::string reason =
      "its " + std::to_string(rows) + " outputs and " + std::to_string(cols) +
      " inputs are " + grids +
      (isDivisible ? ", so much of it padding that the sparsest pattern is as "
                     "large as the dense layer"
                   : ", and a sparse pattern needs two or more equal parts of "
                     "whole blocks on each side, as many on both");
  if (fitting.empty())
    return reason + "; no block size gives this layer a sparse pattern";
  return reason + "; blocks that give a sparse one: " + fitting;
}

/// Why no pattern of the wanted block is within the budget, and what would be.
static std::string explainDense(const LayerBudget &budget) {
  FlatButterfly whole{budget.rows, budget.cols, budget.block, {}, 0};
  std::string reason;
  if (std::string problem = whole.check(); !problem.empty()) {
    reason = problem.rfind("(C1)", 0) == 0
                 ? "block " + std::to_string(budget.block) + " is not supported"
                 : "block " + std::to_string(budget.block) +
                       " does not divide " + std::to_string(budget.rows) +
                       " x " + std::to_string(budget.cols);
  } else {
    int64_t common = std::gcd(whole.blockRows(), whole.blockCols());
    reason = "the sparsest pattern with block " + std::to_string(budget.block) +
             ", a diagonal of " + std::to_string(common) +
             (common == 1 ? " cell" : " cells") + ", has density " +
             formatDensity(1.0 / static_cast<double>(common)) +
             ", above the budget of " + formatDensity(budget.density);
  }
  std::string fitting = fittingBlocks(budget.rows, budget.cols);
  if (fitting.empty())
    return reason + "; no block size gives this layer a sparse pattern";
  return reason + "; blocks that fit, with their least density: " + fitting;
}

LayerChoice mlir::pixelfly::chooseLayer(const LayerBudget &budget) {
  assert(budget.density > 0 && budget.density <= 1 && "density out of range");
  LayerChoice choice;
  if (!FlatButterfly{budget.rows, budget.cols, budget.block, {}, 0}
           .check()
           .empty()) {
    choice.whyDense = explainDense(budget);
    return choice;
  }
  int64_t whole = budget.elements();
  int64_t blockCost = budget.block * (budget.rows + budget.cols);
  int64_t wanted = chooseRank(budget);
  for (choice.rank = wanted; choice.rank >= 0; choice.rank -= budget.block) {
    int64_t rest = whole - choice.rank / budget.block * blockCost;
    choice.pattern =
        choosePattern(budget.rows, budget.cols, budget.block, rest);
    if (choice.pattern)
      break;
  }
  if (!choice.pattern) {
    choice.rank = 0;
    choice.whyDense = explainDense(budget);
    return choice;
  }
  if (choice.rank < wanted)
    choice.rankNote = "rank " + std::to_string(wanted) +
                      " would leave too little for the block diagonal";
  else if (wanted == 0 && budget.lowRankShare > 0)
    choice.rankNote =
        "no low-rank term: one block of rank costs " +
        formatDensity(static_cast<double>(blockCost) /
                      (static_cast<double>(budget.rows) * budget.cols)) +
        ", more than half of the budget of " + formatDensity(budget.density);
  return choice;
}
