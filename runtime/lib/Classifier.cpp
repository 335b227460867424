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
#include <chrono>

using namespace pixelfly::rt;

Classifier::Classifier(const Artifact &artifact)
    : artifact(artifact), manifest(artifact.getManifest()), buffers(manifest) {
  images =
      static_cast<float *>(buffers.input(manifest.findInput("images").value()));
  labels = static_cast<int32_t *>(
      buffers.input(manifest.findInput("labels").value()));
  const Function &step = manifest.trainStep, &evaluate = manifest.evaluate;
  loss = buffers.trainStepOutput(step.findOutput("loss").value());
  stepLogits = buffers.trainStepOutput(step.findOutput("logits").value());
  if (std::optional<size_t> norm = step.findOutput("gradient_norm"))
    gradientNorm = buffers.trainStepOutput(*norm);
  testLosses = buffers.evaluateOutput(evaluate.findOutput("losses").value());
  size_t logits = evaluate.findOutput("logits").value();
  testLogits = buffers.evaluateOutput(logits);
  classes = evaluate.outputs[logits].shape[1];
}

void Classifier::initialize(uint64_t seed) {
  for (size_t i = 0; i < manifest.parameters.size(); ++i)
    rt::initialize(buffers.parameter(i), manifest.parameters[i], uint32_t(i),
                   seed);
}

void Classifier::load(const Split &split, uint32_t example, int64_t slot) {
  split.copyTo(example, images, labels, size_t(slot));
}

int64_t Classifier::countCorrect(const float *logits, int64_t count) const {
  int64_t correct = 0;
  for (int64_t i = 0; i < count; ++i) {
    const float *row = logits + i * classes;
    correct += std::max_element(row, row + classes) - row == labels[i];
  }
  return correct;
}

Classifier::StepResult Classifier::trainStep(const Split &split,
                                             const uint32_t *examples,
                                             double learningRate,
                                             int64_t step) {
  for (int64_t i = 0; i < manifest.batch; ++i)
    load(split, examples[i], i);
  buffers.setStep(float(learningRate), float(step));
  auto start = std::chrono::steady_clock::now();
  artifact.trainStep(buffers.trainStep(), buffers.arena());
  std::chrono::duration<double, std::milli> time =
      std::chrono::steady_clock::now() - start;

  StepResult result;
  result.loss = *loss;
  result.gradientNorm = gradientNorm ? *gradientNorm : 0;
  result.correct = countCorrect(stepLogits, manifest.batch);
  result.milliseconds = time.count();
  return result;
}

Classifier::TestResult Classifier::test(const Split &split) {
  double sum = 0;
  int64_t correct = 0, total = split.count;
  for (int64_t first = 0; first < total; first += manifest.batch) {
    int64_t count = std::min(manifest.batch, total - first);
    // The last batch is filled up with the last example, which is not counted.
    for (int64_t i = 0; i < manifest.batch; ++i)
      load(split, uint32_t(first + std::min(i, count - 1)), i);
    artifact.evaluate(buffers.evaluate(), buffers.arena());
    for (int64_t i = 0; i < count; ++i)
      sum += testLosses[i];
    correct += countCorrect(testLogits, count);
  }
  return {sum / double(total), double(correct) / double(total)};
}
