//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FindLayers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MLProgram/IR/MLProgram.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::pixelfly;

Location Layer::getLoc() const {
  if (atFault)
    return atFault->getLoc();
  if (!products.empty())
    return linalg::LinalgOp(products.front().op).getLoc();
  return weights.front().getLoc();
}

//===----------------------------------------------------------------------===//
// Uses
//===----------------------------------------------------------------------===//

namespace {
/// An operand through which a weight leaves what only rearranges it.
struct WeightUse {
  OpOperand *operand;
  TensorView view;
};
} // namespace

/// Follows the weight through everything that only rearranges it.
static SmallVector<WeightUse> findUses(ArrayRef<Value> weights) {
  SmallVector<WeightUse> uses;
  SmallVector<std::pair<Value, TensorView>> worklist;
  for (Value weight : weights)
    worklist.push_back({weight, TensorView::identity(
                                    cast<RankedTensorType>(weight.getType()))});
  for (size_t i = 0; i < worklist.size(); ++i) {
    auto [value, view] = worklist[i];
    SmallVector<OpOperand *> operands;
    for (OpOperand &use : value.getUses())
      operands.push_back(&use);
    // The list of uses starts with the last one.
    for (OpOperand *use : llvm::reverse(operands)) {
      std::optional<TensorView> next;
      if (rearrangedOperand(use->getOwner()) == use)
        next = view.through(use->getOwner());
      if (next)
        worklist.push_back({use->getOwner()->getResult(0), std::move(*next)});
      else
        uses.push_back({use, view});
    }
  }
  return uses;
}

/// Matches every use, and compares what they make of the weight.
static std::string matchUses(ArrayRef<WeightUse> uses, Layer &layer) {
  std::string others = uses.size() > 1
                           ? " (one of " + std::to_string(uses.size()) +
                                 " uses: either all become sparse or none)"
                           : "";
  for (const WeightUse &use : uses) {
    layer.atFault = use.operand->getOwner();
    Product product;
    std::string whyNot = matchProduct(*use.operand, use.view, product);
    if (!whyNot.empty())
      return whyNot + others;
    if (llvm::any_of(layer.products,
                     [&](Product &other) { return other.op == product.op; }))
      return "its weight is multiplied with itself";
    if (!layer.products.empty() &&
        (layer.products.front().rows != product.rows ||
         layer.products.front().cols != product.cols))
      return "its weight is read as one matrix here and as another, such as "
             "its "
             "transpose, elsewhere; a sparse weight is one matrix" +
             others;
    layer.products.push_back(std::move(product));
  }
  layer.atFault = nullptr;
  layer.rows = numValues(layer.products.front().rows);
  layer.cols = numValues(layer.products.front().cols);
  return "";
}

/// What the initialiser of a parameter says against a pattern.
static std::string checkInit(const Layer &layer) {
  if (!layer.parameter)
    return "";
  InitAttr init = layer.parameter.getInit();
  if (init.getKind() == InitKind::SingularVectors)
    return "its weight starts as singular vectors, as the factor of another "
           "weight does";
  if (init.getKind() != InitKind::Constant ||
      init.getScale().getValue().isZero())
    return "";
  return "its weight starts at a nonzero constant, which gives no variance to "
         "keep; use a random initialiser";
}

/// Fills in the rest of a layer of which the weight is known. `always`: the
/// weight is one even if no product reads it. Returns whether it is a layer.
static bool matchLayer(Layer &layer, bool always) {
  SmallVector<WeightUse> uses = findUses(layer.weights);
  bool isMultiplied = llvm::any_of(uses, [](const WeightUse &use) {
    return isContraction(use.operand->getOwner()) &&
           use.operand->getOperandNumber() < 2;
  });
  if (!always && !isMultiplied)
    return false;
  layer.whyDense = checkInit(layer);
  if (layer.whyDense.empty())
    layer.whyDense =
        uses.empty() ? "its weight is not used" : matchUses(uses, layer);
  return true;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// The layers whose weight is an argument.
static void findParameters(func::FuncOp function, std::vector<Layer> &layers) {
  llvm::StringSet<> names;
  auto parameterOf = [&](BlockArgument argument) {
    return function.getArgAttrOfType<ParameterAttr>(argument.getArgNumber(),
                                                    kParameterAttrName);
  };
  for (BlockArgument argument : function.getArguments())
    if (ParameterAttr parameter = parameterOf(argument))
      names.insert(parameter.getName().getValue());
  for (BlockArgument argument : function.getArguments()) {
    ParameterAttr parameter = parameterOf(argument);
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!parameter || !type || type.getRank() < 2)
      continue;
    Layer layer;
    StringRef name = parameter.getName().getValue();
    bool isWeight = name.consume_back(".weight");
    layer.name = name.str();
    layer.weights.push_back(argument);
    layer.parameter = parameter;
    if (!layer.isSparse()) {
      if (!matchLayer(layer, isWeight))
        continue;
      for (StringRef suffix :
           {".u", ".v", ".gamma", ".gate_weight", ".gate_bias"})
        if (layer.whyDense.empty() && names.contains(layer.name + suffix.str()))
          layer.whyDense = "the function already has a parameter '" +
                           layer.name + suffix.str() + "'";
    }
    layers.push_back(std::move(layer));
  }
}

namespace {
/// Given values, and what to call them.
struct GivenValues {
  /// Null where there are none, or where something may change them.
  ElementsAttr values;
  StringRef name;
  /// The global whose values something may change, or null.
  Attribute mutableGlobal = {};
};
} // namespace

/// The name in the value's location, if it has one.
static StringRef nameOf(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().getValue();
  return "";
}

/// What a load of a global gives.
static GivenValues valuesOf(Attribute values, bool isMutable, StringRef name,
                            Attribute symbol) {
  if (isMutable)
    return {{}, name, symbol};
  return {dyn_cast_or_null<ElementsAttr>(values), name};
}

/// The values that an operation gives: a constant's or a global's.
static GivenValues givenValues(Operation *op,
                               SymbolTableCollection &symbolTables) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return {dyn_cast<ElementsAttr>(constant.getValue()), nameOf(op->getLoc())};
  if (isa<ml_program::GlobalLoadConstOp, ml_program::GlobalLoadOp>(op)) {
    auto symbol = op->getAttrOfType<SymbolRefAttr>("global");
    auto global =
        symbolTables.lookupNearestSymbolFrom<ml_program::GlobalOp>(op, symbol);
    if (global)
      return valuesOf(global.getValueAttr(), global.getIsMutable(),
                      global.getSymName(), symbol);
  }
  if (auto toTensor = dyn_cast<bufferization::ToTensorOp>(op)) {
    auto get = toTensor.getBuffer().getDefiningOp<memref::GetGlobalOp>();
    auto global = get ? symbolTables.lookupNearestSymbolFrom<memref::GlobalOp>(
                            get, get.getNameAttr())
                      : memref::GlobalOp();
    if (global)
      return valuesOf(global.getInitialValueAttr(), !global.getConstant(),
                      global.getSymName(), get.getNameAttr());
  }
  return {};
}

/// The layers whose weight has given values.
static void findConstants(func::FuncOp function, std::vector<Layer> &layers) {
  SymbolTableCollection symbolTables;
  // The same values read in several places are one weight.
  llvm::MapVector<std::pair<Attribute, Type>, Layer> constants;
  function.walk([&](Operation *op) {
    GivenValues given = givenValues(op, symbolTables);
    if (!given.mutableGlobal && !given.values)
      return;
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type || type.getRank() < 2)
      return;
    Layer &layer = constants[{given.mutableGlobal ? given.mutableGlobal
                                                  : Attribute(given.values),
                              type}];
    layer.values = given.values;
    layer.weights.push_back(op->getResult(0));
    if (layer.name.empty())
      layer.name = given.name.str();
  });

  llvm::StringSet<> names;
  for (const Layer &layer : layers)
    names.insert(layer.name);
  DenseSet<Operation *> taken;
  for (Layer &layer : layers)
    for (Product &product : layer.products)
      taken.insert(product.op);
  int64_t number = 0;
  for (auto &[key, layer] : constants) {
    if (!matchLayer(layer, /*always=*/false))
      continue;
    if (!layer.values)
      layer.whyDense = "something may change its weight, the mutable global @" +
                       layer.name +
                       "; make it immutable, or an argument of the function";
    else if (layer.values.isSplat())
      layer.whyDense = "its weight is one value repeated, which no butterfly "
                       "approximates; make it an argument of the function if "
                       "it is to be trained";
    // What a parameter is multiplied with is its input.
    if (llvm::any_of(layer.products, [&](Product &product) {
          return taken.contains(product.op);
        }))
      continue;
    std::string base = layer.name.empty() ? "constant" : layer.name;
    if (layer.name.empty())
      layer.name = base + std::to_string(number++);
    while (!names.insert(layer.name).second)
      layer.name = base + "." + std::to_string(number++);
    layers.push_back(std::move(layer));
  }
}

/// A product of two weights is a layer of neither.
static void rejectSharedProducts(std::vector<Layer> &layers) {
  DenseMap<Operation *, Layer *> layerOf;
  for (Layer &layer : layers) {
    if (!layer.whyDense.empty())
      continue;
    for (Product &product : layer.products) {
      auto [entry, isNew] = layerOf.try_emplace(product.op, &layer);
      if (isNew)
        continue;
      for (Layer *shared : {&layer, entry->second}) {
        shared->whyDense = "its product multiplies two weights, '" +
                           entry->second->name + "' and '" + layer.name + "'";
        shared->atFault = product.op;
      }
    }
  }
}

std::vector<Layer> mlir::pixelfly::findLayers(func::FuncOp function) {
  std::vector<Layer> layers;
  findParameters(function, layers);
  findConstants(function, layers);
  rejectSharedProducts(layers);
  return layers;
}
