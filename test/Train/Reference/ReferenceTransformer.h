//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The forward pass of a Vision Transformer or GPT-2 in plain loops over
// doubles: the oracle of compiled models. It shares no code with the compiler
// or the runtime; what they have in common is the text of the model and the
// manifest.
//
// Shapes: B examples, T tokens, C channels; matrices are row-major, weights
// `out x in`.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCETRANSFORMER_H
#define PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCETRANSFORMER_H

#include "ReferenceParameters.h"

namespace reference {

class Transformer {
public:
  Transformer(const nlohmann::json &model, const nlohmann::json &manifest);

  /// Losses of the places with a label (B for images, B*T for text); fills
  /// `logits`. `images` (B x channels x height x width) or `tokens` (B*T) is
  /// read.
  Vector forward(const Vector &images, const std::vector<int> &tokens,
                 const std::vector<int> &labels);

  Parameters parameters;
  size_t batch, classes, labelsPerExample;
  bool readsText;
  Vector logits;

private:
  Vector linear(const std::string &layer, const Vector &x, size_t in,
                size_t out);
  Vector norm(const std::string &layer, const Vector &x);
  Vector attention(const Vector &q, const Vector &k, const Vector &v);
  Vector embedImages(const Vector &images);
  Vector embedTokens(const std::vector<int> &tokens);

  size_t channels = 0, height = 0, width = 0, patch = 0;
  size_t tokens, dim, blocks, heads, hidden;
  Vector mean, deviation;
  double epsilon, smoothing;
};

} // namespace reference

#endif // PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCETRANSFORMER_H
