//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The published JSON Schema and the reader agree: on every shipped model, on
// thousands of small changes to them, and on which fields there are.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ModelSchema.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

using namespace mlir;
using namespace mlir::pixelfly;
using nlohmann::json;

namespace {
json load(const std::filesystem::path &path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return json::parse(file);
}

const std::filesystem::path kModels = PIXELFLY_MODELS_DIR;

/// As much of JSON Schema (draft 2020-12) as model.schema.json uses. A keyword
/// it does not know is a test failure, so that none is ignored.
class Validator {
public:
  explicit Validator(json schema) : root(std::move(schema)) {}
  bool accepts(const json &value) const { return accepts(root, value); }
  const json &definition(const std::string &name) const {
    return root.at("$defs").at(name);
  }
  const json &getRoot() const { return root; }

private:
  static bool isInteger(const json &value) {
    return value.is_number_integer() ||
           (value.is_number_float() &&
            std::trunc(value.get<double>()) == value.get<double>());
  }

  static bool hasType(const std::string &type, const json &value) {
    if (type == "integer")
      return isInteger(value);
    if (type == "number")
      return value.is_number();
    return type == value.type_name();
  }

  bool accepts(const json &schema, const json &value) const {
    static const std::set<std::string> ignored = {
        "$schema", "title", "description", "default", "$defs", "properties"};
    for (const auto &[key, rule] : schema.items())
      if (!ignored.count(key) && !obeys(key, rule, schema, value))
        return false;
    if (value.is_object() && schema.contains("properties"))
      for (const auto &[name, field] : value.items())
        if (schema["properties"].contains(name) &&
            !accepts(schema["properties"][name], field))
          return false;
    return true;
  }

  bool obeys(const std::string &key, const json &rule, const json &schema,
             const json &value) const {
    if (key == "type")
      return hasType(rule, value);
    if (key == "$ref")
      return accepts(
          definition(rule.get<std::string>().substr(strlen("#/$defs/"))),
          value);
    if (key == "oneOf")
      return llvm::count_if(rule, [&](const json &option) {
               return accepts(option, value);
             }) == 1;
    if (key == "const")
      return value == rule;
    if (key == "enum")
      return std::find(rule.begin(), rule.end(), value) != rule.end();
    if (key == "required")
      return !value.is_object() || llvm::all_of(rule, [&](const json &name) {
        return value.contains(name.get<std::string>());
      });
    if (key == "additionalProperties") {
      EXPECT_EQ(rule, json(false));
      return !value.is_object() || llvm::all_of(value.items(), [&](auto item) {
        return schema["properties"].contains(item.key());
      });
    }
    if (key == "items")
      return !value.is_array() || llvm::all_of(value, [&](const json &element) {
        return accepts(rule, element);
      });
    if (key == "minItems")
      return !value.is_array() || value.size() >= rule;
    if (key == "maxItems")
      return !value.is_array() || value.size() <= rule;
    if (key == "minLength")
      return !value.is_string() || value.get<std::string>().size() >= rule;
    if (key == "pattern")
      return !value.is_string() || llvm::Regex(rule.get<std::string>())
                                       .match(value.get<std::string>());
    if (key == "minimum")
      return !value.is_number() || value >= rule;
    if (key == "exclusiveMinimum")
      return !value.is_number() || value > rule;
    if (key == "maximum")
      return !value.is_number() || value <= rule;
    if (key == "exclusiveMaximum")
      return !value.is_number() || value < rule;
    ADD_FAILURE() << "the validator does not know the keyword " << key;
    return false;
  }

  json root;
};

struct Verdict {
  bool accepted;
  std::vector<std::string> messages;
};
Verdict read(const json &document) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  Verdict verdict;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    verdict.messages.push_back(diagnostic.str());
  });
  verdict.accepted =
      succeeded(parseModelSchema(document.dump(), "test.json", &context));
  EXPECT_EQ(verdict.accepted, verdict.messages.empty());
  return verdict;
}

/// Rules between fields, which JSON Schema cannot say (or not with clarity).
bool isRuleBetweenFields(const std::string &message) {
  for (StringRef part :
       {"do not tile an image", "give one number per channel",
        "is longer than the training", "is not a glob pattern",
        "heads cannot share a width", "tokens of an image, but attention takes",
        "has fewer positions", "takes text, not images",
        "takes images, not text"})
    if (StringRef(message).contains(part))
      return true;
  return false;
}

/// Documents that hold, together, every field there is.
std::vector<json> fullDocuments() {
  json mixer = load(kModels / "mixer-s16.json");
  mixer["description"] = "text";
  mixer["model"]["norm_epsilon"] = 1e-5;
  mixer["sparse"]["low_rank_share"] = 0.25;
  mixer["sparse"]["mix"] = "gate";
  mixer["sparse"]["init"] = "authors_mixer";
  mixer["training"]["optimizer"] = {{"kind", "adamw"},
                                    {"weight_decay", 0.1},
                                    {"beta1", 0.9},
                                    {"beta2", 0.99},
                                    {"epsilon", 1e-8}};
  json mlp = load(kModels / "tiny-mlp.json");
  mlp["training"]["optimizer"]["weight_decay"] = 0.1;
  json vit = load(kModels / "vit-s16.json");
  vit["model"]["norm_epsilon"] = 1e-5;
  json gpt2 = load(kModels / "tiny-gpt2.json");
  gpt2["model"]["norm_epsilon"] = 1e-6;
  gpt2["model"]["tied_head"] = false;
  return {mixer, mlp, vit, gpt2};
}

/// The fields that the reader names when it meets one it does not know.
std::set<std::string> fieldsOfReader(json document,
                                     const json::json_pointer &object) {
  document[object]["no such field"] = 1;
  for (const std::string &message : read(document).messages) {
    StringRef fields = StringRef(message).split("The fields here are ").second;
    std::set<std::string> result;
    for (StringRef field : llvm::split(fields, ", "))
      result.insert(field.str());
    return result;
  }
  ADD_FAILURE() << "an unknown field was accepted in " << object.to_string();
  return {};
}

std::set<std::string> fieldsOfSchema(const json &definition) {
  std::set<std::string> result;
  for (const auto &item : definition.at("properties").items())
    result.insert(item.key());
  return result;
}

/// Calls `visit` for the pointer of every value in the document.
void forEachPointer(
    const json &value, const json::json_pointer &at,
    llvm::function_ref<void(const json::json_pointer &)> visit) {
  visit(at);
  if (value.is_object())
    for (const auto &[key, field] : value.items())
      forEachPointer(field, at / key, visit);
  if (value.is_array())
    for (size_t index = 0; index < value.size(); ++index)
      forEachPointer(value[index], at / index, visit);
}

class PublishedSchema : public testing::Test {
protected:
  Validator validator{load(kModels / "model.schema.json")};

  void expectAgreement(const json &document) {
    bool valid = validator.accepts(document);
    Verdict verdict = read(document);
    if (verdict.accepted) {
      EXPECT_TRUE(valid) << "only the reader accepts " << document;
      return;
    }
    bool onlyBetweenFields =
        llvm::all_of(verdict.messages, isRuleBetweenFields);
    EXPECT_EQ(valid, onlyBetweenFields)
        << verdict.messages.front() << "\nin " << document;
  }
};
} // namespace

TEST_F(PublishedSchema, AcceptsEveryShippedModel) {
  unsigned count = 0;
  for (const auto &entry : std::filesystem::directory_iterator(kModels)) {
    if (entry.path().filename() == "model.schema.json")
      continue;
    json document = load(entry.path());
    EXPECT_TRUE(validator.accepts(document)) << entry.path();
    EXPECT_TRUE(read(document).accepted) << entry.path();
    EXPECT_EQ(document["name"], entry.path().stem().string()) << entry.path();
    ++count;
  }
  EXPECT_GE(count, 12u);
}

TEST_F(PublishedSchema, HasExactlyTheFieldsOfTheReader) {
  json mixer = fullDocuments()[0], mlp = fullDocuments()[1],
       vit = fullDocuments()[2], gpt2 = fullDocuments()[3];
  auto at = [](const char *path) { return json::json_pointer(path); };
  EXPECT_EQ(fieldsOfReader(mixer, at("")), fieldsOfSchema(validator.getRoot()));
  for (auto [document, path, definition] :
       {std::tuple(mixer, "/input", "image"),
        {gpt2, "/input", "text"},
        {mixer, "/model", "mixer"},
        {mlp, "/model", "mlp"},
        {vit, "/model", "vit"},
        {gpt2, "/model", "gpt2"},
        {mixer, "/sparse", "sparse"},
        {mixer, "/training", "training"},
        {mixer, "/training/optimizer", "adamw"},
        {mlp, "/training/optimizer", "sgd"}})
    EXPECT_EQ(fieldsOfReader(document, at(path)),
              fieldsOfSchema(validator.definition(definition)))
        << path;
}

TEST_F(PublishedSchema, DefaultsAreThoseOfTheReader) {
  auto defaultOf = [&](const char *definition, const char *field) {
    return validator.definition(definition)["properties"][field]["default"];
  };
  EXPECT_EQ(defaultOf("mlp", "activation"),
            stringifyActivation(MlpSchema().activation).str());
  EXPECT_EQ(defaultOf("mixer", "norm_epsilon"), MixerSchema().normEpsilon);
  EXPECT_EQ(defaultOf("vit", "norm_epsilon"), VitSchema().normEpsilon);
  EXPECT_EQ(defaultOf("vit", "qkv_bias"), VitSchema().qkvBias);
  EXPECT_EQ(defaultOf("gpt2", "norm_epsilon"), Gpt2Schema().normEpsilon);
  EXPECT_EQ(defaultOf("gpt2", "tied_head"), Gpt2Schema().tiedHead);
  EXPECT_EQ(defaultOf("sparse", "block"), SparseSchema().block);
  EXPECT_EQ(defaultOf("sparse", "low_rank_share"), SparseSchema().lowRankShare);
  EXPECT_EQ(defaultOf("sparse", "mix"),
            stringifyEnum(SparseSchema().mix).str());
  EXPECT_EQ(defaultOf("sparse", "init"),
            stringifyEnum(SparseSchema().init).str());
  TrainingSchema training;
  EXPECT_EQ(defaultOf("training", "warmup_epochs"), training.warmupEpochs);
  EXPECT_EQ(defaultOf("training", "schedule"),
            stringifySchedule(training.schedule).str());
  EXPECT_EQ(defaultOf("training", "label_smoothing"), training.labelSmoothing);
  OptimizerSchema optimizer;
  EXPECT_EQ(defaultOf("adamw", "weight_decay"), optimizer.weightDecay);
  EXPECT_EQ(defaultOf("sgd", "weight_decay"), optimizer.weightDecay);
  EXPECT_EQ(defaultOf("adamw", "beta1"), optimizer.beta1);
  EXPECT_EQ(defaultOf("adamw", "beta2"), optimizer.beta2);
  EXPECT_EQ(defaultOf("adamw", "epsilon"), optimizer.epsilon);
  EXPECT_EQ(defaultOf("sgd", "momentum"), optimizer.momentum);
}

TEST_F(PublishedSchema, AgreesWithTheReaderOnChangedFields) {
  const json replacements[] = {nullptr,
                               true,
                               "text",
                               "",
                               "cosine",
                               "relu",
                               "mlp",
                               "vit",
                               "gpt2",
                               "sgd",
                               -1,
                               0,
                               1,
                               2,
                               3,
                               8,
                               64,
                               0.5,
                               1.5,
                               2.0,
                               -0.25,
                               1e-7,
                               1e-13,
                               1000,
                               1024,
                               1025,
                               4096,
                               4097,
                               65536,
                               65537,
                               1000000,
                               1000001,
                               1e6,
                               2e6,
                               1e300,
                               json::array(),
                               json::array({1, 2}),
                               json::array({0.5}),
                               json::array({"a", "b"}),
                               json::array({"a", ""}),
                               json::array({0}),
                               json::array({"[a"}),
                               json::object()};
  for (const json &document : fullDocuments()) {
    expectAgreement(document);
    forEachPointer(document, json::json_pointer(),
                   [&](const json::json_pointer &at) {
                     for (const json &replacement : replacements) {
                       json changed = document;
                       changed[at] = replacement;
                       expectAgreement(changed);
                     }
                   });
  }
}

TEST_F(PublishedSchema, AgreesWithTheReaderOnMissingAndUnknownFields) {
  for (const json &document : fullDocuments())
    forEachPointer(
        document, json::json_pointer(), [&](const json::json_pointer &at) {
          if (document[at].is_object()) {
            json changed = document;
            changed[at]["no such field"] = 1;
            expectAgreement(changed);
          }
          if (!at.empty() && document[at.parent_pointer()].is_object()) {
            json changed = document;
            changed[at.parent_pointer()].erase(at.back());
            expectAgreement(changed);
          }
        });
}
