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

#include "pixelfly/Sparsify/ChoosePattern.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_SPARSIFY
#include "pixelfly/Sparsify/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct Sparsify : public pixelfly::impl::SparsifyBase<Sparsify> {
  using SparsifyBase::SparsifyBase;
  template <typename PassT>
  friend ChoosePatternsOptions pixelfly::choiceOptionsOf(const PassT &,
                                                         ModuleOp);

  void runOnOperation() override {
    if (failed(sparsify()))
      signalPassFailure();
  }

private:
  LogicalResult sparsify();
};
} // namespace

/// The choices of the function by product.
using Choices = llvm::MapVector<Operation *, LayerChoiceAttr>;

static FailureOr<Choices> findChoices(func::FuncOp function) {
  Choices choices;
  WalkResult result = function.walk([&](Operation *op) {
    Attribute attr = op->getAttr(kChoiceAttrName);
    if (!attr)
      return WalkResult::advance();
    auto choice = dyn_cast<LayerChoiceAttr>(attr);
    if (!choice) {
      op->emitError("'") << kChoiceAttrName
                         << "' must be a #pixelfly.layer_choice, but is "
                         << attr;
      return WalkResult::interrupt();
    }
    choices[op] = choice;
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return choices;
}

/// Checks that the layer can become what its choice says, and prepares that.
static LogicalResult prepare(const Layer &layer, LayerChoiceAttr choice,
                             const SymbolUserMap &users,
                             Replacement &replacement) {
  auto error = [&] {
    return emitError(layer.getLoc()) << "layer '" << layer.name << "' ";
  };
  BlockPatternAttrInterface pattern = choice.getBlockPattern();
  int64_t block = pattern.getBlock();
  if (pattern.getRows() != padToBlock(layer.rows, block) ||
      pattern.getCols() != padToBlock(layer.cols, block))
    return error() << "is " << layer.rows << " x " << layer.cols
                   << ", but its choice has a pattern of " << pattern.getRows()
                   << " x " << pattern.getCols();
  if (layer.values && !isa<FlatButterflyAttr>(pattern))
    return error() << "has given values, which are projected on flat "
                      "butterflies only, but its choice is "
                   << pattern;
  std::string problem = traceWeight(layer, users, replacement.weights);
  if (problem.empty() && layer.values)
    problem = readConstant(layer.values, replacement.values);
  if (!problem.empty())
    return error() << "cannot become what its choice says: " << problem;
  replacement.layer = layer;
  replacement.choice = choice;
  return success();
}

LogicalResult Sparsify::sparsify() {
  ModuleOp module = getOperation();
  ChoosePatternsOptions options = choiceOptionsOf(*this, module);
  InitRule rule = init;
  if (SparseAttr settings = sparseSettings(module);
      settings && !init.hasValue())
    rule = settings.getInit();
  if (failed(checkOptions(module, options)))
    return failure();
  FailureOr<func::FuncOp> model = findFunction(module, function);
  if (failed(model))
    return failure();
  FailureOr<Choices> choices = findChoices(*model);
  if (failed(choices))
    return failure();
  if (choices->empty()) {
    FailureOr<ChoiceCounts> counts = choosePatterns(*model, options);
    if (failed(counts))
      return failure();
    numKept += counts->dense;
    choices = findChoices(*model);
  }
  if (choices->empty())
    return success();

  // Everything is checked before anything changes.
  SymbolTableCollection symbolTables;
  SymbolUserMap users(symbolTables, module);
  std::vector<Replacement> replacements;
  for (const Layer &layer : findLayers(*model)) {
    LayerChoiceAttr choice;
    for (const Product &product : layer.products) {
      auto found = choices->find(product.op);
      if (found == choices->end())
        continue;
      if (choice && choice != found->second)
        return product.op->emitError("layer '")
               << layer.name << "' has another choice at another product";
      choice = found->second;
      found->second = LayerChoiceAttr();
    }
    if (!choice)
      continue;
    Replacement &replacement = replacements.emplace_back();
    replacement.init = rule;
    if (failed(prepare(layer, choice, users, replacement)))
      return failure();
  }
  for (auto [op, choice] : *choices)
    if (choice)
      return op->emitError("carries '")
             << kChoiceAttrName
             << "', but is not the product of a layer that can become sparse";
  replaceLayers(replacements, users);
  numReplaced += replacements.size();
  return success();
}
