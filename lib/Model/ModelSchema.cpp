//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reader of model files: JSON to typed structs, every field checked.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ModelSchema.h"

#include "pixelfly/Json/ObjectReader.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::pixelfly;

// No tensor of a model within these limits has more than 2^58 elements (the
// scores of attention), so shape arithmetic in 64 bits cannot overflow.
static constexpr int64_t kMaximumSide = 4096;
static constexpr int64_t kMaximumChannels = 1024;
static constexpr int64_t kMaximumWidth = 65536;
static constexpr int64_t kMaximumBlocks = 1024;
static constexpr int64_t kMaximumHeads = 1024;
static constexpr int64_t kMaximumEpochs = 1000000;

static constexpr Choices<MlpSchema::Activation, 2> kActivations = {
    {{"gelu", MlpSchema::Activation::Gelu},
     {"relu", MlpSchema::Activation::Relu}}};
static constexpr Choices<OptimizerSchema::Kind, 2> kOptimizers = {
    {{"adamw", OptimizerSchema::Kind::AdamW},
     {"sgd", OptimizerSchema::Kind::Sgd}}};
static constexpr Choices<TrainingSchema::Schedule, 3> kSchedules = {
    {{"constant", TrainingSchema::Schedule::Constant},
     {"linear", TrainingSchema::Schedule::Linear},
     {"cosine", TrainingSchema::Schedule::Cosine}}};
static constexpr Choices<LayerMix, 2> kMixes = {
    {{"scalar", LayerMix::Scalar}, {"gate", LayerMix::Gate}}};
static constexpr Choices<InitRule, 4> kInitRules = {
    {{"keep_variance", InitRule::KeepVariance},
     {"authors_default", InitRule::AuthorsDefault},
     {"authors_vit", InitRule::AuthorsViT},
     {"authors_mixer", InitRule::AuthorsMixer}}};
enum class Family { Mlp, Mixer, Vit, Gpt2 };
static constexpr Choices<Family, 4> kFamilies = {{{"mlp", Family::Mlp},
                                                  {"mixer", Family::Mixer},
                                                  {"vit", Family::Vit},
                                                  {"gpt2", Family::Gpt2}}};

template <typename T, size_t n>
static StringRef spell(const Choices<T, n> &choices, T value) {
  for (const auto &[name, choice] : choices)
    if (choice == value)
      return name;
  llvm_unreachable("every value has a spelling");
}
StringRef pixelfly::stringifyOptimizerKind(OptimizerSchema::Kind kind) {
  return spell(kOptimizers, kind);
}
StringRef pixelfly::stringifySchedule(TrainingSchema::Schedule schedule) {
  return spell(kSchedules, schedule);
}
StringRef pixelfly::stringifyActivation(MlpSchema::Activation activation) {
  return spell(kActivations, activation);
}

static ImageSchema readImage(ObjectReader &reader) {
  ImageSchema input;
  input.channels = reader.integer("channels", "color channels of an image",
                                  {1, kMaximumChannels});
  input.height = reader.integer("height", "rows of an image, in pixels",
                                {1, kMaximumSide});
  input.width = reader.integer("width", "columns of an image, in pixels",
                               {1, kMaximumSide});
  auto perChannel = [&](StringRef key, StringRef what, NumberRange range,
                        double fallback) {
    std::vector<double> values =
        reader.numbers(key, what, range, std::vector<double>());
    if (!reader.has(key))
      values.assign(input.channels, fallback);
    else if (int64_t(values.size()) != input.channels && !reader.failed())
      reader.emitError(key)
          << "holds " << values.size()
          << (values.size() == 1 ? " number" : " numbers") << ", but there are "
          << input.channels << " channels; give one number per channel";
    return values;
  };
  input.mean =
      perChannel("mean", "mean of each channel over the data, in [0, 1]",
                 {-1e3, 1e3}, 0.0);
  input.std =
      perChannel("std", "standard deviation of each channel", {1e-6, 1e6}, 1.0);
  return input;
}

using Input = std::variant<ImageSchema, TextSchema>;

static Input readInput(ObjectReader reader) {
  Input input;
  if (reader.has("tokens"))
    input = TextSchema{
        reader.integer("tokens", "tokens of a sequence", {1, kMaximumTokens})};
  else
    input = readImage(reader);
  reader.rejectUnknownFields();
  return input;
}

static MlpSchema readMlp(ObjectReader &reader) {
  MlpSchema mlp;
  mlp.hidden = reader.integers("hidden", "widths of the hidden layers",
                               {1, kMaximumWidth}, kMaximumBlocks);
  mlp.activation =
      reader.choice("activation", "activation after each hidden layer",
                    kActivations, mlp.activation);
  return mlp;
}

static int64_t readPatch(ObjectReader &reader) {
  return reader.integer("patch", "side of a square patch, in pixels",
                        {1, kMaximumSide});
}

/// Once all fields of the model have been read without an error.
static bool checkPatch(ObjectReader &reader, int64_t patch,
                       const ImageSchema &image) {
  if (image.height % patch == 0 && image.width % patch == 0)
    return true;
  reader.emitError("patch")
      << "patches of " << patch << " pixels do not tile an image of "
      << image.height << " x " << image.width
      << "; choose a patch that divides /input/height and /input/width";
  return false;
}

static double readNormEpsilon(ObjectReader &reader, double fallback) {
  return reader.number("norm_epsilon", "added to the variance in layer norms",
                       {1e-12, 1.0}, fallback);
}

static MixerSchema readMixer(ObjectReader &reader, const ImageSchema &image) {
  MixerSchema mixer;
  mixer.patch = readPatch(reader);
  mixer.width =
      reader.integer("width", "channels of a token", {1, kMaximumWidth});
  mixer.blocks =
      reader.integer("blocks", "number of blocks", {1, kMaximumBlocks});
  mixer.tokenHidden = reader.integer(
      "token_hidden", "hidden width of token mixing", {1, kMaximumWidth});
  mixer.channelHidden = reader.integer(
      "channel_hidden", "hidden width of channel mixing", {1, kMaximumWidth});
  mixer.normEpsilon = readNormEpsilon(reader, mixer.normEpsilon);
  if (!reader.failed())
    checkPatch(reader, mixer.patch, image);
  return mixer;
}

static void readTransformer(ObjectReader &reader,
                            TransformerSchema &transformer) {
  transformer.width =
      reader.integer("width", "channels of a token", {1, kMaximumWidth});
  transformer.blocks =
      reader.integer("blocks", "number of blocks", {1, kMaximumBlocks});
  transformer.heads =
      reader.integer("heads", "heads of an attention", {1, kMaximumHeads});
  transformer.mlpHidden = reader.integer(
      "mlp_hidden", "hidden width of the MLP", {1, kMaximumWidth});
  transformer.normEpsilon = readNormEpsilon(reader, transformer.normEpsilon);
  if (!reader.failed() && transformer.width % transformer.heads != 0)
    reader.emitError("heads")
        << transformer.heads << " heads cannot share a width of "
        << transformer.width
        << "; choose a number of heads that divides /model/width";
}

static VitSchema readVit(ObjectReader &reader, const ImageSchema &image) {
  VitSchema vit;
  vit.patch = readPatch(reader);
  readTransformer(reader, vit);
  vit.qkvBias = reader.boolean(
      "qkv_bias", "whether queries, keys and values have biases", vit.qkvBias);
  if (reader.failed() || !checkPatch(reader, vit.patch, image))
    return vit;
  int64_t tokens = (image.height / vit.patch) * (image.width / vit.patch) + 1;
  if (tokens > kMaximumTokens)
    reader.emitError("patch")
        << "makes " << tokens << " tokens of an image, but attention takes at "
        << "most " << kMaximumTokens << "; choose a larger patch";
  return vit;
}

static Gpt2Schema readGpt2(ObjectReader &reader, const TextSchema &text) {
  Gpt2Schema gpt2;
  readTransformer(reader, gpt2);
  gpt2.positions = reader.integer("positions", "tokens of the longest sequence",
                                  {1, kMaximumTokens});
  gpt2.tiedHead = reader.boolean(
      "tied_head", "whether the head shares the weight of the token embedding",
      gpt2.tiedHead);
  if (!reader.failed() && gpt2.positions < text.tokens)
    reader.emitError("positions")
        << "has fewer positions, " << gpt2.positions
        << ", than a sequence has tokens; make it at least /input/tokens, "
        << text.tokens;
  return gpt2;
}

/// `hasInput`: whether `input` is what the file says, or a stand-in for what it
/// lacks.
static decltype(ModelSchema::model)
readModel(ObjectReader reader, const Input &input, bool hasInput) {
  Family family = reader.choice("family", "architecture family", kFamilies);
  // Which other fields belong here depends on the family.
  decltype(ModelSchema::model) model;
  if (reader.failed())
    return model;
  bool readsText = family == Family::Gpt2;
  if (hasInput && readsText != std::holds_alternative<TextSchema>(input))
    reader.emitError("family")
        << "family \"" << spell(kFamilies, family) << "\" takes "
        << (readsText ? "text, not images; give /input/tokens"
                      : "images, not text; give /input/channels, "
                        "/input/height and /input/width");
  // After that error its fields are still read, against a stand-in.
  auto image = std::holds_alternative<ImageSchema>(input)
                   ? std::get<ImageSchema>(input)
                   : ImageSchema();
  auto text = std::holds_alternative<TextSchema>(input)
                  ? std::get<TextSchema>(input)
                  : TextSchema();
  switch (family) {
  case Family::Mlp:
    model = readMlp(reader);
    break;
  case Family::Mixer:
    model = readMixer(reader, image);
    break;
  case Family::Vit:
    model = readVit(reader, image);
    break;
  case Family::Gpt2:
    model = readGpt2(reader, text);
    break;
  }
  reader.rejectUnknownFields();
  return model;
}

static SparseSchema readSparse(ObjectReader reader) {
  SparseSchema sparse;
  sparse.layers =
      reader.strings("layers", "glob patterns of the layers to make sparse");
  if (!reader.failed())
    for (auto [index, text] : llvm::enumerate(sparse.layers)) {
      std::string key = "layers/" + std::to_string(index);
      sparse.layerPositions.push_back(reader.position(key));
      auto pattern = llvm::GlobPattern::create(text);
      if (!pattern)
        reader.emitError(key) << "\"" << text << "\" is not a glob pattern: "
                              << llvm::toString(pattern.takeError());
    }
  sparse.density =
      reader.number("density", "nonzeros of a sparse layer over the dense ones",
                    NumberRange{0.0, 1.0}.openBelow(), std::nullopt);
  sparse.block =
      reader.integer("block", "side of a block", {8, 128}, sparse.block);
  if (!llvm::is_contained({8, 16, 32, 64, 128}, sparse.block))
    reader.emitError("block")
        << "must be 8, 16, 32, 64 or 128, but is " << sparse.block;
  sparse.lowRankShare = reader.number(
      "low_rank_share", "share of the budget that the low-rank term may take",
      NumberRange{0.0, 1.0}.openAbove(), sparse.lowRankShare);
  sparse.mix = reader.choice(
      "mix", "what weighs the butterfly against the low-rank term", kMixes,
      sparse.mix);
  sparse.init = reader.choice("init", "how the layers' parameters start",
                              kInitRules, sparse.init);
  reader.rejectUnknownFields();
  return sparse;
}

static OptimizerSchema readOptimizer(ObjectReader reader) {
  OptimizerSchema optimizer;
  optimizer.kind = reader.choice("kind", "optimizer", kOptimizers);
  if (reader.failed())
    return optimizer;
  optimizer.weightDecay =
      reader.number("weight_decay", "decoupled weight decay of matrices",
                    {0.0, 10.0}, optimizer.weightDecay);
  NumberRange share = NumberRange{0.0, 1.0}.openAbove();
  if (optimizer.kind == OptimizerSchema::Kind::AdamW) {
    optimizer.beta1 = reader.number("beta1", "decay of the first moment", share,
                                    optimizer.beta1);
    optimizer.beta2 = reader.number("beta2", "decay of the second moment",
                                    share, optimizer.beta2);
    optimizer.epsilon =
        reader.number("epsilon", "added to the root of the second moment",
                      NumberRange{0.0, 1.0}.openBelow(), optimizer.epsilon);
  } else {
    optimizer.momentum = reader.number("momentum", "decay of the velocity",
                                       share, optimizer.momentum);
  }
  reader.rejectUnknownFields();
  return optimizer;
}

static TrainingSchema readTraining(ObjectReader reader) {
  TrainingSchema training;
  training.batch =
      reader.integer("batch", "examples in one step", {1, kMaximumBatch});
  training.epochs = reader.integer("epochs", "passes over the training data",
                                   {1, kMaximumEpochs});
  training.learningRate =
      reader.number("learning_rate", "learning rate after the warm-up",
                    NumberRange{0.0, 1e3}.openBelow(), std::nullopt);
  training.warmupEpochs =
      reader.number("warmup_epochs", "epochs of linearly rising learning rate",
                    {0.0, kMaximumEpochs}, training.warmupEpochs);
  if (!reader.failed() && training.warmupEpochs > double(training.epochs))
    reader.emitError("warmup_epochs")
        << "the warm-up is longer than the training; make it at most "
           "/training/epochs, "
        << training.epochs;
  training.schedule = reader.choice("schedule", "how the learning rate falls",
                                    kSchedules, training.schedule);
  double clip = reader.number("clip_norm", "largest norm of the gradient",
                              NumberRange{0.0, 1e6}.openBelow(), 1.0);
  if (reader.has("clip_norm"))
    training.clipNorm = clip;
  training.labelSmoothing =
      reader.number("label_smoothing", "probability spread over all classes",
                    NumberRange{0.0, 1.0}.openAbove(), training.labelSmoothing);
  training.optimizer = readOptimizer(
      reader.object("optimizer", "the optimizer and its hyperparameters"));
  reader.rejectUnknownFields();
  return training;
}

/// Names are parts of file names and of symbols in messages.
static bool isPlainName(StringRef name) {
  return !name.empty() && llvm::all_of(name, [](char c) {
    return llvm::isAlnum(c) || c == '-' || c == '_' || c == '.';
  });
}

static ModelSchema readRoot(ObjectReader reader) {
  ModelSchema schema;
  schema.name = reader.string("name", "name of the model");
  if (!reader.failed() && !isPlainName(schema.name))
    reader.emitError("name")
        << "must be made of letters, digits, '-', '_' and '.', but is \""
        << schema.name << "\"";
  reader.string("$schema", "where the format is described", "");
  reader.string("description", "text for the reader", "");
  schema.classes =
      reader.integer("classes", "number of classes", {2, kMaximumWidth});
  ObjectReader input =
      reader.object("input", "the shape of an image or a text");
  bool hasInput = !input.failed();
  schema.input = readInput(input);
  if (reader.has("model"))
    schema.modelPosition = reader.position("model");
  schema.model = readModel(reader.object("model", "the architecture"),
                           schema.input, hasInput);
  if (reader.has("sparse"))
    schema.sparse = readSparse(reader.object("sparse", "the sparse layers"));
  schema.training =
      readTraining(reader.object("training", "defaults of the training run"));
  reader.rejectUnknownFields();
  return schema;
}

FailureOr<ModelSchema> pixelfly::parseModelSchema(StringRef text,
                                                  StringRef file,
                                                  MLIRContext *context) {
  SchemaErrors errors(text, file, context);
  FailureOr<JsonValue> root =
      parseJson(text, [&](size_t offset, const std::string &problem) {
        errors.emitAt(offset) << problem;
      });
  if (failed(root))
    return failure();
  ModelSchema schema = readRoot(ObjectReader(&*root, "", errors));
  if (errors.any())
    return failure();
  schema.file = file.str();
  return schema;
}

FailureOr<ModelSchema> pixelfly::readModelSchema(StringRef path,
                                                 MLIRContext *context) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return emitError(UnknownLoc::get(context))
           << "cannot read model file '" << path
           << "': " << buffer.getError().message();
  return parseModelSchema((*buffer)->getBuffer(), path, context);
}
