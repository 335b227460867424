//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Summary.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"
#include "pixelfly-rt/Json.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

using namespace pixelfly::rt;

void pixelfly::rt::writeSummary(const std::string &path,
                                const Summary &summary) {
  nlohmann::ordered_json json = {
      {"format", "pixelfly-summary"},
      {"version", 1},
      {"model", summary.model},
      {"artifact", summary.artifact},
      {"seed", summary.seed},
      {"threads", summary.threads},
      {"batch", summary.batch},
      {"epochs", summary.epochs},
      {"steps", summary.steps},
      {"parameters", summary.parameters},
      {"multiply_adds", summary.multiplyAdds},
      {"step_milliseconds", summary.stepMilliseconds},
      {"mean_step_milliseconds", summary.meanStepMilliseconds},
      {"seconds", summary.seconds},
      {"test_loss", summary.testLoss},
      {"test_accuracy", summary.testAccuracy},
      {"memory",
       {{"parameters", summary.memory.parameters},
        {"state", summary.memory.state},
        {"arena", summary.memory.arena},
        {"batch", summary.memory.batch},
        {"total", summary.memory.total()},
        {"needed", summary.neededBytes}}},
      {"resident_bytes", summary.residentBytes}};
  writeFileAtomically(path, json.dump(2) + "\n");
}

Summary pixelfly::rt::readSummary(const std::string &runDirectory) {
  std::string file = runDirectory + "/summary.json";
  if (!exists(file))
    throw Error(exists(runDirectory) ? "the run '" + runDirectory +
                                           "' is not finished: it has "
                                           "no summary.json"
                                     : "there is no run '" + runDirectory + "'",
                "give the directory of a finished run; --resume finishes one");
  nlohmann::json json = parseJson(readFile(file), file, "");
  JsonValue root(json, file);
  if (root.at("format").asString() != "pixelfly-summary")
    root.at("format").fail("this is no summary of a run");
  root.at("version").asInteger(1, 1);
  Summary summary;
  summary.model = root.at("model").asString();
  summary.artifact = root.at("artifact").asString();
  summary.seed = root.at("seed").asInteger(0, INT64_MAX);
  summary.threads = root.at("threads").asInteger(0, INT64_MAX);
  summary.batch = root.at("batch").asInteger(1, INT64_MAX);
  summary.epochs = root.at("epochs").asInteger(0, INT64_MAX);
  summary.steps = root.at("steps").asInteger(0, INT64_MAX);
  summary.parameters = root.at("parameters").asInteger(0, INT64_MAX);
  summary.multiplyAdds = root.at("multiply_adds").asInteger(0, INT64_MAX);
  summary.stepMilliseconds = root.at("step_milliseconds").asNumber();
  summary.meanStepMilliseconds = root.at("mean_step_milliseconds").asNumber();
  summary.seconds = root.at("seconds").asNumber();
  summary.testLoss = root.at("test_loss").asNumber();
  summary.testAccuracy = root.at("test_accuracy").asNumber();
  JsonValue memory = root.at("memory");
  constexpr int64_t most = int64_t(1) << 60;
  summary.memory.parameters = memory.at("parameters").asInteger(0, most);
  summary.memory.state = memory.at("state").asInteger(0, most);
  summary.memory.arena = memory.at("arena").asInteger(0, most);
  summary.memory.batch = memory.at("batch").asInteger(0, most);
  summary.neededBytes = memory.at("needed").asInteger(0, most);
  summary.residentBytes = root.at("resident_bytes").asInteger(0, most);
  return summary;
}

std::string pixelfly::rt::formatCount(int64_t count) {
  std::string digits = std::to_string(count);
  for (auto i = int64_t(digits.size()) - 3; i > 0; i -= 3)
    digits.insert(size_t(i), " ");
  return digits;
}

std::string pixelfly::rt::formatBytes(int64_t bytes) {
  const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
  auto size = double(bytes);
  int unit = 0;
  while (size >= 1000 && unit < 4) {
    size /= 1000;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof(text), unit ? "%.1f %s" : "%.0f %s", size,
                units[unit]);
  return text;
}

static std::string format(const char *pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

static std::string ratio(double first, double second) {
  return first > 0 ? format("%.2fx", second / first) : "-";
}

std::string pixelfly::rt::compareRuns(const std::string &first,
                                      const std::string &second) {
  Summary a = readSummary(first), b = readSummary(second);
  auto nameOf = [](const std::string &path) {
    std::filesystem::path directory =
        std::filesystem::absolute(path).lexically_normal();
    // "run/" has an empty file name.
    return (directory.has_filename() ? directory : directory.parent_path())
        .filename()
        .string();
  };
  std::string nameA = nameOf(first), nameB = nameOf(second);

  std::string rows[][4] = {
      {"", nameA, nameB, nameB + " / " + nameA},
      {"parameters", formatCount(a.parameters), formatCount(b.parameters),
       ratio(double(a.parameters), double(b.parameters))},
      {"multiply-adds an example", formatCount(a.multiplyAdds),
       formatCount(b.multiplyAdds),
       ratio(double(a.multiplyAdds), double(b.multiplyAdds))},
      {"time a step (median)", format("%.2f ms", a.stepMilliseconds),
       format("%.2f ms", b.stepMilliseconds),
       ratio(a.stepMilliseconds, b.stepMilliseconds)},
      {"test accuracy", format("%.2f %%", 100 * a.testAccuracy),
       format("%.2f %%", 100 * b.testAccuracy),
       format("%+.2f points", 100 * (b.testAccuracy - a.testAccuracy))},
      {"peak memory", formatBytes(a.memory.total()),
       formatBytes(b.memory.total()),
       ratio(double(a.memory.total()), double(b.memory.total()))},
  };
  size_t widths[4] = {};
  for (const auto &row : rows)
    for (int i = 0; i < 4; ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string table;
  for (const auto &row : rows) {
    for (int i = 0; i < 4; ++i) {
      std::string padding(widths[i] - row[i].size(), ' ');
      table += i == 0 ? row[i] + padding : "   " + padding + row[i];
    }
    table += "\n";
    if (&row == &rows[0])
      table +=
          std::string(widths[0] + widths[1] + widths[2] + widths[3] + 9, '-') +
          "\n";
  }
  return table;
}
