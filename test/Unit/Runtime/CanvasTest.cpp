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

#include <png.h>

#include <limits>

using namespace pixelfly::rt;
using namespace pixelfly::rt::test;

namespace {
/// A PNG file as libpng reads it; 0 x 0 if it is none.
class Picture {
public:
  explicit Picture(const std::string &path) {
    png_image image = {};
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_file(&image, path.c_str()))
      return;
    image.format = PNG_FORMAT_RGB;
    pixels.resize(PNG_IMAGE_SIZE(image));
    if (!png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr))
      return;
    width = int(image.width);
    height = int(image.height);
  }

  /// The colour at a pixel, 0xrrggbb.
  unsigned at(int x, int y) const {
    const uint8_t *pixel = &pixels[3 * (size_t(y) * size_t(width) + size_t(x))];
    return unsigned(pixel[0]) << 16 | unsigned(pixel[1]) << 8 | pixel[2];
  }

  /// How many pixels of [left, right) x [top, bottom) have the colour.
  int count(unsigned color, int left, int top, int right, int bottom) const {
    int count = 0;
    for (int y = top; y < bottom; ++y)
      for (int x = left; x < right; ++x)
        count += at(x, y) == color;
    return count;
  }

  int width = 0, height = 0;

private:
  std::vector<uint8_t> pixels;
};

constexpr unsigned white = 0xffffff, trainColor = 0x2f6fb7;
} // namespace

TEST(Canvas, DrawsWhereItIsTold) {
  TemporaryDirectory directory;
  Canvas canvas(120, 50, {255, 255, 255});
  canvas.fill({10, 10, 20, 20}, {1, 2, 3});
  canvas.fill({30, 10, 40, 20}, {0, 0, 0}, 0.5);
  canvas.line({{50, 15}, {70, 15}}, 4, {200, 0, 0});
  canvas.disc({90, 15}, 5, {0, 0, 200});
  canvas.setClip({0, 0, 120, 35});
  canvas.fill({10, 30, 20, 40}, {9, 9, 9});
  canvas.clearClip();
  canvas.writePng(directory / "p.png");
  Picture picture(directory / "p.png");
  ASSERT_EQ(std::pair(picture.width, picture.height), std::pair(120, 50));
  EXPECT_EQ(picture.count(0x010203, 0, 0, 120, 50), 100);
  EXPECT_EQ(picture.at(10, 10), 0x010203u);
  EXPECT_EQ(picture.at(20, 20), white);
  EXPECT_NEAR(int(picture.at(35, 15) & 0xff), 128, 1);
  EXPECT_EQ(picture.at(60, 15), 0xc80000u);
  EXPECT_EQ(picture.at(60, 19), white);
  EXPECT_EQ(picture.at(90, 15), 0x0000c8u);
  EXPECT_EQ(picture.at(90, 22), white);
  EXPECT_EQ(picture.count(0x090909, 0, 0, 120, 50), 50) << "half is clipped";
}

TEST(Canvas, DrawsText) {
  TemporaryDirectory directory;
  Canvas canvas(200, 50, {255, 255, 255});
  canvas.text("HH", {20, 40}, 20, {0, 0, 0});
  canvas.writePng(directory / "p.png");
  Picture picture(directory / "p.png");
  int right = 20 + int(textWidth("HH", 20)) + 3;
  int inked = 200 * 50 - picture.count(white, 0, 0, 200, 50);
  EXPECT_GT(inked, 60);
  EXPECT_EQ(inked, (right - 17) * 26 - picture.count(white, 17, 17, right, 43))
      << "all of it lies on the baseline, right of its anchor";
}

TEST(Canvas, TakesWhatLiesOutside) {
  TemporaryDirectory directory;
  Canvas canvas(120, 50, {255, 255, 255});
  canvas.fill({-10, -10, 500, 20.5}, {1, 2, 3}, 0.5);
  canvas.line({{-100, 25}, {300, 25}, {60, -900}}, 3, {200, 0, 0});
  canvas.disc({1e6, -1e6}, 5, {0, 0, 0});
  canvas.text("Ag%\xff 19", {60, 40}, 14, {0, 0, 0}, Anchor::Center);
  canvas.writePng(directory / "p.png");
  Picture picture(directory / "p.png");
  EXPECT_EQ(std::pair(picture.width, picture.height), std::pair(120, 50));
  EXPECT_EQ(picture.at(5, 25), 0xc80000u);
  EXPECT_CONTAINS(errorOf([&] { canvas.writePng("/nowhere/p.png"); }),
                  "'/nowhere/p.png");
}

TEST(Canvas, TextWidthAddsUp) {
  EXPECT_EQ(textWidth("", 12), 0);
  EXPECT_EQ(textWidth("A", 12), 8);
  EXPECT_EQ(textWidth("AA", 12), 8 + 3 + 8);
  EXPECT_EQ(textWidth("AA", 24), 2 * textWidth("AA", 12));
}

TEST(Pictures, CurvesFallWithTheLoss) {
  TemporaryDirectory directory;
  std::string path = directory / "curves.png";
  MetricsHistory history;
  for (int i = 1; i <= 40; ++i) {
    StepMetrics step;
    step.step = i;
    step.loss = 2.0 - 0.05 * i;
    step.accuracy = 0.1 + 0.02 * i;
    history.steps.push_back(step);
  }
  drawTrainingCurves(path, "falling", history, 10);
  Picture picture(path);
  ASSERT_EQ(std::pair(picture.width, picture.height), std::pair(1640, 720));
  // Below the legend's line in the same colour, the curve's row in a column.
  auto rowOf = [&](int column, int top, int bottom) {
    for (int y = bottom - 1; y >= top; --y)
      if (picture.at(column, y) == trainColor)
        return y;
    return -1;
  };
  // The axes of the loss are 0 to 2 over rows 620 to 130, of the epochs 0 to 4
  // over columns 90 to 780: step 20 (loss 1.0) in the middle of both.
  EXPECT_NEAR(rowOf(90 + 345, 130, 620), 375, 4);
  EXPECT_NEAR(rowOf(90 + 173, 130, 620), 620 - 490 * 3 / 4, 4);
  EXPECT_GT(rowOf(90 + 600, 130, 620), rowOf(90 + 345, 130, 620));
  EXPECT_LT(rowOf(910 + 400, 130, 540), rowOf(910 + 200, 130, 620))
      << "the accuracy rises";
}

TEST(Pictures, CurvesTakeAnyHistory) {
  TemporaryDirectory directory;
  std::string path = directory / "curves.png";
  MetricsHistory history;
  drawTrainingCurves(path, "empty", history, 6);
  EXPECT_EQ(Picture(path).width, 1640);
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
  EXPECT_EQ(Picture(path).width, 1640);
}

TEST(Pictures, PatternIsThatOfTheManifest) {
  TemporaryDirectory directory;
  std::string path = directory / "patterns.png";
  drawPatterns(path, parseManifest(logisticManifest(), ""));
  Picture picture(path);
  // 8 x 8 blocks of 31 pixels, with factors of distance 1 and 2.
  const int left = 50, top = 194, side = 31;
  ASSERT_GT(picture.height, top + 8 * side);
  for (int row = 0; row < 8; ++row)
    for (int col = 0; col < 8; ++col) {
      int distance = row ^ col;
      unsigned expected = distance == 0   ? 0x233f7a
                          : distance == 1 ? 0x2f80c1
                          : distance == 2 ? 0x27a191
                                          : 0xf1f3f6;
      EXPECT_EQ(picture.at(left + side * col + 15, top + side * row + 15),
                expected)
          << "block " << row << ", " << col;
    }
}

TEST(Pictures, PatternsOfSparseAndDenseModels) {
  TemporaryDirectory directory;
  std::string path = directory / "patterns.png";
  Manifest manifest = parseManifest(logisticManifest(), "");
  drawPatterns(path, manifest);
  EXPECT_GT(Picture(path).width, 0);
  // More blocks than pixels, a flat rectangle, and many layers.
  manifest.parameters[2].pattern = Pattern{8192, 1024, 8, {2, 2, 2, 2}, 3, {}};
  for (int i = 0; i < 30; ++i)
    manifest.parameters.push_back(manifest.parameters[2]);
  drawPatterns(path, manifest);
  Picture many(path);
  EXPECT_GT(many.width, many.height);
  EXPECT_GT(many.height, 0);
  for (Parameter &parameter : manifest.parameters)
    parameter.pattern.reset();
  drawPatterns(path, manifest);
  EXPECT_GT(Picture(path).width, 0);
}
