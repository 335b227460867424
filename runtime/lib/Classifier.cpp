//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Classifier.h"
#include "pixelfly-rt/Initialize.h"

#include <algorithm>

using namespace pixelfly::rt;

Classifier::Classifier(const Artifact &artifact, bool checkKernels)
    : manifest(artifact.getManifest()),
      executor(Executor::create(artifact, checkKernels)) {
  images = manifest.findInput("images").value();
  labels = manifest.findInput("labels").value();
  const Function &step = manifest.trainStep, &evaluate = manifest.evaluate;
  loss = step.findOutput("loss").value();
  stepLogits = step.findOutput("logits").value();
  gradientNorm = step.findOutput("gradient_norm");
  testLosses = evaluate.findOutput("losses").value();
  testLogits = evaluate.findOutput("logits").value();
  classes = evaluate.outputs[testLogits].shape[1];
}

void Classifier::initialize(uint64_t seed) {
  for (size_t i = 0; i < manifest.parameters.size(); ++i)
    rt::initialize(executor->parameter(i), manifest.parameters[i], uint32_t(i),
                   seed);
  executor->send();
}

size_t Classifier::takeSlot() {
  size_t slot = nextSlot;
  nextSlot = (nextSlot + 1) % executor->numSlots();
  started.push_back(slot);
  return slot;
}

void Classifier::load(const Split &split, uint32_t example, size_t slot,
                      int64_t place) {
  split.copyTo(example, static_cast<float *>(executor->input(slot, images)),
               static_cast<int32_t *>(executor->input(slot, labels)),
               size_t(place));
}

int64_t Classifier::countCorrect(const float *logits, size_t slot,
                                 int64_t count) const {
  auto *expected = static_cast<const int32_t *>(executor->input(slot, labels));
  int64_t correct = 0;
  for (int64_t i = 0; i < count; ++i) {
    const float *row = logits + i * classes;
    correct += std::max_element(row, row + classes) - row == expected[i];
  }
  return correct;
}

void Classifier::startStep(const Split &split, const uint32_t *examples,
                           double learningRate, int64_t step) {
  size_t slot = takeSlot();
  for (int64_t i = 0; i < manifest.batch; ++i)
    load(split, examples[i], slot, i);
  executor->startTrainStep(slot, float(learningRate), float(step));
}

Classifier::StepResult Classifier::finishStep() {
  size_t slot = started.front();
  started.pop_front();
  StepResult result;
  result.milliseconds = executor->finish(slot);
  result.loss = *executor->trainStepOutput(slot, loss);
  if (gradientNorm)
    result.gradientNorm = *executor->trainStepOutput(slot, *gradientNorm);
  result.correct = countCorrect(executor->trainStepOutput(slot, stepLogits),
                                slot, manifest.batch);
  return result;
}

Classifier::TestResult Classifier::test(const Split &split) {
  double sum = 0;
  int64_t correct = 0, total = split.count, batch = manifest.batch;
  auto finish = [&](int64_t first) {
    size_t slot = started.front();
    started.pop_front();
    executor->finish(slot);
    int64_t count = std::min(batch, total - first);
    const float *losses = executor->evaluateOutput(slot, testLosses);
    for (int64_t i = 0; i < count; ++i)
      sum += losses[i];
    correct +=
        countCorrect(executor->evaluateOutput(slot, testLogits), slot, count);
  };
  int64_t finished = 0;
  for (int64_t first = 0; first < total; first += batch) {
    if (started.size() == executor->numSlots()) {
      finish(finished);
      finished += batch;
    }
    size_t slot = takeSlot();
    int64_t count = std::min(batch, total - first);
    // The last batch is filled up with the last example, which is not counted.
    for (int64_t i = 0; i < batch; ++i)
      load(split, uint32_t(first + std::min(i, count - 1)), slot, i);
    executor->startEvaluate(slot);
  }
  for (; finished < total; finished += batch)
    finish(finished);
  return {sum / double(total), double(correct) / double(total)};
}
