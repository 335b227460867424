//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/Settings.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::pixelfly;
namespace json = llvm::json;

//===----------------------------------------------------------------------===//
// Training and sparse layers
//===----------------------------------------------------------------------===//

static Schedule toAttr(TrainingSchema::Schedule schedule) {
  switch (schedule) {
  case TrainingSchema::Schedule::Constant:
    return Schedule::Constant;
  case TrainingSchema::Schedule::Linear:
    return Schedule::Linear;
  case TrainingSchema::Schedule::Cosine:
    return Schedule::Cosine;
  }
  llvm_unreachable("all schedules are listed");
}

static TrainingSchema::Schedule toSchema(Schedule schedule) {
  switch (schedule) {
  case Schedule::Constant:
    return TrainingSchema::Schedule::Constant;
  case Schedule::Linear:
    return TrainingSchema::Schedule::Linear;
  case Schedule::Cosine:
    return TrainingSchema::Schedule::Cosine;
  }
  llvm_unreachable("all schedules are listed");
}

void pixelfly::writeSettings(ModuleOp module, const TrainingSchema &training,
                             const std::optional<SparseSchema> &sparse) {
  MLIRContext *context = module.getContext();
  Builder builder(context);
  auto number = [&](double value) { return builder.getF64FloatAttr(value); };
  module->setAttr(kTrainingAttrName,
                  TrainingAttr::get(context, number(training.learningRate),
                                    training.epochs,
                                    number(training.warmupEpochs),
                                    toAttr(training.schedule)));

  const OptimizerSchema &optimizer = training.optimizer;
  FloatAttr decay = number(optimizer.weightDecay);
  FloatAttr clipNorm = number(training.clipNorm.value_or(0));
  Attribute attr;
  if (optimizer.kind == OptimizerSchema::Kind::AdamW)
    attr = AdamWAttr::get(context, number(optimizer.beta1),
                          number(optimizer.beta2), number(optimizer.epsilon),
                          decay, clipNorm);
  else
    attr = SGDAttr::get(context, number(optimizer.momentum), decay, clipNorm);
  module->setAttr(kOptimizerAttrName, attr);

  if (sparse)
    module->setAttr(kSparseAttrName,
                    SparseAttr::get(context, number(sparse->density),
                                    sparse->block, number(sparse->lowRankShare),
                                    sparse->mix, sparse->init));
}

bool pixelfly::saysHowToTrain(ModuleOp module) {
  return module->hasAttr(kTrainingAttrName) &&
         module->hasAttr(kOptimizerAttrName);
}

TrainingSchema pixelfly::readTraining(ModuleOp module) {
  TrainingSchema training;
  training.epochs = 1;
  training.learningRate = 1e-3;
  if (auto attr = module->getAttrOfType<TrainingAttr>(kTrainingAttrName)) {
    training.epochs = attr.getEpochs();
    training.learningRate = attr.getLearningRate().getValueAsDouble();
    training.warmupEpochs = attr.getWarmupEpochs().getValueAsDouble();
    training.schedule = toSchema(attr.getSchedule());
  }

  OptimizerSchema &optimizer = training.optimizer;
  Attribute attr = module->getAttr(kOptimizerAttrName);
  double clipNorm = 1.0;
  if (auto adamw = dyn_cast_if_present<AdamWAttr>(attr)) {
    optimizer.beta1 = adamw.getBeta1().getValueAsDouble();
    optimizer.beta2 = adamw.getBeta2().getValueAsDouble();
    optimizer.epsilon = adamw.getEpsilon().getValueAsDouble();
    optimizer.weightDecay = adamw.getWeightDecay().getValueAsDouble();
    clipNorm = adamw.getClipNorm().getValueAsDouble();
  } else if (auto sgd = dyn_cast_if_present<SGDAttr>(attr)) {
    optimizer.kind = OptimizerSchema::Kind::Sgd;
    optimizer.momentum = sgd.getMomentum().getValueAsDouble();
    optimizer.weightDecay = sgd.getWeightDecay().getValueAsDouble();
    clipNorm = sgd.getClipNorm().getValueAsDouble();
  } else {
    optimizer.weightDecay = 0.01;
  }
  if (clipNorm != 0)
    training.clipNorm = clipNorm;
  return training;
}

std::optional<SparseSchema> pixelfly::readSparse(ModuleOp module) {
  auto attr = module->getAttrOfType<SparseAttr>(kSparseAttrName);
  if (!attr)
    return std::nullopt;
  SparseSchema sparse;
  sparse.density = attr.getDensity().getValueAsDouble();
  sparse.block = attr.getBlock();
  sparse.lowRankShare = attr.getLowRankShare().getValueAsDouble();
  sparse.mix = attr.getMix();
  sparse.init = attr.getInit();
  return sparse;
}

//===----------------------------------------------------------------------===//
// Facts for the manifest
//===----------------------------------------------------------------------===//

static Attribute toAttr(Builder &builder, const json::Value &value) {
  if (std::optional<bool> boolean = value.getAsBoolean())
    return builder.getBoolAttr(*boolean);
  // Whole numbers are kept as they were made, so this comes before doubles.
  if (std::optional<int64_t> integer = value.getAsInteger())
    return builder.getI64IntegerAttr(*integer);
  if (std::optional<double> number = value.getAsNumber())
    return builder.getF64FloatAttr(*number);
  if (std::optional<StringRef> text = value.getAsString())
    return builder.getStringAttr(*text);
  if (const json::Array *array = value.getAsArray())
    return builder.getArrayAttr(
        llvm::map_to_vector(*array, [&](const json::Value &element) {
          return toAttr(builder, element);
        }));
  SmallVector<NamedAttribute> fields;
  if (const json::Object *object = value.getAsObject())
    for (const auto &[key, field] : *object)
      fields.push_back(builder.getNamedAttr(key, toAttr(builder, field)));
  return builder.getDictionaryAttr(fields);
}

static json::Value toJson(Attribute attr) {
  if (auto boolean = dyn_cast<BoolAttr>(attr))
    return boolean.getValue();
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    return integer.getInt();
  if (auto number = dyn_cast<FloatAttr>(attr))
    return number.getValueAsDouble();
  if (auto text = dyn_cast<StringAttr>(attr))
    return text.getValue();
  if (auto array = dyn_cast<ArrayAttr>(attr)) {
    json::Array elements;
    for (Attribute element : array)
      elements.push_back(toJson(element));
    return elements;
  }
  json::Object object;
  if (auto fields = dyn_cast<DictionaryAttr>(attr))
    for (NamedAttribute field : fields)
      object[field.getName().getValue()] = toJson(field.getValue());
  return object;
}

void pixelfly::writeManifestFacts(ModuleOp module, const json::Object &facts) {
  Builder builder(module.getContext());
  module->setAttr(kManifestAttrName,
                  toAttr(builder, json::Value(json::Object(facts))));
}

json::Object pixelfly::readManifestFacts(ModuleOp module) {
  auto facts = module->getAttrOfType<DictionaryAttr>(kManifestAttrName);
  return facts ? std::move(*toJson(facts).getAsObject()) : json::Object();
}
