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

#include "pixelfly/Sparsify/Budget.h"
#include "pixelfly/Sparsify/Report.h"

#include "llvm/Support/FormatVariadic.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_CHOOSEPATTERNS
#include "pixelfly/Sparsify/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

LogicalResult
mlir::pixelfly::checkOptions(ModuleOp module,
                             const ChoosePatternsOptions &options) {
  // Written so that a NaN fails too.
  if (!(options.density > 0 && options.density <= 1))
    return module.emitError("option density must lie in (0, 1], but is ")
           << options.density;
  if (!(options.lowRankShare >= 0 && options.lowRankShare < 1))
    return module.emitError("option low-rank-share must be at least 0 and less "
                            "than 1, but is ")
           << options.lowRankShare;
  if (!isSupportedBlock(options.block))
    return module.emitError(
               "option block must be 8, 16, 32, 64 or 128, but is ")
           << options.block;
  return success();
}

static LayerChoiceAttr choiceAttr(MLIRContext *context,
                                  const LayerChoice &choice) {
  const FlatButterfly &pattern = *choice.pattern;
  return LayerChoiceAttr::get(
      context,
      FlatButterflyAttr::get(context, pattern.rows, pattern.cols, pattern.block,
                             pattern.radices, pattern.factors),
      choice.rank);
}

namespace {
/// Chooses for one function.
class Chooser {
public:
  Chooser(func::FuncOp function, const ChoosePatternsOptions &options)
      : function(function), options(options) {}

  FailureOr<ChoiceCounts> run();

private:
  LogicalResult findEligible();
  void stayDense(const Layer &layer, const Twine &why);
  LogicalResult failDense();
  FailureOr<BudgetPlan> plan();
  void annotate(const BudgetPlan &plan);

  func::FuncOp function;
  const ChoosePatternsOptions &options;
  SparsifyReport report;
  std::vector<Layer> layers; ///< those that share the budget
  std::vector<BudgetLayer> shares;
  BudgetRules rules;
  int64_t dense = 0;
  ChoiceCounts counts;
  /// What was said about the layers that stay dense.
  std::vector<std::pair<Location, std::string>> whyDense;
};
} // namespace

void Chooser::stayDense(const Layer &layer, const Twine &why) {
  std::string text =
      ("layer '" + Twine(layer.name) + "' stays dense: " + why).str();
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
  FailureOr<std::vector<Layer>> selected =
      selectLayers(function, options.layers, options.exclude);
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
    if (!whyDense.empty())
      stayDense(layer, whyDense);
    else
      layers.push_back(std::move(layer));
  }
  return success();
}

FailureOr<BudgetPlan> Chooser::plan() {
  for (const Layer &layer : layers) {
    BudgetLayer share;
    share.rows = layer.rows;
    share.cols = layer.cols;
    share.dense = layer.rows * layer.cols;
    share.cost = [](const LayerChoice &choice) { return choice.elements(); };
    dense += share.dense;
    shares.push_back(std::move(share));
  }
  // The slack covers the rounding of a decimal such as 0.1 to a double.
  rules.limit = int64_t(options.density * double(dense) * (1 + 1e-12));
  rules.lowRankShare = options.lowRankShare;
  BudgetPlan plan = planBudget(shares, rules);
  if (!plan.isPossible())
    return function.emitError("impossible budget: the limit is ")
           << rules.limit << " of " << dense << " weight elements, but the "
           << "sparsest patterns of the layers (" << layers.size() << ") have "
           << plan.least << ", density "
           << llvm::formatv("{0:f4}", double(plan.least) / double(dense)).str()
           << "; raise it, or exclude layers";
  return plan;
}

/// Writes the choices and the budget on the IR, with remarks.
void Chooser::annotate(const BudgetPlan &plan) {
  MLIRContext *context = function.getContext();
  for (auto [layer, choice] : llvm::zip_equal(layers, plan.choices)) {
    LayerChoiceAttr attr = choiceAttr(context, choice);
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
                    BudgetAttr::get(context, BudgetMeasure::Parameters, dense,
                                    rules.limit, plan.used, plan.nextStep));
}

FailureOr<ChoiceCounts> Chooser::run() {
  rules.blocks = {options.block};
  if (failed(findEligible()))
    return failure();
  if (layers.empty()) {
    if (options.requireSparse && failed(failDense()))
      return failure();
    return counts;
  }
  FailureOr<SparsifyReport> collected =
      collectLayers(function->getParentOfType<ModuleOp>(), function.getName());
  if (failed(collected))
    return failure();
  report = std::move(*collected);
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
  friend ChoosePatternsOptions pixelfly::choiceOptionsOf(const PassT &);

  void runOnOperation() override {
    ChoosePatternsOptions options = choiceOptionsOf(*this);
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
