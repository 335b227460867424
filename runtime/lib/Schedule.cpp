//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Schedule.h"

#include <algorithm>
#include <cmath>

using namespace pixelfly::rt;

double Schedule::at(int64_t step) const {
  if (step <= warmupSteps)
    return learningRate * double(step) / double(warmupSteps + 1);
  double progress = double(step - 1 - warmupSteps) /
                    double(std::max<int64_t>(totalSteps - warmupSteps, 1));
  progress = std::min(progress, 1.0);
  switch (kind) {
  case ScheduleKind::Constant:
    return learningRate;
  case ScheduleKind::Linear:
    return learningRate * (1 - progress);
  case ScheduleKind::Cosine:
    return learningRate * 0.5 * (1 + std::cos(M_PI * progress));
  }
  return learningRate;
}

const char *pixelfly::rt::nameOf(ScheduleKind kind) {
  switch (kind) {
  case ScheduleKind::Constant:
    return "constant";
  case ScheduleKind::Linear:
    return "linear";
  case ScheduleKind::Cosine:
    return "cosine";
  }
  return "";
}
