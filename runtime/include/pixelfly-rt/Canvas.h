//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A picture in memory: smooth lines, rectangles, discs and text, written as
// PNG. Coordinates are in pixels from the upper left corner and may be
// fractions.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CANVAS_H
#define PIXELFLY_RT_CANVAS_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pixelfly::rt {

struct Color {
  uint8_t red = 0, green = 0, blue = 0;
};

struct Point {
  double x = 0, y = 0;
};

struct Rectangle {
  double left = 0, top = 0, right = 0, bottom = 0;
};

/// Which point of a text stands at the given place.
enum class Anchor { Left, Center, Right };

class Canvas {
public:
  Canvas(int width, int height, Color background);

  int getWidth() const { return width; }
  int getHeight() const { return height; }

  /// Nothing is drawn outside `area` until the next call.
  void setClip(const Rectangle &area) { clip = area; }
  void clearClip() { clip = {0, 0, double(width), double(height)}; }

  void fill(const Rectangle &area, Color color, double opacity = 1);
  /// A line through all points; where it crosses itself it is not darker.
  void line(const std::vector<Point> &points, double thickness, Color color,
            double opacity = 1);
  void disc(Point center, double radius, Color color);
  /// Text on the baseline `at.y`; `size` is the height of capitals.
  void text(std::string_view text, Point at, double size, Color color,
            Anchor anchor = Anchor::Left);

  /// Throws Error when the file cannot be written.
  void writePng(const std::string &path) const;

private:
  void blend(int x, int y, Color color, double opacity);
  /// Draws several lines as one shape.
  void strokes(const std::vector<std::vector<Point>> &lines, double thickness,
               Color color, double opacity);

  int width, height;
  Rectangle clip;
  std::vector<uint8_t> pixels;
};

/// Width of `text` in pixels.
double textWidth(std::string_view text, double size);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_CANVAS_H
