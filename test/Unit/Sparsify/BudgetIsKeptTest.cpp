//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A budget is never exceeded: what the report counts of the layers after they
// have been replaced, which knows nothing of the choice, against the limit.
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

/// What the sparse layers cost in the unit of the measure. Of weights biases
/// are none, nor is the scalar that mixes a low-rank term in.
static double sumOfLayers(const SparsifyReport &report, BudgetMeasure measure,
                          LayerMix mix) {
  double sum = 0;
  for (const LayerReport &layer : report.layers) {
    if (!layer.pattern)
      continue;
    switch (measure) {
    case BudgetMeasure::Parameters:
      sum += double(layer.cost.parameters -
                    (layer.cost.denseParameters - layer.rows * layer.cols));
      sum -= mix == LayerMix::Scalar && layer.rank > 0 ? 1 : 0;
      break;
    case BudgetMeasure::MultiplyAdds:
      sum += double(layer.cost.multiplyAdds);
      break;
    case BudgetMeasure::Time:
      sum += 1e9 * layer.cost.seconds;
      break;
    }
  }
  return sum;
}

namespace {
class BudgetIsKeptBy
    : public ::testing::TestWithParam<
          std::tuple<const char *, BudgetMeasure, LayerMix, double>> {};
} // namespace

/// The report on the model after the pass.
static FailureOr<SparsifyReport> sparsify(const Twine &name,
                                          const SparsifyOptions &options,
                                          MLIRContext &context) {
  FailureOr<ModelSchema> schema = readModelSchema(
      (PIXELFLY_MODELS_DIR "/" + name + ".json").str(), &context);
  if (failed(schema))
    return failure();
  ImportOptions importOptions;
  importOptions.batch = 2;
  OwningOpRef<ModuleOp> module = importModel(*schema, &context, importOptions);
  if (!module)
    return failure();
  PassManager passes(&context);
  passes.addPass(createSparsify(options));
  if (failed(passes.run(*module)))
    return failure();
  FailureOr<SparsifyReport> report = collectLayers(*module);
  if (succeeded(report) && !report->budget)
    return failure();
  return report;
}

TEST_P(BudgetIsKeptBy, InTheReport) {
  auto [name, measure, mix, density] = GetParam();
  MLIRContext context;
  SparsifyOptions options;
  options.measure = measure;
  options.mix = mix;
  // Products cost time however small they are.
  options.density = measure == BudgetMeasure::Time ? 3 * density : density;
  FailureOr<SparsifyReport> report = sparsify(name, options, context);
  ASSERT_TRUE(succeeded(report));

  bool isMixed = llvm::any_of(
      report->layers, [](const LayerReport &layer) { return layer.rank > 0; });
  EXPECT_TRUE(isMixed) << "no low-rank term: nothing to tell apart";
  double sum = sumOfLayers(*report, measure, mix);
  double limit = double(report->budget.getLimit());
  EXPECT_LE(limit, options.density * double(report->budget.getDense()) + 1e-3);
  EXPECT_LE(sum, limit);
  EXPECT_GE(sum, 0.9 * limit);
  // The times of layers are rounded up to a nanosecond.
  double rounding =
      measure == BudgetMeasure::Time ? double(report->layers.size()) : 0;
  EXPECT_LE(sum, double(report->budget.getUsed()));
  EXPECT_GE(sum, double(report->budget.getUsed()) - rounding);
}

// An amount is of everything that the model trains.
TEST(BudgetIsKept, AmountOfParameters) {
  for (LayerMix mix : {LayerMix::Scalar, LayerMix::Gate})
    for (int64_t amount : {16903912, 17000000, 17100000}) {
      MLIRContext context;
      SparsifyOptions options;
      options.mix = mix;
      options.amount = double(amount);
      FailureOr<SparsifyReport> report = sparsify("vit-s16", options, context);
      ASSERT_TRUE(succeeded(report));
      EXPECT_LE(report->total.parameters, amount);
      EXPECT_GE(report->total.parameters, amount - amount / 10);
    }
}

INSTANTIATE_TEST_SUITE_P(
    , BudgetIsKeptBy,
    ::testing::Combine(
        ::testing::Values("vit-s16", "mixer-s16", "fashion-mnist-mixer"),
        ::testing::Values(BudgetMeasure::Parameters,
                          BudgetMeasure::MultiplyAdds, BudgetMeasure::Time),
        ::testing::Values(LayerMix::Scalar, LayerMix::Gate),
        ::testing::Values(0.25, 0.30)));
