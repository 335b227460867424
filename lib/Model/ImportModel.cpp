//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ImportModel.h"

#include "Families.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Fails when a pattern of `/sparse/layers` names none of the model's layers:
/// a typo would otherwise train a dense model without a word.
static LogicalResult checkSparseLayers(const ModelSchema &schema,
                                       ArrayRef<std::string> layers,
                                       MLIRContext *context) {
  if (!schema.sparse)
    return success();
  LogicalResult result = success();
  for (auto [index, text] : llvm::enumerate(schema.sparse->layers)) {
    auto pattern = llvm::GlobPattern::create(text);
    if (!pattern) {
      llvm::consumeError(pattern.takeError());
      continue;
    }
    if (llvm::any_of(layers,
                     [&](StringRef name) { return pattern->match(name); }))
      continue;
    TextPosition at;
    if (index < schema.sparse->layerPositions.size())
      at = schema.sparse->layerPositions[index];
    result =
        emitError(FileLineColLoc::get(context, schema.file, at.line, at.column))
        << "/sparse/layers/" << index << ": \"" << text
        << "\" matches no layer; the layers are " << llvm::join(layers, ", ");
  }
  return result;
}

/// The batch inputs: images with one label each, or tokens with one label each.
static void addInputs(const ModelSchema &schema, LayerBuilder &layers,
                      MLIRContext *context) {
  Type f32 = Float32Type::get(context), i32 = IntegerType::get(context, 32);
  int64_t batch = layers.getBatch();
  if (const auto *image = std::get_if<ImageSchema>(&schema.input)) {
    layers.addInput("images",
                    {batch, image->channels, image->height, image->width}, f32);
    layers.addInput("labels", {batch}, i32);
    return;
  }
  int64_t tokens = std::get<TextSchema>(schema.input).tokens;
  layers.addInput("tokens", {batch, tokens}, i32);
  layers.addInput("labels", {batch, tokens}, i32);
}

static Value buildNetwork(const ModelSchema &schema, LayerBuilder &layers) {
  if (const auto *mlp = std::get_if<MlpSchema>(&schema.model))
    return buildMlp(*mlp, schema, layers);
  if (const auto *mixer = std::get_if<MixerSchema>(&schema.model))
    return buildMixer(*mixer, schema, layers);
  if (const auto *vit = std::get_if<VitSchema>(&schema.model))
    return buildVit(*vit, schema, layers);
  return buildGpt2(std::get<Gpt2Schema>(schema.model), schema, layers);
}

OwningOpRef<ModuleOp> pixelfly::importModel(const ModelSchema &schema,
                                            MLIRContext *context,
                                            const ImportOptions &options) {
  int64_t batch = options.batch.value_or(schema.training.batch);
  if (batch < 1 || batch > kMaximumBatch) {
    emitError(UnknownLoc::get(context))
        << "the batch must be from 1 to " << kMaximumBatch << ", but is "
        << batch;
    return nullptr;
  }

  context->loadDialect<arith::ArithDialect, func::FuncDialect,
                       linalg::LinalgDialect, math::MathDialect,
                       tensor::TensorDialect, PixelflyDialect>();
  Builder builder(context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(
      FileLineColLoc::get(context, schema.file, schema.modelPosition.line,
                          schema.modelPosition.column));
  SmallVector<StringRef> patterns;
  if (schema.sparse)
    patterns.append(schema.sparse->layers.begin(), schema.sparse->layers.end());
  (*module)->setAttr(kModelAttrName, builder.getStringAttr(schema.name));
  (*module)->setAttr(kSparsifyAttrName, builder.getStrArrayAttr(patterns));

  LayerBuilder layers(*module, batch);
  addInputs(schema, layers, context);
  Value logits = buildNetwork(schema, layers);
  // Text has a label at each place; a row of the logits is a place.
  Value labels = layers.getInput("labels");
  bool isText = std::holds_alternative<TextSchema>(schema.input);
  Value losses = layers.crossEntropy(
      logits, isText ? layers.collapse(labels, {{0, 1}}) : labels,
      schema.training.labelSmoothing);
  Value loss = layers.mean(losses);
  if (isText) {
    ArrayRef<int64_t> places = LayerBuilder::shapeOf(labels);
    losses = layers.expand(losses, places, {{0, 1}});
    logits = layers.expand(logits, {places[0], places[1], schema.classes},
                           {{0, 1}, {2}});
  }
  layers.finish(loss, losses, logits);

  if (failed(checkSparseLayers(schema, layers.getLinearLayers(), context)))
    return nullptr;
  assert(succeeded(verify(*module)) && "the importer emits valid IR");
  return module;
}
