//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a training run stands and what it consists of: all that is needed,
// beside parameters and optimizer state, to go on with the same bits.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_RUNSTATE_H
#define PIXELFLY_RT_RUNSTATE_H

#include "pixelfly-rt/Json.h"
#include "pixelfly-rt/Schedule.h"

#include <cstdint>
#include <string>

namespace pixelfly::rt {

struct RunState {
  // What the run consists of; a resumed run must have the same.
  std::string model;
  /// Manifest::identity().
  std::string identity;
  /// CRC-32 of the shared object; another one may round differently.
  uint32_t libraryChecksum = 0;
  std::string data;
  uint32_t dataChecksum = 0;
  int64_t batch = 0;
  uint64_t seed = 0;

  // How it is trained.
  int64_t epochs = 0, stepsPerEpoch = 0;
  double learningRate = 0, warmupEpochs = 0;
  ScheduleKind schedule = ScheduleKind::Cosine;

  // How far it is.
  int64_t step = 0;
  /// Loss summed over the steps, and right answers, of the epoch begun.
  double epochLoss = 0;
  int64_t epochCorrect = 0;

  int64_t totalSteps() const { return epochs * stepsPerEpoch; }
  /// Epoch of the next step, from 0, and the steps of it already done.
  int64_t epoch() const { return step / stepsPerEpoch; }
  int64_t position() const { return step % stepsPerEpoch; }
  Schedule makeSchedule() const;
};

nlohmann::ordered_json toJson(const RunState &state);

/// Reads and checks what toJson wrote.
RunState parseRunState(const JsonValue &value);

/// Throws Error if a run in the state `saved` (read from `file`) cannot go on
/// with the artifact, data and seed of `current`.
void checkSameRun(const RunState &saved, const RunState &current,
                  const std::string &file);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_RUNSTATE_H
