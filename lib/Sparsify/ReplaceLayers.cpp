//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReplaceLayers.h"

#include "pixelfly/Sparsify/ChooseInitialisers.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// Callers
//===----------------------------------------------------------------------===//

std::string
mlir::pixelfly::traceWeight(const Layer &layer, const SymbolUserMap &users,
                            SmallVectorImpl<BlockArgument> &weights) {
  weights.assign(1, layer.weight);
  // `weights` grows while it is read: the callers' arguments have callers too.
  for (size_t i = 0; i < weights.size(); ++i) {
    BlockArgument weight = weights[i];
    auto function = cast<func::FuncOp>(weight.getOwner()->getParentOp());
    for (Operation *user : users.getUsers(function)) {
      auto call = dyn_cast<func::CallOp>(user);
      if (!call)
        return "'" + user->getName().getStringRef().str() + "' refers to @" +
               function.getName().str() + ", whose arguments would change";
      auto passed =
          dyn_cast<BlockArgument>(call.getOperand(weight.getArgNumber()));
      if (!passed || !isa<func::FuncOp>(passed.getOwner()->getParentOp()) ||
          !passed.hasOneUse())
        return "a call of @" + function.getName().str() +
               " passes a weight that is not an argument of the caller used "
               "only there";
      weights.push_back(passed);
    }
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

/// The arguments that a layer adds behind its weight.
static constexpr StringLiteral kAddedParameters[] = {".u", ".v", ".gamma"};

static FlatButterflyAttr patternAttr(MLIRContext *context,
                                     const FlatButterfly &pattern) {
  return FlatButterflyAttr::get(context, pattern.rows, pattern.cols,
                                pattern.block, pattern.radices,
                                pattern.factors);
}

static InitAttr initAttr(MLIRContext *context, const Initialiser &init) {
  return InitAttr::get(context, init.kind, init.scale);
}

/// Types and attributes of a layer's arguments.
struct LayerArguments {
  RankedTensorType blocks;
  SmallVector<Type> added; ///< u, v, gamma; empty without a low-rank term

  explicit LayerArguments(const Replacement &replacement) {
    const FlatButterfly &pattern = *replacement.choice.pattern;
    int64_t rank = replacement.choice.rank;
    Type element = cast<RankedTensorType>(replacement.layer.weight.getType())
                       .getElementType();
    blocks = RankedTensorType::get(
        {pattern.numBlocks(), pattern.block, pattern.block}, element);
    if (rank > 0)
      added = {RankedTensorType::get({pattern.rows, rank}, element),
               RankedTensorType::get({pattern.cols, rank}, element),
               RankedTensorType::get({}, element)};
  }
};

/// The `pixelfly.parameter` of the blocks and then of the added arguments,
/// given that of the dense weight.
static SmallVector<ParameterAttr> parameterAttrs(ParameterAttr dense,
                                                 const LayerChoice &choice) {
  MLIRContext *context = dense.getContext();
  InitAttr init = dense.getInit();
  const FlatButterfly &pattern = *choice.pattern;
  LayerInitialisers start = chooseInitialisers(
      {init.getKind(), init.getScale().getValueAsDouble()}, pattern.cols,
      pattern.blocksPerRow() * pattern.block, choice.rank);

  SmallVector<ParameterAttr> attrs = {ParameterAttr::get(
      context, dense.getName(), initAttr(context, start.blocks),
      dense.getDecay(), patternAttr(context, pattern))};
  if (choice.rank == 0)
    return attrs;
  StringRef layer = dense.getName().getValue();
  layer.consume_back(".weight");
  const Initialiser *inits[] = {&start.u, &start.v, &start.gamma};
  for (auto [suffix, init] : llvm::zip_equal(kAddedParameters, inits))
    attrs.push_back(ParameterAttr::get(
        context, StringAttr::get(context, layer + suffix),
        initAttr(context, *init),
        // Decay would pull the mixing scalar towards the low-rank term.
        suffix == ".gamma" ? false : dense.getDecay(), Attribute()));
  return attrs;
}

/// A weight argument of one function and the layer it belongs to.
using WeightOf = std::pair<BlockArgument, const Replacement *>;

/// Retypes the weights of a function and inserts the added arguments.
static void changeArguments(func::FuncOp function,
                            SmallVectorImpl<WeightOf> &weights) {
  llvm::sort(weights, [](const WeightOf &a, const WeightOf &b) {
    return a.first.getArgNumber() < b.first.getArgNumber();
  });
  MLIRContext *context = function.getContext();
  SmallVector<unsigned> indices;
  SmallVector<Type> types;
  SmallVector<DictionaryAttr> attrs;
  SmallVector<Location> locations;
  SmallVector<Type> blockTypes;
  auto dictionary = [&](Attribute parameter) {
    NamedAttrList list;
    if (parameter)
      list.set(kParameterAttrName, parameter);
    return list.getDictionary(context);
  };
  for (auto [weight, replacement] : weights) {
    LayerArguments arguments(*replacement);
    unsigned index = weight.getArgNumber();
    // A caller may pass a weight on without calling it a parameter.
    SmallVector<ParameterAttr> parameters(1 + arguments.added.size());
    if (auto dense = function.getArgAttrOfType<ParameterAttr>(
            index, kParameterAttrName)) {
      parameters = parameterAttrs(dense, replacement->choice);
      function.setArgAttr(index, kParameterAttrName, parameters.front());
    }
    for (auto [type, parameter] :
         llvm::zip_equal(arguments.added, ArrayRef(parameters).drop_front())) {
      indices.push_back(index + 1);
      types.push_back(type);
      attrs.push_back(dictionary(parameter));
      locations.push_back(weight.getLoc());
    }
    blockTypes.push_back(arguments.blocks);
  }
  // Fails only where a function type cannot be built, which func.func can.
  LogicalResult inserted =
      function.insertArguments(indices, types, attrs, locations);
  assert(succeeded(inserted) && "func.func takes any arguments");
  (void)inserted;
  for (auto [weight, type] : llvm::zip_equal(weights, blockTypes))
    weight.first.setType(type);
  function.setType(FunctionType::get(context,
                                     function.getBody().getArgumentTypes(),
                                     function.getFunctionType().getResults()));
}

/// The u, v and gamma behind a weight, whose layer has a low-rank term.
static ArrayRef<BlockArgument> addedArguments(BlockArgument weight) {
  return weight.getOwner()->getArguments().slice(weight.getArgNumber() + 1,
                                                 std::size(kAddedParameters));
}

/// Passes the arguments that the caller has got on to the callee.
static void changeCall(func::CallOp call,
                       const DenseSet<BlockArgument> &withLowRank) {
  SmallVector<Value> operands;
  for (Value operand : call.getOperands()) {
    operands.push_back(operand);
    auto argument = dyn_cast<BlockArgument>(operand);
    if (argument && withLowRank.contains(argument))
      llvm::append_range(operands, addedArguments(argument));
  }
  call.getOperandsMutable().assign(operands);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// Erases the op if nothing uses it, and what it alone kept alive.
static void eraseDead(Operation *op) {
  llvm::SmallSetVector<Operation *, 8> worklist;
  worklist.insert(op);
  while (!worklist.empty()) {
    Operation *candidate = worklist.pop_back_val();
    if (!isOpTriviallyDead(candidate))
      continue;
    for (Value operand : candidate->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        worklist.insert(producer);
    candidate->erase();
  }
}

/// Puts `pixelfly.linear` in the place of product and bias.
static void replaceProduct(const Replacement &replacement) {
  const Layer &layer = replacement.layer;
  const FlatButterfly &pattern = *replacement.choice.pattern;
  // The bias may be computed between the product and its addition.
  Operation *last = layer.biasAdd ? layer.biasAdd : layer.product;
  OpBuilder b(last);
  Location loc = layer.product->getLoc();
  auto resultType = cast<RankedTensorType>(last->getResult(0).getType());
  Type element = resultType.getElementType();

  // Leading dimensions are rows of one matrix.
  Value input = layer.input->get();
  int64_t rank = resultType.getRank();
  SmallVector<ReassociationIndices> toMatrix(2);
  toMatrix[0] = llvm::to_vector(llvm::seq<int64_t>(0, rank - 1));
  toMatrix[1] = {rank - 1};
  if (rank > 2)
    input = tensor::CollapseShapeOp::create(b, loc, input, toMatrix);
  int64_t numRows = cast<RankedTensorType>(input.getType()).getDimSize(0);
  auto matrixType = RankedTensorType::get({numRows, layer.rows}, element);

  Value bias = layer.bias ? layer.bias->get() : Value();
  Value u, v, gamma;
  if (replacement.choice.rank > 0) {
    ArrayRef<BlockArgument> added = addedArguments(layer.weight);
    u = added[0], v = added[1], gamma = added[2];
  }
  Value init = tensor::EmptyOp::create(b, loc, matrixType.getShape(), element);
  auto linear =
      LinearOp::create(b, loc, matrixType, input, layer.weight, u, v, gamma,
                       bias, init, patternAttr(b.getContext(), pattern));
  Value result = linear.getResult().front();
  if (rank > 2)
    result =
        tensor::ExpandShapeOp::create(b, loc, resultType, result, toMatrix);
  last->getResult(0).replaceAllUsesWith(result);

  eraseDead(last);
}

void mlir::pixelfly::replaceLayers(ArrayRef<Replacement> replacements,
                                   const SymbolUserMap &users) {
  llvm::MapVector<Operation *, SmallVector<WeightOf>> functions;
  DenseSet<BlockArgument> withLowRank;
  for (const Replacement &replacement : replacements) {
    for (BlockArgument weight : replacement.weights) {
      functions[weight.getOwner()->getParentOp()].push_back(
          {weight, &replacement});
      if (replacement.choice.rank > 0)
        withLowRank.insert(weight);
    }
  }
  for (auto &[function, weights] : functions)
    changeArguments(cast<func::FuncOp>(function), weights);
  // Every caller has its new arguments by now.
  for (auto &[function, weights] : functions)
    for (Operation *call : users.getUsers(function))
      changeCall(cast<func::CallOp>(call), withLowRank);
  for (const Replacement &replacement : replacements)
    replaceProduct(replacement);
}
