//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The learning rate of each step: linear warm-up, then constant, linear or
// cosine decay to zero.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_SCHEDULE_H
#define PIXELFLY_RT_SCHEDULE_H

#include "pixelfly-rt/Manifest.h"

#include <cstdint>
#include <string>

namespace pixelfly::rt {

struct Schedule {
  ScheduleKind kind = ScheduleKind::Cosine;
  /// The largest learning rate, reached at the end of the warm-up.
  double learningRate = 0;
  int64_t warmupSteps = 0, totalSteps = 0;

  /// Learning rate of step 1 <= step. The first step after the warm-up has the
  /// full rate; zero would be reached one step after the last.
  double at(int64_t step) const;
};

/// "constant", "linear" or "cosine".
const char *nameOf(ScheduleKind kind);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_SCHEDULE_H
