//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gradients of whole models, dense and sparse, against central differences.
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Model/ImportModel.h"
#include "pixelfly/Model/ModelSchema.h"
#include "pixelfly/Pipelines/RegisterAll.h"
#include "pixelfly/Sparsify/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace pixelfly_test;

/// The model of a schema with sums in double: function @f, f64 in the place of
/// f32. Blocks of 8 if sparse.
static std::string importInDouble(const std::string &schemaText, bool sparse) {
  DialectRegistry registry;
  pixelfly::registerAllDialectsAndModels(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  FailureOr<pixelfly::ModelSchema> schema =
      pixelfly::parseModelSchema(schemaText, "test", &context);
  if (failed(schema))
    return "";
  OwningOpRef<ModuleOp> module = pixelfly::importModel(*schema, &context);
  if (!module)
    return "";
  if (sparse) {
    PassManager manager(&context);
    pixelfly::SparsifyOptions options;
    options.block = 8;
    options.density = 0.8;
    manager.addPass(pixelfly::createSparsify(options));
    EXPECT_TRUE(succeeded(manager.run(*module)));
    bool found = false;
    module->walk([&](pixelfly::LinearOp) { found = true; });
    EXPECT_TRUE(found);
  }
  // Infinities print in hexadecimal, and differ in length.
  std::string text;
  llvm::raw_string_ostream(text) << *module;
  auto replace = [&](const std::string &from, const std::string &to) {
    for (size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  replace("0xFF800000", "0xFFF0000000000000");
  replace("f32", "f64");
  replace("@model", "@f");
  return text;
}

static const char *const kMixer = R"json({
  "name": "mixer", "classes": 3,
  "input": {"channels": 2, "height": 4, "width": 4,
            "mean": [0.5, 0.4], "std": [0.5, 0.3]},
  "model": {"family": "mixer", "patch": 2, "width": 16, "blocks": 2,
            "token_hidden": 5, "channel_hidden": 32},
  "sparse": {"layers": ["blocks.*.channel.*"], "density": 0.8, "block": 8},
  "training": {"batch": 3, "epochs": 1, "learning_rate": 0.1,
               "optimizer": {"kind": "sgd"}}
})json";

static const char *const kMlp = R"json({
  "name": "mlp", "classes": 3,
  "input": {"channels": 1, "height": 4, "width": 4,
            "mean": [0.5], "std": [0.5]},
  "model": {"family": "mlp", "hidden": [16, 32], "activation": "gelu"},
  "sparse": {"layers": ["hidden.*"], "density": 0.8, "block": 8},
  "training": {"batch": 3, "epochs": 1, "learning_rate": 0.1,
               "optimizer": {"kind": "sgd"}}
})json";

static const char *const kVit = R"json({
  "name": "vit", "classes": 3,
  "input": {"channels": 2, "height": 4, "width": 4,
            "mean": [0.5, 0.4], "std": [0.5, 0.3]},
  "model": {"family": "vit", "patch": 2, "width": 16, "blocks": 2, "heads": 2,
            "mlp_hidden": 32, "qkv_bias": false},
  "sparse": {"layers": ["blocks.*.attention.[qkv]", "blocks.*.mlp.*"],
             "density": 0.8, "block": 8},
  "training": {"batch": 3, "epochs": 1, "learning_rate": 0.1,
               "optimizer": {"kind": "sgd"}}
})json";

// Fewer tokens than positions, and ids that come up more than once.
static const char *const kGpt2 = R"json({
  "name": "gpt2", "classes": 5, "input": {"tokens": 4},
  "model": {"family": "gpt2", "width": 16, "blocks": 2, "heads": 2,
            "mlp_hidden": 32, "positions": 6},
  "sparse": {"layers": ["blocks.*"], "density": 0.8, "block": 8},
  "training": {"batch": 3, "epochs": 1, "learning_rate": 0.1,
               "optimizer": {"kind": "sgd"}}
})json";

static GradientCheckOptions sampled() {
  GradientCheckOptions options;
  options.samples = 6;
  options.integers = 3;
  return options;
}

TEST(Models, DenseMixer) {
  EXPECT_TRUE(
      gradientsMatchDifferences(importInDouble(kMixer, false), sampled()));
}

TEST(Models, SparseMixer) {
  EXPECT_TRUE(
      gradientsMatchDifferences(importInDouble(kMixer, true), sampled()));
}

TEST(Models, DenseMlp) {
  EXPECT_TRUE(
      gradientsMatchDifferences(importInDouble(kMlp, false), sampled()));
}

TEST(Models, SparseMlp) {
  EXPECT_TRUE(gradientsMatchDifferences(importInDouble(kMlp, true), sampled()));
}

TEST(Models, DenseVit) {
  EXPECT_TRUE(
      gradientsMatchDifferences(importInDouble(kVit, false), sampled()));
}

TEST(Models, SparseVit) {
  EXPECT_TRUE(gradientsMatchDifferences(importInDouble(kVit, true), sampled()));
}

TEST(Models, DenseGpt2) {
  EXPECT_TRUE(
      gradientsMatchDifferences(importInDouble(kGpt2, false), sampled()));
}

TEST(Models, SparseGpt2) {
  EXPECT_TRUE(
      gradientsMatchDifferences(importInDouble(kGpt2, true), sampled()));
}

TEST(Models, Gpt2WithItsOwnHead) {
  std::string schema(kGpt2);
  std::string positions = "\"positions\": 6";
  schema.insert(schema.find(positions), "\"tied_head\": false, ");
  EXPECT_TRUE(
      gradientsMatchDifferences(importInDouble(schema, false), sampled()));
}
