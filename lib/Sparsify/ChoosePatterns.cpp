//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChoosePatterns.h"
#include "GivenValues.h"
#include "ReplaceLayers.h"
#include "SelectLayers.h"

#include "pixelfly/Sparsify/CostModel.h"
#include "pixelfly/Sparsify/Report.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

namespace mlir::pixelfly {
#define GEN_PASS_DEF_CHOOSEPATTERNS
#include "pixelfly/Sparsify/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

LogicalResult
mlir::pixelfly::checkOptions(ModuleOp module,
                             const ChoosePatternsOptions &options) {
  // What is wrong is an option, not a place in the program.
  auto error = [&](const Twine &what) {
    return emitError(UnknownLoc::get(module.getContext()), "option ") << what;
  };
  auto number = [](double value) { return llvm::formatv("{0}", value).str(); };
  // Written so that a NaN fails too.
  if (!(options.density > 0 && options.density <= 1))
    return error("density must lie in (0, 1], but is " +
                 number(options.density));
  if (!(options.lowRankShare >= 0 && options.lowRankShare < 1))
    return error("low-rank-share must be at least 0 and less than 1, but is " +
                 number(options.lowRankShare));
  for (auto [name, block] : {std::pair("block", int64_t(options.block)),
                             std::pair("min-block", int64_t(options.minBlock))})
    if (block != 0 && !isSupportedBlock(block))
      return error(Twine(name) +
                   " must be 8, 16, 32, 64 or 128, or 0 for the "
                   "default, but is " +
                   Twine(block));
  if (!(options.amount >= 0))
    return error("amount must be positive, or 0 for a budget by density, but "
                 "is " +
                 number(options.amount));
  return success();
}

static LayerChoiceAttr choiceAttr(MLIRContext *context,
                                  const LayerChoice &choice, LayerMix mix) {
  const FlatButterfly &pattern = *choice.pattern;
  return LayerChoiceAttr::get(
      context,
      FlatButterflyAttr::get(context, pattern.rows, pattern.cols, pattern.block,
                             pattern.radices, pattern.factors),
      choice.rank, choice.rank > 0 ? mix : LayerMix::Scalar);
}

namespace {
/// Chooses for one function.
class Chooser {
public:
  Chooser(func::FuncOp function, const ChoosePatternsOptions &options)
      : function(function), options(options) {}

  FailureOr<ChoiceCounts> run();

private:
  LogicalResult chooseBlocks(const Target &target);
  LogicalResult findEligible();
  LogicalResult failDense();
  BudgetLayer shareOf(const Layer &layer) const;
  int64_t costAsItIs(const Layer &layer) const;
  void setLimit();
  FailureOr<BudgetPlan> plan();
  void annotate(const BudgetPlan &plan);
  void stayDense(const Layer &layer, const Twine &why);

  func::FuncOp function;
  const ChoosePatternsOptions &options;
  std::optional<CostModel> model;
  SparsifyReport report;     ///< of the dense function
  std::vector<Layer> layers; ///< those that share the budget
  std::vector<BudgetLayer> shares;
  BudgetRules rules;
  int64_t smallestBlock = 0; ///< that the target has kernels for
  bool areNamed = false;     ///< the layers that are asked for
  int64_t dense = 0;         ///< cost of the layers in the budget
  int64_t kept = 0;          ///< cost of those named that stay dense
  int64_t limit = 0;         ///< what they may cost together
  int64_t fixed = 0;         ///< cost of everything else that `amount` covers
  ChoiceCounts counts;
  /// What was said about the layers that stay dense.
  std::vector<std::pair<Location, std::string>> whyDense;
};
} // namespace

/// Fills in the blocks that may be used.
LogicalResult Chooser::chooseBlocks(const Target &target) {
  int64_t block = options.block ? options.block : target.preferredBlock();
  int64_t least = options.minBlock ? options.minBlock : block;
  auto list = [&] {
    std::string text;
    llvm::raw_string_ostream os(text);
    llvm::interleaveComma(target.blocks, os);
    return text;
  };
  for (int64_t asked : {block, least})
    if (!target.supportsBlock(asked))
      return emitError(UnknownLoc::get(function.getContext()), "target '")
             << target.name << "' has no kernels for blocks of " << asked
             << "; it has them for " << list();
  if (least > block)
    return emitError(UnknownLoc::get(function.getContext()),
                     "option min-block, ")
           << least << ", is larger than the block, " << block;
  smallestBlock = *llvm::min_element(target.blocks);
  for (int64_t candidate : target.blocks)
    if (least <= candidate && candidate <= block)
      rules.blocks.push_back(candidate);
  llvm::sort(rules.blocks, std::greater<>());
  return success();
}

void Chooser::stayDense(const Layer &layer, const Twine &why) {
  std::string text =
      ("layer '" + Twine(layer.name) + "' stays dense: " + why).str();
  // What was asked for by name is in the budget, so the others pay for it.
  if (areNamed) {
    int64_t cost = costAsItIs(layer);
    dense += cost;
    kept += cost;
    text += "; it counts in the budget with all of its " +
            formatAmount(options.measure, cost);
  }
  emitRemark(layer.getLoc()) << text;
  whyDense.emplace_back(layer.getLoc(), std::move(text));
  ++counts.dense;
}

/// The error that no layer is or becomes sparse, with the reason at each layer
/// that was asked for.
LogicalResult Chooser::failDense() {
  if (llvm::any_of(findLayers(function),
                   [](const Layer &layer) { return layer.isSparse(); }))
    return success();
  InFlightDiagnostic error = function.emitError("no layer of @")
                             << function.getSymName() << " becomes sparse: ";
  if (whyDense.empty())
    error << "none is asked for by the options layers and exclude";
  else
    error << "each that is asked for stays dense; change the options, or keep "
             "the model dense on purpose";
  for (const auto &[loc, text] : whyDense)
    error.attachNote(loc) << text;
  return error;
}

/// Collects the layers that are asked for and can become sparse.
LogicalResult Chooser::findEligible() {
  areNamed = namesLayers(function, options);
  FailureOr<std::vector<Layer>> selected = selectLayers(function, options);
  if (failed(selected))
    return failure();
  auto module = function->getParentOfType<ModuleOp>();
  SymbolTableCollection symbolTables;
  SymbolUserMap users(symbolTables, module);
  for (Layer &layer : *selected) {
    std::string whyDense = layer.whyDense;
    if (whyDense.empty() && llvm::none_of(rules.blocks, [&](int64_t block) {
          return hasSparsePattern(layer.rows, layer.cols, block);
        }))
      whyDense = explainNoPattern(layer.rows, layer.cols, rules.blocks);
    SmallVector<BlockArgument> weights;
    if (whyDense.empty())
      whyDense = traceWeight(layer, users, weights);
    std::vector<double> values;
    if (whyDense.empty() && layer.values)
      whyDense = readConstant(layer.values, values);
    if (!whyDense.empty()) {
      stayDense(layer, whyDense);
      continue;
    }
    BudgetLayer share = shareOf(layer);
    int64_t least = leastCost(share, rules.blocks);
    if (least >= share.dense) {
      stayDense(layer, "it would not gain: its sparsest pattern costs " +
                           formatAmount(options.measure, least) +
                           ", and dense it costs " +
                           formatAmount(options.measure, share.dense));
      continue;
    }
    dense += share.dense;
    shares.push_back(std::move(share));
    layers.push_back(std::move(layer));
  }
  return success();
}

/// Inputs that the layer's weight multiplies in one step.
static int64_t countVectors(const Layer &layer) {
  int64_t vectors = 0;
  for (const Product &product : layer.products) {
    linalg::LinalgOp op = product.op;
    int64_t terms = 1;
    for (int64_t extent : op.getStaticLoopRanges())
      terms *= ShapedType::isDynamic(extent) ? 1 : extent;
    vectors += std::max<int64_t>(1, terms / (layer.rows * layer.cols));
  }
  return vectors;
}

static int64_t nanoseconds(double seconds) {
  return static_cast<int64_t>(std::ceil(1e9 * seconds));
}

/// The layer in the unit of the budget. A gate counts with the low-rank term
/// that it mixes in: its weight and bias, and the product with each input. A
/// scalar is no weight, as biases are not, so a share of the weights leaves it
/// out; an amount, which is of everything that is trained, does not.
BudgetLayer Chooser::shareOf(const Layer &layer) const {
  BudgetLayer share;
  share.rows = layer.rows;
  share.cols = layer.cols;
  int64_t elements = layer.rows * layer.cols, vectors = countVectors(layer);
  bool isGated = options.mix == LayerMix::Gate;
  double seconds =
      model->layer(vectors, WeightCounts::dense(layer.rows, layer.cols));
  switch (options.measure) {
  case BudgetMeasure::Parameters: {
    int64_t scalar = options.amount != 0 ? 1 : 0;
    int64_t mixing = isGated ? layer.cols + 1 : scalar;
    share.dense = elements;
    share.cost = [=](const LayerChoice &choice) {
      return choice.elements() + (choice.rank > 0 ? mixing : 0);
    };
    break;
  }
  case BudgetMeasure::MultiplyAdds: {
    // Of one example, like the report's; a choice is rounded up.
    int64_t batch = report.batch;
    share.dense = std::max<int64_t>(1, vectors * elements / batch);
    share.cost = [=](const LayerChoice &choice) {
      int64_t gate = choice.rank > 0 && isGated ? choice.pattern->cols : 0;
      return llvm::divideCeilSigned(vectors * (choice.elements() + gate),
                                    batch);
    };
    break;
  }
  case BudgetMeasure::Time:
    share.dense = nanoseconds(seconds);
    share.cost = [this, vectors, isGated](const LayerChoice &choice) {
      WeightCounts counts = WeightCounts::of(choice);
      counts.isGated = choice.rank > 0 && isGated;
      return nanoseconds(model->layer(vectors, counts));
    };
    break;
  }
  if (options.split == BudgetSplit::CostModel)
    share.weight = double(elements) / seconds;
  return share;
}

/// What the layer costs if it stays dense, whatever it is, in the unit of the
/// budget.
int64_t Chooser::costAsItIs(const Layer &layer) const {
  if (options.measure == BudgetMeasure::Parameters)
    return layer.getType().getNumElements();
  auto line = llvm::find_if(report.layers, [&](const LayerReport &line) {
    return line.name == layer.name;
  });
  if (line == report.layers.end())
    return 0;
  return options.measure == BudgetMeasure::MultiplyAdds
             ? line->cost.denseMultiplyAdds
             : nanoseconds(line->cost.denseSeconds);
}

/// Fills in what the layers may cost together.
void Chooser::setLimit() {
  // The slack covers the rounding of a decimal such as 0.1 to a double.
  if (options.amount == 0) {
    limit = int64_t(options.density * double(dense) * (1 + 1e-12));
    return;
  }
  const Cost &total = report.total;
  int64_t all = 0, amount = int64_t(options.amount);
  switch (options.measure) {
  case BudgetMeasure::Parameters:
    all = total.denseParameters;
    break;
  case BudgetMeasure::MultiplyAdds:
    all = total.denseMultiplyAdds;
    break;
  case BudgetMeasure::Time:
    all = nanoseconds(total.denseSeconds);
    amount = int64_t(1e9 * options.amount);
    break;
  }
  fixed = std::max<int64_t>(0, all - dense);
  limit = amount - fixed;
}

FailureOr<BudgetPlan> Chooser::plan() {
  BudgetPlan plan = planBudget(shares, rules);
  if (plan.isPossible())
    return plan;
  InFlightDiagnostic error = function.emitError("impossible budget: ");
  auto amount = [&](int64_t value) {
    return formatAmount(options.measure, value);
  };
  if (fixed > 0)
    error << amount(fixed) << " of the budget of " << amount(limit + fixed)
          << " are not in these layers; ";
  error << "the layers may cost " << amount(std::max<int64_t>(limit, 0))
        << " of " << amount(dense)
        << ", but with their sparsest patterns (blocks of "
        << rules.blocks.back() << ") ";
  int64_t least = plan.least + kept;
  if (kept > 0)
    error << "and " << amount(kept) << " of those that stay dense ";
  error
      << "they cost " << amount(least) << ", "
      << llvm::formatv("{0:f2} %", 100.0 * double(least) / double(dense)).str();
  if (options.amount != 0)
    error << ", which makes " << amount(least + fixed)
          << " the least that is possible";
  error << "; raise the budget, or exclude layers";
  if (rules.blocks.back() > smallestBlock)
    error << ", or allow smaller blocks with min-block";
  if (kept > 0)
    for (const auto &[loc, text] : whyDense)
      error.attachNote(loc) << text;
  return error;
}

/// Writes the choices and the budget on the IR, with remarks.
void Chooser::annotate(const BudgetPlan &plan) {
  MLIRContext *context = function.getContext();
  for (auto [layer, choice] : llvm::zip_equal(layers, plan.choices)) {
    LayerChoiceAttr attr = choiceAttr(context, choice, options.mix);
    for (const Product &product : layer.products)
      product.op->setAttr(kChoiceAttrName, attr);
    LayerReport line;
    for (const LayerReport &dense : report.layers)
      if (dense.name == layer.name)
        line = dense;
    line.become(attr);
    InFlightDiagnostic remark = emitRemark(layer.getLoc());
    remark << "layer '" << layer.name << "': " << describeLayer(line);
    if (!choice.rankNote.empty())
      remark << "; " << choice.rankNote;
  }
  counts.chosen = layers.size();
  function->setAttr(kBudgetAttrName,
                    BudgetAttr::get(context, options.measure, dense, limit,
                                    plan.used + kept, plan.nextStep));
}

FailureOr<ChoiceCounts> Chooser::run() {
  auto module = function->getParentOfType<ModuleOp>();
  FailureOr<Target> target = Target::getForProducts(module);
  if (failed(target) || failed(chooseBlocks(*target)))
    return failure();
  model.emplace(*target);
  FailureOr<SparsifyReport> collected =
      collectLayers(module, function.getName());
  if (failed(collected))
    return failure();
  report = std::move(*collected);
  if (failed(findEligible()))
    return failure();
  if (layers.empty()) {
    if (options.requireSparse && failed(failDense()))
      return failure();
    return counts;
  }
  setLimit();
  rules.lowRankShare = options.lowRankShare;
  rules.limit = limit - kept;
  if (limit >= dense) {
    function.emitRemark("nothing becomes sparse: the budget is no less than "
                        "what the function costs dense, ")
        << formatAmount(options.measure, dense + fixed);
    counts.dense += layers.size();
    return counts;
  }
  FailureOr<BudgetPlan> planned = plan();
  if (failed(planned))
    return failure();
  annotate(*planned);
  return counts;
}

FailureOr<ChoiceCounts>
mlir::pixelfly::choosePatterns(func::FuncOp function,
                               const ChoosePatternsOptions &options) {
  return Chooser(function, options).run();
}

SparseAttr mlir::pixelfly::sparseSettings(ModuleOp module) {
  return module->getAttrOfType<SparseAttr>(kSparseAttrName);
}

FailureOr<func::FuncOp> mlir::pixelfly::findFunction(ModuleOp module,
                                                     StringRef name) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function || function.isExternal())
    return module.emitError("there is no function '")
           << name << "' with a body; name one with the option function";
  return function;
}

namespace {
struct ChoosePatterns
    : public pixelfly::impl::ChoosePatternsBase<ChoosePatterns> {
  using ChoosePatternsBase::ChoosePatternsBase;
  template <typename PassT>
  friend ChoosePatternsOptions pixelfly::choiceOptionsOf(const PassT &,
                                                         ModuleOp);

  void runOnOperation() override {
    ChoosePatternsOptions options = choiceOptionsOf(*this, getOperation());
    if (failed(checkOptions(getOperation(), options)))
      return signalPassFailure();
    FailureOr<func::FuncOp> model = findFunction(getOperation(), function);
    if (failed(model))
      return signalPassFailure();
    FailureOr<ChoiceCounts> counts = choosePatterns(*model, options);
    if (failed(counts))
      return signalPassFailure();
    numChosen += counts->chosen;
    numKept += counts->dense;
  }
};
} // namespace
