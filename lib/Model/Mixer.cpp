//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Family `mixer`. Layers: patch; for each block i blocks.i.token_norm,
// blocks.i.token.fc1, blocks.i.token.fc2, blocks.i.channel_norm,
// blocks.i.channel.fc1, blocks.i.channel.fc2; norm, head.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Biases of the mixing MLPs start at N(0, 1e-6), all others at zero, as in the
/// original Mixer.
static constexpr double kMlpBiasDeviation = 1e-6;

namespace {
struct MixerBuilder {
  const MixerSchema &mixer;
  LayerBuilder &layers;
  int64_t batch;
  int64_t tokens;

  /// x + fc2(gelu(fc1(norm(x)))) along the tokens; x is B x T x C.
  Value mixTokens(const std::string &block, Value x) {
    int64_t hidden = mixer.tokenHidden;
    Value y = layers.layerNorm(block + ".token_norm", x, mixer.normEpsilon);
    y = layers.tokenLinear(
        block + ".token.fc1", y, hidden,
        layers.xavierInit(tokens, hidden, kMlpBiasDeviation));
    y = layers.gelu(y);
    y = layers.tokenLinear(
        block + ".token.fc2", y, tokens,
        layers.xavierInit(hidden, tokens, kMlpBiasDeviation));
    return layers.add(x, y);
  }

  /// The same along the channels; x is (B*T) x C.
  Value mixChannels(const std::string &block, Value x) {
    int64_t width = mixer.width, hidden = mixer.channelHidden;
    Value y = layers.layerNorm(block + ".channel_norm", x, mixer.normEpsilon);
    y = layers.linear(block + ".channel.fc1", y, hidden,
                      layers.xavierInit(width, hidden, kMlpBiasDeviation));
    y = layers.gelu(y);
    y = layers.linear(block + ".channel.fc2", y, width,
                      layers.xavierInit(hidden, width, kMlpBiasDeviation));
    return layers.add(x, y);
  }

  /// Rows to tokens and back; the residual stream is added in the shape of the
  /// branch that joins it, so that the sum fuses with the branch's bias.
  Value toTokens(Value x) {
    return layers.expand(x, {batch, tokens, mixer.width}, {{0, 1}, {2}});
  }
  Value toRows(Value x) { return layers.collapse(x, {{0, 1}, {2}}); }
};
} // namespace

Value pixelfly::buildMixer(const MixerSchema &mixer, const ModelSchema &schema,
                           LayerBuilder &layers) {
  const auto &input = std::get<ImageSchema>(schema.input);
  int64_t batch = layers.getBatch();
  int64_t tokens = (input.height / mixer.patch) * (input.width / mixer.patch);
  MixerBuilder build{mixer, layers, batch, tokens};

  Value pixels = layers.patches(input, mixer.patch);
  int64_t patchSize = LayerBuilder::shapeOf(pixels)[1];
  Value x = build.toTokens(
      layers.linear("patch", pixels, mixer.width,
                    layers.xavierInit(patchSize, mixer.width, 0.0)));
  for (int64_t index = 0; index < mixer.blocks; ++index) {
    std::string block = "blocks." + std::to_string(index);
    x = build.mixTokens(block, x);
    x = build.toTokens(build.mixChannels(block, build.toRows(x)));
  }
  x = layers.averagePool(layers.layerNorm("norm", x, mixer.normEpsilon));
  return layers.linear("head", x, schema.classes,
                       layers.xavierInit(mixer.width, schema.classes, 0.0));
}
