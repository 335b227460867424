//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A Mixer, its gradient and its optimizers in plain loops over doubles: the
// oracle of compiled train steps. It shares no code with the compiler or the
// runtime; what they have in common is the text of the model and the manifest.
//
// Shapes: B examples, T tokens, C channels; matrices are row-major, weights
// `out x in`.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCEMIXER_H
#define PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCEMIXER_H

#include "ReferenceParameters.h"

namespace reference {

struct StepResult {
  double loss, gradientNorm;
};

class Mixer {
public:
  /// From the model file and the manifest of the artifact made of it. Values
  /// are zero.
  Mixer(const nlohmann::json &model, const nlohmann::json &manifest);

  Parameter &parameter(const std::string &name) { return parameters.at(name); }
  size_t batch() const { return numExamples; }
  size_t imageSize() const { return channels * height * width; }
  size_t numClasses() const { return classes; }

  /// Losses of the examples (B); fills `logits` (B x classes).
  Vector forward(const Vector &images, const std::vector<int> &labels);
  /// Forward, backward, clipping, update. `step` counts from 1.
  StepResult trainStep(const Vector &images, const std::vector<int> &labels,
                       double learningRate, double step);

  Vector logits;

private:
  struct Norm {
    Vector normal, inverse;
  };
  struct Block {
    Norm tokenNorm, channelNorm;
    Vector tokenIn, tokenHidden, tokenActive;
    Vector channelIn, channelHidden, channelActive;
  };

  void addWeightGradient(const std::string &layer, const Vector &gradient);
  Vector linear(const std::string &layer, const Vector &x, size_t in,
                size_t out);
  Vector linearBack(const std::string &layer, const Vector &x, const Vector &dy,
                    size_t in, size_t out);
  Vector tokenLinear(const std::string &layer, const Vector &x, size_t in,
                     size_t out);
  Vector tokenLinearBack(const std::string &layer, const Vector &x,
                         const Vector &dy, size_t in, size_t out);
  Vector norm(const std::string &layer, const Vector &x, Norm &kept);
  Vector normBack(const std::string &layer, const Vector &dy, const Norm &kept);
  Vector cutPatches(const Vector &images) const;
  void backward(const std::vector<int> &labels);
  double targetProbability(int label, size_t k) const;
  void update(double learningRate, double step, double scale);

  std::map<std::string, Parameter> parameters;
  size_t numExamples, channels, height, width, classes;
  size_t patch, tokens, dim, numBlocks, tokenDim, channelDim;
  Vector mean, deviation;
  double epsilon, smoothing;
  nlohmann::json optimizer;

  // What the last forward pass left for the backward pass.
  Vector pixels, pooled;
  std::vector<Block> kept;
  Norm lastNorm;
};

} // namespace reference

#endif // PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCEMIXER_H
