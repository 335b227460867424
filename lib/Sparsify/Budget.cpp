//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/Budget.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

using namespace mlir::pixelfly;

using Blocks = std::vector<int64_t>;

/// The sparsest choice with the block: its block diagonal of most cells.
static LayerChoice sparsestChoice(const BudgetLayer &layer, int64_t block) {
  int64_t cells = mostCells(layer.rows, layer.cols, block);
  LayerChoice choice;
  choice.pattern = FlatButterfly{padToBlock(layer.rows, block),
                                 padToBlock(layer.cols, block), block,
                                 primeRadices(cells), 0};
  return choice;
}

/// The blocks of the list that give the layer a sparse pattern.
static Blocks fittingBlocks(const BudgetLayer &layer, const Blocks &blocks) {
  Blocks result;
  for (int64_t block : blocks)
    if (hasSparsePattern(layer.rows, layer.cols, block))
      result.push_back(block);
  return result;
}

/// The sparsest choice with any of the blocks, which all fit.
static LayerChoice sparsestChoice(const BudgetLayer &layer,
                                  const Blocks &blocks) {
  LayerChoice sparsest = sparsestChoice(layer, blocks.front());
  for (int64_t block : blocks) {
    LayerChoice candidate = sparsestChoice(layer, block);
    if (layer.cost(candidate) < layer.cost(sparsest))
      sparsest = candidate;
  }
  return sparsest;
}

int64_t mlir::pixelfly::leastCost(const BudgetLayer &layer,
                                  const Blocks &blocks) {
  return layer.cost(sparsestChoice(layer, fittingBlocks(layer, blocks)));
}

/// The choice with the next larger pattern, or nullopt where there is none or
/// it would cost no less than the dense layer.
static std::optional<LayerChoice> nextChoice(const BudgetLayer &layer,
                                             const LayerChoice &choice) {
  const FlatButterfly &now = *choice.pattern;
  int64_t common = mostCells(now.rows, now.cols, now.block);
  int64_t best = 0;
  for (int64_t cells = 2; cells <= common; ++cells) {
    if (common % cells != 0)
      continue;
    FlatButterfly candidate{now.rows, now.cols, now.block, primeRadices(cells),
                            0};
    int64_t numFactors = candidate.radices.size();
    for (; candidate.factors <= numFactors; ++candidate.factors) {
      int64_t count = candidate.numBlocks();
      if (count > now.numBlocks() && (best == 0 || count < best))
        best = count;
    }
  }
  if (best == 0)
    return std::nullopt;
  LayerChoice next = choice;
  next.pattern = choosePattern(now.rows, now.cols, now.block,
                               best * now.block * now.block);
  if (layer.cost(next) >= layer.dense)
    return std::nullopt;
  return next;
}

namespace {
/// One layer on its way through the plan.
struct Planned {
  const BudgetLayer *layer;
  Blocks blocks; ///< those it may use, largest first
  int64_t least = 0;
  double share = 0;
  LayerChoice choice;
  int64_t cost = 0;
  std::optional<LayerChoice> next;
  int64_t nextCost = 0;

  void take(LayerChoice chosen) {
    choice = std::move(chosen);
    cost = layer->cost(choice);
    next = nextChoice(*layer, choice);
    nextCost = next ? layer->cost(*next) : 0;
  }
};
} // namespace

/// Step 1: the shares of the limit.
static void splitLimit(std::vector<Planned> &layers, int64_t limit) {
  std::vector<bool> atLeast(layers.size(), false);
  bool changed = true;
  while (changed) {
    changed = false;
    double rest = double(limit), sum = 0;
    for (size_t i = 0; i < layers.size(); ++i) {
      if (atLeast[i])
        rest -= double(layers[i].least);
      else
        sum += layers[i].layer->weight * double(layers[i].layer->dense);
    }
    for (size_t i = 0; i < layers.size(); ++i) {
      Planned &planned = layers[i];
      const BudgetLayer &layer = *planned.layer;
      planned.share = atLeast[i] ? double(planned.least)
                                 : rest * (layer.weight * layer.dense / sum);
      if (atLeast[i] || double(planned.least) <= planned.share * (1 + 1e-9))
        continue;
      atLeast[i] = changed = true;
    }
  }
}

/// Step 2 with one block: the choice within `share`, or nullopt.
static std::optional<LayerChoice> chooseWithin(const BudgetLayer &layer,
                                               double share, int64_t block,
                                               double lowRankShare) {
  LayerBudget budget;
  budget.rows = padToBlock(layer.rows, block);
  budget.cols = padToBlock(layer.cols, block);
  budget.block = block;
  budget.lowRankShare = lowRankShare;
  // Density of the padded layer; one block less than the dense layer is most.
  double padded = double(budget.rows) * double(budget.cols);
  double whole = double(layer.rows) * double(layer.cols);
  budget.density = std::min(share / double(layer.dense) * (whole / padded),
                            (whole - double(block * block)) / padded);
  // A cost that is not in proportion to the elements needs a few steps.
  constexpr int kSteps = 50;
  for (int step = 0; step < kSteps && budget.density > 0; ++step) {
    LayerChoice choice = chooseLayer(budget);
    if (!choice.pattern)
      return std::nullopt;
    double cost = double(layer.cost(choice));
    if (cost <= share * (1 + 1e-9))
      return choice;
    double used =
        double(choice.elements()) / double(layer.rows) / double(layer.cols);
    budget.density = std::min(used * (1 - 1e-9),
                              budget.density * std::max(0.5, share / cost));
  }
  return std::nullopt;
}

/// Step 2: the first block that uses the share well, else the one that uses it
/// best, else the sparsest pattern.
static LayerChoice chooseWithin(const Planned &planned, double lowRankShare) {
  const BudgetLayer &layer = *planned.layer;
  // A share may be more than the dense layer: where weights differ, or others
  // that are at their least leave much to it.
  double share = std::min(planned.share, double(layer.dense - 1));
  std::optional<LayerChoice> best;
  int64_t bestCost = 0;
  for (int64_t block : planned.blocks) {
    std::optional<LayerChoice> choice =
        chooseWithin(layer, share, block, lowRankShare);
    if (!choice)
      continue;
    int64_t cost = layer.cost(*choice);
    if (!best || cost > bestCost) {
      best = choice;
      bestCost = cost;
    }
    if (double(cost) >= kWellUsed * share)
      break;
  }
  if (best)
    return *best;
  return sparsestChoice(layer, planned.blocks);
}

/// Step 3: what is left over goes to the layers. Returns the sum of the costs.
static int64_t spendRest(std::vector<Planned> &layers, int64_t limit) {
  int64_t used = 0;
  for (const Planned &planned : layers)
    used += planned.cost;
  while (true) {
    Planned *poorest = nullptr;
    auto part = [](const Planned &p) { return double(p.cost) / p.share; };
    for (Planned &planned : layers)
      if (planned.next && used - planned.cost + planned.nextCost <= limit &&
          (!poorest || part(planned) < part(*poorest) * (1 - 1e-9)))
        poorest = &planned;
    if (!poorest)
      return used;
    used += poorest->nextCost - poorest->cost;
    poorest->take(*poorest->next);
  }
}

/// The plan with the blocks that the layers may use.
static BudgetPlan plan(std::vector<Planned> layers, const BudgetRules &rules) {
  BudgetPlan result;
  for (Planned &planned : layers) {
    planned.least =
        planned.layer->cost(sparsestChoice(*planned.layer, planned.blocks));
    result.least += planned.least;
  }
  if (result.least > rules.limit)
    return result;

  splitLimit(layers, rules.limit);
  for (Planned &planned : layers)
    planned.take(chooseWithin(planned, rules.lowRankShare));
  result.used = spendRest(layers, rules.limit);
  // Shares are rounded; a sum that this has brought above the limit takes the
  // low-rank terms and then the patterns back, last layer first.
  for (auto planned = layers.rbegin();
       result.used > rules.limit && planned != layers.rend(); ++planned) {
    result.used -= planned->cost;
    planned->take(sparsestChoice(*planned->layer, planned->blocks));
    result.used += planned->cost;
  }
  assert(result.used <= rules.limit && "the sparsest patterns are within");
  for (Planned &planned : layers) {
    if (int64_t step = planned.nextCost - planned.cost;
        planned.next && (result.nextStep == 0 || step < result.nextStep))
      result.nextStep = step;
    result.choices.push_back(std::move(planned.choice));
  }
  return result;
}

BudgetPlan mlir::pixelfly::planBudget(const std::vector<BudgetLayer> &layers,
                                      const BudgetRules &rules) {
  assert(!layers.empty() && "nothing to plan");
  std::vector<Planned> all, largestOnly;
  bool isChoice = false;
  for (const BudgetLayer &layer : layers) {
    Blocks blocks = fittingBlocks(layer, rules.blocks);
    llvm::erase_if(blocks, [&](int64_t block) {
      return layer.cost(sparsestChoice(layer, block)) >= layer.dense;
    });
    assert(!blocks.empty() && "a layer that does not gain by any pattern");
    isChoice |= blocks.size() > 1;
    Planned planned;
    planned.layer = &layer;
    planned.blocks = blocks;
    all.push_back(planned);
    planned.blocks.resize(1);
    largestOnly.push_back(planned);
  }
  BudgetPlan large = plan(largestOnly, rules);
  if (!isChoice || (large.isPossible() &&
                    double(large.used) >= kWellUsed * double(rules.limit)))
    return large;
  BudgetPlan free = plan(all, rules);
  return free.used > large.used || !large.isPossible() ? free : large;
}
