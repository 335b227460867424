//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Checkpoint.h"
#include "pixelfly-rt/Buffers.h"
#include "Helpers.h"

#include <csignal>
#include <sys/resource.h>

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

namespace {
/// Weights on a device that copies nothing by itself.
class TestWeights : public Weights {
public:
  explicit TestWeights(const Manifest &manifest)
      : host(manifest), device(manifest),
        bytes(reinterpret_cast<char *>(host.input(0)) -
              reinterpret_cast<char *>(host.parameter(0))) {}
  float *parameter(size_t index) const override {
    return host.parameter(index);
  }
  float *state(size_t kind, size_t parameter) const override {
    return host.state(kind, parameter);
  }
  void receive() override {
    std::memcpy(host.parameter(0), device.parameter(0), bytes);
  }
  void send() override {
    std::memcpy(device.parameter(0), host.parameter(0), bytes);
  }

  /// The model works in `device`.
  Buffers host, device;
  size_t bytes;
};

class CheckpointTest : public ::testing::Test {
protected:
  CheckpointTest() {
    state.model = manifest.model;
    state.identity = manifest.identity();
    state.data = "data";
    state.batch = 16;
    state.seed = 9;
    state.epochs = 3;
    state.stepsPerEpoch = 6;
    state.learningRate = 0.1;
    for (size_t i = 0; i < manifest.parameters.size(); ++i) {
      *weights.device.parameter(i) = float(i + 1);
      *weights.device.state(0, i) = float(10 * (i + 1));
    }
  }

  void save(int64_t step) {
    state.step = step;
    checkpoints.save(state);
  }

  /// The error of loading the newest checkpoint; nothing must be copied then.
  std::string loadError() {
    TestWeights fresh(manifest);
    Checkpoints loading(directory / "c", manifest, fresh);
    std::string error =
        errorOf([&] { loading.load(*loading.newest(), current()); });
    EXPECT_EQ(*fresh.device.parameter(1), error.empty() ? 2 : 0);
    return error;
  }

  RunState current() const {
    RunState result = state;
    result.step = 0;
    return result;
  }

  TemporaryDirectory directory;
  Manifest manifest = parseManifest(logisticManifest(), "");
  TestWeights weights{manifest};
  Checkpoints checkpoints{directory / "c", manifest, weights};
  RunState state;
  std::string first = "c/step-0000000008/";
};
} // namespace

TEST_F(CheckpointTest, RoundTrip) {
  EXPECT_FALSE(checkpoints.newest());
  state.epochLoss = 0.1 + 0.2; // every bit of a double must survive
  state.epochCorrect = 17;
  save(8);
  TestWeights fresh(manifest);
  Checkpoints loading(directory / "c", manifest, fresh);
  RunState loaded = loading.load(*loading.newest(), current());
  EXPECT_EQ(toJson(loaded), toJson(state));
  EXPECT_EQ(loaded.epochLoss, 0.1 + 0.2);
  EXPECT_EQ(loaded.epoch(), 1);
  EXPECT_EQ(loaded.position(), 2);
  EXPECT_EQ(*fresh.device.parameter(4), 5);
  EXPECT_EQ(*fresh.device.state(0, 4), 50);
}

TEST_F(CheckpointTest, KeepsTwoGenerations) {
  for (int64_t step : {2, 4, 6, 10})
    save(step);
  EXPECT_EQ(*checkpoints.newest(), directory / "c/step-0000000010");
  EXPECT_TRUE(exists(directory / "c/step-0000000006"));
  EXPECT_FALSE(exists(directory / "c/step-0000000004"));
  EXPECT_FALSE(exists(directory / "c/.incomplete"));
}

TEST_F(CheckpointTest, AnUnfinishedOneIsNotSeen) {
  save(8);
  std::filesystem::copy(directory / "c/step-0000000008",
                        directory / "c/.incomplete");
  EXPECT_EQ(*checkpoints.newest(), directory / "c/step-0000000008");
  save(9); // and does not disturb the next
  EXPECT_EQ(*checkpoints.newest(), directory / "c/step-0000000009");
}

TEST_F(CheckpointTest, AFailedSaveKeepsTheOldOnes) {
  save(8);
  save(9);
  rlimit old;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = {5000, old.rlim_max}; // a file takes more than 11 kB
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string error = errorOf([&] { save(10); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_CONTAINS(error, "File too large");
  EXPECT_CONTAINS(error, "ulimit -f");
  EXPECT_EQ(*checkpoints.newest(), directory / "c/step-0000000009");
  EXPECT_TRUE(exists(directory / "c/step-0000000008"));
  EXPECT_FALSE(exists(directory / "c/.incomplete"));
  state.step = 9;
  EXPECT_EQ(loadError(), "");
}

TEST_F(CheckpointTest, RefusesOneThatIsCutShort) {
  save(8);
  std::string path = directory / (first + "parameters.safetensors");
  std::string contents = readFile(path);
  write(path, contents.substr(0, contents.size() - 1));
  EXPECT_CONTAINS(loadError(), "parameters.safetensors' is cut short");
  std::filesystem::remove(path);
  EXPECT_CONTAINS(loadError(), "has no parameters.safetensors");
}

TEST_F(CheckpointTest, RefusesChangedBytes) {
  save(8);
  std::string path = directory / (first + "optimizer.safetensors");
  std::string contents = readFile(path);
  contents.back() ^= 1;
  write(path, contents);
  EXPECT_CONTAINS(loadError(),
                  "optimizer.safetensors' is damaged: its checksum");
}

TEST_F(CheckpointTest, RefusesABadState) {
  save(8);
  std::string path = directory / (first + "state.json");
  std::string contents = readFile(path);
  write(path, contents.substr(0, contents.size() / 2));
  EXPECT_CONTAINS(loadError(), "state.json: not valid JSON");
  write(path, replaced(contents, "\"step\": 8", "\"step\": 19"));
  EXPECT_CONTAINS(loadError(), "step: must be an integer from 0 to 18");
  write(path, replaced(contents, "\"version\": 1", "\"version\": 7"));
  EXPECT_CONTAINS(loadError(), "version 7");
  std::filesystem::remove(path);
  EXPECT_CONTAINS(loadError(), "has no state.json");
}

TEST_F(CheckpointTest, RefusesAnotherRun) {
  save(8);
  RunState saved = state;
  state.identity = "0123456789abcdef";
  EXPECT_CONTAINS(loadError(), "is of another model");
  state = saved;
  state.batch = 32;
  EXPECT_CONTAINS(loadError(), "has batches of 16");
  state = saved;
  state.dataChecksum = 1;
  EXPECT_CONTAINS(loadError(), "was trained on other data");
  state = saved;
  state.seed = 10;
  EXPECT_CONTAINS(loadError(), "has seed 9, but --seed=10 was given");
  state = saved;
  EXPECT_EQ(loadError(), "");
}
