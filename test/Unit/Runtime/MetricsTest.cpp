//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Metrics.h"
#include "Helpers.h"
#include "pixelfly-rt/Progress.h"
#include "pixelfly-rt/Summary.h"

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

static StepMetrics step(int64_t number) {
  StepMetrics metrics;
  metrics.step = number;
  metrics.epoch = 1 + (number - 1) / 2;
  metrics.loss = 1.0 / double(number);
  return metrics;
}

static void writeFourSteps(const std::string &path) {
  MetricsFile file(path, 0);
  for (int64_t number = 1; number <= 4; ++number) {
    file.write(step(number));
    if (number % 2 == 0) {
      TestMetrics test;
      test.step = number;
      file.write(test);
    }
  }
}

TEST(Metrics, RoundTrip) {
  TemporaryDirectory directory;
  writeFourSteps(directory / "m");
  MetricsHistory history = readMetrics(directory / "m");
  ASSERT_EQ(history.steps.size(), 4u);
  EXPECT_EQ(history.steps[2].step, 3);
  EXPECT_EQ(history.steps[2].epoch, 2);
  EXPECT_EQ(history.steps[2].loss, 1.0 / 3);
  EXPECT_EQ(history.tests.size(), 2u);
}

TEST(Metrics, ResumingDropsWhatComesAfterTheCheckpoint) {
  TemporaryDirectory directory;
  writeFourSteps(directory / "m");
  std::string whole = readFile(directory / "m");
  {
    MetricsFile file(directory / "m", 2);
    MetricsHistory history = readMetrics(directory / "m");
    EXPECT_EQ(history.steps.size(), 2u);
    EXPECT_EQ(history.tests.size(), 1u);
    file.write(step(3));
    file.write(step(4));
    TestMetrics test;
    test.step = 4;
    file.write(test);
  }
  EXPECT_EQ(readFile(directory / "m"), whole);
}

TEST(Metrics, AHalfWrittenLineEndsTheHistory) {
  TemporaryDirectory directory;
  writeFourSteps(directory / "m");
  std::string whole = readFile(directory / "m");
  write(directory / "m", whole.substr(0, whole.size() - 60));
  EXPECT_EQ(readMetrics(directory / "m").tests.size(), 1u);
  write(directory / "m", "null\n" + whole);
  EXPECT_TRUE(readMetrics(directory / "m").steps.empty());
  EXPECT_TRUE(readMetrics(directory / "nothing").steps.empty());
}

TEST(Format, NumbersForPeople) {
  EXPECT_EQ(formatCount(7), "7");
  EXPECT_EQ(formatCount(123456), "123 456");
  EXPECT_EQ(formatCount(1234567), "1 234 567");
  EXPECT_EQ(formatBytes(999), "999 B");
  EXPECT_EQ(formatBytes(17300000), "17.3 MB");
  EXPECT_EQ(formatDuration(5), "0:05");
  EXPECT_EQ(formatDuration(7390), "2:03:10");
}
