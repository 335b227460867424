//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The built-in font: letters made of strokes, so that they are smooth in every
// size. Characters it does not have are drawn as a box.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_LIB_FONT_H
#define PIXELFLY_RT_LIB_FONT_H

#include "pixelfly-rt/Canvas.h"

#include <vector>

namespace pixelfly::rt {

/// A character on a grid where the baseline is y = 0 (upwards), small letters
/// are 8 high and capitals 12.
struct Glyph {
  double width = 0;
  std::vector<std::vector<Point>> strokes;
};

const Glyph &glyphOf(char character);

/// Space between two characters, and height of capitals, in grid units.
constexpr double glyphGap = 3;
constexpr double glyphHeight = 12;

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_LIB_FONT_H
