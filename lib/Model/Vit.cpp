//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Family `vit`. Layers: patch, class_token, positions; for each block i
// blocks.i.norm1, blocks.i.attention.q, .k, .v and .out, blocks.i.norm2,
// blocks.i.mlp.fc1 and .fc2; norm, head.
//
//===----------------------------------------------------------------------===//

#include "Families.h"
#include "Transformer.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Standard deviation of every weight but the patch embedding's, as in timm.
static constexpr double kDeviation = 0.02;

Value pixelfly::buildVit(const VitSchema &vit, const ModelSchema &schema,
                         LayerBuilder &layers) {
  LinearInit init = layers.weightInit(InitKind::TruncatedNormal, kDeviation);
  TransformerBlockForm form{init, init, init, /*causal=*/false,
                            &LayerBuilder::gelu};
  if (!vit.qkvBias)
    form.qkv.bias = nullptr;

  Value pixels = layers.patches(std::get<ImageSchema>(schema.input), vit.patch);
  Value x = layers.linear("patch", pixels, vit.width,
                          layers.torchInit(LayerBuilder::shapeOf(pixels)[1]));
  int64_t patches = LayerBuilder::shapeOf(x)[0] / layers.getBatch();
  int64_t tokens = patches + 1;
  x = layers.expand(x, {layers.getBatch(), patches, vit.width}, {{0, 1}, {2}});
  x = layers.prependToken("class_token", x, init.weight);
  x = layers.addPositions("positions", x, tokens, init.weight);

  x = layers.collapse(x, {{0, 1}, {2}});
  for (int64_t index = 0; index < vit.blocks; ++index)
    x = buildTransformerBlock("blocks." + std::to_string(index), x, tokens, vit,
                              form, layers);
  // The norm of the class tokens is all that the head reads.
  x = layers.expand(x, {layers.getBatch(), tokens, vit.width}, {{0, 1}, {2}});
  x = layers.layerNorm("norm", layers.firstToken(x), vit.normEpsilon);
  return layers.linear("head", x, schema.classes, init);
}
