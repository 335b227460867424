//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Damaged files, made at random from good ones with fixed seeds. Each must be
// read or refused with an Error; any other exception, a crash, or a sanitizer's
// report fails the test.
//
//===----------------------------------------------------------------------===//

#include "Helpers.h"
#include "pixelfly-rt/Checkpoint.h"
#include "pixelfly-rt/Idx.h"
#include "pixelfly-rt/Metrics.h"

#include <random>
#include <zlib.h>

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

namespace {
constexpr int rounds = 1500;
/// Where each form goes through a file.
constexpr int fileRounds = 400;

/// Cuts, flips bits, overwrites, repeats or removes a piece.
std::string damage(std::string text, std::mt19937 &random) {
  auto pick = [&](size_t below) { return below ? random() % below : 0; };
  int changes = 1 + int(pick(3));
  for (int i = 0; i < changes && !text.empty(); ++i) {
    size_t at = pick(text.size());
    switch (pick(5)) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text[at] = char(text[at] ^ (1 << pick(8)));
      break;
    case 2:
      text[at] = char(random());
      break;
    case 3:
      text.insert(at, text.substr(pick(text.size()), pick(40)));
      break;
    case 4:
      text.erase(at, pick(40));
      break;
    }
  }
  return text;
}

/// Runs `read` on many damaged forms of `good`. Some must be refused, or the
/// damage did nothing.
template <typename Read>
void fuzz(const std::string &good, unsigned seed, Read &&read,
          int rounds = ::rounds) {
  std::mt19937 random(seed);
  int refused = 0;
  for (int i = 0; i < rounds; ++i) {
    std::string text = damage(good, random);
    try {
      read(text);
    } catch (const Error &error) {
      ++refused;
      EXPECT_STRNE(error.what(), "");
    }
  }
  EXPECT_GT(refused, rounds / 4);
}
} // namespace

TEST(Fuzz, Manifest) {
  fuzz(logisticManifest(), 1, [](const std::string &text) {
    Manifest manifest = parseManifest(text, "manifest.json");
    manifest.identity();
    for (const Parameter &parameter : manifest.parameters)
      if (parameter.pattern)
        parameter.pattern->factorOf(parameter.pattern->blockRows() - 1, 0);
  });
}

TEST(Fuzz, Idx) {
  TemporaryDirectory directory;
  std::string plain = {0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 4};
  for (int i = 0; i < 80; ++i)
    plain += char(i * 37);
  fuzz(
      plain, 2,
      [&](const std::string &text) {
        write(directory / "f", text);
        readIdx(directory / "f");
      },
      fileRounds);

  gzFile file = ::gzopen((directory / "f").c_str(), "wb");
  ::gzwrite(file, plain.data(), unsigned(plain.size()));
  ::gzclose(file);
  fuzz(
      readFile(directory / "f"), 3,
      [&](const std::string &text) {
        write(directory / "f", text);
        readIdx(directory / "f");
      },
      fileRounds);
}

TEST(Fuzz, Safetensors) {
  TemporaryDirectory directory;
  float a[6] = {}, b[3] = {};
  std::vector<TensorView> tensors = {{"a", {2, 3}, a}, {"b", {3}, b}};
  OutputFile output(directory / "f");
  writeSafetensors(output, tensors);
  output.close();
  fuzz(readFile(directory / "f"), 4,
       [&](const std::string &text) { readSafetensors(text, "f", tensors); });
}

TEST(Fuzz, CheckpointState) {
  RunState state;
  state.model = "logistic";
  state.epochs = 3;
  state.stepsPerEpoch = 6;
  state.learningRate = 0.1;
  state.batch = 16;
  state.step = 8;
  fuzz(toJson(state).dump(2), 5, [](const std::string &text) {
    nlohmann::json json = parseJson(text, "state.json", "");
    RunState read = parseRunState(JsonValue(json, "state.json"));
    read.makeSchedule().at(read.step + 1);
  });
}

TEST(Fuzz, Metrics) {
  TemporaryDirectory directory;
  {
    MetricsFile file(directory / "m", 0);
    for (int64_t i = 1; i < 9; ++i)
      file.write(StepMetrics{i, 1, 0.5, 0.5, 0.1, 1, 2});
  }
  std::string good = readFile(directory / "m");
  std::mt19937 random(6);
  size_t shortened = 0;
  // Never an error: a damaged line ends the history.
  for (int i = 0; i < fileRounds; ++i) {
    write(directory / "m", damage(good, random));
    shortened += readMetrics(directory / "m").steps.size() < 8;
  }
  EXPECT_GT(shortened, size_t(fileRounds) / 4);
}
