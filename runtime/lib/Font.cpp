//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Font.h"

#include <array>

using namespace pixelfly::rt;

namespace {
/// Strokes are separated by spaces; each is a list of points, x as a digit, y
/// as a letter ('a' is -4, 'e' the baseline, 'm' 8, 'q' 12). '~' rounds the
/// corners of the stroke that follows.
struct Source {
  char character;
  int width;
  const char *strokes;
};

constexpr Source sources[] = {
    {' ', 3, ""},
    {'0', 6, "~3q0q0e6e6q3q"},
    {'1', 6, "1n3q3e 1e5e"},
    {'2', 6, "~0n0q6q6k0g0e 0e6e"},
    {'3', 6, "~0o0q6q6k2k ~2k6k6e0e0g"},
    {'4', 6, "5e5q0h6h"},
    {'5', 6, "6q1q0k ~0k1l6m6e0e0g"},
    {'6', 6, "~5q2q0n0i ~3e0e0l6l6e3e"},
    {'7', 6, "0q6q2e"},
    {'8', 6, "~3q0q0k6k6q3q ~3k0k0e6e6k3k"},
    {'9', 6, "~3q6q6j0j0q3q ~1e4e6h6m"},
    {'.', 2, "1e1e"},
    {',', 2, "1f0c"},
    {':', 2, "1f1f 1l1l"},
    {';', 2, "1f0c 1l1l"},
    {'!', 2, "1q1i 1e1e"},
    {'?', 6, "~0n0q6q6k3k3i 3e3e"},
    {'\'', 2, "1q1n"},
    {'"', 4, "1q1n 3q3n"},
    {'#', 8, "2e3q 5e6q 0i8i 0m8m"},
    {'%', 8, "~2q0q0l4l4q2q 8q0e ~6j4j4e8e8j6j"},
    {'&', 8, "~8e2m2q5q5m0i0e6e7i"},
    {'*', 6, "0j6j 1m5g 5m1g"},
    {'/', 5, "0d5q"},
    {'\\', 5, "0q5d"},
    {'|', 2, "1d1r"},
    {'-', 5, "0j5j"},
    {'+', 6, "0j6j 3g3m"},
    {'=', 6, "0h6h 0l6l"},
    {'<', 6, "6n0j6f"},
    {'>', 6, "0n6j0f"},
    {'_', 6, "0d6d"},
    {'~', 6, "~0i2l4h6k"},
    {'(', 3, "~3r0n0g3c"},
    {')', 3, "~0r3n3g0c"},
    {'[', 3, "3r0r0c3c"},
    {']', 3, "0r3r3c0c"},
    {'A', 8, "0e4q8e 1h7h"},
    {'B', 8, "4k0k0q4q ~4q7q7k4k 0k0e4e ~4e8e8k4k"},
    {'C', 8, "~8n8q0q0e8e8h"},
    {'D', 8, "3e0e0q3q ~3q8q8e3e"},
    {'E', 7, "7q0q0e7e 0k6k"},
    {'F', 7, "7q0q0e 0k6k"},
    {'G', 8, "~8n8q0q0e8e8i 8i8k5k"},
    {'H', 8, "0e0q 8e8q 0k8k"},
    {'I', 2, "1e1q"},
    {'J', 6, "~0h0e6e6h 6h6q"},
    {'K', 8, "0e0q 7q0i 3l8e"},
    {'L', 7, "0q0e7e"},
    {'M', 8, "0e0q4i8q8e"},
    {'N', 8, "0e0q8e8q"},
    {'O', 8, "~4q0q0e8e8q4q"},
    {'P', 8, "0e0q4q ~4q8q8j4j 4j0j"},
    {'Q', 8, "~4q0q0e8e8q4q 5h8d"},
    {'R', 8, "0e0q4q ~4q8q8j4j 4j0j 4j8e"},
    {'S', 8, "~8n8q0q0k8k8e0e0h"},
    {'T', 8, "0q8q 4q4e"},
    {'U', 8, "0q0h ~0h0e8e8h 8h8q"},
    {'V', 8, "0q4e8q"},
    {'W', 8, "0q2e4n6e8q"},
    {'X', 8, "0q8e 8q0e"},
    {'Y', 8, "0q4k8q 4k4e"},
    {'Z', 8, "0q8q0e8e"},
    {'a', 6, "~3m0m0e6e6m3m 6m6e"},
    {'b', 6, "~3m0m0e6e6m3m 0q0e"},
    {'c', 6, "~6k6m0m0e6e6g"},
    {'d', 6, "~3m0m0e6e6m3m 6q6e"},
    {'e', 6, "0i6i ~6i6m0m0e6e6f"},
    {'f', 4, "~4q2q2n 2n2e 0m4m"},
    {'g', 6, "~3m0m0e6e6m3m 6m6d ~6d6a0a0b"},
    {'h', 6, "0q0e ~0i0m6m6i 6i6e"},
    {'i', 2, "1e1m 1p1p"},
    {'j', 3, "2m2c ~2c2a0a 2p2p"},
    {'k', 6, "0q0e 5m0h 2j6e"},
    {'l', 2, "1q1e"},
    {'m', 8, "0m0e ~0i0m4m4i 4i4e ~4i4m8m8i 8i8e"},
    {'n', 6, "0m0e ~0i0m6m6i 6i6e"},
    {'o', 6, "~3m0m0e6e6m3m"},
    {'p', 6, "~3m0m0e6e6m3m 0m0a"},
    {'q', 6, "~3m0m0e6e6m3m 6m6a"},
    {'r', 4, "0m0e ~0i0m4m"},
    {'s', 6, "~6l6m0m0i6i6e0e0f"},
    {'t', 4, "2p2g ~2g2e4e 0m4m"},
    {'u', 6, "0m0i ~0i0e6e6i 6m6e"},
    {'v', 6, "0m3e6m"},
    {'w', 8, "0m2e4m6e8m"},
    {'x', 6, "0m6e 6m0e"},
    {'y', 6, "0m3e 6m3e1a"},
    {'z', 6, "0m6m0e6e"},
};

bool same(Point a, Point b) { return a.x == b.x && a.y == b.y; }

/// Cuts each corner at a quarter of its sides, three times over (Chaikin). Open
/// strokes keep their ends.
std::vector<Point> rounded(std::vector<Point> points) {
  bool closed = same(points.front(), points.back());
  for (int round = 0; round < 3; ++round) {
    std::vector<Point> cut;
    if (!closed)
      cut.push_back(points.front());
    for (size_t i = 0; i + 1 < points.size(); ++i) {
      Point a = points[i], b = points[i + 1];
      cut.push_back({0.75 * a.x + 0.25 * b.x, 0.75 * a.y + 0.25 * b.y});
      cut.push_back({0.25 * a.x + 0.75 * b.x, 0.25 * a.y + 0.75 * b.y});
    }
    cut.push_back(closed ? cut.front() : points.back());
    points = std::move(cut);
  }
  return points;
}

Glyph parse(const Source &source) {
  Glyph glyph;
  glyph.width = source.width;
  const char *next = source.strokes;
  while (*next) {
    bool isRound = *next == '~';
    next += isRound;
    std::vector<Point> stroke;
    for (; *next && *next != ' '; next += 2)
      stroke.push_back({double(next[0] - '0'), double(next[1] - 'e')});
    next += *next == ' ';
    glyph.strokes.push_back(isRound ? rounded(std::move(stroke))
                                    : std::move(stroke));
  }
  return glyph;
}
} // namespace

const Glyph &pixelfly::rt::glyphOf(char character) {
  static const std::array<Glyph, 128> glyphs = [] {
    std::array<Glyph, 128> all;
    all.fill(parse({'\0', 6, "0e6e6q0q0e"}));
    for (const Source &source : sources)
      all[size_t(source.character)] = parse(source);
    return all;
  }();
  auto code = static_cast<unsigned char>(character);
  return glyphs[code < glyphs.size() ? code : 0];
}
