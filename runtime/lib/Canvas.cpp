//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Canvas.h"
#include "Font.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"

#include <algorithm>
#include <cmath>
#include <png.h>

using namespace pixelfly::rt;

Canvas::Canvas(int width, int height, Color background)
    : width(width), height(height), pixels(size_t(3) * width * height) {
  clearClip();
  fill(clip, background);
}

void Canvas::blend(int x, int y, Color color, double opacity) {
  uint8_t *pixel = &pixels[3 * (size_t(y) * width + x)];
  const uint8_t values[] = {color.red, color.green, color.blue};
  for (int i = 0; i < 3; ++i)
    pixel[i] = uint8_t(
        std::lround(pixel[i] + (double(values[i]) - pixel[i]) * opacity));
}

/// Length of [low, high] inside the pixel that begins at `pixel`.
static double overlap(double low, double high, int pixel) {
  return std::max(0.0,
                  std::min(high, pixel + 1.0) - std::max(low, double(pixel)));
}

void Canvas::fill(const Rectangle &area, Color color, double opacity) {
  double left = std::max(area.left, clip.left);
  double right = std::min(area.right, clip.right);
  double top = std::max(area.top, clip.top);
  double bottom = std::min(area.bottom, clip.bottom);
  for (int y = int(std::floor(top)); y < bottom; ++y)
    for (int x = int(std::floor(left)); x < right; ++x)
      blend(x, y, color,
            opacity * overlap(left, right, x) * overlap(top, bottom, y));
}

static double distanceToSegment(Point p, Point a, Point b) {
  double dx = b.x - a.x, dy = b.y - a.y;
  double length = dx * dx + dy * dy;
  double t = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;
  t = std::clamp(t, 0.0, 1.0);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

void Canvas::strokes(const std::vector<std::vector<Point>> &lines,
                     double thickness, Color color, double opacity) {
  // The pixels that any line can touch.
  double reach = thickness / 2 + 1;
  Rectangle box = {clip.right, clip.bottom, clip.left, clip.top};
  for (const std::vector<Point> &points : lines)
    for (Point p : points) {
      box.left = std::min(box.left, p.x - reach);
      box.right = std::max(box.right, p.x + reach);
      box.top = std::min(box.top, p.y - reach);
      box.bottom = std::max(box.bottom, p.y + reach);
    }
  int left = int(std::floor(std::max(box.left, clip.left)));
  int top = int(std::floor(std::max(box.top, clip.top)));
  int right = int(std::ceil(std::min(box.right, clip.right)));
  int bottom = int(std::ceil(std::min(box.bottom, clip.bottom)));
  if (left >= right || top >= bottom)
    return;

  // How much of each pixel is covered, the most by any segment.
  std::vector<float> mask(size_t(right - left) * size_t(bottom - top));
  auto draw = [&](Point a, Point b) {
    int x0 =
        int(std::floor(std::max(std::min(a.x, b.x) - reach, double(left))));
    int x1 =
        int(std::ceil(std::min(std::max(a.x, b.x) + reach, double(right))));
    int y0 = int(std::floor(std::max(std::min(a.y, b.y) - reach, double(top))));
    int y1 =
        int(std::ceil(std::min(std::max(a.y, b.y) + reach, double(bottom))));
    for (int y = y0; y < y1; ++y)
      for (int x = x0; x < x1; ++x) {
        double distance = distanceToSegment({x + 0.5, y + 0.5}, a, b);
        auto cover =
            float(std::clamp(thickness / 2 + 0.5 - distance, 0.0, 1.0));
        float &old = mask[size_t(y - top) * (right - left) + (x - left)];
        old = std::max(old, cover);
      }
  };
  for (const std::vector<Point> &points : lines)
    for (size_t i = 0; i < points.size(); ++i)
      if (i > 0 || points.size() == 1)
        draw(points[i ? i - 1 : 0], points[i]);
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x)
      if (float cover = mask[size_t(y - top) * (right - left) + (x - left)];
          cover > 0)
        blend(x, y, color, opacity * cover);
}

void Canvas::line(const std::vector<Point> &points, double thickness,
                  Color color, double opacity) {
  strokes({points}, thickness, color, opacity);
}

void Canvas::disc(Point center, double radius, Color color) {
  strokes({{center}}, 2 * radius, color, 1);
}

double pixelfly::rt::textWidth(std::string_view text, double size) {
  double units = 0;
  for (char character : text)
    units += glyphOf(character).width + glyphGap;
  return std::max(0.0, units - glyphGap) * size / glyphHeight;
}

void Canvas::text(std::string_view text, Point at, double size, Color color,
                  Anchor anchor) {
  if (anchor != Anchor::Left)
    at.x -= textWidth(text, size) * (anchor == Anchor::Center ? 0.5 : 1);
  double unit = size / glyphHeight;
  for (char character : text) {
    const Glyph &glyph = glyphOf(character);
    std::vector<std::vector<Point>> lines;
    for (const std::vector<Point> &stroke : glyph.strokes) {
      lines.emplace_back();
      for (Point p : stroke)
        lines.back().push_back({at.x + p.x * unit, at.y - p.y * unit});
    }
    strokes(lines, std::max(1.1, 0.13 * size), color, 1);
    at.x += (glyph.width + glyphGap) * unit;
  }
}

void Canvas::writePng(const std::string &path) const {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = png_uint_32(width);
  image.height = png_uint_32(height);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string contents(size, '\0');
  if (!png_image_write_to_memory(&image, contents.data(), &size, 0,
                                 pixels.data(), 0, nullptr))
    throw Error("cannot write '" + path + "': " + image.message);
  contents.resize(size);
  writeFileAtomically(path, contents);
}
