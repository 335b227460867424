//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The model schema: what a model JSON file says, as typed structs. The format
// is published in lib/Model/models/model.schema.json; this header says what the
// fields mean.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_MODEL_MODELSCHEMA_H
#define PIXELFLY_MODEL_MODELSCHEMA_H

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Json/Json.h"

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mlir {
class MLIRContext;

namespace pixelfly {

/// `/input` with `channels`: one image. Pixels arrive in [0, 1]; the model
/// normalises them to `(pixel - mean) / std`, channel by channel.
struct ImageSchema {
  int64_t channels = 1;
  int64_t height = 0;
  int64_t width = 0;
  /// One number per channel; `{0}` and `{1}` repeated when the file is silent.
  std::vector<double> mean;
  std::vector<double> std;
};

/// `/input` with `tokens`: a sequence of that many tokens, each an integer in
/// [0, classes). Its labels are the tokens to predict, one at each place.
struct TextSchema {
  int64_t tokens = 0;
};

/// `/model` of family `mlp`: the flattened image through hidden layers, each
/// followed by the activation, and a head.
struct MlpSchema {
  enum class Activation { Gelu, Relu };
  /// Widths of the hidden layers; empty for a linear classifier.
  std::vector<int64_t> hidden;
  Activation activation = Activation::Gelu;
};

/// `/model` of family `mixer`: MLP-Mixer (Tolstikhin et al., arXiv 2105.01601).
struct MixerSchema {
  /// Side of a square patch, in pixels; divides the image's height and width.
  int64_t patch = 0;
  /// Channels of a token.
  int64_t width = 0;
  int64_t blocks = 0;
  /// Hidden width of the token mixing and of the channel mixing MLP.
  int64_t tokenHidden = 0;
  int64_t channelHidden = 0;
  /// Added to the variance in layer norms.
  double normEpsilon = 1e-6;
};

/// What the families of transformers have in common: `blocks` times attention
/// and MLP on tokens of `width` channels, each behind a layer norm and with a
/// residual sum (pre-norm).
struct TransformerSchema {
  /// Channels of a token.
  int64_t width = 0;
  int64_t blocks = 0;
  /// Heads of an attention; they share the channels, `width / heads` each.
  int64_t heads = 0;
  /// Hidden width of the MLP.
  int64_t mlpHidden = 0;
  /// Added to the variance in layer norms.
  double normEpsilon = 1e-6;
};

/// `/model` of family `vit`: Vision Transformer (Dosovitskiy et al., arXiv
/// 2010.11929) with a class token.
struct VitSchema : TransformerSchema {
  /// Side of a square patch, in pixels; divides the image's height and width.
  int64_t patch = 0;
  /// Whether the layers q, k and v have biases.
  bool qkvBias = true;
};

/// `/model` of family `gpt2`: GPT-2 (Radford et al. 2019), each token seeing
/// itself and those before it.
struct Gpt2Schema : TransformerSchema {
  Gpt2Schema() { normEpsilon = 1e-5; }
  /// Longest sequence, the rows of the position table; at least
  /// `/input/tokens`.
  int64_t positions = 0;
  /// Whether the head's weight is the table of token embeddings.
  bool tiedHead = true;
};

/// Most tokens of a sequence; attention's scores are its square.
inline constexpr int64_t kMaximumTokens = 65536;

/// `/sparse`: which layers become butterfly plus low-rank, and at what budget.
struct SparseSchema {
  /// Glob patterns of layer names, e.g. `blocks.*.channel.fc1`.
  std::vector<std::string> layers;
  /// Where each pattern stands, for messages.
  std::vector<TextPosition> layerPositions;
  /// Nonzeros of a sparse layer over those of the dense one, in (0, 1].
  double density = 0.25;
  /// Side of a block: 8, 16, 32, 64 or 128.
  int64_t block = 32;
  /// Share of a layer's budget that the low-rank term may take, in [0, 1).
  double lowRankShare = 1.0 / 3.0;
  /// What weighs the butterfly against the low-rank term.
  LayerMix mix = LayerMix::Scalar;
  /// How the layers' parameters start.
  InitRule init = InitRule::KeepVariance;
};

/// `/training/optimizer`.
struct OptimizerSchema {
  enum class Kind { AdamW, Sgd };
  Kind kind = Kind::AdamW;
  /// Decoupled weight decay, on matrices only.
  double weightDecay = 0.0;
  /// AdamW only.
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  /// SGD only.
  double momentum = 0.9;
};

/// `/training`: defaults of the training run.
struct TrainingSchema {
  enum class Schedule { Constant, Linear, Cosine };
  /// Examples in one step.
  int64_t batch = 0;
  int64_t epochs = 0;
  /// Learning rate at the end of the warm-up.
  double learningRate = 0.0;
  /// Epochs over which the learning rate rises linearly from zero.
  double warmupEpochs = 0.0;
  /// How the learning rate falls to zero after the warm-up.
  Schedule schedule = Schedule::Cosine;
  /// Largest global gradient norm; no clipping when absent.
  std::optional<double> clipNorm;
  /// Probability mass spread evenly over all classes, in [0, 1).
  double labelSmoothing = 0.0;
  OptimizerSchema optimizer;
};

/// Largest `/training/batch`.
inline constexpr int64_t kMaximumBatch = 65536;

struct ModelSchema {
  /// The file it was read from, for messages.
  std::string file;
  std::string name;
  std::variant<ImageSchema, TextSchema> input;
  /// Classes of an image, or different tokens of a text.
  int64_t classes = 0;
  std::variant<MlpSchema, MixerSchema, VitSchema, Gpt2Schema> model;
  /// Where `/model` stands, the location of what is made from it.
  TextPosition modelPosition;
  /// Absent when the file names no sparse layers.
  std::optional<SparseSchema> sparse;
  TrainingSchema training;
};

/// Spelling of the enum in the JSON file and in manifests.
llvm::StringRef stringifyOptimizerKind(OptimizerSchema::Kind kind);
llvm::StringRef stringifySchedule(TrainingSchema::Schedule schedule);
llvm::StringRef stringifyActivation(MlpSchema::Activation activation);

/// Reads and validates the model file at `path`. Every problem found is an
/// error diagnostic that names the file, the JSON path of the field (such as
/// `/model/blocks`), what is wrong with it and what to do. No exception leaves.
FailureOr<ModelSchema> readModelSchema(llvm::StringRef path,
                                       MLIRContext *context);

/// The same for the text of a model file; `file` is the name in messages.
FailureOr<ModelSchema> parseModelSchema(llvm::StringRef text,
                                        llvm::StringRef file,
                                        MLIRContext *context);

} // namespace pixelfly
} // namespace mlir

#endif // PIXELFLY_MODEL_MODELSCHEMA_H
