//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Canvas.h"
#include "pixelfly-rt/Pictures.h"

#include <algorithm>
#include <cmath>

using namespace pixelfly::rt;

namespace {
constexpr Color white{255, 255, 255}, ink{38, 42, 51}, grey{118, 124, 136};
constexpr Color empty{241, 243, 246};
/// Own cell, then the butterfly factors in order; repeated when there are more.
constexpr Color factorColors[] = {
    {35, 63, 122},  {47, 128, 193}, {39, 161, 145}, {124, 176, 66},
    {232, 174, 47}, {225, 106, 45}, {192, 57, 95},  {126, 72, 158},
};
constexpr double panelSide = 250, panelGap = 46, textHeight = 74;

Color colorOf(int64_t factor) {
  return factorColors[size_t(factor) % std::size(factorColors)];
}

std::string number(const char *pattern, double value) {
  char text[32];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

/// "blocks.0.channel.fc1.weight" without its last part.
std::string layerOf(const Parameter &parameter) {
  return parameter.name.substr(0, parameter.name.rfind('.'));
}

/// Rank of the low-rank part beside the sparse matrix, 0 if there is none.
int64_t rankOf(const Manifest &manifest, const Parameter &parameter) {
  for (const Parameter &other : manifest.parameters)
    if (other.name == layerOf(parameter) + ".u" && other.shape.size() == 2)
      return std::min(other.shape[0], other.shape[1]);
  return 0;
}

/// Text that is made smaller rather than wider than the panel.
void fittedText(Canvas &canvas, const std::string &text, Point at, double size,
                Color color) {
  double width = textWidth(text, size);
  canvas.text(text, at, width > panelSide ? size * panelSide / width : size,
              color);
}

void drawPanel(Canvas &canvas, Point at, const Manifest &manifest,
               const Parameter &parameter) {
  const Pattern &pattern = *parameter.pattern;
  fittedText(canvas, layerOf(parameter), {at.x, at.y + 14}, 14, ink);
  int64_t rank = rankOf(manifest, parameter);
  fittedText(canvas,
             std::to_string(parameter.rows) + " x " +
                 std::to_string(parameter.cols) + ", blocks of " +
                 std::to_string(pattern.block),
             {at.x, at.y + 37}, 11, grey);
  fittedText(canvas,
             number("density %.1f %%", 100 * parameter.density()) +
                 (rank ? ", rank " + std::to_string(rank) : ", no low rank"),
             {at.x, at.y + 57}, 11, grey);
  at.y += textHeight;

  int64_t rows = pattern.blockRows(), cols = pattern.blockCols();
  double side = panelSide / double(std::max(rows, cols));
  // Whole pixels keep the squares equal, as long as there are enough of them.
  if (side >= 2)
    side = std::floor(side);
  canvas.fill(
      {at.x, at.y, at.x + side * double(cols), at.y + side * double(rows)},
      empty);
  double gap = side >= 5 ? 1 : 0;
  // Pixels that several blocks share take the mean of their colours by area.
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t col = 0; col < cols; ++col)
      if (int64_t factor = pattern.factorOf(row, col); factor >= 0) {
        double x = at.x + side * double(col), y = at.y + side * double(row);
        canvas.fill({x, y, x + side - gap, y + side - gap}, colorOf(factor));
      }
}

/// What the colours mean, for the largest number of factors in the model.
void drawLegend(Canvas &canvas, Point at,
                const std::vector<const Parameter *> &layers) {
  int64_t factors = 0;
  for (const Parameter *layer : layers)
    factors = std::max(factors, layer->pattern->factors);
  if (factors == 0)
    return; // one colour needs no explanation
  for (int64_t factor = 0; factor <= factors; ++factor) {
    std::string text =
        factor == 0 ? "diagonal" : "factor " + std::to_string(factor);
    canvas.fill({at.x, at.y - 12, at.x + 14, at.y + 2}, colorOf(factor));
    canvas.text(text, {at.x + 22, at.y}, 11, grey);
    at.x += 22 + textWidth(text, 11) + 28;
  }
}
} // namespace

void pixelfly::rt::drawPatterns(const std::string &path,
                                const Manifest &manifest) {
  std::vector<const Parameter *> layers;
  // A picture of more panels is not looked at, and panels of huge patterns take
  // long to draw.
  constexpr size_t mostPanels = 64;
  constexpr int64_t mostBlocks = int64_t(1) << 24;
  for (const Parameter &parameter : manifest.parameters)
    if (parameter.pattern && layers.size() < mostPanels &&
        parameter.pattern->blockRows() * parameter.pattern->blockCols() <=
            mostBlocks)
      layers.push_back(&parameter);

  size_t count = std::max<size_t>(layers.size(), 1);
  auto columns = size_t(std::ceil(std::sqrt(double(count) * 1.7)));
  columns = std::max<size_t>(std::min(columns, count), 2);
  size_t rows = (count + columns - 1) / columns;
  double panelHeight = textHeight + panelSide + panelGap;
  constexpr double margin = 50, head = 120;
  Canvas canvas(
      int(2 * margin - panelGap + double(columns) * (panelSide + panelGap)),
      int(head + double(rows) * panelHeight), white);
  canvas.text(manifest.model, {margin, 56}, 22, ink);
  if (layers.empty())
    canvas.text("no layer is sparse", {margin, 120}, 16, grey);
  else
    drawLegend(canvas, {margin, 90}, layers);
  for (size_t i = 0; i < layers.size(); ++i)
    drawPanel(canvas,
              {margin + double(i % columns) * (panelSide + panelGap),
               head + double(i / columns) * panelHeight},
              manifest, *layers[i]);
  canvas.writePng(path);
}
