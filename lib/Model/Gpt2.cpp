//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Family `gpt2`. Layers: tokens (the table of embeddings), positions; for each
// block i blocks.i.norm1, blocks.i.attention.q, .k, .v and .out,
// blocks.i.norm2, blocks.i.mlp.fc1 and .fc2; norm; head, unless it is tied to
// the table.
//
//===----------------------------------------------------------------------===//

#include "Families.h"
#include "Transformer.h"

#include <cmath>

using namespace mlir;
using namespace mlir::pixelfly;

/// Standard deviation of weights and embeddings.
static constexpr double kDeviation = 0.02;

Value pixelfly::buildGpt2(const Gpt2Schema &gpt2, const ModelSchema &schema,
                          LayerBuilder &layers) {
  LinearInit init = layers.weightInit(InitKind::Normal, kDeviation);
  // Two results a block are added to the residual stream; started smaller, so
  // that its variance does not grow with the depth.
  LinearInit residual = layers.weightInit(
      InitKind::Normal, kDeviation / std::sqrt(2.0 * double(gpt2.blocks)));
  TransformerBlockForm form{init, residual, init, /*causal=*/true,
                            &LayerBuilder::geluTanh};

  int64_t tokens = std::get<TextSchema>(schema.input).tokens;
  // Weight decay is for matrices that multiply; a tied table is one.
  Value table = layers.embeddingTable("tokens", schema.classes, gpt2.width,
                                      init.weight, /*decay=*/gpt2.tiedHead);
  Value x = layers.lookUp("tokens", table, layers.getInput("tokens"));
  x = layers.addPositions("positions", x, gpt2.positions, init.weight);

  x = layers.collapse(x, {{0, 1}, {2}});
  for (int64_t index = 0; index < gpt2.blocks; ++index)
    x = buildTransformerBlock("blocks." + std::to_string(index), x, tokens,
                              gpt2, form, layers);
  x = layers.layerNorm("norm", x, gpt2.normEpsilon);
  if (gpt2.tiedHead)
    return layers.tiedLinear("head", x, table);
  init.bias = nullptr;
  return layers.linear("head", x, schema.classes, init);
}
