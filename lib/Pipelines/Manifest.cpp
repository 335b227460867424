//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/Manifest.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::pixelfly;
namespace json = llvm::json;

static std::string stringifyElementType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return "i" + std::to_string(integer.getWidth());
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

json::Object pixelfly::describeTensor(StringRef name, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return json::Object{{"name", name},
                      {"dtype", stringifyElementType(tensor.getElementType())},
                      {"shape", json::Array(tensor.getShape())}};
}

static json::Object describePattern(BlockPatternAttrInterface pattern) {
  json::Object object{{"rows", pattern.getRows()},
                      {"cols", pattern.getCols()},
                      {"block", pattern.getBlock()}};
  if (auto butterfly = dyn_cast<FlatButterflyAttr>(pattern)) {
    object["kind"] = "flat_butterfly";
    object["radices"] = json::Array(butterfly.getRadices());
    object["factors"] = butterfly.getFactors();
  } else {
    object["kind"] = "block_mask";
    // The blocks say all that the runtime needs; the rule is for people.
    if (auto rule = dyn_cast<MaskRuleAttr>(pattern)) {
      std::string text;
      llvm::raw_string_ostream(text) << rule;
      object["rule"] = std::move(text);
    }
    json::Array rows;
    for (int64_t row = 0; row < pattern.getBlockRows(); ++row)
      rows.push_back(json::Array(pattern.getColumnsOfRow(row)));
    object["columns_of_row"] = std::move(rows);
  }
  return object;
}

static json::Object describeInit(InitAttr init) {
  json::Object object{{"kind", stringifyInitKind(init.getKind())},
                      {"scale", init.getScale().getValueAsDouble()}};
  if (init.getOpposite() > 0)
    object["opposite"] = init.getOpposite();
  return object;
}

static json::Object describeParameter(ParameterAttr parameter, Type type) {
  json::Object object = describeTensor(parameter.getName().getValue(), type);
  object["init"] = describeInit(parameter.getInit());
  object["decay"] = parameter.getDecay();
  if (auto pattern =
          dyn_cast_or_null<BlockPatternAttrInterface>(parameter.getPattern()))
    object["pattern"] = describePattern(pattern);
  if (!parameter.getExtents().empty())
    object["extents"] = json::Array(parameter.getExtents());
  return object;
}

/// The results of a function that do not overwrite an argument, by their names.
static FailureOr<json::Array> describeOutputs(func::FuncOp function) {
  json::Array outputs;
  for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
    if (auto name =
            function.getResultAttrOfType<StringAttr>(index, kOutputAttrName))
      outputs.push_back(describeTensor(name.getValue(), type));
  if (outputs.empty())
    return function.emitError("@")
           << function.getSymName()
           << " has no result with the attribute 'pixelfly.output', so the "
              "runtime would see nothing of it; besides the loss @model must "
              "return what is to be evaluated, such as losses or logits";
  return outputs;
}

FailureOr<json::Object> pixelfly::describeTrainStep(ModuleOp module) {
  json::Array parameters, inputs;
  int64_t batch = 0;
  auto trainStep = module.lookupSymbol<func::FuncOp>("train_step");
  auto evaluate = module.lookupSymbol<func::FuncOp>("evaluate");
  if (!trainStep || !evaluate)
    return module.emitError("has no functions @train_step and @evaluate");

  for (auto [index, type] : llvm::enumerate(evaluate.getArgumentTypes())) {
    if (auto parameter = evaluate.getArgAttrOfType<ParameterAttr>(
            index, kParameterAttrName)) {
      parameters.push_back(describeParameter(parameter, type));
    } else if (auto name = evaluate.getArgAttrOfType<StringAttr>(
                   index, kInputAttrName)) {
      auto tensor = cast<RankedTensorType>(type);
      if (tensor.getRank() == 0)
        return evaluate.emitError("input '")
               << name.getValue() << "' has no batch dimension";
      batch = tensor.getDimSize(0);
      inputs.push_back(describeTensor(name.getValue(), type));
    } else {
      return evaluate.emitError("argument ")
             << index << " is neither a parameter nor a named input";
    }
  }
  json::Object functions;
  for (func::FuncOp function : {trainStep, evaluate}) {
    FailureOr<json::Array> outputs = describeOutputs(function);
    if (failed(outputs))
      return failure();
    functions[function.getName()] =
        json::Object{{"outputs", std::move(*outputs)}};
  }
  return json::Object{{"batch", batch},
                      {"parameters", std::move(parameters)},
                      {"inputs", std::move(inputs)},
                      {"functions", std::move(functions)}};
}

json::Object pixelfly::describeOptimizer(const TrainingSchema &training) {
  const OptimizerSchema &optimizer = training.optimizer;
  json::Object object{{"kind", stringifyOptimizerKind(optimizer.kind)},
                      {"weight_decay", optimizer.weightDecay},
                      {"clip_norm", training.clipNorm.value_or(0)}};
  if (optimizer.kind == OptimizerSchema::Kind::AdamW) {
    object["state"] = json::Array{"first_moment", "second_moment"};
    object["beta1"] = optimizer.beta1;
    object["beta2"] = optimizer.beta2;
    object["epsilon"] = optimizer.epsilon;
  } else {
    object["state"] = json::Array{"velocity"};
    object["momentum"] = optimizer.momentum;
  }
  return object;
}

json::Object pixelfly::describeTraining(const TrainingSchema &training) {
  return json::Object{{"learning_rate", training.learningRate},
                      {"epochs", training.epochs},
                      {"warmup_epochs", training.warmupEpochs},
                      {"schedule", stringifySchedule(training.schedule)}};
}

static void describeCost(json::Object &object, const Cost &cost) {
  object["parameters"] = cost.parameters;
  object["dense_parameters"] = cost.denseParameters;
  object["multiply_adds"] = cost.multiplyAdds;
  object["dense_multiply_adds"] = cost.denseMultiplyAdds;
  object["predicted_seconds"] = cost.seconds;
  object["dense_predicted_seconds"] = cost.denseSeconds;
}

json::Object pixelfly::describeReport(const SparsifyReport &report) {
  json::Array layers;
  for (const LayerReport &layer : report.layers) {
    json::Object object{{"name", layer.name},      {"op", layer.op},
                        {"rows", layer.rows},      {"cols", layer.cols},
                        {"rank", layer.rank},      {"blocks", layer.numBlocks},
                        {"density", layer.density}};
    if (layer.pattern)
      object["pattern"] = describePattern(layer.pattern);
    describeCost(object, layer.cost);
    layers.push_back(std::move(object));
  }
  json::Object object{{"layers", std::move(layers)},
                      {"batch", report.batch},
                      {"target", report.target}};
  if (BudgetAttr budget = report.budget)
    object["budget"] =
        json::Object{{"measure", stringifyBudgetMeasure(budget.getMeasure())},
                     {"dense", budget.getDense()},
                     {"limit", budget.getLimit()},
                     {"used", budget.getUsed()},
                     {"next_step", budget.getNextStep()},
                     {"note", describeBudget(budget)}};
  describeCost(object, report.total);
  return object;
}
