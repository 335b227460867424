//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the reader makes of a model file. Its messages are tested in
// test/Model/schema-invalid.test.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ModelSchema.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
ModelSchema parse(StringRef text) {
  MLIRContext context;
  FailureOr<ModelSchema> schema = parseModelSchema(text, "test.json", &context);
  EXPECT_TRUE(succeeded(schema));
  return succeeded(schema) ? *schema : ModelSchema();
}
} // namespace

TEST(ModelSchema, ReadsEveryField) {
  ModelSchema schema = parse(R"({
    "$schema": "./model.schema.json",
    "name": "every-field_1.0",
    "description": "text",
    "classes": 7,
    "input": {"channels": 2, "height": 12, "width": 18, "mean": [0.25, 0.5], "std": [0.125, 2]},
    "model": {"family": "mixer", "patch": 6, "width": 64, "blocks": 3, "token_hidden": 24,
              "channel_hidden": 128, "norm_epsilon": 1e-5},
    "sparse": {"layers": ["blocks.*.channel.fc1", "head"], "density": 0.5, "block": 16,
               "low_rank_share": 0.125},
    "training": {"batch": 96, "epochs": 5, "learning_rate": 0.002, "warmup_epochs": 0.5,
                 "schedule": "linear", "clip_norm": 2.5, "label_smoothing": 0.1,
                 "optimizer": {"kind": "adamw", "weight_decay": 0.05, "beta1": 0.8,
                               "beta2": 0.95, "epsilon": 1e-6}}
  })");
  EXPECT_EQ(schema.file, "test.json");
  EXPECT_EQ(schema.name, "every-field_1.0");
  EXPECT_EQ(schema.classes, 7);
  ASSERT_TRUE(std::holds_alternative<ImageSchema>(schema.input));
  const auto &image = std::get<ImageSchema>(schema.input);
  EXPECT_EQ(image.channels, 2);
  EXPECT_EQ(image.height, 12);
  EXPECT_EQ(image.width, 18);
  EXPECT_EQ(image.mean, (std::vector<double>{0.25, 0.5}));
  EXPECT_EQ(image.std, (std::vector<double>{0.125, 2.0}));

  ASSERT_TRUE(std::holds_alternative<MixerSchema>(schema.model));
  const auto &mixer = std::get<MixerSchema>(schema.model);
  EXPECT_EQ(mixer.patch, 6);
  EXPECT_EQ(mixer.width, 64);
  EXPECT_EQ(mixer.blocks, 3);
  EXPECT_EQ(mixer.tokenHidden, 24);
  EXPECT_EQ(mixer.channelHidden, 128);
  EXPECT_EQ(mixer.normEpsilon, 1e-5);

  ASSERT_TRUE(schema.sparse);
  EXPECT_EQ(schema.sparse->layers,
            (std::vector<std::string>{"blocks.*.channel.fc1", "head"}));
  ASSERT_EQ(schema.sparse->layerPositions.size(), 2u);
  EXPECT_EQ(schema.sparse->layerPositions[1].line, 9u);
  EXPECT_EQ(schema.sparse->layerPositions[1].column, 51u);
  EXPECT_EQ(schema.sparse->density, 0.5);
  EXPECT_EQ(schema.sparse->block, 16);
  EXPECT_EQ(schema.sparse->lowRankShare, 0.125);

  const TrainingSchema &training = schema.training;
  EXPECT_EQ(training.batch, 96);
  EXPECT_EQ(training.epochs, 5);
  EXPECT_EQ(training.learningRate, 0.002);
  EXPECT_EQ(training.warmupEpochs, 0.5);
  EXPECT_EQ(training.schedule, TrainingSchema::Schedule::Linear);
  EXPECT_EQ(training.clipNorm, 2.5);
  EXPECT_EQ(training.labelSmoothing, 0.1);
  EXPECT_EQ(training.optimizer.kind, OptimizerSchema::Kind::AdamW);
  EXPECT_EQ(training.optimizer.weightDecay, 0.05);
  EXPECT_EQ(training.optimizer.beta1, 0.8);
  EXPECT_EQ(training.optimizer.beta2, 0.95);
  EXPECT_EQ(training.optimizer.epsilon, 1e-6);
}

TEST(ModelSchema, FillsInDefaults) {
  ModelSchema schema = parse(R"({
    "name": "defaults", "classes": 2,
    "input": {"channels": 3, "height": 4, "width": 4},
    "model": {"family": "mlp", "hidden": []},
    "training": {"batch": 1, "epochs": 1, "learning_rate": 1, "optimizer": {"kind": "sgd"}}
  })");
  const auto &image = std::get<ImageSchema>(schema.input);
  EXPECT_EQ(image.mean, (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(image.std, (std::vector<double>{1, 1, 1}));
  ASSERT_TRUE(std::holds_alternative<MlpSchema>(schema.model));
  const auto &mlp = std::get<MlpSchema>(schema.model);
  EXPECT_TRUE(mlp.hidden.empty());
  EXPECT_EQ(mlp.activation, MlpSchema::Activation::Gelu);
  EXPECT_FALSE(schema.sparse);
  EXPECT_EQ(schema.training.warmupEpochs, 0.0);
  EXPECT_EQ(schema.training.schedule, TrainingSchema::Schedule::Cosine);
  EXPECT_FALSE(schema.training.clipNorm);
  EXPECT_EQ(schema.training.labelSmoothing, 0.0);
  EXPECT_EQ(schema.training.optimizer.kind, OptimizerSchema::Kind::Sgd);
  EXPECT_EQ(schema.training.optimizer.momentum, 0.9);
  EXPECT_EQ(schema.training.optimizer.weightDecay, 0.0);
}

TEST(ModelSchema, ReportsEveryProblemOfAFile) {
  MLIRContext context;
  std::vector<std::string> messages;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    messages.push_back(diagnostic.str());
  });
  FailureOr<ModelSchema> schema = parseModelSchema(
      R"({"name": "", "classes": 1, "input": 3, "model": {"family": 4},
          "training": {"batch": 0, "optimizer": {}}})",
      "test.json", &context);
  EXPECT_TRUE(failed(schema));
  // name, classes, input, family; batch, epochs, learning_rate, kind.
  EXPECT_EQ(messages.size(), 8u);
}

TEST(ModelSchema, SpellsEnumsAsInTheFile) {
  EXPECT_EQ(stringifyOptimizerKind(OptimizerSchema::Kind::AdamW), "adamw");
  EXPECT_EQ(stringifyOptimizerKind(OptimizerSchema::Kind::Sgd), "sgd");
  EXPECT_EQ(stringifySchedule(TrainingSchema::Schedule::Constant), "constant");
  EXPECT_EQ(stringifySchedule(TrainingSchema::Schedule::Linear), "linear");
  EXPECT_EQ(stringifySchedule(TrainingSchema::Schedule::Cosine), "cosine");
  EXPECT_EQ(stringifyActivation(MlpSchema::Activation::Gelu), "gelu");
  EXPECT_EQ(stringifyActivation(MlpSchema::Activation::Relu), "relu");
}

TEST(ModelSchema, ReadsVit) {
  ModelSchema schema = parse(R"({
    "name": "vit", "classes": 7,
    "input": {"channels": 3, "height": 32, "width": 48},
    "model": {"family": "vit", "patch": 16, "width": 60, "blocks": 5, "heads": 6,
              "mlp_hidden": 70, "qkv_bias": false, "norm_epsilon": 1e-4},
    "training": {"batch": 2, "epochs": 1, "learning_rate": 0.1, "optimizer": {"kind": "sgd"}}
  })");
  ASSERT_TRUE(std::holds_alternative<VitSchema>(schema.model));
  const auto &vit = std::get<VitSchema>(schema.model);
  EXPECT_EQ(vit.patch, 16);
  EXPECT_EQ(vit.width, 60);
  EXPECT_EQ(vit.blocks, 5);
  EXPECT_EQ(vit.heads, 6);
  EXPECT_EQ(vit.mlpHidden, 70);
  EXPECT_FALSE(vit.qkvBias);
  EXPECT_EQ(vit.normEpsilon, 1e-4);
}

TEST(ModelSchema, ReadsGpt2) {
  ModelSchema schema = parse(R"({
    "name": "gpt2", "classes": 300, "input": {"tokens": 9},
    "model": {"family": "gpt2", "width": 60, "blocks": 5, "heads": 6,
              "mlp_hidden": 70, "positions": 11, "tied_head": false},
    "training": {"batch": 2, "epochs": 1, "learning_rate": 0.1, "optimizer": {"kind": "sgd"}}
  })");
  ASSERT_TRUE(std::holds_alternative<TextSchema>(schema.input));
  EXPECT_EQ(std::get<TextSchema>(schema.input).tokens, 9);
  ASSERT_TRUE(std::holds_alternative<Gpt2Schema>(schema.model));
  const auto &gpt2 = std::get<Gpt2Schema>(schema.model);
  EXPECT_EQ(gpt2.width, 60);
  EXPECT_EQ(gpt2.blocks, 5);
  EXPECT_EQ(gpt2.heads, 6);
  EXPECT_EQ(gpt2.mlpHidden, 70);
  EXPECT_EQ(gpt2.positions, 11);
  EXPECT_FALSE(gpt2.tiedHead);
  EXPECT_EQ(gpt2.normEpsilon, 1e-5);
}
