//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/RunState.h"
#include "pixelfly-rt/Error.h"

#include <algorithm>
#include <cmath>

using namespace pixelfly::rt;

static constexpr const char *formatName = "pixelfly-run";
static constexpr int64_t formatVersion = 1;

Schedule RunState::makeSchedule() const {
  Schedule result;
  result.kind = schedule;
  result.learningRate = learningRate;
  result.totalSteps = totalSteps();
  result.warmupSteps = std::min<int64_t>(
      std::llround(warmupEpochs * double(stepsPerEpoch)), result.totalSteps);
  return result;
}

nlohmann::ordered_json pixelfly::rt::toJson(const RunState &state) {
  return {{"format", formatName},
          {"version", formatVersion},
          {"model", state.model},
          {"identity", state.identity},
          {"library_crc32", state.libraryChecksum},
          {"data", state.data},
          {"data_crc32", state.dataChecksum},
          {"batch", state.batch},
          {"seed", state.seed},
          {"epochs", state.epochs},
          {"steps_per_epoch", state.stepsPerEpoch},
          {"learning_rate", state.learningRate},
          {"warmup_epochs", state.warmupEpochs},
          {"schedule", nameOf(state.schedule)},
          {"step", state.step},
          {"epoch", state.epoch()},
          {"position", state.position()},
          {"epoch_loss", state.epochLoss},
          {"epoch_correct", state.epochCorrect}};
}

RunState pixelfly::rt::parseRunState(const JsonValue &value) {
  if (value.at("format").asString() != formatName)
    value.at("format").fail("this is no state of a run: expected \"" +
                            std::string(formatName) + "\"");
  if (int64_t version = value.at("version").asInteger(0, INT32_MAX);
      version != formatVersion)
    value.at("version").fail("it has version " + std::to_string(version) +
                             ", but this runtime reads version " +
                             std::to_string(formatVersion));
  constexpr int64_t most = int64_t(1) << 30;
  RunState state;
  state.model = value.at("model").asString();
  state.identity = value.at("identity").asString();
  state.libraryChecksum = value.at("library_crc32").asInteger(0, UINT32_MAX);
  state.data = value.at("data").asString();
  state.dataChecksum = value.at("data_crc32").asInteger(0, UINT32_MAX);
  state.batch = value.at("batch").asInteger(1, most);
  state.seed = value.at("seed").asInteger(0, INT64_MAX);
  state.epochs = value.at("epochs").asInteger(1, most);
  state.stepsPerEpoch = value.at("steps_per_epoch").asInteger(1, most);
  state.learningRate = value.at("learning_rate").asNumber();
  state.warmupEpochs = value.at("warmup_epochs").asNumber();
  if (state.warmupEpochs < 0 || state.warmupEpochs > double(most))
    value.at("warmup_epochs").fail("must not be negative");
  state.schedule = ScheduleKind(
      value.at("schedule").asChoice({"constant", "linear", "cosine"}));
  state.step = value.at("step").asInteger(0, state.totalSteps());
  state.epochLoss = value.at("epoch_loss").asNumber();
  state.epochCorrect = value.at("epoch_correct").asInteger(0, INT64_MAX);
  return state;
}

void pixelfly::rt::checkSameRun(const RunState &saved, const RunState &current,
                                const std::string &file) {
  auto fail = [&](const std::string &message, const std::string &advice) {
    throw Error("'" + file + "' " + message, advice);
  };
  if (saved.model != current.model || saved.identity != current.identity)
    fail("is of another model: '" + saved.model + "' (" + saved.identity +
             "), but the artifact is '" + current.model + "' (" +
             current.identity + ")",
         "resume with the artifact that this run was started with");
  if (saved.batch != current.batch)
    fail("has batches of " + std::to_string(saved.batch) +
             ", but the artifact was compiled for " +
             std::to_string(current.batch),
         "resume with the artifact that this run was started with");
  if (saved.dataChecksum != current.dataChecksum ||
      saved.stepsPerEpoch != current.stepsPerEpoch)
    fail("was trained on other data: '" + saved.data + "' then, '" +
             current.data + "' now, and the contents differ",
         "resume with --data as this run was started");
  if (saved.seed != current.seed)
    fail("has seed " + std::to_string(saved.seed) +
             ", but --seed=" + std::to_string(current.seed) + " was given",
         "leave --seed out when resuming");
}
