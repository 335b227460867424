//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Family `mlp`. Layers: hidden.0, hidden.1, ..., head.
//
//===----------------------------------------------------------------------===//

#include "Families.h"

using namespace mlir;
using namespace mlir::pixelfly;

Value pixelfly::buildMlp(const MlpSchema &mlp, const ModelSchema &schema,
                         LayerBuilder &layers) {
  Value x = layers.flattenImages(std::get<ImageSchema>(schema.input));
  auto linear = [&](const Twine &name, int64_t out) {
    LinearInit init = layers.torchInit(LayerBuilder::shapeOf(x)[1]);
    return layers.linear(name.str(), x, out, init);
  };
  for (auto [index, width] : llvm::enumerate(mlp.hidden)) {
    x = linear("hidden." + Twine(index), width);
    x = mlp.activation == MlpSchema::Activation::Gelu ? layers.gelu(x)
                                                      : layers.relu(x);
  }
  return linear("head", schema.classes);
}
