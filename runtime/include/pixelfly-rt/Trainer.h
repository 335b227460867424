//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A training run from an artifact to a trained model:
//
//   RUN/run.json        what the run consists of (RunState before step 1)
//   RUN/metrics.jsonl   see Metrics.h
//   RUN/checkpoints/    see Checkpoint.h
//   RUN/curves.png, RUN/patterns.png
//   RUN/summary.json    see Summary.h; only of a finished run
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_TRAINER_H
#define PIXELFLY_RT_TRAINER_H

#include "pixelfly-rt/Artifact.h"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace pixelfly::rt {

/// What a user asks for. Absent values come from the manifest, or from the run
/// that is resumed.
struct TrainOptions {
  std::string artifact, data = "fashion-mnist", out;
  std::optional<int64_t> epochs;
  std::optional<uint64_t> seed;
  std::optional<double> learningRate;
  std::optional<double> warmupEpochs;
  std::optional<ScheduleKind> schedule;
  bool resume = false;
  DeviceChoice device;
  /// GPUs: wait after every kernel, so that one that faults is named.
  bool checkKernels = false;
  /// 0: OpenMP's choice.
  int threads = 0;
  /// Stop, with a checkpoint, when this many steps are done in all.
  std::optional<int64_t> steps;
  /// Steps between checkpoints; there is one after each epoch in any case.
  std::optional<int64_t> checkpointEvery;
};

enum class TrainResult {
  Finished,
  StoppedAtStep, ///< by TrainOptions::steps
  StoppedBySignal
};

/// Trains and writes what a person wants to see to `output`. Throws Error on
/// anything that ends the run: bad input, a full disk, a loss that is no
/// number. Nothing is written before all input is checked.
TrainResult train(const TrainOptions &options, std::FILE *output);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_TRAINER_H
