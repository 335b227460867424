//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What FileCheck does not see well: locations, verification, failures.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ImportModel.h"
#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

using namespace mlir;
using namespace mlir::pixelfly;

static std::string shipped(StringRef name) {
  return (PIXELFLY_MODELS_DIR "/" + name + ".json").str();
}

TEST(ImportModel, EveryShippedModelVerifies) {
  for (const auto &entry :
       std::filesystem::directory_iterator(PIXELFLY_MODELS_DIR)) {
    if (entry.path().filename() == "model.schema.json")
      continue;
    MLIRContext context;
    FailureOr<ModelSchema> schema =
        readModelSchema(entry.path().string(), &context);
    ASSERT_TRUE(succeeded(schema)) << entry.path();
    OwningOpRef<ModuleOp> module = importModel(*schema, &context);
    ASSERT_TRUE(module) << entry.path();
    EXPECT_TRUE(succeeded(verify(*module))) << entry.path();
  }
}

TEST(ImportModel, OperationsCarryTheirLayer) {
  MLIRContext context;
  FailureOr<ModelSchema> schema =
      readModelSchema(shipped("tiny-mlp"), &context);
  ASSERT_TRUE(succeeded(schema));
  OwningOpRef<ModuleOp> module = importModel(*schema, &context);
  ASSERT_TRUE(module);
  std::set<std::string> layers;
  module->walk([&](Operation *op) {
    // The bodies of named operations are upstream's.
    if (op == module->getOperation() ||
        isa<linalg::FillOp, linalg::MatmulOp>(op->getParentOp()))
      return;
    auto name = dyn_cast<NameLoc>(op->getLoc());
    ASSERT_TRUE(name) << op->getName().getStringRef().str();
    layers.insert(name.getName().str());
    auto place = dyn_cast<FileLineColLoc>(name.getChildLoc());
    ASSERT_TRUE(place);
    EXPECT_EQ(place.getFilename(), schema->file);
    EXPECT_EQ(place.getLine(), 7u);
    EXPECT_EQ(place.getColumn(), 12u);
  });
  EXPECT_EQ(layers, (std::set<std::string>{"model", "images", "hidden.0",
                                           "hidden.1", "head", "loss"}));
}

TEST(ImportModel, ParameterNamesAreUnique) {
  MLIRContext context;
  FailureOr<ModelSchema> schema =
      readModelSchema(shipped("mixer-s16"), &context);
  ASSERT_TRUE(succeeded(schema));
  OwningOpRef<ModuleOp> module = importModel(*schema, &context);
  ASSERT_TRUE(module);
  auto function = module->lookupSymbol<func::FuncOp>("model");
  ASSERT_TRUE(function);
  std::set<StringRef> names;
  for (unsigned index = 0; index + 2 < function.getNumArguments(); ++index) {
    auto parameter =
        function.getArgAttrOfType<ParameterAttr>(index, kParameterAttrName);
    ASSERT_TRUE(parameter);
    EXPECT_TRUE(names.insert(parameter.getName().getValue()).second)
        << parameter.getName().str();
  }
  // Patch, final norm and head; per block two norms and four layers.
  EXPECT_EQ(names.size(), 2u * (3 + 8 * 6));
}

TEST(ImportModel, FailsWithOneMessage) {
  MLIRContext context;
  std::vector<std::string> messages;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    messages.push_back(diagnostic.str());
  });
  FailureOr<ModelSchema> schema =
      readModelSchema(shipped("tiny-mlp"), &context);
  ASSERT_TRUE(succeeded(schema));
  EXPECT_FALSE(importModel(*schema, &context, {-1}));
  EXPECT_FALSE(importModel(*schema, &context, {kMaximumBatch + 1}));
  schema->sparse->layers = {"hidden.*", "no.such.layer"};
  EXPECT_FALSE(importModel(*schema, &context));
  EXPECT_EQ(messages.size(), 3u);
}
