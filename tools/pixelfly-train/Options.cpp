//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Schedule.h"

#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <vector>

using namespace pixelfly::rt;

const char *const pixelfly::rt::helpText =
    R"(pixelfly-train: trains a model that pixelfly-compile has compiled

usage: pixelfly-train ARTIFACT --out=RUN [options]
       pixelfly-train --compare RUN1 RUN2

ARTIFACT is the directory that pixelfly-compile -o wrote. RUN is a directory that
must not exist yet; it receives metrics.jsonl (one line a step), checkpoints/
(safetensors), curves.png, patterns.png and summary.json.

what to train
  --out=RUN              where the run is written
  --data=NAME|DIRECTORY  fashion-mnist (default; Debian's dataset-fashion-mnist),
                         or a directory with IDX files named as MNIST's
  --epochs=N             times the training data is seen
  --seed=S               determines initial parameters and order of examples
                         (default 0); the same seed gives the same bits
how to train (defaults come from the artifact)
  --learning-rate=R      the largest learning rate
  --warmup-epochs=E      linear warm-up at the start, may be a fraction
  --schedule=KIND        after the warm-up: cosine, linear or constant
interrupting and resuming
  --resume               go on from the newest checkpoint in RUN; gives the same
                         bits as a run that was not interrupted
  --checkpoint-every=N   also write a checkpoint every N steps (there is one after
                         each epoch); the newest two are kept
  --steps=N              stop, with a checkpoint, after N steps in all
  Ctrl-C finishes the step, writes a checkpoint and exits with status 130.
machine
  --device=cpu|cuda[:N]  what to train on; must be what the artifact was compiled
                         for, which is also the default. N: which GPU (0)
  --threads=N            threads of the compiled code (default: all cores); the
                         results do not depend on it
  --check-kernels        on a GPU: wait after every kernel, so that one that
                         fails is named; much slower
other
  --compare RUN1 RUN2    print a table of two finished runs
  --help, --version

examples
  pixelfly-train mixer.pfa --epochs=3 --seed=1 --out=runs/mixer
  pixelfly-train mixer.pfa --out=runs/mixer --resume
)";

namespace {
const char *const seeHelp = "see pixelfly-train --help";

[[noreturn]] void failValue(const std::string &option, const std::string &value,
                            const std::string &expected) {
  throw Error(option + "=" + value + ": expected " + expected, seeHelp);
}

int64_t parseInteger(const std::string &option, const std::string &value,
                     int64_t minimum, int64_t maximum) {
  char *end = nullptr;
  errno = 0;
  long long number = std::strtoll(value.c_str(), &end, 10);
  if (value.empty() || std::isspace((unsigned char)value[0]) || *end ||
      errno != 0 || number < minimum || number > maximum)
    failValue(option, value,
              "an integer from " + std::to_string(minimum) + " to " +
                  std::to_string(maximum));
  return number;
}

double parseNumber(const std::string &option, const std::string &value,
                   bool allowZero) {
  char *end = nullptr;
  double number = std::strtod(value.c_str(), &end);
  if (value.empty() || std::isspace((unsigned char)value[0]) || *end ||
      !std::isfinite(number) || number < 0 || (number == 0 && !allowZero))
    failValue(option, value,
              allowZero ? "a number that is not negative"
                        : "a positive number");
  return number;
}

ScheduleKind parseSchedule(const std::string &option,
                           const std::string &value) {
  for (ScheduleKind kind :
       {ScheduleKind::Cosine, ScheduleKind::Linear, ScheduleKind::Constant})
    if (value == nameOf(kind))
      return kind;
  failValue(option, value, "cosine, linear or constant");
}

DeviceChoice parseDevice(const std::string &option, const std::string &value) {
  DeviceChoice choice;
  if (value == "cpu") {
    choice.kind = DeviceKind::CPU;
    return choice;
  }
  choice.kind = DeviceKind::CUDA;
  const std::string prefix = "cuda:";
  if (value.rfind(prefix, 0) == 0)
    choice.ordinal =
        int(parseInteger(option, value.substr(prefix.size()), 0, 1023));
  else if (value != "cuda")
    failValue(option, value, "cpu, cuda or cuda:N");
  return choice;
}

/// An option that takes a value, and what to do with it.
struct ValueOption {
  const char *name;
  std::function<void(const std::string &option, const std::string &value)> set;
};

std::vector<ValueOption> valueOptions(TrainOptions &train) {
  constexpr int64_t most = int64_t(1) << 30;
  using String = const std::string &;
  return {
      {"--out", [&](String, String value) { train.out = value; }},
      {"--data", [&](String, String value) { train.data = value; }},
      {"--epochs",
       [&](String option, String value) {
         train.epochs = parseInteger(option, value, 1, 1000000);
       }},
      {"--seed",
       [&](String option, String value) {
         train.seed = parseInteger(option, value, 0, INT64_MAX);
       }},
      {"--learning-rate",
       [&](String option, String value) {
         train.learningRate = parseNumber(option, value, false);
       }},
      {"--warmup-epochs",
       [&](String option, String value) {
         train.warmupEpochs = parseNumber(option, value, true);
       }},
      {"--schedule",
       [&](String option, String value) {
         train.schedule = parseSchedule(option, value);
       }},
      {"--device",
       [&](String option, String value) {
         train.device = parseDevice(option, value);
       }},
      {"--threads",
       [&](String option, String value) {
         train.threads = int(parseInteger(option, value, 1, 4096));
       }},
      {"--steps",
       [&](String option, String value) {
         train.steps = parseInteger(option, value, 1, most);
       }},
      {"--checkpoint-every",
       [&](String option, String value) {
         train.checkpointEvery = parseInteger(option, value, 1, most);
       }},
  };
}
} // namespace

CommandLine pixelfly::rt::parseCommandLine(int argc, char **argv) {
  CommandLine result;
  std::vector<ValueOption> options = valueOptions(result.train);
  std::vector<std::string> positional;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument.empty() || argument[0] != '-') {
      positional.push_back(argument);
      continue;
    }
    size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    bool hasValue = equals != std::string::npos;
    bool isFlag = true;
    if (argument == "--help" || argument == "-h") {
      result.command = Command::Help;
      return result;
    }
    if (argument == "--version")
      result.command = Command::Version;
    else if (argument == "--resume")
      result.train.resume = true;
    else if (argument == "--check-kernels")
      result.train.checkKernels = true;
    else if (argument == "--compare")
      result.command = Command::Compare;
    else
      isFlag = false;
    if (isFlag)
      continue;

    const ValueOption *found = nullptr;
    for (const ValueOption &option : options)
      if (name == option.name)
        found = &option;
    if (!found)
      throw Error("unknown option '" + argument + "'", seeHelp);
    // Both --option=value and --option value.
    if (!hasValue && i + 1 == argc)
      throw Error(name + " needs a value: " + name + "=...", seeHelp);
    std::string value = hasValue ? argument.substr(equals + 1) : argv[++i];
    if (value.empty())
      throw Error(name + " needs a value: " + name + "=...", seeHelp);
    found->set(name, value);
  }

  if (result.command == Command::Version)
    return result;
  if (result.command == Command::Compare) {
    if (positional.size() != 2)
      throw Error("--compare takes two runs, but " +
                      std::to_string(positional.size()) + " were given",
                  seeHelp);
    result.compareFirst = positional[0];
    result.compareSecond = positional[1];
    return result;
  }
  if (positional.size() != 1)
    throw Error(positional.empty()
                    ? "no artifact was given"
                    : "one artifact is trained at a time, but also '" +
                          positional[1] + "' was given",
                seeHelp);
  if (result.train.out.empty())
    throw Error("--out=RUN is missing: the directory to write to", seeHelp);
  result.train.artifact = positional[0];
  return result;
}
