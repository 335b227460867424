//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From one budget to the choices for all layers that share it (paper section
// 3.3, step 1), in plain integers. ChoosePattern.h has steps 2 and 3.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_SPARSIFY_BUDGET_H
#define PIXELFLY_SPARSIFY_BUDGET_H

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Sparsify/ChoosePattern.h"

#include <functional>
#include <vector>

namespace mlir::pixelfly {

/// How layers share a budget.
enum class BudgetSplit {
  /// The same density for all: the paper's rule of thumb.
  Uniform,
  /// Density in inverse proportion to the predicted time of a dense weight
  /// element. This minimises the layers' time for a given weighted sum of the
  /// logarithms of their densities (weights: numbers of elements). The linear
  /// program that the paper prints (Eq. 20) has its optimum at a corner, where
  /// one layer has everything; where all elements cost the same both give the
  /// rule of thumb.
  CostModel,
};

/// A layer that shares in a budget.
struct BudgetLayer {
  /// Output and input features. A pattern covers them padded up to its block.
  int64_t rows = 0;
  int64_t cols = 0;
  /// Cost of the dense layer in the unit of the budget, positive.
  int64_t dense = 0;
  /// Cost of a choice in that unit. Grows with the blocks of the pattern and
  /// with the rank, everything else being equal.
  std::function<int64_t(const LayerChoice &)> cost;
  /// The layer's share of the budget is in proportion to `weight * dense`. One
  /// for all is the paper's rule of thumb: the same density everywhere.
  double weight = 1;
};

/// What the choices have to keep to.
struct BudgetRules {
  /// What all layers together may cost.
  int64_t limit = 0;
  /// Blocks that may be used, largest first. A layer gets the first that gives
  /// it a sparse pattern, unless the budget cannot be used well with those
  /// (`kWellUsed`).
  std::vector<int64_t> blocks;
  /// As in LayerBudget.
  double lowRankShare = 1.0 / 3.0;
};

/// The part of a budget that counts as using it well: a smaller block is taken
/// only where a larger one does not reach this.
inline constexpr double kWellUsed = 0.9;

/// Choices for all layers, and how they use the budget.
struct BudgetPlan {
  /// In the order of the layers. Every one has a pattern. Empty if the budget
  /// is impossible.
  std::vector<LayerChoice> choices;
  int64_t used = 0;
  /// The least by which any layer could cost more than it does with a larger
  /// pattern; more than is left. 0 if no layer has a larger one.
  int64_t nextStep = 0;
  /// What the layers cost with the sparsest patterns there are, and no low-rank
  /// term.
  int64_t least = 0;

  bool isPossible() const { return !choices.empty(); }
};

/// What the layer costs with its sparsest pattern and no low-rank term. Expects
/// that it has a sparse pattern with one of the blocks.
int64_t leastCost(const BudgetLayer &layer, const std::vector<int64_t> &blocks);

/// Chooses for every layer. Expects at least one layer, and that each costs
/// less than it does dense with a sparse pattern of one of the blocks.
///
/// 1. Every layer has a share of the limit in proportion to `weight * dense`.
///    A layer whose sparsest pattern costs more gets that one, and the others
///    share the rest.
/// 2. `chooseLayer` takes rank and pattern within the share.
/// 3. What rounding to blocks has left over goes to one layer after the other:
///    the one with the least part of its share so far, among those whose next
///    larger pattern is still within the limit, gets that pattern; of equals
///    the first. Ranks stay, since their rule is about the share.
///
/// No layer costs as much as it does dense, `used` never exceeds `limit`, and
/// no single larger pattern would fit into what is left. The same layers give
/// the same choices on every machine.
BudgetPlan planBudget(const std::vector<BudgetLayer> &layers,
                      const BudgetRules &rules);

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_BUDGET_H
