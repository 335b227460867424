//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The model families, one file each.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_MODEL_FAMILIES_H
#define PIXELFLY_LIB_MODEL_FAMILIES_H

#include "layers/LayerBuilder.h"

namespace mlir::pixelfly {

/// Each emits the network from the inputs to the logits: B x K for images,
/// (B*T) x K for text.
Value buildMlp(const MlpSchema &mlp, const ModelSchema &schema,
               LayerBuilder &layers);
Value buildMixer(const MixerSchema &mixer, const ModelSchema &schema,
                 LayerBuilder &layers);
Value buildVit(const VitSchema &vit, const ModelSchema &schema,
               LayerBuilder &layers);
Value buildGpt2(const Gpt2Schema &gpt2, const ModelSchema &schema,
                LayerBuilder &layers);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_MODEL_FAMILIES_H
