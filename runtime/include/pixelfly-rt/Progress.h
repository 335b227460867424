//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a person sees while a model trains: a bar that is redrawn on a terminal,
// a line now and then elsewhere.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_PROGRESS_H
#define PIXELFLY_RT_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace pixelfly::rt {

struct ProgressValues {
  int64_t epoch = 0, epochs = 0;   ///< epoch counts from 1
  int64_t position = 0, steps = 0; ///< steps done in this epoch, of how many
  int64_t stepsLeft = 0;           ///< until the end of the run
  double loss = 0, accuracy = 0;   ///< means over this epoch so far
};

class Progress {
public:
  /// `examplesPerStep` turns step times into throughput.
  Progress(std::FILE *stream, int64_t examplesPerStep);

  /// The time of the next step begins now; before the first step, and after
  /// testing or a checkpoint, which are no part of it.
  void start();
  /// After each step. Draws at most ten times a second on a terminal, about ten
  /// lines an epoch elsewhere.
  void step(const ProgressValues &values);
  /// Prints a line of its own, clearing the bar first.
  void line(const std::string &text);
  /// Examples per second, averaged over the last steps.
  double throughput() const;

private:
  void drawBar(const ProgressValues &values);
  void clearBar();

  using Clock = std::chrono::steady_clock;

  std::FILE *stream;
  int64_t examplesPerStep;
  bool isTerminal, isUnicode, barShown = false;
  Clock::time_point lastStep, lastDrawn;
  /// Seconds a step, an exponential mean.
  double secondsPerStep = 0;
  int64_t stepsSeen = 0;
};

/// "1:05", "2:03:10".
std::string formatDuration(double seconds);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_PROGRESS_H
