//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Trainer.h"
#include "pixelfly-rt/Artifact.h"
#include "pixelfly-rt/Checkpoint.h"
#include "pixelfly-rt/Classifier.h"
#include "pixelfly-rt/Dataset.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"
#include "pixelfly-rt/Metrics.h"
#include "pixelfly-rt/Pictures.h"
#include "pixelfly-rt/Progress.h"
#include "pixelfly-rt/Random.h"
#include "pixelfly-rt/Signals.h"
#include "pixelfly-rt/Summary.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <numeric>
#include <sys/resource.h>
#include <sys/stat.h>

#ifdef __SSE__
#include <xmmintrin.h>
#endif

using namespace pixelfly::rt;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

static std::string format(const char *pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

namespace {
class Trainer {
public:
  Trainer(const TrainOptions &options, std::FILE *output);
  TrainResult run();

private:
  // Before the first step.
  RunState describeRun() const;
  void startNew();
  void resume();
  void applyChanges(RunState &state);
  void printHead();
  int64_t neededBytes() const;

  // Training.
  void trainEpochs();
  bool shouldStop() const;
  int64_t nextPause(int64_t end) const;
  void trainUpTo(int64_t pause, const std::vector<uint32_t> &order);
  void finishStep();
  void testEpoch();
  void saveCheckpoint();
  [[noreturn]] void reportDivergence(const char *what, double value);
  void finish();
  void drawCurves();

  std::string inRun(const char *name) const { return options.out + "/" + name; }

  const TrainOptions &options;
  Artifact artifact;
  const Manifest &manifest;
  Dataset dataset;
  Classifier classifier;
  Checkpoints checkpoints;
  Progress progress;
  RunState state;
  Schedule schedule;
  std::unique_ptr<MetricsFile> metrics;
  int64_t savedStep = -1;
  TestMetrics lastTest;
  Clock::time_point started = Clock::now();
};
} // namespace

static Dataset loadFitting(const std::string &data, const Manifest &manifest) {
  checkTakesImages(manifest);
  Dataset dataset = loadDataset(data);
  checkFits(dataset, manifest);
  return dataset;
}

Trainer::Trainer(const TrainOptions &options, std::FILE *output)
    : options(options), artifact(options.artifact, options.device),
      manifest(artifact.getManifest()),
      dataset(loadFitting(options.data, manifest)),
      classifier(artifact, options.checkKernels),
      checkpoints(options.out + "/checkpoints", manifest,
                  classifier.getExecutor()),
      progress(output, manifest.batch) {
  if (options.threads > 0)
    artifact.setThreads(options.threads);
  if (!manifest.target.cpu.empty())
    explainIllegalInstruction(
        "pixelfly-train: error: this processor does not have an instruction "
        "that the artifact uses; it was compiled for '" +
        manifest.target.cpu +
        "'\n  compile the model on this machine, or for its processor\n");
}

RunState Trainer::describeRun() const {
  RunState run;
  run.model = manifest.model;
  run.identity = manifest.identity();
  std::string library = readFile(artifact.getLibraryPath());
  run.libraryChecksum = crc32Of(library.data(), library.size());
  run.data = dataset.name;
  run.dataChecksum = dataset.checksum();
  run.batch = manifest.batch;
  run.seed = options.seed.value_or(0);
  run.epochs = options.epochs.value_or(manifest.training.epochs);
  run.stepsPerEpoch = dataset.train.count / manifest.batch;
  run.learningRate =
      options.learningRate.value_or(manifest.training.learningRate);
  run.warmupEpochs =
      options.warmupEpochs.value_or(manifest.training.warmupEpochs);
  run.schedule = options.schedule.value_or(manifest.training.schedule);
  return run;
}

static bool isEmptyDirectory(const std::string &path) {
  std::error_code error;
  return fs::is_directory(path, error) && fs::is_empty(path, error);
}

/// Options that contradict each other or what has been done already.
static void checkPlan(const RunState &run, const TrainOptions &options) {
  if (run.warmupEpochs > double(run.epochs))
    throw Error("a warm-up of " + format("%g", run.warmupEpochs) +
                    " epochs is longer than the run of " +
                    std::to_string(run.epochs) +
                    "; the learning rate would never be reached",
                "give fewer --warmup-epochs, or more --epochs");
  if (options.steps && *options.steps < run.step)
    throw Error("--steps=" + std::to_string(*options.steps) +
                    ": the run has done " + std::to_string(run.step) +
                    " steps already, and --steps counts all of them",
                "give more steps than that, or leave --steps out");
}

void Trainer::startNew() {
  const std::string &out = options.out;
  if (exists(out) && !isEmptyDirectory(out))
    throw Error("'" + out + "' exists already; nothing in it was changed",
                exists(inRun("run.json"))
                    ? "continue that run with --resume, or choose another --out"
                    : "choose another --out");
  state = describeRun();
  checkPlan(state, options);
  std::error_code error;
  fs::create_directories(out, error);
  if (error)
    throw systemError("cannot create the directory '" + out + "'",
                      error.value());
  writeFileAtomically(inRun("run.json"), toJson(state).dump(2) + "\n");
  metrics = std::make_unique<MetricsFile>(inRun("metrics.jsonl"), 0);
}

void Trainer::resume() {
  std::string file = inRun("run.json");
  if (!exists(file))
    throw Error("there is no run to resume in '" + options.out + "'",
                "leave --resume out to start one, or check --out");
  nlohmann::json json = parseJson(readFile(file), file, "");
  RunState run = parseRunState(JsonValue(json, file));
  RunState current = describeRun();
  if (!options.seed)
    current.seed = run.seed;
  std::optional<std::string> newest = checkpoints.newest();
  if (newest) {
    run = checkpoints.load(*newest, current);
    savedStep = run.step;
  } else {
    // Stopped before its first checkpoint: the seed alone gives the same start.
    checkSameRun(run, current, file);
  }
  if (run.libraryChecksum != current.libraryChecksum)
    progress.line("note: the artifact was compiled again since this run was "
                  "started; results may differ in the last bits");
  run.libraryChecksum = current.libraryChecksum;
  applyChanges(run);
  checkPlan(run, options);
  state = run;
  metrics = std::make_unique<MetricsFile>(inRun("metrics.jsonl"), state.step);
  MetricsHistory history = readMetrics(inRun("metrics.jsonl"));
  if (!history.tests.empty())
    lastTest = history.tests.back();
  progress.line(newest ? "resuming from '" + *newest + "' (" +
                             std::to_string(state.step) + " of " +
                             std::to_string(state.totalSteps()) +
                             " steps are done)"
                       : "resuming from the start: there is no checkpoint yet");
}

/// Options given with --resume take effect from here on.
void Trainer::applyChanges(RunState &run) {
  std::string changes;
  auto apply = [&](auto &value, const auto &option, const char *name) {
    if (!option || *option == value)
      return;
    value = *option;
    changes += (changes.empty() ? "" : ", ") + std::string(name);
  };
  apply(run.epochs, options.epochs, "--epochs");
  apply(run.learningRate, options.learningRate, "--learning-rate");
  apply(run.warmupEpochs, options.warmupEpochs, "--warmup-epochs");
  apply(run.schedule, options.schedule, "--schedule");
  if (run.step > run.totalSteps())
    throw Error("the run has done " + std::to_string(run.step) +
                    " steps already, more than --epochs=" +
                    std::to_string(run.epochs) + " has",
                "give more epochs, or leave --epochs out");
  if (!changes.empty())
    progress.line("note: " + changes +
                  " changed; from here on the run differs "
                  "from one that was not interrupted");
}

int64_t Trainer::neededBytes() const {
  const MemoryUse &memory = classifier.getExecutor().getMemoryUse();
  int64_t kept = manifest.report.keptActivationBytes;
  return kept == 0 ? 0 : memory.parameters + memory.state + kept;
}

void Trainer::printHead() {
  const MemoryUse &memory = classifier.getExecutor().getMemoryUse();
  const Report &report = manifest.report;
  std::string line =
      manifest.model + ": " + formatCount(report.parameters) + " parameters";
  if (report.denseParameters > report.parameters)
    line += format(" (%.1f %% of dense)", 100.0 * double(report.parameters) /
                                              double(report.denseParameters));
  if (report.multiplyAdds > 0)
    line +=
        ", " + formatCount(report.multiplyAdds) + " multiply-adds an example";
  progress.line(line);
  std::string ratio;
  if (int64_t needed = neededBytes())
    ratio = format(" (%.2f times parameters, state and kept activations)",
                   double(memory.total()) / double(needed));
  progress.line("memory " + formatBytes(memory.total()) + ratio +
                ": parameters " + formatBytes(memory.parameters) +
                ", optimizer state " + formatBytes(memory.state) +
                ", activations " + formatBytes(memory.arena) + ", batch " +
                formatBytes(memory.batch));
  progress.line(
      "data " + dataset.name + ": " + formatCount(dataset.train.count) +
      " training and " + formatCount(dataset.test.count) +
      " test images; batch " + std::to_string(state.batch) + ", " +
      std::to_string(state.epochs) + " epochs of " +
      std::to_string(state.stepsPerEpoch) + " steps, seed " +
      std::to_string(state.seed) + ", " + classifier.getExecutor().describe());
}

/// Numbers below 1.2e-38 become zero. Moments of gradients that stay zero decay
/// into that range, where an operation takes a hundred times as long. OpenMP
/// hands the setting on to its threads.
static void flushSubnormals() {
#ifdef __SSE__
  constexpr unsigned flushToZero = 0x8000, subnormalsAreZero = 0x0040;
  _mm_setcsr(_mm_getcsr() | flushToZero | subnormalsAreZero);
#endif
}

TrainResult Trainer::run() {
  if (options.resume)
    resume();
  else
    startNew();
  if (state.step == 0)
    classifier.initialize(state.seed);
  schedule = state.makeSchedule();
  printHead();
  drawPatterns(inRun("patterns.png"), manifest);

  catchStopSignals();
  flushSubnormals();
  trainEpochs();
  drawCurves();
  if (state.step == state.totalSteps()) {
    finish();
    return TrainResult::Finished;
  }
  progress.line("stopped after step " + std::to_string(state.step) + " of " +
                std::to_string(state.totalSteps()) +
                "; continue with the same command and --resume");
  return stopSignal() ? TrainResult::StoppedBySignal
                      : TrainResult::StoppedAtStep;
}

bool Trainer::shouldStop() const {
  return stopSignal() != 0 || (options.steps && state.step >= *options.steps);
}

/// The next step, at most `end`, after which parameters are looked at or the
/// run stops.
int64_t Trainer::nextPause(int64_t end) const {
  if (options.steps)
    end = std::min(end, *options.steps);
  if (options.checkpointEvery) {
    int64_t every = *options.checkpointEvery;
    end = std::min(end, (state.step / every + 1) * every);
  }
  return end;
}

/// Trains until step `pause`, or a signal, with as many steps under way as
/// there may be; none is at the end.
void Trainer::trainUpTo(int64_t pause, const std::vector<uint32_t> &order) {
  for (int64_t started = state.step;;) {
    while (started < pause && !shouldStop() &&
           started - state.step < int64_t(classifier.maximumStarted())) {
      int64_t position = started % state.stepsPerEpoch;
      ++started;
      classifier.startStep(dataset.train, order.data() + position * state.batch,
                           schedule.at(started), started);
    }
    if (started == state.step)
      return;
    finishStep();
  }
}

void Trainer::trainEpochs() {
  while (state.step < state.totalSteps() && !shouldStop()) {
    std::vector<uint32_t> order =
        shuffledOrder(dataset.train.count, state.seed, uint32_t(state.epoch()));
    int64_t end = (state.epoch() + 1) * state.stepsPerEpoch;
    progress.start();
    while (state.step < end && !shouldStop()) {
      trainUpTo(nextPause(end), order);
      if (state.step < end && options.checkpointEvery &&
          state.step % *options.checkpointEvery == 0) {
        saveCheckpoint();
        progress.start();
      }
    }
    if (state.step == end)
      testEpoch();
    saveCheckpoint();
  }
}

void Trainer::finishStep() {
  StepMetrics values;
  values.step = state.step + 1;
  values.epoch = state.epoch() + 1;
  values.learningRate = schedule.at(values.step);
  Classifier::StepResult result = classifier.finishStep();
  values.loss = result.loss;
  values.accuracy = double(result.correct) / double(state.batch);
  values.gradientNorm = result.gradientNorm;
  values.milliseconds = result.milliseconds;
  metrics->write(values);
  state.step = values.step;
  if (!std::isfinite(values.loss))
    reportDivergence("loss", values.loss);
  // The parameters are no numbers either now, even if the loss still was one.
  if (!std::isfinite(values.gradientNorm))
    reportDivergence("gradient norm", values.gradientNorm);
  state.epochLoss += values.loss;
  state.epochCorrect += result.correct;

  ProgressValues shown;
  shown.epoch = values.epoch;
  shown.epochs = state.epochs;
  shown.position = (state.step - 1) % state.stepsPerEpoch + 1;
  shown.steps = state.stepsPerEpoch;
  shown.stepsLeft = state.totalSteps() - state.step;
  shown.loss = state.epochLoss / double(shown.position);
  shown.accuracy =
      double(state.epochCorrect) / double(shown.position * state.batch);
  progress.step(shown);
}

void Trainer::testEpoch() {
  Classifier::TestResult result = classifier.test(dataset.test);
  lastTest.step = state.step;
  lastTest.epoch = state.epoch();
  lastTest.loss = result.loss;
  lastTest.accuracy = result.accuracy;
  metrics->write(lastTest);
  progress.line("epoch " + std::to_string(lastTest.epoch) + "/" +
                std::to_string(state.epochs) +
                format(" done: training loss %.4f",
                       state.epochLoss / double(state.stepsPerEpoch)) +
                format(", test loss %.4f", lastTest.loss) +
                format(", test accuracy %.2f %%", 100 * lastTest.accuracy));
  state.epochLoss = 0;
  state.epochCorrect = 0;
}

void Trainer::saveCheckpoint() {
  if (savedStep == state.step)
    return;
  metrics->sync();
  try {
    checkpoints.save(state);
  } catch (const Error &error) {
    throw Error("step " + std::to_string(state.step) + ": " + error.what(),
                error.getAdvice() +
                    (checkpoints.newest()
                         ? "; then continue from '" + *checkpoints.newest() +
                               "' with --resume"
                         : "; then start again"));
  }
  savedStep = state.step;
}

void Trainer::reportDivergence(const char *what, double value) {
  std::string advice =
      "give a lower --learning-rate, or a longer warm-up (--warmup-epochs)";
  if (std::optional<std::string> newest = checkpoints.newest())
    advice += "; together with --resume this continues from the last good "
              "checkpoint, '" +
              *newest + "'";
  progress.line("");
  throw Error(std::string("training diverged: the ") + what + " is " +
                  format("%g", value) + " at step " +
                  std::to_string(state.step) + " (epoch " +
                  std::to_string((state.step - 1) / state.stepsPerEpoch + 1) +
                  ", learning rate " + format("%g", schedule.at(state.step)) +
                  ")",
              advice);
}

void Trainer::drawCurves() {
  drawTrainingCurves(inRun("curves.png"), manifest.model,
                     readMetrics(inRun("metrics.jsonl")), state.stepsPerEpoch);
}

void Trainer::finish() {
  Summary summary;
  summary.model = manifest.model;
  summary.artifact = options.artifact;
  summary.seed = state.seed;
  summary.threads = artifact.getThreads();
  summary.batch = state.batch;
  summary.epochs = state.epochs;
  summary.steps = state.step;
  summary.parameters = manifest.report.parameters;
  summary.multiplyAdds = manifest.report.multiplyAdds;
  std::vector<double> times;
  for (const StepMetrics &step : readMetrics(inRun("metrics.jsonl")).steps)
    times.push_back(step.milliseconds);
  if (!times.empty()) {
    summary.meanStepMilliseconds =
        std::accumulate(times.begin(), times.end(), 0.0) / double(times.size());
    auto middle = times.begin() + int64_t(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    summary.stepMilliseconds = *middle;
  }
  summary.seconds = secondsSince(started);
  summary.testLoss = lastTest.loss;
  summary.testAccuracy = lastTest.accuracy;
  summary.memory = classifier.getExecutor().getMemoryUse();
  summary.neededBytes = neededBytes();
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  summary.residentBytes = int64_t(usage.ru_maxrss) * 1024;
  writeSummary(inRun("summary.json"), summary);
  progress.line(
      format("done: test accuracy %.2f %%", 100 * summary.testAccuracy) +
      format(", %.2f ms a step", summary.stepMilliseconds) +
      format(", %.0f s in all", summary.seconds) + ", peak memory " +
      formatBytes(summary.memory.total()));
  progress.line("parameters are in '" + checkpoints.newest().value_or("") +
                "', pictures in '" + inRun("curves.png") + "' and '" +
                inRun("patterns.png") + "'");
}

TrainResult pixelfly::rt::train(const TrainOptions &options,
                                std::FILE *output) {
  return Trainer(options, output).run();
}
