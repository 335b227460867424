//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/CostModel.h"
#include "pixelfly/Sparsify/Report.h"

#include "FindLayers.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
/// Multiply-adds of one op for the whole batch.
struct Products {
  int64_t actual = 0;
  int64_t dense = 0;
  /// Predicted seconds with both gradients.
  double seconds = 0;
  double denseSeconds = 0;
  Value weight; ///< the factor that may be a parameter; null if both may be
};
} // namespace

/// Products of an input of `numRows` rows with a pattern, and with a gate's
/// weight if `isGated`.
static Products patternProducts(const CostModel &model,
                                BlockPatternAttrInterface pattern,
                                int64_t numRows, int64_t rank, bool isGated,
                                Value blocks) {
  int64_t rows = pattern.getRows(), cols = pattern.getCols();
  int64_t block = pattern.getBlock();
  int64_t nonzeros = pattern.getNumBlocks() * block * block;
  int64_t gate = isGated ? cols : 0;
  return {numRows * (nonzeros + rank * (rows + cols) + gate),
          numRows * rows * cols,
          model.layer(numRows, {rows, cols, nonzeros, block, rank, isGated}),
          model.layer(numRows, WeightCounts::dense(rows, cols)), blocks};
}

static int64_t leadingExtent(Value value) {
  return cast<ShapedType>(value.getType()).getDimSize(0);
}

/// What the op multiplies; nothing for an op that is no product, or one with
/// dynamic extents.
static Products productsOf(Operation *op, const CostModel &model) {
  if (auto linear = dyn_cast<LinearOp>(op)) {
    int64_t rank = linear.getU()
                       ? cast<ShapedType>(linear.getU().getType()).getDimSize(1)
                       : 0;
    return patternProducts(model, linear.getPattern(),
                           leadingExtent(linear.getInput()), rank,
                           bool(linear.getGateWeight()), linear.getBlocks());
  }
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return patternProducts(model, matmul.getPattern(),
                           leadingExtent(matmul.getInput()), 0, false,
                           matmul.getBlocks());
  if (auto sddmm = dyn_cast<SddmmOp>(op))
    return patternProducts(model, sddmm.getPattern(),
                           leadingExtent(sddmm.getLhs()), 0, false, Value());
  if (auto butterfly = dyn_cast<ButterflyMatmulOp>(op)) {
    // One product a factor; it stands for no dense layer.
    Products result;
    BlockPatternAttrInterface pattern = butterfly.getPattern();
    int64_t numRows = leadingExtent(butterfly.getInput());
    for (Value factor : butterfly.getFactors()) {
      int64_t stored = cast<ShapedType>(factor.getType()).getNumElements();
      result.actual += numRows * stored;
      result.seconds +=
          model.layer(numRows, {pattern.getRows(), pattern.getCols(), stored,
                                pattern.getBlock()});
    }
    result.dense = result.actual;
    result.denseSeconds = result.seconds;
    return result;
  }
  auto product = dyn_cast<linalg::LinalgOp>(op);
  if (!product || product.getNumReductionLoops() == 0 ||
      (!linalg::isaContractionOpInterface(product) &&
       !linalg::isaConvolutionOpInterface(product)))
    return {};
  Products result;
  result.actual = 1;
  for (int64_t extent : product.getStaticLoopRanges()) {
    if (ShapedType::isDynamic(extent))
      return {};
    result.actual *= extent;
  }
  result.dense = result.actual;
  // Forward product and gradients touch every operand as those of a layer do;
  // three products.
  WorkCounts counts{6 * double(result.actual), 0, 3};
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<ShapedType>(operand.getType());
        type && type.hasStaticShape())
      counts.elements += 4.0 * double(type.getNumElements());
  result.seconds = result.denseSeconds = model.seconds(counts);
  return result;
}

/// The layer whose weight the op reads, through transposes and reshapes.
static LayerReport *layerOf(Operation *op, Value weight,
                            const DenseMap<Value, LayerReport *> &layers) {
  SmallVector<Value> factors;
  if (weight)
    factors.push_back(weight);
  else
    llvm::append_range(factors, op->getOperands());
  for (Value factor : factors) {
    while (Operation *producer = factor.getDefiningOp()) {
      if (!isa<linalg::TransposeOp>(producer) &&
          producer->getNumOperands() != 1)
        break;
      factor = producer->getOperand(0);
    }
    if (LayerReport *layer = layers.lookup(factor))
      return layer;
  }
  return nullptr;
}

static int64_t numElements(BlockArgument argument, ParameterAttr parameter) {
  auto type = dyn_cast<RankedTensorType>(argument.getType());
  return type && type.hasStaticShape() ? parameter.countElements(type) : 0;
}

/// Fills in name, sizes and pattern.
static LayerReport startReport(const Layer &layer) {
  LayerReport report;
  report.name = layer.name;
  if (layer.isSparse()) {
    auto pattern =
        cast<BlockPatternAttrInterface>(layer.parameter.getPattern());
    report.pattern = pattern;
    report.rows = layer.parameter.getRows();
    report.cols = layer.parameter.getCols();
    report.numBlocks = pattern.getNumBlocks();
    report.density =
        static_cast<double>(layer.parameter.countElements(layer.getType())) /
        (static_cast<double>(report.rows) * report.cols);
    return report;
  }
  // What no product reads as a matrix has the layout of the importer and of
  // PyTorch: outputs first.
  bool isMatrix = layer.whyDense.empty();
  RankedTensorType type = layer.getType();
  report.rows = isMatrix ? layer.rows : type.getDimSize(0);
  report.cols = isMatrix ? layer.cols : type.getNumElements() / report.rows;
  // Given values are no arguments, which are counted below.
  if (layer.values)
    report.cost.parameters = report.cost.denseParameters =
        type.getNumElements();
  return report;
}

FailureOr<SparsifyReport>
mlir::pixelfly::collectLayers(ModuleOp module, StringRef functionName) {
  auto function = module.lookupSymbol<func::FuncOp>(functionName);
  if (!function || function.isExternal())
    return module.emitError("there is no function '")
           << functionName << "' with a body to report on";

  FailureOr<Target> target = Target::getForProducts(module);
  if (failed(target))
    return failure();
  CostModel model(*target);

  SparsifyReport report;
  report.target = target->name;
  report.budget = function->getAttrOfType<BudgetAttr>(kBudgetAttrName);
  DenseMap<Value, size_t> indexOfWeight;
  llvm::StringMap<size_t> indexOfName;
  int64_t batch = 0;
  auto parameterOf = [&](BlockArgument argument) {
    return function.getArgAttrOfType<ParameterAttr>(argument.getArgNumber(),
                                                    kParameterAttrName);
  };
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (batch == 0 && type && type.getRank() > 0 &&
        function.getArgAttr(argument.getArgNumber(), kInputAttrName))
      batch = type.getDimSize(0);
  }
  for (const Layer &layer : findLayers(function)) {
    size_t index = report.layers.size();
    for (Value weight : layer.weights)
      indexOfWeight[weight] = index;
    indexOfName[layer.name] = index;
    report.layers.push_back(startReport(layer));
  }

  for (BlockArgument argument : function.getArguments()) {
    ParameterAttr parameter = parameterOf(argument);
    if (!parameter)
      continue;
    int64_t actual = numElements(argument, parameter), dense = actual;
    auto [name, role] = parameter.getName().getValue().rsplit('.');
    bool isWeight = indexOfWeight.contains(argument);
    auto found = indexOfName.find(name);
    if (isWeight || found != indexOfName.end()) {
      LayerReport &layer =
          report.layers[isWeight ? indexOfWeight.at(argument) : found->second];
      if (layer.pattern && isWeight)
        dense = layer.rows * layer.cols;
      // Low-rank factors, mixing scalar or gate.
      if (layer.pattern && !isWeight && role != "bias")
        dense = 0;
      if (layer.pattern && role == "u")
        layer.rank = cast<ShapedType>(argument.getType()).getDimSize(1);
      layer.cost.parameters += actual;
      layer.cost.denseParameters += dense;
    }
    report.total.parameters += actual;
    report.total.denseParameters += dense;
  }

  DenseMap<Value, LayerReport *> layerOfWeight;
  for (auto [weight, index] : indexOfWeight)
    layerOfWeight[weight] = &report.layers[index];
  function.walk([&](Operation *op) {
    Products products = productsOf(op, model);
    if (products.dense == 0)
      return;
    SmallVector<Cost *> costs = {&report.total};
    if (LayerReport *layer = layerOf(op, products.weight, layerOfWeight)) {
      costs.push_back(&layer->cost);
      if (!layer->pattern)
        products.seconds = products.denseSeconds =
            model.layer(products.dense / (layer->rows * layer->cols),
                        WeightCounts::dense(layer->rows, layer->cols));
      if (layer->op.empty())
        layer->op = op->getName().getStringRef().str();
    }
    for (Cost *cost : costs) {
      cost->multiplyAdds += products.actual;
      cost->denseMultiplyAdds += products.dense;
      cost->seconds += products.seconds;
      cost->denseSeconds += products.denseSeconds;
    }
  });

  report.batch = std::max<int64_t>(batch, 1);
  auto perExample = [&](Cost &cost) {
    if (batch > 0) {
      cost.multiplyAdds /= batch;
      cost.denseMultiplyAdds /= batch;
    }
  };
  perExample(report.total);
  for (LayerReport &layer : report.layers) {
    perExample(layer.cost);
    if (layer.pattern)
      layer.density += static_cast<double>(layer.rank) *
                       (layer.rows + layer.cols) /
                       (static_cast<double>(layer.rows) * layer.cols);
  }
  return report;
}
