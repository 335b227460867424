//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Schedule.h"

#include "gtest/gtest.h"

using namespace pixelfly::rt;

static Schedule make(ScheduleKind kind, int64_t warmup, int64_t total) {
  Schedule schedule;
  schedule.kind = kind;
  schedule.learningRate = 1;
  schedule.warmupSteps = warmup;
  schedule.totalSteps = total;
  return schedule;
}

TEST(Schedule, WarmsUpLinearly) {
  Schedule schedule = make(ScheduleKind::Constant, 4, 10);
  for (int64_t step = 1; step <= 5; ++step)
    EXPECT_DOUBLE_EQ(schedule.at(step), 0.2 * double(step));
  EXPECT_EQ(schedule.at(6), 1);
  EXPECT_EQ(schedule.at(10), 1);
}

TEST(Schedule, LinearReachesZeroAfterTheLastStep) {
  Schedule schedule = make(ScheduleKind::Linear, 0, 4);
  EXPECT_DOUBLE_EQ(schedule.at(1), 1);
  EXPECT_DOUBLE_EQ(schedule.at(2), 0.75);
  EXPECT_DOUBLE_EQ(schedule.at(4), 0.25);
  EXPECT_DOUBLE_EQ(schedule.at(5), 0);
}

TEST(Schedule, CosineIsHalfWayDownInTheMiddle) {
  Schedule schedule = make(ScheduleKind::Cosine, 2, 10);
  EXPECT_DOUBLE_EQ(schedule.at(3), 1);
  EXPECT_NEAR(schedule.at(7), 0.5, 1e-12);
  EXPECT_GT(schedule.at(10), 0);
  EXPECT_NEAR(schedule.at(11), 0, 1e-12);
}

TEST(Schedule, WarmUpMayTakeTheWholeRun) {
  Schedule schedule = make(ScheduleKind::Cosine, 10, 10);
  for (int64_t step = 1; step <= 10; ++step)
    EXPECT_DOUBLE_EQ(schedule.at(step), double(step) / 11);
}
