//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Metrics.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"

#include "nlohmann/json.hpp"

#include <cerrno>
#include <sstream>
#include <unistd.h>

using namespace pixelfly::rt;
using nlohmann::ordered_json;

static std::string lineOf(const StepMetrics &metrics) {
  return ordered_json({{"event", "step"},
                       {"step", metrics.step},
                       {"epoch", metrics.epoch},
                       {"loss", metrics.loss},
                       {"accuracy", metrics.accuracy},
                       {"learning_rate", metrics.learningRate},
                       {"gradient_norm", metrics.gradientNorm},
                       {"milliseconds", metrics.milliseconds}})
             .dump() +
         "\n";
}

static std::string lineOf(const TestMetrics &metrics) {
  return ordered_json({{"event", "test"},
                       {"step", metrics.step},
                       {"epoch", metrics.epoch},
                       {"loss", metrics.loss},
                       {"accuracy", metrics.accuracy}})
             .dump() +
         "\n";
}

/// Adds one line to `history`; false if it is not one of ours.
static bool parseLine(const std::string &line, MetricsHistory &history) {
  nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object())
    return false;
  auto number = [&](const char *name) {
    auto found = json.find(name);
    return found != json.end() && found->is_number() ? found->get<double>() : 0;
  };
  auto integer = [&](const char *name) { return int64_t(number(name)); };
  auto event = json.find("event");
  if (event == json.end() || std::abs(number("step")) > 1e15 ||
      std::abs(number("epoch")) > 1e15)
    return false;
  if (*event == "step")
    history.steps.push_back({integer("step"), integer("epoch"), number("loss"),
                             number("accuracy"), number("learning_rate"),
                             number("gradient_norm"), number("milliseconds")});
  else if (*event == "test")
    history.tests.push_back({integer("step"), integer("epoch"), number("loss"),
                             number("accuracy")});
  return true;
}

MetricsHistory pixelfly::rt::readMetrics(const std::string &path) {
  MetricsHistory history;
  if (!exists(path))
    return history;
  std::istringstream lines(readFile(path));
  for (std::string line; std::getline(lines, line);)
    if (!parseLine(line, history))
      break;
  return history;
}

MetricsFile::MetricsFile(std::string pathOfFile, int64_t lastStep)
    : path(std::move(pathOfFile)) {
  MetricsHistory history = readMetrics(path);
  std::string kept;
  size_t nextTest = 0;
  for (const StepMetrics &step : history.steps) {
    if (step.step > lastStep)
      break;
    kept += lineOf(step);
    for (; nextTest < history.tests.size() &&
           history.tests[nextTest].step <= step.step;
         ++nextTest)
      kept += lineOf(history.tests[nextTest]);
  }
  writeFileAtomically(path, kept);
  file = std::fopen(path.c_str(), "ae");
  if (!file)
    throw systemError("cannot open '" + path + "'", errno);
}

MetricsFile::~MetricsFile() { std::fclose(file); }

void MetricsFile::write(const StepMetrics &metrics) {
  writeLine(lineOf(metrics));
}

void MetricsFile::write(const TestMetrics &metrics) {
  writeLine(lineOf(metrics));
}

void MetricsFile::writeLine(const std::string &line) {
  // Flushed line by line, so that others can watch the file grow.
  if (std::fwrite(line.data(), 1, line.size(), file) != line.size() ||
      std::fflush(file) != 0)
    throw systemError("cannot write '" + path + "'", errno);
}

void MetricsFile::sync() {
  if (::fsync(::fileno(file)) != 0)
    throw systemError("cannot write '" + path + "'", errno);
}
