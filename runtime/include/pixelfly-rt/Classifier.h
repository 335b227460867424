//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled image classifier with its memory: steps and tests on examples of a
// data set instead of calls on buffers. On a GPU several steps can be under
// way.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CLASSIFIER_H
#define PIXELFLY_RT_CLASSIFIER_H

#include "pixelfly-rt/Artifact.h"
#include "pixelfly-rt/Dataset.h"
#include "pixelfly-rt/Executor.h"

#include <deque>
#include <vector>

namespace pixelfly::rt {

class Classifier {
public:
  /// What one train step tells.
  struct StepResult {
    double loss = 0, gradientNorm = 0;
    /// Examples whose largest logit is that of their label, before the update.
    int64_t correct = 0;
    /// Time of the compiled code alone.
    double milliseconds = 0;
  };
  /// Means over a split.
  struct TestResult {
    double loss = 0, accuracy = 0;
  };

  /// `artifact` must fit the data (checkFits) and outlive this. See
  /// Executor::create for `checkKernels`.
  explicit Classifier(const Artifact &artifact, bool checkKernels = false);

  /// Draws the parameters; the optimizer state is zero from the beginning.
  void initialize(uint64_t seed);
  /// How many steps can be started before the first of them is finished.
  size_t maximumStarted() const { return executor->numSlots(); }
  /// Starts to train on one batch: the examples with these indices. `step`
  /// counts from 1.
  void startStep(const Split &split, const uint32_t *examples,
                 double learningRate, int64_t step);
  /// Waits for the earliest step that was started and not finished.
  StepResult finishStep();
  /// Tests on all examples. No step may be under way.
  TestResult test(const Split &split);

  Executor &getExecutor() const { return *executor; }

private:
  /// Puts an example of `split` into a place of the slot's batch.
  void load(const Split &split, uint32_t example, size_t slot, int64_t place);
  /// Of the first `count` examples of the slot's batch, those with the right
  /// answer.
  int64_t countCorrect(const float *logits, size_t slot, int64_t count) const;
  /// The slot that is free next.
  size_t takeSlot();

  const Manifest &manifest;
  std::unique_ptr<Executor> executor;
  /// Slots in the order in which they were started.
  std::deque<size_t> started;
  size_t nextSlot = 0;
  // Indices of inputs and outputs; the gradient norm may be missing.
  size_t images, labels, loss, stepLogits, testLosses, testLogits;
  std::optional<size_t> gradientNorm;
  int64_t classes;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_CLASSIFIER_H
