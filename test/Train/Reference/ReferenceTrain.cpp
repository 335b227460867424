//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the compiled train step of an artifact and the reference side by side,
// from the same random parameters on the same random batches, and compares
// losses and gradient norms of every step, then the parameters, losses and
// logits they end with.
//
//   reference-mixer ARTIFACT MODEL.json [STEPS]
//
// The artifact is opened as any program would that knows abi.h only.
//
//===----------------------------------------------------------------------===//

#include "ReferenceMixer.h"

#include "pixelfly-rt/abi.h"

#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>

using namespace reference;
using nlohmann::json;

/// Of losses and gradient norms, relative: the compiled step computes in f32.
static constexpr double kTolerance = 3e-6;
/// Of logits and losses after all steps, and of a parameter tensor's way from
/// its start (Euclidean), both relative. AdamW turns a gradient near zero into
/// a step of either sign, so single elements may differ by more.
static constexpr double kEndTolerance = 1e-3;

static json readJson(const std::string &path) {
  std::ifstream file(path);
  if (!file)
    throw std::runtime_error("cannot open '" + path + "'");
  return json::parse(file);
}

namespace {
/// Buffers of a call, in the order of abi.h.
struct Buffers {
  std::vector<void *> pointers;

  void *add(size_t bytes) {
    size_t rounded = (bytes + PF_BUFFER_ALIGNMENT) / PF_BUFFER_ALIGNMENT *
                     PF_BUFFER_ALIGNMENT;
    void *memory = std::aligned_alloc(PF_BUFFER_ALIGNMENT, rounded);
    std::memset(memory, 0, rounded);
    pointers.push_back(memory);
    return memory;
  }
  float *addFloats(const json &tensor) {
    size_t size = 1;
    for (size_t extent : tensor.at("shape"))
      size *= extent;
    return static_cast<float *>(add(size * sizeof(float)));
  }
};
} // namespace

template <typename Function>
static Function lookUp(void *library, const char *symbol) {
  void *address = dlsym(library, symbol);
  if (!address)
    throw std::runtime_error(std::string("no symbol ") + symbol);
  return reinterpret_cast<Function>(address);
}

/// As the manifest says, but constants (biases, norms, gamma) a little off, so
/// that zero does not hide what multiplies them.
static float drawInitial(const json &init, std::mt19937_64 &random) {
  std::string kind = init.at("kind");
  double scale = init.at("scale");
  double uniform = std::uniform_real_distribution<>(-1, 1)(random);
  if (kind == "uniform")
    return float(scale * uniform);
  if (kind == "constant")
    return float(scale + 0.1 * uniform);
  return float(scale * std::normal_distribution<>()(random) + 0.1 * uniform);
}

static bool compare(const char *what, double step, double compiled,
                    double expected, double tolerance) {
  double error = std::abs(compiled - expected) / std::abs(expected);
  bool good = error <= tolerance; // Not so for NaN.
  std::printf("%-4s %s %3.0f: %.9g, reference %.9g, relative error %.1e\n",
              good ? "ok" : "FAIL", what, step, compiled, expected, error);
  return good;
}

/// Relative Euclidean distance of two vectors.
static double distance(const Vector &a, const Vector &b) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

static bool run(const std::string &artifact, const std::string &modelPath,
                int numSteps) {
  json manifest = readJson(artifact + "/" + PF_MANIFEST_FILE);
  Mixer mixer(readJson(modelPath), manifest);
  std::string path = artifact + "/" + std::string(manifest.at("library"));
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw std::runtime_error(dlerror());
  if (lookUp<pf_abi_version_fn>(library, "pf_abi_version")() != PF_ABI_VERSION)
    throw std::runtime_error("the artifact has another version of the ABI");
  auto trainStep = lookUp<pf_train_step_fn>(library, "pf_train_step");
  auto evaluate = lookUp<pf_evaluate_fn>(library, "pf_evaluate");

  // Parameters, the same in both.
  Buffers train, test, arenas;
  std::mt19937_64 random(7);
  std::map<std::string, float *> values;
  std::map<std::string, Vector> start;
  for (const json &entry : manifest.at("parameters")) {
    Parameter &parameter = mixer.parameter(entry.at("name"));
    float *value = train.addFloats(entry);
    test.pointers.push_back(value);
    for (size_t i = 0; i < parameter.value.size(); ++i)
      parameter.value[i] = value[i] = drawInitial(entry.at("init"), random);
    values[entry.at("name")] = value;
    start[entry.at("name")] = parameter.value;
  }
  for (size_t n = 0; n < manifest.at("optimizer").at("state").size(); ++n)
    for (const json &entry : manifest.at("parameters"))
      train.addFloats(entry);

  // Inputs, shared by both functions, and outputs.
  size_t batch = mixer.batch();
  auto *images = static_cast<float *>(
      train.add(batch * mixer.imageSize() * sizeof(float)));
  auto *labels = static_cast<int32_t *>(train.add(batch * sizeof(int32_t)));
  test.pointers.push_back(images);
  test.pointers.push_back(labels);
  auto *learningRate = static_cast<float *>(train.add(sizeof(float)));
  auto *step = static_cast<float *>(train.add(sizeof(float)));
  const json &functions = manifest.at("functions");
  std::map<std::string, float *> outputs;
  for (const json &entry : functions.at("train_step").at("outputs"))
    outputs[entry.at("name")] = train.addFloats(entry);
  std::map<std::string, float *> testOutputs;
  for (const json &entry : functions.at("evaluate").at("outputs"))
    testOutputs[entry.at("name")] = test.addFloats(entry);
  void *trainArena = arenas.add(functions.at("train_step").at("arena_bytes"));
  void *testArena = arenas.add(functions.at("evaluate").at("arena_bytes"));

  auto drawBatch = [&](Vector &pixels, std::vector<int> &targets) {
    pixels.resize(batch * mixer.imageSize());
    targets.resize(batch);
    for (size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = images[i] =
          float(std::uniform_real_distribution<>(0, 1)(random));
    for (size_t b = 0; b < batch; ++b)
      targets[b] = labels[b] = int(random() % mixer.numClasses());
  };

  bool good = true;
  double lastNorm = 0;
  Vector pixels;
  std::vector<int> targets;
  for (int n = 1; n <= numSteps; ++n) {
    drawBatch(pixels, targets);
    *learningRate = 3e-3f * float(n) / float(numSteps);
    *step = float(n);
    trainStep(train.pointers.data(), trainArena);
    StepResult expected = mixer.trainStep(pixels, targets, *learningRate, n);
    good &= compare("loss of step", n, *outputs.at("loss"), expected.loss,
                    kTolerance);
    lastNorm = expected.gradientNorm;
    good &= compare("gradient norm of step", n, *outputs.at("gradient_norm"),
                    lastNorm, kTolerance);
  }

  double worst = 0;
  std::string worstName;
  for (const auto &[name, value] : values) {
    // A gradient that is zero but for rounding (a bias that a norm takes out
    // again) has no direction, and AdamW makes steps of full size of it.
    double size = 0;
    for (double gradient : mixer.parameter(name).gradient)
      size += gradient * gradient;
    if (std::sqrt(size) < 1e-5 * lastNorm)
      continue;
    Vector compiled, expected = mixer.parameter(name).value;
    for (size_t i = 0; i < expected.size(); ++i) {
      compiled.push_back(value[i] - start[name][i]);
      expected[i] -= start[name][i];
    }
    double error = distance(compiled, expected);
    if (!(error <= worst)) {
      worst = error;
      worstName = name;
    }
  }
  bool parametersGood = worst <= kEndTolerance;
  std::printf("%-4s parameters after step %d: largest relative error of a "
              "tensor's way %.1e (%s)\n",
              parametersGood ? "ok" : "FAIL", numSteps, worst,
              worstName.c_str());

  drawBatch(pixels, targets);
  evaluate(test.pointers.data(), testArena);
  Vector losses = mixer.forward(pixels, targets);
  Vector compiledLosses(testOutputs.at("losses"),
                        testOutputs.at("losses") + losses.size());
  Vector compiledLogits(testOutputs.at("logits"),
                        testOutputs.at("logits") + mixer.logits.size());
  for (auto [name, error] :
       {std::pair("losses", distance(compiledLosses, losses)),
        std::pair("logits", distance(compiledLogits, mixer.logits))}) {
    bool outputGood = error <= kEndTolerance;
    std::printf("%-4s %s of evaluate: relative error %.1e\n",
                outputGood ? "ok" : "FAIL", name, error);
    good &= outputGood;
  }
  return good && parametersGood;
}

int main(int argc, char **argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr,
                 "usage: reference-mixer ARTIFACT MODEL.json [STEPS]\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], argc == 4 ? std::atoi(argv[3]) : 10) ? 0 : 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "reference-mixer: %s\n", error.what());
    return 2;
  }
}
