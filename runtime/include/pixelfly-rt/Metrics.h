//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RUN/metrics.jsonl: one JSON object a line, for plots and for programs.
//
//   {"event": "step", "step", "epoch", "loss", "accuracy", "learning_rate",
//    "gradient_norm", "milliseconds"}           after each train step
//   {"event": "test", "step", "epoch", "loss", "accuracy"}   after each epoch
//
// Epochs count from 1, accuracies are fractions. `milliseconds` is the time of
// the compiled train step alone.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_METRICS_H
#define PIXELFLY_RT_METRICS_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace pixelfly::rt {

struct StepMetrics {
  int64_t step = 0, epoch = 0;
  double loss = 0, accuracy = 0, learningRate = 0, gradientNorm = 0;
  double milliseconds = 0;
};

struct TestMetrics {
  int64_t step = 0, epoch = 0;
  double loss = 0, accuracy = 0;
};

/// What a metrics file holds.
struct MetricsHistory {
  std::vector<StepMetrics> steps;
  std::vector<TestMetrics> tests;
};

/// Reads a file; stops at the first line that is not whole, which a crash may
/// have left. A missing file is an empty history.
MetricsHistory readMetrics(const std::string &path);

class MetricsFile {
public:
  /// Opens `path` for appending, after dropping everything after step
  /// `lastStep`: a run that is resumed writes those lines again.
  MetricsFile(std::string path, int64_t lastStep);
  MetricsFile(const MetricsFile &) = delete;
  MetricsFile &operator=(const MetricsFile &) = delete;
  ~MetricsFile();

  void write(const StepMetrics &metrics);
  void write(const TestMetrics &metrics);
  /// Makes what was written durable; before each checkpoint.
  void sync();

private:
  void writeLine(const std::string &line);

  std::string path;
  std::FILE *file;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_METRICS_H
