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
#include <functional>

using namespace pixelfly::rt;

namespace {
constexpr Color white{255, 255, 255}, ink{38, 42, 51}, grey{118, 124, 136};
constexpr Color grid{230, 233, 238}, train{47, 111, 183}, tested{222, 107, 31};

constexpr int pictureWidth = 1640, pictureHeight = 720;

/// One curve of a panel: values over epochs.
struct Series {
  std::vector<Point> raw, mean, test;
};

/// Values at the ends of an axis and between two ticks.
struct Axis {
  double low = 0, high = 1, tick = 1;
};

/// 1, 2 or 5 times a power of ten, so that `range` has about `count` ticks.
double niceTick(double range, int count) {
  double rough = range / count;
  double power = std::pow(10, std::floor(std::log10(rough)));
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * 0.999)
      return factor * power;
  return 10 * power;
}

Axis niceAxis(double low, double high, int ticks) {
  Axis axis;
  if (!(high > low))
    high = low + 1;
  axis.tick = niceTick(high - low, ticks);
  axis.low = std::floor(low / axis.tick + 1e-9) * axis.tick;
  axis.high = std::ceil(high / axis.tick - 1e-9) * axis.tick;
  return axis;
}

std::string number(double value, const char *pattern) {
  char text[32];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

/// The mean over the last `window` values.
std::vector<Point> movingMean(const std::vector<Point> &values, size_t window) {
  std::vector<Point> result;
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += values[i].y;
    if (i >= window)
      sum -= values[i - window].y;
    result.push_back({values[i].x, sum / double(std::min(i + 1, window))});
  }
  return result;
}

Series makeSeries(const MetricsHistory &history, int64_t stepsPerEpoch,
                  const std::function<double(const StepMetrics &)> &ofStep,
                  const std::function<double(const TestMetrics &)> &ofTest) {
  Series series;
  for (const StepMetrics &step : history.steps)
    series.raw.push_back(
        {double(step.step) / double(stepsPerEpoch), ofStep(step)});
  series.mean =
      movingMean(series.raw, std::max<size_t>(1, history.steps.size() / 50));
  for (const TestMetrics &test : history.tests)
    series.test.push_back(
        {double(test.step) / double(stepsPerEpoch), ofTest(test)});
  return series;
}

/// Draws one panel: axes, grid, curves, legend.
class Panel {
public:
  Panel(Canvas &canvas, Rectangle area, Axis x, Axis y)
      : canvas(canvas), area(area), x(x), y(y) {}

  void drawAxes(const char *title, const char *unit) {
    canvas.text(title, {area.left, area.top - 18}, 17, ink);
    // Enough digits to tell neighbouring ticks apart.
    int digits = std::max(0, int(-std::floor(std::log10(y.tick) + 1e-9)));
    for (double value = y.low; value < y.high + y.tick / 2; value += y.tick) {
      double at = place({0, value}).y;
      canvas.line({{area.left, at}, {area.right, at}}, 1.2, grid);
      std::string label =
          number(value, ("%." + std::to_string(digits) + "f").c_str());
      canvas.text(label + unit, {area.left - 12, at + 6}, 12, grey,
                  Anchor::Right);
    }
    for (double value = x.low; value < x.high + x.tick / 2; value += x.tick) {
      double at = place({value, 0}).x;
      canvas.line({{at, area.top}, {at, area.bottom}}, 1.2, grid);
      canvas.line({{at, area.bottom}, {at, area.bottom + 6}}, 1.5, grey);
      canvas.text(number(value, "%g"), {at, area.bottom + 26}, 12, grey,
                  Anchor::Center);
    }
    canvas.text("epoch", {(area.left + area.right) / 2, area.bottom + 54}, 13,
                grey, Anchor::Center);
    canvas.line({{area.left, area.top},
                 {area.left, area.bottom},
                 {area.right, area.bottom}},
                1.8, grey);
  }

  void drawSeries(const Series &series) {
    // A little over the edge, for the points at the ends.
    canvas.setClip({area.left, area.top - 8, area.right + 8, area.bottom});
    canvas.line(placed(series.raw), 1.0, train, 0.28);
    canvas.line(placed(series.mean), 3.0, train);
    if (series.test.size() > 1)
      canvas.line(placed(series.test), 2.4, tested);
    // Smaller points when there are many.
    double spacing = (area.right - area.left) / double(series.test.size() + 1);
    double radius = std::clamp(spacing / 3, 2.0, 5.5);
    for (Point p : placed(series.test)) {
      canvas.disc(p, radius + 1.5, white);
      canvas.disc(p, radius, tested);
    }
    canvas.clearClip();
  }

  /// Two lines of text in the upper or lower right corner.
  void drawLegend(bool atTop, const std::string &trainText,
                  const std::string &testText) {
    double width =
        50 + std::max(textWidth(trainText, 13), textWidth(testText, 13));
    double left = area.right - width - 24;
    double top = atTop ? area.top + 16 : area.bottom - 88;
    canvas.fill({left - 14, top - 4, area.right - 10, top + 64}, white, 0.88);
    canvas.line({{left, top + 16}, {left + 34, top + 16}}, 3.0, train);
    canvas.text(trainText, {left + 48, top + 22}, 13, ink);
    canvas.line({{left, top + 44}, {left + 34, top + 44}}, 2.4, tested);
    canvas.disc({left + 17, top + 44}, 5.5, tested);
    canvas.text(testText, {left + 48, top + 50}, 13, ink);
  }

private:
  Point place(Point p) const {
    return {area.left +
                (p.x - x.low) / (x.high - x.low) * (area.right - area.left),
            area.bottom -
                (p.y - y.low) / (y.high - y.low) * (area.bottom - area.top)};
  }

  /// The points that are numbers, in pixels.
  std::vector<Point> placed(const std::vector<Point> &points) const {
    std::vector<Point> result;
    for (Point p : points)
      if (std::isfinite(p.y)) {
        Point q = place(p);
        q.y = std::clamp(q.y, area.top - 1000, area.bottom + 1000);
        result.push_back(q);
      }
    return result;
  }

  Canvas &canvas;
  Rectangle area;
  Axis x, y;
};

/// Smallest and largest value that the picture should show in full.
void include(const std::vector<Point> &points, double &low, double &high) {
  for (Point p : points)
    if (std::isfinite(p.y)) {
      low = std::min(low, p.y);
      high = std::max(high, p.y);
    }
}
} // namespace

void pixelfly::rt::drawTrainingCurves(const std::string &path,
                                      const std::string &title,
                                      const MetricsHistory &history,
                                      int64_t stepsPerEpoch) {
  Canvas canvas(pictureWidth, pictureHeight, white);
  canvas.text(title, {90, 56}, 22, ink);
  double epochs = 0;
  if (!history.steps.empty())
    epochs = double(history.steps.back().step) / double(stepsPerEpoch);
  Axis x = niceAxis(0, std::max(epochs, 1e-3), 8);
  x.high = std::max(epochs, 1e-3); // the curve fills the panel

  Series loss = makeSeries(
      history, stepsPerEpoch, [](const StepMetrics &s) { return s.loss; },
      [](const TestMetrics &t) { return t.loss; });
  double low = 0, high = 1e-3;
  include(loss.mean, low, high);
  include(loss.test, low, high);
  Panel left(canvas, {90, 130, 780, 620}, x, niceAxis(low, high, 6));
  left.drawAxes("loss", "");
  left.drawSeries(loss);

  Series accuracy = makeSeries(
      history, stepsPerEpoch,
      [](const StepMetrics &s) { return 100 * s.accuracy; },
      [](const TestMetrics &t) { return 100 * t.accuracy; });
  low = 100, high = 0;
  include(accuracy.mean, low, high);
  include(accuracy.test, low, high);
  // The first steps are guesses; what matters is where the curve goes.
  low = std::min(low + 0.15 * (high - low), high - 1);
  Axis y = niceAxis(std::max(0.0, low), 100, 7);
  Panel right(canvas, {910, 130, 1600, 620}, x, y);
  right.drawAxes("accuracy", " %");
  right.drawSeries(accuracy);

  if (!history.steps.empty()) {
    auto last = [](const Series &series, const char *pattern) {
      return series.test.empty() ? std::string()
                                 : number(series.test.back().y, pattern);
    };
    left.drawLegend(true, "training, " + number(loss.mean.back().y, "%.3f"),
                    "test, " + last(loss, "%.3f"));
    right.drawLegend(false,
                     "training, " + number(accuracy.mean.back().y, "%.1f %%"),
                     "test, " + last(accuracy, "%.2f %%"));
  } else {
    canvas.text("no training steps yet", {430, 380}, 16, grey, Anchor::Center);
  }
  canvas.writePng(path);
}
