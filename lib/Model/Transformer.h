//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pre-norm block of the transformer families.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_MODEL_TRANSFORMER_H
#define PIXELFLY_LIB_MODEL_TRANSFORMER_H

#include "layers/LayerBuilder.h"

namespace mlir::pixelfly {

/// What a family decides about its blocks.
struct TransformerBlockForm {
  /// How q, k and v start, how attention.out and mlp.fc2 (whose results are
  /// added to the residual stream), and how mlp.fc1.
  LinearInit qkv, residual, fc1;
  /// Whether a token sees itself and those before it only.
  bool causal;
  /// The MLP's activation.
  Value (LayerBuilder::*activation)(Value);
};

/// Block "name" on (B*T) x C rows of `tokens` tokens an example:
///
///   x + attention.out(attention(q(y), k(y), v(y))), y = norm1(x), then
///   x + mlp.fc2(activation(mlp.fc1(norm2(x)))).
Value buildTransformerBlock(const std::string &name, Value x, int64_t tokens,
                            const TransformerSchema &transformer,
                            const TransformerBlockForm &form,
                            LayerBuilder &layers);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_MODEL_TRANSFORMER_H
