//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How much of a budget every shipped model uses.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ImportModel.h"
#include "pixelfly/Sparsify/Passes.h"
#include "pixelfly/Sparsify/Report.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::pixelfly;

static constexpr double kDensities[] = {0.10, 0.15, 0.25, 0.40};

/// Part of the budget that the model uses at the density; checks that it is no
/// more, and that every pattern is one (aligned, by its constraints).
static double partUsed(ModuleOp dense, double density, int64_t minBlock) {
  OwningOpRef<ModuleOp> module = dense.clone();
  ChoosePatternsOptions options;
  options.density = density;
  options.minBlock = minBlock;
  PassManager passes(dense.getContext());
  passes.addPass(createChoosePatterns(options));
  if (failed(passes.run(*module))) {
    ADD_FAILURE() << "the pass failed";
    return 0;
  }
  auto function = module->lookupSymbol<func::FuncOp>("model");
  auto budget = function->getAttrOfType<BudgetAttr>(kBudgetAttrName);
  EXPECT_TRUE(budget);
  int64_t used = 0;
  function.walk([&](Operation *op) {
    auto choice = op->getAttrOfType<LayerChoiceAttr>(kChoiceAttrName);
    if (!choice)
      return;
    auto pattern = cast<FlatButterflyAttr>(choice.getPattern()).getPattern();
    EXPECT_EQ(pattern.check(), "");
    used += pattern.numBlocks() * pattern.block * pattern.block +
            choice.getRank() * (pattern.rows + pattern.cols);
  });
  EXPECT_EQ(used, budget.getUsed());
  EXPECT_LE(double(used), density * double(budget.getDense()));
  return double(used) / (density * double(budget.getDense()));
}

static void check(StringRef file, bool ownBlockSuffices) {
  SCOPED_TRACE(file.str());
  MLIRContext context;
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &diagnostic) {
    return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
  });
  FailureOr<ModelSchema> schema =
      readModelSchema((PIXELFLY_MODELS_DIR "/" + file).str(), &context);
  ASSERT_TRUE(succeeded(schema));
  ImportOptions importOptions;
  importOptions.batch = 2;
  OwningOpRef<ModuleOp> module = importModel(*schema, &context, importOptions);
  ASSERT_TRUE(module);
  for (double density : kDensities) {
    SCOPED_TRACE(density);
    if (ownBlockSuffices)
      EXPECT_GE(partUsed(*module, density, /*minBlock=*/0), 0.85);
    EXPECT_GE(partUsed(*module, density, /*minBlock=*/8), 0.90);
  }
}

TEST(ShippedModels, UseTheBudget) {
  for (StringRef file :
       {"fashion-mnist-mixer.json", "mixer-s16.json", "mixer-b16.json",
        "vit-s16.json", "vit-b16.json", "gpt2-small.json", "gpt2-medium.json"})
    check(file, /*ownBlockSuffices=*/true);
}

// Its one layer of 512 x 512 has 16 cells a side with a block of 32: one step
// of density is 6.25 %, or twice that for 32 of rank. So it uses 62.5 % of a
// budget of 10 % and 83.3 % of one of 15 %.
TEST(ShippedModels, OneLayerAloneNeedsASmallerBlock) {
  check("fashion-mnist-mlp.json", /*ownBlockSuffices=*/false);
}
