//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Transformer.h"

using namespace mlir;
using namespace mlir::pixelfly;

Value pixelfly::buildTransformerBlock(const std::string &name, Value x,
                                      int64_t tokens,
                                      const TransformerSchema &transformer,
                                      const TransformerBlockForm &form,
                                      LayerBuilder &layers) {
  int64_t width = transformer.width;
  auto project = [&](const char *layer, Value y) {
    Value rows = layers.linear(name + layer, y, width, form.qkv);
    return layers.expand(rows, {layers.getBatch(), tokens, width},
                         {{0, 1}, {2}});
  };
  Value y = layers.layerNorm(name + ".norm1", x, transformer.normEpsilon);
  Value q = project(".attention.q", y);
  Value k = project(".attention.k", y);
  Value v = project(".attention.v", y);
  y = layers.attention(name + ".attention", q, k, v, transformer.heads,
                       form.causal);
  y = layers.linear(name + ".attention.out", layers.collapse(y, {{0, 1}, {2}}),
                    width, form.residual);
  x = layers.add(x, y);

  y = layers.layerNorm(name + ".norm2", x, transformer.normEpsilon);
  y = layers.linear(name + ".mlp.fc1", y, transformer.mlpHidden, form.fc1);
  y = (layers.*form.activation)(y);
  y = layers.linear(name + ".mlp.fc2", y, width, form.residual);
  return layers.add(x, y);
}
