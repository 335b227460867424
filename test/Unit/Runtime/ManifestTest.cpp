//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Manifest.h"
#include "Helpers.h"
#include "pixelfly/IR/Pattern.h"

#include <random>

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

static std::string errorWith(const std::string &from, const std::string &to) {
  return errorOf(
      [&] { parseManifest(replaced(logisticManifest(), from, to), "m.json"); });
}

TEST(Manifest, ReadsEveryField) {
  Manifest manifest = parseManifest(logisticManifest(), "m.json");
  EXPECT_EQ(manifest.model, "logistic");
  EXPECT_EQ(manifest.library, "model.so");
  EXPECT_EQ(manifest.target.cpu, "x86-64");
  EXPECT_EQ(manifest.batch, 16);
  ASSERT_EQ(manifest.parameters.size(), 5u);
  EXPECT_EQ(manifest.parameters[0].name, "head.weight");
  EXPECT_EQ(manifest.parameters[0].shape, (std::vector<int64_t>{4, 64}));
  EXPECT_EQ(manifest.parameters[0].init.kind, InitKind::Uniform);
  EXPECT_EQ(manifest.parameters[0].init.scale, 0.125);
  EXPECT_TRUE(manifest.parameters[0].decay);
  EXPECT_FALSE(manifest.parameters[1].decay);
  ASSERT_TRUE(manifest.parameters[2].pattern);
  EXPECT_EQ(manifest.parameters[2].pattern->density(), 3.0 / 8);
  EXPECT_EQ(manifest.optimizerState, std::vector<std::string>{"velocity"});
  EXPECT_EQ(manifest.training.learningRate, 0.1);
  EXPECT_EQ(manifest.training.schedule, ScheduleKind::Cosine);
  EXPECT_EQ(manifest.trainStep.arenaBytes, 256);
  EXPECT_EQ(manifest.evaluate.outputs[0].name, "losses");
  EXPECT_EQ(manifest.report.parameters, 2820);
  EXPECT_EQ(manifest.parameterElements(), 2820);
}

TEST(Manifest, ReadsWhatAGPUArtifactIsFor) {
  Manifest cpu = parseManifest(logisticManifest(), "m.json");
  EXPECT_EQ(cpu.target.device, DeviceKind::CPU);
  const char *from = "\"cpu\": \"x86-64\"";
  auto with = [&](const std::string &fields) {
    return replaced(logisticManifest(), from, fields);
  };
  TargetInfo target =
      parseManifest(with("\"device\": \"cuda\", \"chips\": [\"sm_80\", "
                         "\"sm_90a\"], \"chips_driver\": \"13.1\", "
                         "\"ptx\": \"sm_100\", \"ptx_driver\": \"12.0\""),
                    "m.json")
          .target;
  EXPECT_EQ(target.device, DeviceKind::CUDA);
  ASSERT_EQ(target.chips.size(), 2u);
  EXPECT_EQ(target.chips[0].capability, 80);
  EXPECT_FALSE(target.chips[0].isSpecific);
  EXPECT_EQ(target.chips[1].capability, 90);
  EXPECT_TRUE(target.chips[1].isSpecific);
  EXPECT_EQ(target.machineCodeDriver, 13010);
  ASSERT_TRUE(target.ptx);
  EXPECT_EQ(target.ptx->capability, 100);
  EXPECT_EQ(target.ptxDriver, 12000);

  auto error = [&](const std::string &fields) {
    return errorOf([&] { parseManifest(with(fields), "m.json"); });
  };
  EXPECT_CONTAINS(error("\"device\": \"tpu\""),
                  "target.device: must be one of cpu, cuda");
  EXPECT_CONTAINS(error("\"device\": \"cuda\", \"chips\": []"),
                  "target.chips: there is neither machine code nor PTX");
  for (const char *chip : {"80", "sm_", "sm_8", "sm_90b", "sm_9000", "sm_a"})
    EXPECT_CONTAINS(error("\"device\": \"cuda\", \"chips\": [\"" +
                          std::string(chip) + "\"]"),
                    "target.chips[0]: must be a chip such as sm_80");
  for (const char *version : {"13", "13.", "13.1.0", "new", "-1.0"})
    EXPECT_CONTAINS(
        error("\"device\": \"cuda\", \"chips\": [\"sm_80\"], "
              "\"chips_driver\": \"" +
              std::string(version) + "\""),
        "target.chips_driver: must be a version of CUDA such as 12.4");
}

TEST(Manifest, IdentityFollowsTheParameters) {
  std::string text = logisticManifest();
  std::string identity = parseManifest(text, "").identity();
  auto with = [&](const char *from, const char *to) {
    return parseManifest(replaced(text, from, to), "").identity();
  };
  EXPECT_EQ(identity, with("\"epochs\": 3", "\"epochs\": 4"));
  EXPECT_NE(identity, with("head.weight", "tail.weight"));
  EXPECT_NE(identity, with("[4, 64]", "[8, 32]"));
  EXPECT_NE(identity, with("0.125", "0.25"));
  EXPECT_NE(identity, with("[\"velocity\"]", "[\"first_moment\"]"));
}

TEST(Manifest, NamesThePlaceOfWhatIsWrong) {
  EXPECT_CONTAINS(
      errorWith("\"format\": \"pixelfly-artifact\"", "\"format\": \"other\""),
      "m.json: format: this is no artifact");
  EXPECT_CONTAINS(errorWith("\"version\": 1", "\"version\": 2"),
                  "version 2, but this runtime reads version 1");
  EXPECT_CONTAINS(errorWith("\"batch\": 16", "\"batch\": 0"), "m.json: batch");
  EXPECT_CONTAINS(errorWith("\"batch\": 16", "\"batch\": 1e3"),
                  "m.json: batch");
  EXPECT_CONTAINS(errorWith("\"batch\": 16", "\"batch\": 32"),
                  "inputs[0].shape: the first dimension must be the batch");
  EXPECT_CONTAINS(errorWith("\"batch\": 16,", ""),
                  "the field 'batch' is missing");
  EXPECT_CONTAINS(errorWith("model.so", "../model.so"), "m.json: library");
  EXPECT_CONTAINS(errorWith("[4, 64]", "[4, -64]"), "parameters[0].shape[1]");
  EXPECT_CONTAINS(errorWith("[4, 64]", "[281474976710656, 281474976710656]"),
                  "too large for any machine");
  EXPECT_CONTAINS(errorWith("head.bias", "head.weight"),
                  "parameters[1].name: two parameters have this name");
  EXPECT_CONTAINS(errorWith("head.bias", "__metadata__"), "reserved");
  EXPECT_CONTAINS(errorWith("\"uniform\"", "\"unifrom\""),
                  "parameters[0].init.kind: must be one of");
  EXPECT_CONTAINS(errorWith("0.125", "-0.125"), "must not be negative");
  EXPECT_CONTAINS(errorWith("0.125", "1e999"), "not valid JSON");
  EXPECT_CONTAINS(errorWith("\"decay\": true", "\"decay\": 1"),
                  "parameters[0].decay: must be true or false");
  EXPECT_CONTAINS(errorWith("[24, 8, 8]", "[25, 8, 8]"),
                  "the pattern has blocks 24x8x8, but the shape is 25x8x8");
  EXPECT_CONTAINS(errorWith("\"rows\": 64", "\"rows\": 65"),
                  "must be multiples of the block");
  EXPECT_CONTAINS(errorWith("\"rows\": 64", "\"rows\": 72"),
                  "must be multiples of cells * block = 8 * 8, but are 72");
  EXPECT_CONTAINS(errorWith("\"factors\": 2", "\"factors\": 4"),
                  "parameters[2].pattern.factors");
  EXPECT_CONTAINS(errorWith("\"labels\"", "\"step\""), "must not be listed");
  EXPECT_CONTAINS(errorWith("\"labels\"", "\"images\""), "two inputs");
  EXPECT_CONTAINS(errorWith("\"losses\"", "\"loses\""),
                  "functions.evaluate.outputs: the output 'losses' is missing");
  EXPECT_CONTAINS(errorWith("\"arena_bytes\": 256", "\"arena_bytes\": -1"),
                  "functions.train_step.arena_bytes");
  EXPECT_CONTAINS(errorWith("\"cosine\"", "\"cosinus\""), "training.schedule");
}

// Every other error, and what makes it: a place in the manifest (a JSON
// pointer) and what stands there instead.
TEST(Manifest, ErrorForEachField) {
  using nlohmann::json;
  struct Case {
    const char *place;
    json value;
    const char *expected;
  };
  json tensor = {{"name", "x"}, {"dtype", "f32"}, {"shape", {16}}};
  json many = json::array();
  for (int i = 0; i < 65; ++i) {
    tensor["name"] = "x" + std::to_string(i);
    many.push_back(tensor);
  }
  json manyOutputs = json::parse(logisticManifest())["functions"]["evaluate"];
  manyOutputs["outputs"] = many;
  json twice = many;
  twice[1]["name"] = "x0";
  json twiceOutputs = manyOutputs;
  twiceOutputs["outputs"] = twice;
  json large = json::parse(logisticManifest())["parameters"];
  for (json &parameter : large)
    parameter.erase("pattern"), parameter["shape"] = {int64_t(1) << 45};
  json padded = json::parse(logisticManifest())["parameters"][2];
  auto extents = [&](json value) {
    padded["extents"] = value;
    return padded;
  };
  const Case cases[] = {
      // The header.
      {"/format", 3, "format: must be a string, but is 3"},
      {"/version", "1", "version: must be an integer"},
      {"/library", "", "library: must be the name of a file in the artifact"},
      {"/model", 3, "model: must be a string"},
      {"/target/triple", 3, "target.triple: must be a string"},
      {"/target/cpu", 3, "target.cpu: must be a string"},
      // Tensors.
      {"/parameters/0/name", "", "parameters[0].name: must not be empty"},
      {"/parameters/0/dtype", "f64",
       "parameters[0].dtype: must be one of f32, i32, but is \"f64\""},
      {"/parameters/0/dtype", "i32",
       "parameters[0].dtype: parameters must be f32"},
      {"/parameters/0/shape", json(std::vector<int>(17, 1)),
       "parameters[0].shape: a tensor has at most 16 dimensions"},
      {"/parameters/0/shape", 3, "parameters[0].shape: must be an array"},
      // Parameters.
      {"/parameters", json::array(),
       "parameters: a model without parameters cannot be trained"},
      {"/parameters", large, "together they are too large for any machine"},
      {"/parameters/0/init/scale", "x",
       "parameters[0].init.scale: must be a number"},
      {"/parameters/0/init",
       {{"kind", "singular_vectors"}, {"scale", 1.0}},
       "the field 'opposite' is missing"},
      {"/parameters/0/init",
       {{"kind", "singular_vectors"}, {"scale", 1.0}, {"opposite", 0}},
       "parameters[0].init.opposite: must be an integer from 1"},
      {"/parameters/1/init",
       {{"kind", "singular_vectors"}, {"scale", 1.0}, {"opposite", 4}},
       "parameters[1].shape: singular vectors fill a matrix, not a tensor of "
       "shape 4"},
      {"/parameters/2", extents({64}),
       "parameters[2].extents: must be the rows and the columns"},
      {"/parameters/2", extents({65, 64}),
       "parameters[2].extents[0]: must be an integer from 1 to 64, but is 65"},
      {"/parameters/2", extents({64, 0}), "parameters[2].extents[1]"},
      // Patterns.
      {"/parameters/2/pattern/kind", "banded",
       "parameters[2].pattern.kind: must be one of flat_butterfly, block_mask"},
      {"/parameters/2/pattern/rows", 0, "parameters[2].pattern.rows"},
      {"/parameters/2/pattern/cols", -8, "parameters[2].pattern.cols"},
      {"/parameters/2/pattern/block", 0, "parameters[2].pattern.block"},
      {"/parameters/2/pattern/radices",
       {2, 1, 2},
       "parameters[2].pattern.radices[1]: must be an integer from 2"},
      {"/parameters/2/pattern/radices",
       {1 << 20, 1 << 20},
       "parameters[2].pattern.radices: their product is too large"},
      {"/parameters/2/pattern/cols", 72,
       "must be multiples of cells * block = 8 * 8, but are 64 and 72"},
      // The optimizer and the inputs.
      {"/optimizer/kind", 3, "optimizer.kind: must be a string"},
      {"/optimizer/state", json(std::vector<std::string>(9, "x")),
       "more optimizer state than any optimizer has"},
      {"/inputs", many, "inputs[64]: more inputs than the runtime takes"},
      {"/inputs/0/shape", json::array(),
       "inputs[0].shape: the first dimension must be the batch, 16, but is "
       "scalar"},
      // The functions.
      {"/functions/evaluate", twiceOutputs,
       "functions.evaluate.outputs[1]: two outputs have this name"},
      {"/functions/evaluate", manyOutputs,
       "functions.evaluate.outputs[64]: more outputs than the runtime takes"},
      {"/functions/train_step/outputs/0/shape",
       {1},
       "the output 'loss' must be f32 of shape scalar (0 for any size), but is "
       "1"},
      {"/functions/train_step/outputs/1/dtype", "i32",
       "the output 'gradient_norm' must be f32"},
      {"/functions/train_step/outputs/0/name", "lost",
       "functions.train_step.outputs: the output 'loss' is missing"},
      {"/functions/train_step/outputs/2/shape",
       {8, 4},
       "the output 'logits' must be f32 of shape 16x0 (0 for any size), but is "
       "8x4"},
      {"/functions/train_step/outputs/2/shape",
       {16, 5},
       "train_step and evaluate differ in their number of classes"},
      {"/functions/evaluate/outputs/0/shape",
       {16, 1},
       "the output 'losses' must be f32 of shape 16"},
      // Defaults of a run, and the report.
      {"/training/learning_rate", 0,
       "training.learning_rate: must be positive"},
      {"/training/epochs", 0, "training.epochs: must be an integer from 1"},
      {"/training/warmup_epochs", -1,
       "training.warmup_epochs: must not be negative"},
      {"/report/parameters", -1, "report.parameters: must be an integer"},
      {"/report/multiply_adds", 0.5, "report.multiply_adds"},
      {"/memory",
       {{"kept_activation_bytes", -1}},
       "memory.kept_activation_bytes: must be an integer"},
  };
  for (const Case &c : cases) {
    SCOPED_TRACE(c.place);
    json manifest = json::parse(logisticManifest());
    manifest[json::json_pointer(c.place)] = c.value;
    std::string error =
        errorOf([&] { parseManifest(manifest.dump(), "m.json"); });
    EXPECT_CONTAINS(error, c.expected);
    EXPECT_CONTAINS(error, "m.json: ");
    EXPECT_CONTAINS(error, " | compile the model again");
  }
}

// What the blocks hold beyond the matrix is no part of it: 7 diagonal blocks of
// 16, the last of which has 4 x 4 elements of the matrix.
TEST(Manifest, DensityLeavesPaddingOut) {
  Parameter parameter;
  parameter.pattern = Pattern{112, 112, 16, {7}, 0, {}};
  parameter.rows = parameter.cols = 100;
  EXPECT_DOUBLE_EQ(parameter.density(), (6 * 256 + 16) / 10000.0);
  parameter.rows = parameter.cols = 112;
  EXPECT_DOUBLE_EQ(parameter.density(), parameter.pattern->density());
}

TEST(Manifest, IdentityFollowsTheSingularVectors) {
  nlohmann::json json = nlohmann::json::parse(logisticManifest());
  auto identity = [&](int64_t opposite) {
    json["parameters"][0]["init"] = {
        {"kind", "singular_vectors"}, {"scale", 1.0}, {"opposite", opposite}};
    return parseManifest(json.dump(), "").identity();
  };
  EXPECT_NE(identity(4), identity(5));
}

TEST(Manifest, CutShortIsNotJson) {
  std::string text = logisticManifest();
  EXPECT_CONTAINS(
      errorOf([&] { parseManifest(text.substr(0, 500), "m.json"); }),
      "m.json: not valid JSON: parse error at line");
}

TEST(Manifest, NestingWithoutEndDoesNotCrash) {
  std::string deep(1000000, '[');
  EXPECT_CONTAINS(errorOf([&] { parseManifest(deep, "m.json"); }),
                  "not valid JSON");
  std::string closed = deep + std::string(deep.size(), ']');
  EXPECT_CONTAINS(errorOf([&] { parseManifest(closed, "m.json"); }),
                  "must be an object, but is an array");
}

/// The manifest with a mask of 2 x 3 blocks instead of the butterfly.
static std::string withMask(const std::string &columns) {
  nlohmann::json json = nlohmann::json::parse(logisticManifest());
  json["parameters"][2]["shape"] = {3, 8, 8};
  json["parameters"][2]["pattern"] = {
      {"kind", "block_mask"},
      {"rows", 16},
      {"cols", 24},
      {"block", 8},
      {"columns_of_row", nlohmann::json::parse(columns)}};
  return json.dump();
}

TEST(Manifest, ReadsMasks) {
  Manifest manifest = parseManifest(withMask("[[0, 2], [1]]"), "m.json");
  const Pattern &pattern = *manifest.parameters[2].pattern;
  EXPECT_EQ(pattern.density(), 0.5);
  std::string picture;
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t col = 0; col < 3; ++col)
      picture += pattern.factorOf(row, col) >= 0 ? "x" : ".";
  EXPECT_EQ(picture, "x.x.x.");
  auto errorOfMask = [](const char *columns) {
    return errorOf([&] { parseManifest(withMask(columns), "m.json"); });
  };
  EXPECT_CONTAINS(errorOfMask("[[0, 2, 1]]"), "one entry for each of the 2");
  EXPECT_CONTAINS(errorOfMask("[[0, 3], [1]]"), "columns_of_row[0][1]");
  EXPECT_CONTAINS(errorOfMask("[[0, 0], [1]]"), "stands there twice");
  EXPECT_CONTAINS(errorOfMask("[[0], [1]]"), "blocks 2x8x8, but the shape is");
  EXPECT_NE(manifest.identity(),
            parseManifest(withMask("[[0, 1], [1]]"), "").identity());
}

// The compiler's arithmetic decides; the runtime's draws the pictures.
TEST(Pattern, AgreesWithTheCompiler) {
  std::mt19937 random(3);
  auto pick = [&](int64_t below) { return int64_t(random() % below); };
  for (int i = 0; i < 50; ++i) {
    mlir::pixelfly::FlatButterfly reference;
    reference.block = 8;
    int64_t digits = pick(4);
    for (int64_t t = 0; t < digits; ++t)
      reference.radices.push_back(2 + pick(3));
    reference.factors = pick(digits + 1);
    reference.rows = reference.cells() * 8 * (1 + pick(3));
    reference.cols = reference.cells() * 8 * (1 + pick(3));
    ASSERT_EQ(reference.check(), "");
    Pattern pattern{reference.rows,    reference.cols,    8,
                    reference.radices, reference.factors, {}};
    EXPECT_EQ(pattern.numBlocks(), reference.numBlocks());
    EXPECT_DOUBLE_EQ(pattern.density(), reference.density());
    for (int64_t row = 0; row < pattern.blockRows(); ++row)
      for (int64_t col = 0; col < pattern.blockCols(); ++col)
        ASSERT_EQ(pattern.factorOf(row, col) >= 0,
                  reference.position(row, col).has_value());
  }
}
