//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Progress.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace pixelfly::rt;

static bool localeIsUnicode() {
  for (const char *name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const char *value = std::getenv(name); value && *value)
      return std::strstr(value, "UTF-8") || std::strstr(value, "utf8");
  return false;
}

std::string pixelfly::rt::formatDuration(double seconds) {
  auto whole = std::llround(std::clamp(seconds, 0.0, 3.6e8));
  char text[32];
  if (whole >= 3600)
    std::snprintf(text, sizeof(text), "%lld:%02lld:%02lld", whole / 3600,
                  whole / 60 % 60, whole % 60);
  else
    std::snprintf(text, sizeof(text), "%lld:%02lld", whole / 60, whole % 60);
  return text;
}

Progress::Progress(std::FILE *stream, int64_t examplesPerStep)
    : stream(stream), examplesPerStep(examplesPerStep),
      isTerminal(::isatty(::fileno(stream)) != 0),
      isUnicode(localeIsUnicode()) {}

double Progress::throughput() const {
  return secondsPerStep > 0 ? double(examplesPerStep) / secondsPerStep : 0;
}

void Progress::start() { lastStep = Clock::now(); }

void Progress::step(const ProgressValues &values) {
  Clock::time_point now = Clock::now();
  double seconds = std::chrono::duration<double>(now - lastStep).count();
  // A plain mean at first, then over about the last hundred steps.
  ++stepsSeen;
  double weight = 1.0 / double(std::min<int64_t>(stepsSeen, 100));
  secondsPerStep += weight * (seconds - secondsPerStep);
  lastStep = now;

  bool endsEpoch = values.position == values.steps;
  if (isTerminal) {
    if (!endsEpoch && barShown &&
        now - lastDrawn < std::chrono::milliseconds(100))
      return;
    lastDrawn = now;
    drawBar(values);
    return;
  }
  int64_t interval = std::max<int64_t>(1, values.steps / 10);
  if (values.position % interval != 0 && !endsEpoch)
    return;
  std::fprintf(
      stream,
      "epoch %lld/%lld  step %lld/%lld  loss %.4f  accuracy %.2f %%  "
      "%.0f images/s  %s left\n",
      (long long)values.epoch, (long long)values.epochs,
      (long long)values.position, (long long)values.steps, values.loss,
      100 * values.accuracy, throughput(),
      formatDuration(secondsPerStep * double(values.stepsLeft)).c_str());
  std::fflush(stream);
}

void Progress::drawBar(const ProgressValues &values) {
  char head[64], tail[160];
  std::snprintf(head, sizeof(head), "epoch %lld/%lld ", (long long)values.epoch,
                (long long)values.epochs);
  std::snprintf(
      tail, sizeof(tail),
      " %3.0f %%  loss %.4f  accuracy %.2f %%  %.0f images/s  %s left",
      100.0 * double(values.position) / double(values.steps), values.loss,
      100 * values.accuracy, throughput(),
      formatDuration(secondsPerStep * double(values.stepsLeft)).c_str());
  winsize window = {};
  int columns = 80;
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
    columns = window.ws_col;
  int width = columns - 1 - int(std::strlen(head)) - int(std::strlen(tail));
  width = std::min(width, 40);
  std::string bar;
  if (width >= 4) {
    auto full =
        int(double(width) * double(values.position) / double(values.steps));
    for (int i = 0; i < width; ++i)
      bar += i < full ? (isUnicode ? "\u2501" : "#")
                      : (isUnicode ? "\u2500" : "-");
  }
  std::fprintf(stream, "\r\033[K%s%s%s", head, bar.c_str(), tail);
  std::fflush(stream);
  barShown = true;
}

void Progress::clearBar() {
  if (barShown)
    std::fputs("\r\033[K", stream);
  barShown = false;
}

void Progress::line(const std::string &text) {
  clearBar();
  std::fprintf(stream, "%s\n", text.c_str());
  std::fflush(stream);
}
