//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Table 4 of the paper for the Mixers: parameters and multiply-adds ("FLOPs")
// of the dense models, and of the models whose channel products have a
// butterfly of exactly 25 % and no low-rank term.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ImportModel.h"
#include "pixelfly/Sparsify/Passes.h"
#include "pixelfly/Sparsify/Report.h"

#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace mlir;
using namespace mlir::pixelfly;

/// As the table prints them: one decimal of millions and of billions.
static double millions(int64_t count) {
  return std::round(double(count) / 1e5) / 10;
}
static double billions(int64_t count) {
  return std::round(double(count) / 1e8) / 10;
}

static void check(StringRef file, double parameters, double sparseParameters,
                  double flops, double sparseFlops) {
  MLIRContext context;
  FailureOr<ModelSchema> schema =
      readModelSchema((PIXELFLY_MODELS_DIR "/" + file).str(), &context);
  ASSERT_TRUE(succeeded(schema));
  ImportOptions importOptions;
  importOptions.batch = 2;
  OwningOpRef<ModuleOp> module = importModel(*schema, &context, importOptions);
  ASSERT_TRUE(module);

  SparsifyOptions options;
  options.density = 0.25;
  options.lowRankShare = 0;
  PassManager passes(&context);
  passes.addPass(createSparsify(options));
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &diagnostic) {
    return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
  });
  ASSERT_TRUE(succeeded(passes.run(*module)));

  FailureOr<SparsifyReport> report = collectLayers(*module);
  ASSERT_TRUE(succeeded(report));
  int numSparse = 0;
  for (const LayerReport &layer : report->layers) {
    if (!layer.pattern)
      continue;
    ++numSparse;
    EXPECT_DOUBLE_EQ(layer.density, 0.25) << layer.name;
  }
  // fc1 and fc2 of every block's channel mixing.
  EXPECT_EQ(numSparse, 2 * std::get<MixerSchema>(schema->model).blocks);

  const Cost &total = report->total;
  EXPECT_EQ(millions(total.denseParameters), parameters);
  EXPECT_EQ(millions(total.parameters), sparseParameters);
  EXPECT_EQ(billions(total.denseMultiplyAdds), flops);
  EXPECT_EQ(billions(total.multiplyAdds), sparseFlops);
}

TEST(Table4, MixerS16) { check("mixer-s16.json", 18.5, 5.9, 3.8, 1.3); }

TEST(Table4, MixerB16) { check("mixer-b16.json", 59.9, 17.4, 12.6, 4.3); }
