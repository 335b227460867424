//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Canvas.h"
#include "Helpers.h"
#include "pixelfly-rt/Pictures.h"

#include <cstring>
#include <limits>

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

/// Width and height in the header of a PNG file; 0, 0 if it is none.
static std::pair<int, int> pngSize(const std::string &path) {
  std::string png = readFile(path);
  if (png.size() < 24 || png.compare(0, 8, "\x89PNG\r\n\x1a\n") != 0)
    return {0, 0};
  auto number = [&](size_t at) {
    int value = 0;
    for (size_t i = at; i < at + 4; ++i)
      value = value << 8 | uint8_t(png[i]);
    return value;
  };
  return {number(16), number(20)};
}

TEST(Canvas, WritesPng) {
  TemporaryDirectory directory;
  Canvas canvas(120, 50, {255, 255, 255});
  // Everything may lie outside.
  canvas.fill({-10, -10, 500, 20.5}, {1, 2, 3}, 0.5);
  canvas.line({{-100, 25}, {300, 25}, {60, -900}}, 3, {200, 0, 0});
  canvas.disc({1e6, -1e6}, 5, {0, 0, 0});
  canvas.text("Ag%\xff 19", {60, 40}, 14, {0, 0, 0}, Anchor::Center);
  canvas.writePng(directory / "p.png");
  EXPECT_EQ(pngSize(directory / "p.png"), (std::pair<int, int>(120, 50)));
  EXPECT_CONTAINS(errorOf([&] { canvas.writePng("/nowhere/p.png"); }),
                  "'/nowhere/p.png");
}

TEST(Canvas, TextWidthAddsUp) {
  EXPECT_EQ(textWidth("", 12), 0);
  EXPECT_EQ(textWidth("A", 12), 8);
  EXPECT_EQ(textWidth("AA", 12), 8 + 3 + 8);
  EXPECT_EQ(textWidth("AA", 24), 2 * textWidth("AA", 12));
}

TEST(Pictures, CurvesTakeAnyHistory) {
  TemporaryDirectory directory;
  std::string path = directory / "curves.png";
  MetricsHistory history;
  drawTrainingCurves(path, "empty", history, 6);
  EXPECT_EQ(pngSize(path).first, 1640);
  StepMetrics step;
  step.step = 1;
  history.steps.push_back(step);
  drawTrainingCurves(path, "one step", history, 6);
  step.step = 2;
  step.loss = std::numeric_limits<double>::quiet_NaN();
  history.steps.push_back(step);
  step.step = 3;
  step.loss = 1e30;
  history.steps.push_back(step);
  TestMetrics test;
  test.step = 3;
  test.loss = std::numeric_limits<double>::infinity();
  history.tests.push_back(test);
  drawTrainingCurves(path, "diverged", history, 6);
  EXPECT_EQ(pngSize(path).first, 1640);
}

TEST(Pictures, PatternsOfSparseAndDenseModels) {
  TemporaryDirectory directory;
  std::string path = directory / "patterns.png";
  Manifest manifest = parseManifest(logisticManifest(), "");
  drawPatterns(path, manifest);
  EXPECT_GT(pngSize(path).first, 0);
  // More blocks than pixels, a flat rectangle, and many layers.
  manifest.parameters[2].pattern = Pattern{8192, 1024, 8, {2, 2, 2, 2}, 3, {}};
  for (int i = 0; i < 30; ++i)
    manifest.parameters.push_back(manifest.parameters[2]);
  drawPatterns(path, manifest);
  auto [width, height] = pngSize(path);
  EXPECT_GT(width, height);
  for (Parameter &parameter : manifest.parameters)
    parameter.pattern.reset();
  drawPatterns(path, manifest);
  EXPECT_GT(pngSize(path).first, 0);
}
