// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a module says about its training: attributes of the module that a model
// schema becomes, so that IR written after any phase can be compiled on.

#ifndef PIXELFLY_IR_PIXELFLYTRAININGATTRIBUTES_TD
#define PIXELFLY_IR_PIXELFLYTRAININGATTRIBUTES_TD

include "pixelfly/IR/PixelflyAttributeBase.td"
include "pixelfly/IR/PixelflyEnums.td"

def Pixelfly_TrainingAttr : Pixelfly_Attr<"Training", "training"> {
  let summary = "Defaults of a training run";
  let description = [{
    Stands on a module under the name `pixelfly.training`. The learning rate
    rises linearly to `learning_rate` over the first `warmup_epochs` epochs and
    falls to zero after that as `schedule` says. The command line of the runtime
    may say otherwise.

    Constraints:
    * (C1) `learning_rate` is finite and positive.
    * (C2) `epochs` is at least 1.
    * (C3) `warmup_epochs` lies between 0 and `epochs`.

    Example:
    ```mlir
    #pixelfly.training<learning_rate = 1.0e-3, epochs = 3,
                       warmup_epochs = 0.3, schedule = cosine>
    ```
  }];
  let parameters = (ins "::mlir::FloatAttr":$learning_rate, "int64_t":$epochs,
                        "::mlir::FloatAttr":$warmup_epochs,
                        EnumParameter<Pixelfly_Schedule>:$schedule);
  let assemblyFormat = [{
    `<` `learning_rate` `=` $learning_rate `,` `epochs` `=` $epochs `,`
        `warmup_epochs` `=` $warmup_epochs `,` `schedule` `=` $schedule `>`
  }];
  let genVerifyDecl = 1;
  let genMnemonicAlias = 1;
}

def Pixelfly_AdamWAttr : Pixelfly_Attr<"AdamW", "adamw"> {
  let summary = "AdamW with decoupled weight decay and clipping";
  let description = [{
    Stands on a module under the name `pixelfly.optimizer`. A gradient whose
    global norm exceeds `clip_norm` is scaled down to it; 0 clips nothing.

    Constraints:
    * (C1) `beta1` and `beta2` lie in [0, 1).
    * (C2) `epsilon` is finite and positive.
    * (C3) `weight_decay` is finite and not negative.
    * (C4) `clip_norm` is finite and not negative.

    Example:
    ```mlir
    #pixelfly.adamw<beta1 = 0.9, beta2 = 0.999, epsilon = 1.0e-8,
                    weight_decay = 0.01, clip_norm = 1.0>
    ```
  }];
  let parameters = (ins "::mlir::FloatAttr":$beta1, "::mlir::FloatAttr":$beta2,
                        "::mlir::FloatAttr":$epsilon,
                        "::mlir::FloatAttr":$weight_decay,
                        "::mlir::FloatAttr":$clip_norm);
  let assemblyFormat = [{
    `<` `beta1` `=` $beta1 `,` `beta2` `=` $beta2 `,` `epsilon` `=` $epsilon `,`
        `weight_decay` `=` $weight_decay `,` `clip_norm` `=` $clip_norm `>`
  }];
  let genVerifyDecl = 1;
  let genMnemonicAlias = 1;
}

def Pixelfly_SGDAttr : Pixelfly_Attr<"SGD", "sgd"> {
  let summary = "Gradient descent with momentum, weight decay and clipping";
  let description = [{
    Stands on a module under the name `pixelfly.optimizer`; `clip_norm` as for
    `#pixelfly.adamw`.

    Constraints:
    * (C1) `momentum` lies in [0, 1).
    * (C2) `weight_decay` is finite and not negative.
    * (C3) `clip_norm` is finite and not negative.

    Example:
    ```mlir
    #pixelfly.sgd<momentum = 0.9, weight_decay = 0.0, clip_norm = 0.0>
    ```
  }];
  let parameters = (ins "::mlir::FloatAttr":$momentum,
                        "::mlir::FloatAttr":$weight_decay,
                        "::mlir::FloatAttr":$clip_norm);
  let assemblyFormat = [{
    `<` `momentum` `=` $momentum `,` `weight_decay` `=` $weight_decay `,`
        `clip_norm` `=` $clip_norm `>`
  }];
  let genVerifyDecl = 1;
  let genMnemonicAlias = 1;
}

def Pixelfly_SparseAttr : Pixelfly_Attr<"Sparse", "sparse"> {
  let summary = "How sparse the layers of a model are to become";
  let description = [{
    Stands on a module under the name `pixelfly.sparse`, beside the list of
    layers in `pixelfly.sparsify`; without it the model stays dense unless the
    command line says otherwise. Options of `--pixelfly-sparsify` that are given
    go before what stands here.

    * `density`: elements of a sparse layer over those of the dense one.
    * `block`: the side of a block.
    * `low_rank_share`: the part of the elements offered to the low-rank term.
    * `mix`: `scalar` (where it is left out) or `gate`: what weighs the butterfly
      against the low-rank term, one number of the layer or a gate for each row of
      the input.
    * `init`: `keep_variance` (where it is left out), `authors_default`,
      `authors_vit` or `authors_mixer`: how the layer starts, see
      `--pixelfly-sparsify`.

    Constraints:
    * (C1) `density` lies in (0, 1].
    * (C2) `block` is one of 8, 16, 32, 64, 128.
    * (C3) `low_rank_share` lies in [0, 1).

    Example:
    ```mlir
    #pixelfly.sparse<density = 0.25, block = 32, low_rank_share = 0.5>
    #pixelfly.sparse<density = 0.1, block = 32, low_rank_share = 0.25,
                     mix = gate, init = authors_vit>
    ```
  }];
  let parameters = (ins "::mlir::FloatAttr":$density, "int64_t":$block,
                        "::mlir::FloatAttr":$low_rank_share,
                        DefaultValuedParameter<"::mlir::pixelfly::LayerMix",
                          "::mlir::pixelfly::LayerMix::Scalar">:$mix,
                        DefaultValuedParameter<"::mlir::pixelfly::InitRule",
                          "::mlir::pixelfly::InitRule::KeepVariance">:$init);
  let assemblyFormat = [{
    `<` struct($density, $block, $low_rank_share, $mix, $init) `>`
  }];
  let genVerifyDecl = 1;
  let genMnemonicAlias = 1;
}

#endif // PIXELFLY_IR_PIXELFLYTRAININGATTRIBUTES_TD
