//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// RUN/summary.json: the numbers of a finished run, and the table that compares
// two of them.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_SUMMARY_H
#define PIXELFLY_RT_SUMMARY_H

#include "pixelfly-rt/Buffers.h"

#include <cstdint>
#include <string>

namespace pixelfly::rt {

struct Summary {
  std::string model, artifact;
  uint64_t seed = 0;
  int64_t threads = 0, batch = 0, epochs = 0, steps = 0;
  int64_t parameters = 0, multiplyAdds = 0;
  /// Median and mean time of the compiled train step.
  double stepMilliseconds = 0, meanStepMilliseconds = 0;
  /// Wall time from reading the data to here, since the last resume.
  double seconds = 0;
  double testLoss = 0, testAccuracy = 0;
  MemoryUse memory;
  /// Parameters, optimizer state and the activations kept for the backward
  /// pass, as the compiler counts them before it fuses and shares memory; what
  /// `memory` is measured against. 0 if it is not known.
  int64_t neededBytes = 0;
  /// Largest resident size of the process, the data set included.
  int64_t residentBytes = 0;
};

void writeSummary(const std::string &path, const Summary &summary);

/// Reads RUN/summary.json. Throws Error if the run is not there or not
/// finished.
Summary readSummary(const std::string &runDirectory);

/// The table of two runs, one line each for parameters, multiply-adds, time a
/// step, test accuracy and peak memory, with the ratio of the second to the
/// first (accuracy: the difference in points).
std::string compareRuns(const std::string &first, const std::string &second);

/// "12 345 678".
std::string formatCount(int64_t count);
/// "17.3 MB".
std::string formatBytes(int64_t bytes);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_SUMMARY_H
