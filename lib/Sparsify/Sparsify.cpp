//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FindLayers.h"
#include "GivenValues.h"
#include "ReplaceLayers.h"

#include "pixelfly/Sparsify/ChoosePattern.h"
#include "pixelfly/Sparsify/Passes.h"
#include "pixelfly/Sparsify/Report.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/GlobPattern.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_SPARSIFY
#include "pixelfly/Sparsify/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// Module attribute with the default of the `layers` option.
static constexpr StringLiteral kSparsifyAttrName = "pixelfly.sparsify";

/// The names of the layers, for messages; the first few when there are many.
static std::string listNames(ArrayRef<Layer> layers) {
  constexpr size_t kShown = 20;
  if (layers.empty())
    return "it has none";
  std::string text = "it has ";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(layers.take_front(kShown), os,
                        [&](const Layer &layer) { os << layer.name; });
  if (layers.size() > kShown)
    os << " and " << layers.size() - kShown << " more";
  return text;
}

/// Marks the layers that one of the globs matches; warns of a glob that matches
/// none, because a name is easily misspelt.
static LogicalResult selectLayers(func::FuncOp function, ArrayRef<Layer> layers,
                                  ArrayRef<std::string> globs, StringRef option,
                                  BitVector &selected) {
  for (StringRef text : globs) {
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(text);
    if (!glob)
      return function.emitError()
             << option << ": '" << text
             << "' is not a glob pattern: " << llvm::toString(glob.takeError());
    bool matched = false;
    for (auto [index, layer] : llvm::enumerate(layers)) {
      if (!glob->match(layer.name))
        continue;
      selected.set(index);
      matched = true;
    }
    if (!matched)
      function.emitWarning()
          << option << ": no layer of @" << function.getSymName()
          << " matches '" << text << "'; " << listNames(layers);
  }
  return success();
}

/// Chooses for a layer whose sizes the block need not divide: it is padded up
/// to whole blocks, which must fit the budget of the layer as it is.
static LayerChoice choosePadded(LayerBudget budget) {
  double elements = static_cast<double>(budget.rows) * budget.cols;
  if (std::min(budget.rows, budget.cols) < budget.block) {
    LayerChoice choice;
    choice.whyDense = "it has " + std::to_string(budget.rows) +
                      " outputs and " + std::to_string(budget.cols) +
                      " inputs, and needs as many as the block of " +
                      std::to_string(budget.block) + " of each";
    return choice;
  }
  budget.rows = llvm::alignTo(budget.rows, budget.block);
  budget.cols = llvm::alignTo(budget.cols, budget.block);
  budget.density *= elements / (static_cast<double>(budget.rows) * budget.cols);
  return chooseLayer(budget);
}

namespace {
struct Sparsify : public pixelfly::impl::SparsifyBase<Sparsify> {
  using SparsifyBase::SparsifyBase;

  void runOnOperation() override {
    if (failed(sparsify()))
      signalPassFailure();
  }

private:
  LogicalResult checkOptions();
  FailureOr<SmallVector<std::string>> layerGlobs();
  LogicalResult sparsify();
};
} // namespace

LogicalResult Sparsify::checkOptions() {
  ModuleOp module = getOperation();
  // Written so that a NaN fails too.
  if (!(density > 0 && density < 1))
    return module.emitError("option density must lie between 0 and 1, but is ")
           << density.getValue();
  if (!(lowRankShare >= 0 && lowRankShare < 1))
    return module.emitError("option low-rank-share must be at least 0 and less "
                            "than 1, but is ")
           << lowRankShare.getValue();
  // A layer of one block has every supported block size as its pattern.
  if (!FlatButterfly{block, block, block, {}, 0}.check().empty())
    return module.emitError(
               "option block must be 8, 16, 32, 64 or 128, but is ")
           << block.getValue();
  return success();
}

/// The option, else the module attribute, else every layer.
FailureOr<SmallVector<std::string>> Sparsify::layerGlobs() {
  if (!layers.empty())
    return llvm::to_vector(ArrayRef<std::string>(layers));
  ModuleOp module = getOperation();
  Attribute attr = module->getAttr(kSparsifyAttrName);
  if (!attr)
    return SmallVector<std::string>{"*"};
  auto error = [&] {
    return module.emitError("'")
           << kSparsifyAttrName << "' must be an array of strings";
  };
  auto array = dyn_cast<ArrayAttr>(attr);
  if (!array)
    return error();
  SmallVector<std::string> globs;
  for (Attribute element : array) {
    auto string = dyn_cast<StringAttr>(element);
    if (!string)
      return error();
    globs.push_back(string.str());
  }
  return globs;
}

LogicalResult Sparsify::sparsify() {
  ModuleOp module = getOperation();
  if (failed(checkOptions()))
    return failure();
  auto model = module.lookupSymbol<func::FuncOp>(function);
  if (!model || model.isExternal())
    return module.emitError("there is no function '")
           << function << "' with a body; name one with the option function";
  FailureOr<SmallVector<std::string>> globs = layerGlobs();
  if (failed(globs))
    return failure();

  std::vector<Layer> found = findLayers(model);
  BitVector selected(found.size()), excluded(found.size());
  if (failed(selectLayers(model, found, *globs, "layers", selected)) ||
      failed(selectLayers(model, found, exclude, "exclude", excluded)))
    return failure();
  selected.reset(excluded);

  // Decide for every layer before anything changes.
  SymbolTableCollection symbolTables;
  SymbolUserMap users(symbolTables, module);
  std::vector<Replacement> replacements;
  for (unsigned index : selected.set_bits()) {
    Layer &layer = found[index];
    if (layer.isSparse())
      continue;
    Replacement replacement;
    std::string whyDense = layer.whyDense;
    if (whyDense.empty()) {
      replacement.choice =
          choosePadded({layer.rows, layer.cols, density, block, lowRankShare});
      whyDense = replacement.choice.whyDense;
    }
    if (whyDense.empty())
      whyDense = traceWeight(layer, users, replacement.weights);
    if (whyDense.empty() && layer.values)
      whyDense = readConstant(layer.values, replacement.values);
    if (!whyDense.empty()) {
      emitRemark(layer.getLoc())
          << "layer '" << layer.name << "' stays dense: " << whyDense;
      ++numKept;
      continue;
    }
    replacement.layer = layer;
    replacements.push_back(std::move(replacement));
  }
  if (replacements.empty())
    return success();

  SmallVector<Location> locations;
  for (const Replacement &replacement : replacements)
    locations.push_back(replacement.layer.getLoc());
  replaceLayers(replacements, users);
  numReplaced += replacements.size();

  FailureOr<SparsifyReport> report = collectLayers(module, function);
  if (failed(report))
    return failure();
  for (auto [replacement, loc] : llvm::zip_equal(replacements, locations)) {
    const std::string &name = replacement.layer.name;
    auto layer = llvm::find_if(
        report->layers, [&](const LayerReport &l) { return l.name == name; });
    InFlightDiagnostic remark = emitRemark(loc);
    remark << "layer '" << name << "': ";
    if (layer != report->layers.end())
      remark << describeLayer(*layer);
    if (!replacement.choice.rankNote.empty())
      remark << "; " << replacement.choice.rankNote;
  }
  return success();
}
