//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FindLayers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::pixelfly;

Location Layer::getLoc() const {
  return consumer ? consumer->getLoc() : weight.getLoc();
}

/// The loop that each dimension of an operand runs over, or nullopt if the map
/// does more than pick loops.
static std::optional<SmallVector<unsigned>> loopsOf(AffineMap map) {
  if (!map.isProjectedPermutation())
    return std::nullopt;
  SmallVector<unsigned> loops;
  for (AffineExpr expr : map.getResults())
    loops.push_back(cast<AffineDimExpr>(expr).getPosition());
  return loops;
}

/// Follows the weight through transposes to the op that consumes it. The
/// orientation of a weight that is trained from a random start has no meaning
/// of its own: rows and columns are told apart by what the product does with
/// them.
static OpOperand *consumerOf(BlockArgument weight, std::string &whyDense) {
  Value value = weight;
  while (true) {
    if (value.use_empty()) {
      whyDense = "its weight is not used";
      return nullptr;
    }
    if (!value.hasOneUse()) {
      whyDense = "its weight is used in " +
                 std::to_string(llvm::range_size(value.getUses())) +
                 " places, and only a weight used once can change its shape";
      return nullptr;
    }
    OpOperand &use = *value.use_begin();
    auto transpose = dyn_cast<linalg::TransposeOp>(use.getOwner());
    if (!transpose || transpose.getInput() != value ||
        transpose->getNumResults() != 1)
      return &use;
    value = transpose->getResult(0);
  }
}

static bool isZero(Value value) {
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return matchPattern(fill.value(), m_AnyZeroFloat());
  return matchPattern(value, m_AnyZeroFloat());
}

/// Checks that the op is a matrix product with `weight` as one factor and fills
/// in product, input, rows and cols. Returns why not, or an empty string.
static std::string matchProduct(OpOperand &weight, Layer &layer) {
  auto product = dyn_cast<linalg::LinalgOp>(weight.getOwner());
  if (!product || !linalg::isaContractionOpInterface(product) ||
      !product.hasPureTensorSemantics())
    return "its weight goes into '" +
           weight.getOwner()->getName().getStringRef().str() +
           "', which is not a matrix product";
  layer.product = product;

  OpOperand *init = product.getDpsInitOperand(0);
  if (weight.getOperandNumber() >= 2 || product.getNumDpsInputs() != 2)
    return "its weight is not a factor of the product";
  OpOperand *input = product.getDpsInputOperand(1 - weight.getOperandNumber());

  // The weight is static and of floats, as every parameter is.
  auto type = [](OpOperand *operand) {
    return cast<RankedTensorType>(operand->get().getType());
  };
  for (OpOperand *operand : {input, init}) {
    if (type(operand).getElementType() != type(&weight).getElementType())
      return "input, weight and result have different element types";
    for (int64_t i = 0; i < type(operand).getRank(); ++i)
      if (type(operand).isDynamicDim(i))
        return "dimension " + std::to_string(i) + " of its " +
               (operand == input ? "input" : "result") +
               " is dynamic; give the program static shapes first";
  }

  auto weightLoops = loopsOf(product.getMatchingIndexingMap(&weight));
  auto inputLoops = loopsOf(product.getMatchingIndexingMap(input));
  auto resultLoops = loopsOf(product.getMatchingIndexingMap(init));
  if (!weightLoops || !inputLoops || !resultLoops || weightLoops->size() != 2)
    return "its product does not read a matrix";
  // The loop over input features is the reduction.
  auto iterators = product.getIteratorTypesArray();
  bool first = linalg::isReductionIterator(iterators[weightLoops->front()]);
  bool second = linalg::isReductionIterator(iterators[weightLoops->back()]);
  if (first == second)
    return "its product does not sum over exactly one dimension of the weight";
  unsigned colLoop = first ? weightLoops->front() : weightLoops->back();
  unsigned rowLoop = first ? weightLoops->back() : weightLoops->front();
  if (llvm::is_contained(*inputLoops, rowLoop))
    return "its product is batched over a dimension of the weight";

  ArrayRef<unsigned> inputLeading = ArrayRef(*inputLoops).drop_back();
  ArrayRef<unsigned> resultLeading = ArrayRef(*resultLoops).drop_back();
  if (inputLoops->empty() || resultLoops->empty() ||
      inputLoops->back() != colLoop || resultLoops->back() != rowLoop ||
      inputLeading != resultLeading || inputLeading.empty())
    return "its features are not the last dimension of input and result; only "
           "y[.., row] = sum of x[.., col] * w is replaced";
  if (!isZero(init->get()))
    return "its product adds to a value that is not known to be zero";

  SmallVector<int64_t> extents = product.getStaticLoopRanges();
  layer.input = input;
  layer.rows = extents[rowLoop];
  layer.cols = extents[colLoop];
  return "";
}

/// Fills in the bias if the only use of the product is a generic that adds a
/// vector to every row.
static void matchBias(Layer &layer) {
  Value result = layer.product->getResult(0);
  if (!result.hasOneUse())
    return;
  auto add = dyn_cast<linalg::GenericOp>(*result.user_begin());
  if (!add || !add.hasPureTensorSemantics() ||
      add.getNumParallelLoops() != add.getNumLoops() ||
      add->getNumResults() != 1 ||
      add->getResult(0).getType() != result.getType())
    return;
  OpOperand *init = add.getDpsInitOperand(0);
  if (!add.getMatchingIndexingMap(init).isIdentity())
    return;

  // yield(a + b) of two block arguments, one of which is the product.
  Block *body = add.getBody();
  Operation *yield = body->getTerminator();
  auto sum = yield->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || !llvm::hasSingleElement(body->without_terminator()))
    return;
  auto operandOf = [&](Value value) -> OpOperand * {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument ? add.getMatchingOpOperand(argument) : nullptr;
  };
  OpOperand *product = operandOf(sum.getLhs());
  OpOperand *bias = operandOf(sum.getRhs());
  if (!product || !bias)
    return;
  if (product->get() != result)
    std::swap(product, bias);
  if (product->get() != result ||
      !add.getMatchingIndexingMap(product).isIdentity())
    return;

  AffineMap map = add.getMatchingIndexingMap(bias);
  if (map.getNumResults() != 1 ||
      map.getResult(0) !=
          getAffineDimExpr(add.getNumLoops() - 1, add.getContext()))
    return;
  layer.biasAdd = add;
  layer.bias = bias;
}

BlockArgument mlir::pixelfly::findParameter(func::FuncOp function,
                                            StringRef name) {
  for (BlockArgument argument : function.getArguments()) {
    auto parameter = function.getArgAttrOfType<ParameterAttr>(
        argument.getArgNumber(), kParameterAttrName);
    if (parameter && parameter.getName() == name)
      return argument;
  }
  return {};
}

/// Fills in the rest of a layer of which name, weight and parameter are known.
static void matchLayer(func::FuncOp function, Layer &layer) {
  auto type = cast<RankedTensorType>(layer.weight.getType());
  if (type.getRank() != 2) {
    layer.whyDense = "its weight has " + std::to_string(type.getRank()) +
                     " dimensions, not two";
    return;
  }
  for (StringRef suffix : {".u", ".v", ".gamma"}) {
    if (findParameter(function, layer.name + suffix.str())) {
      layer.whyDense = "the function already has a parameter '" + layer.name +
                       suffix.str() + "'";
      return;
    }
  }
  InitAttr init = layer.parameter.getInit();
  if (init.getKind() == InitKind::Constant &&
      !init.getScale().getValue().isZero()) {
    layer.whyDense = "its weight starts at a nonzero constant, which gives no "
                     "variance to keep; use a random initialiser";
    return;
  }
  OpOperand *consumer = consumerOf(layer.weight, layer.whyDense);
  if (!consumer)
    return;
  layer.consumer = consumer->getOwner();
  layer.whyDense = matchProduct(*consumer, layer);
  if (layer.whyDense.empty())
    matchBias(layer);
}

SmallVector<Layer> mlir::pixelfly::findLayers(func::FuncOp function) {
  SmallVector<Layer> layers;
  for (BlockArgument argument : function.getArguments()) {
    auto parameter = function.getArgAttrOfType<ParameterAttr>(
        argument.getArgNumber(), kParameterAttrName);
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!parameter || !type || type.getRank() < 2)
      continue;
    StringRef name = parameter.getName().getValue();
    if (!name.consume_back(".weight"))
      continue;
    Layer layer;
    layer.name = name.str();
    layer.weight = argument;
    layer.parameter = parameter;
    if (!layer.isSparse())
      matchLayer(function, layer);
    layers.push_back(std::move(layer));
  }
  return layers;
}
