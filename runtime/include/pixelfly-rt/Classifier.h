//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled image classifier with its memory: steps and tests on examples of a
// data set instead of calls on buffers.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CLASSIFIER_H
#define PIXELFLY_RT_CLASSIFIER_H

#include "pixelfly-rt/Artifact.h"
#include "pixelfly-rt/Buffers.h"
#include "pixelfly-rt/Dataset.h"

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

  /// `artifact` must fit the data (checkFits) and outlive this.
  explicit Classifier(const Artifact &artifact);

  /// Draws the parameters; the optimizer state is zero from the beginning.
  void initialize(uint64_t seed);
  /// Trains on one batch: the examples with these indices. `step` counts
  /// from 1.
  StepResult trainStep(const Split &split, const uint32_t *examples,
                       double learningRate, int64_t step);
  /// Tests on all examples.
  TestResult test(const Split &split);

  const Buffers &getBuffers() const { return buffers; }

private:
  /// Puts an example of `split` into the batch.
  void load(const Split &split, uint32_t example, int64_t slot);
  /// Of the first `count` examples of the batch, those with the right answer.
  int64_t countCorrect(const float *logits, int64_t count) const;

  const Artifact &artifact;
  const Manifest &manifest;
  Buffers buffers;
  float *images;
  int32_t *labels;
  // Outputs; the gradient norm may be missing.
  const float *loss, *gradientNorm = nullptr, *stepLogits;
  const float *testLosses, *testLogits;
  int64_t classes;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_CLASSIFIER_H
