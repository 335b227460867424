//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compares a compiled Vision Transformer or GPT-2 with the reference, on random
// parameters and a random batch: losses and logits of its forward pass, and the
// gradient that its step takes with central differences of the reference, along
// one random direction of each parameter.
//
//   reference-transformer ARTIFACT MODEL.json
//
// The model must be trained by SGD without momentum, decay and clipping, so
// that a step at learning rate 1 shows its gradient.
//
//===----------------------------------------------------------------------===//

#include "ReferenceTransformer.h"

#include "pixelfly-rt/abi.h"

#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>

using namespace reference;
using nlohmann::json;

/// Relative Euclidean distance of the outputs, which are computed in f32.
static constexpr double kOutputTolerance = 3e-6;
/// Of a derivative, relative to the size of the whole gradient.
static constexpr double kGradientTolerance = 3e-6;
static constexpr double kDifference = 1e-4;

static json readJson(const std::string &path) {
  std::ifstream file(path);
  if (!file)
    throw std::runtime_error("cannot open '" + path + "'");
  return json::parse(file);
}

static void *allocate(size_t bytes) {
  size_t rounded =
      (bytes + PF_BUFFER_ALIGNMENT) / PF_BUFFER_ALIGNMENT * PF_BUFFER_ALIGNMENT;
  void *memory = std::aligned_alloc(PF_BUFFER_ALIGNMENT, rounded);
  std::memset(memory, 0, rounded);
  return memory;
}

static void *allocate(const json &tensor) {
  size_t size = 4; // Bytes of an f32 or i32.
  for (size_t extent : tensor.at("shape"))
    size *= extent;
  return allocate(size);
}

template <typename Function>
static Function lookUp(void *library, const char *symbol) {
  void *address = dlsym(library, symbol);
  if (!address)
    throw std::runtime_error(std::string("no symbol ") + symbol);
  return reinterpret_cast<Function>(address);
}

static bool report(bool good, const std::string &what, double error) {
  std::printf("%-4s %s: relative error %.1e\n", good ? "ok" : "FAIL",
              what.c_str(), error);
  return good;
}

static bool compare(const char *what, const float *compiled,
                    const Vector &expected) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(compiled[i] - expected[i], 2);
    size += expected[i] * expected[i];
  }
  double error = std::sqrt(difference / size);
  return report(error <= kOutputTolerance, what, error);
}

static double meanOf(const Vector &values) {
  double sum = 0;
  for (double value : values)
    sum += value;
  return sum / double(values.size());
}

static bool run(const std::string &artifact, const std::string &modelPath) {
  json manifest = readJson(artifact + "/" + PF_MANIFEST_FILE);
  Transformer reference(readJson(modelPath), manifest);
  std::string path = artifact + "/" + std::string(manifest.at("library"));
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw std::runtime_error(dlerror());

  std::mt19937_64 random(11);
  std::normal_distribution<> normal;
  std::vector<void *> train, test;
  std::map<std::string, float *> values;
  for (const json &entry : manifest.at("parameters")) {
    auto *value = static_cast<float *>(allocate(entry));
    train.push_back(value);
    test.push_back(value);
    values[entry.at("name")] = value;
    // Wide enough that no nonlinearity is near to linear.
    Vector &doubles = reference.parameters.at(entry.at("name")).value;
    for (size_t i = 0; i < doubles.size(); ++i)
      doubles[i] = value[i] = float(0.3 * normal(random));
  }
  for (size_t n = 0; n < manifest.at("optimizer").at("state").size(); ++n)
    for (const json &entry : manifest.at("parameters"))
      train.push_back(allocate(entry));

  Vector images;
  std::vector<int> tokens, labels;
  for (const json &entry : manifest.at("inputs")) {
    void *memory = allocate(entry);
    train.push_back(memory);
    test.push_back(memory);
    size_t size = 1;
    for (size_t extent : entry.at("shape"))
      size *= extent;
    for (size_t i = 0; i < size; ++i) {
      if (entry.at("name") == "images") {
        images.push_back(static_cast<float *>(memory)[i] =
                             float(std::uniform_real_distribution<>()(random)));
        continue;
      }
      int id = int(random() % reference.classes);
      static_cast<int32_t *>(memory)[i] = id;
      (entry.at("name") == "labels" ? labels : tokens).push_back(id);
    }
  }
  auto *learningRate = static_cast<float *>(allocate(4));
  auto *step = static_cast<float *>(allocate(4));
  *learningRate = *step = 1;
  train.push_back(learningRate);
  train.push_back(step);
  std::map<std::string, float *> outputs;
  const json &functions = manifest.at("functions");
  for (const json &entry : functions.at("train_step").at("outputs"))
    train.push_back(allocate(entry));
  for (const json &entry : functions.at("evaluate").at("outputs")) {
    test.push_back(allocate(entry));
    outputs[entry.at("name")] = static_cast<float *>(test.back());
  }
  auto arena = [&](const char *function) {
    return allocate(functions.at(function).at("arena_bytes").get<size_t>());
  };

  lookUp<pf_evaluate_fn>(library, "pf_evaluate")(test.data(),
                                                 arena("evaluate"));
  Vector losses = reference.forward(images, tokens, labels);
  bool good = compare("losses", outputs.at("losses"), losses);
  good &= compare("logits", outputs.at("logits"), reference.logits);

  lookUp<pf_train_step_fn>(library, "pf_train_step")(train.data(),
                                                     arena("train_step"));
  double size = 0;
  for (auto &[name, parameter] : reference.parameters)
    for (size_t i = 0; i < parameter.value.size(); ++i) {
      parameter.gradient[i] = parameter.value[i] - values[name][i];
      size += std::pow(parameter.gradient[i], 2);
    }
  size = std::sqrt(size);
  for (auto &[name, parameter] : reference.parameters) {
    Vector start = parameter.value, direction;
    double length = 0, compiled = 0, loss[2];
    for (size_t i = 0; i < start.size(); ++i) {
      direction.push_back(normal(random));
      length += std::pow(direction[i], 2);
    }
    for (size_t i = 0; i < start.size(); ++i) {
      direction[i] /= std::sqrt(length);
      compiled += direction[i] * parameter.gradient[i];
    }
    for (int side : {0, 1}) {
      for (size_t i = 0; i < start.size(); ++i)
        parameter.value[i] =
            start[i] + (side ? kDifference : -kDifference) * direction[i];
      loss[side] = meanOf(reference.forward(images, tokens, labels));
    }
    parameter.value = start;
    double expected = (loss[1] - loss[0]) / (2 * kDifference);
    double error = std::abs(compiled - expected) / size;
    good &= report(error <= kGradientTolerance, "gradient of " + name, error);
  }
  return good;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: reference-transformer ARTIFACT MODEL.json\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2]) ? 0 : 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
