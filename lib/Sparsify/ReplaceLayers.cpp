//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReplaceLayers.h"

#include "BuildLinear.h"
#include "GivenValues.h"
#include "ProjectWeight.h"

#include "pixelfly/Sparsify/ChooseInitialisers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// Callers
//===----------------------------------------------------------------------===//

std::string
mlir::pixelfly::traceWeight(const Layer &layer, const SymbolUserMap &users,
                            SmallVectorImpl<BlockArgument> &weights) {
  weights.clear();
  if (layer.values)
    return "";
  weights.push_back(layer.getArgument());
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

static InitAttr initAttr(MLIRContext *context, const Initialiser &init) {
  return InitAttr::get(context, init.kind, init.scale, init.opposite);
}

ArrayRef<StringRef> mlir::pixelfly::addedParameters(LayerMix mix) {
  static constexpr StringRef scalar[] = {".u", ".v", ".gamma"};
  static constexpr StringRef gate[] = {".u", ".v", ".gate_weight",
                                       ".gate_bias"};
  return mix == LayerMix::Gate ? ArrayRef(gate) : ArrayRef(scalar);
}

/// How many arguments a layer with this choice adds.
static size_t countAdded(LayerChoiceAttr choice) {
  return choice.getRank() > 0 ? addedParameters(choice.getMix()).size() : 0;
}

/// Types and attributes of a layer's arguments.
struct LayerArguments {
  RankedTensorType blocks;
  SmallVector<Type> added; ///< as `addedParameters` names them

  explicit LayerArguments(const Replacement &replacement) {
    BlockPatternAttrInterface pattern = replacement.choice.getBlockPattern();
    int64_t rank = replacement.choice.getRank();
    const Layer &layer = replacement.layer;
    Type element = layer.getType().getElementType();
    blocks = RankedTensorType::get(
        {pattern.getNumBlocks(), pattern.getBlock(), pattern.getBlock()},
        element);
    if (rank == 0)
      return;
    added = {RankedTensorType::get({layer.rows, rank}, element),
             RankedTensorType::get({layer.cols, rank}, element)};
    if (replacement.choice.getMix() == LayerMix::Gate)
      added.push_back(RankedTensorType::get({layer.cols}, element));
    added.push_back(RankedTensorType::get({}, element));
  }
};

/// The `pixelfly.parameter` of the blocks and then of the added arguments,
/// given that of the dense weight.
static SmallVector<ParameterAttr>
parameterAttrs(ParameterAttr dense, const Replacement &replacement) {
  MLIRContext *context = dense.getContext();
  InitAttr init = dense.getInit();
  LayerChoiceAttr choice = replacement.choice;
  BlockPatternAttrInterface pattern = choice.getBlockPattern();
  LayerSizes sizes;
  sizes.rows = replacement.layer.rows;
  sizes.cols = replacement.layer.cols;
  sizes.rank = choice.getRank();
  sizes.storedRows = pattern.getRows();
  sizes.storedCols = pattern.getCols();
  sizes.storedPerRow =
      pattern.getNumBlocks() * pattern.getBlock() / pattern.getBlockRows();
  // Padded columns carry no input: they are missing from a row's nonzeros in
  // proportion.
  sizes.nonzerosPerRow = pattern.getNumBlocks() * pattern.getBlock() *
                         sizes.cols /
                         (pattern.getBlockRows() * pattern.getCols());
  LayerInitialisers start = chooseInitialisers(
      replacement.init, {init.getKind(), init.getScale().getValueAsDouble()},
      sizes);

  SmallVector<int64_t> extents;
  if (sizes.rows != pattern.getRows() || sizes.cols != pattern.getCols())
    extents = {sizes.rows, sizes.cols};
  SmallVector<ParameterAttr> attrs = {ParameterAttr::get(
      context, dense.getName(), initAttr(context, start.blocks),
      dense.getDecay(), choice.getPattern(), extents)};
  if (choice.getRank() == 0)
    return attrs;
  StringRef layer = dense.getName().getValue();
  layer.consume_back(".weight");
  SmallVector<Initialiser> inits = {start.u, start.v};
  if (choice.getMix() == LayerMix::Gate)
    llvm::append_values(inits, start.gateWeight, start.gateBias);
  else
    inits.push_back(start.gamma);
  for (auto [suffix, init] :
       llvm::zip_equal(addedParameters(choice.getMix()), inits)) {
    // Decay would pull the mixing scalar towards the low-rank term; biases have
    // none.
    bool decay =
        suffix != ".gamma" && suffix != ".gate_bias" && dense.getDecay();
    attrs.push_back(
        ParameterAttr::get(context, StringAttr::get(context, layer + suffix),
                           initAttr(context, init), decay, Attribute()));
  }
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
      parameters = parameterAttrs(dense, *replacement);
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

/// The `count` arguments behind a weight that its layer has added.
static ArrayRef<BlockArgument> addedArguments(BlockArgument weight,
                                              size_t count) {
  return weight.getOwner()->getArguments().slice(weight.getArgNumber() + 1,
                                                 count);
}

/// Passes the arguments that the caller has got on to the callee. `numAdded`
/// says how many a weight has behind it.
static void changeCall(func::CallOp call,
                       const DenseMap<BlockArgument, size_t> &numAdded) {
  SmallVector<Value> operands;
  for (Value operand : call.getOperands()) {
    operands.push_back(operand);
    auto argument = dyn_cast<BlockArgument>(operand);
    if (argument)
      llvm::append_range(operands,
                         addedArguments(argument, numAdded.lookup(argument)));
  }
  call.getOperandsMutable().assign(operands);
}

//===----------------------------------------------------------------------===//
// Given values
//===----------------------------------------------------------------------===//

/// Constants that project the given values, in front of the first of them.
static SparseWeight projectConstant(const Replacement &replacement) {
  const Layer &layer = replacement.layer;
  auto pattern = cast<FlatButterflyAttr>(replacement.choice.getPattern());
  LayerArguments types(replacement);
  const Product &product = layer.products.front();
  ProjectedWeight projected = projectWeight(
      arrangeMatrix(replacement.values, product.rows, product.cols), layer.rows,
      layer.cols, pattern.getPattern(), replacement.choice.getRank(),
      kInitialGamma);

  Value first = layer.weights.front();
  OpBuilder b(first.getDefiningOp());
  auto constant = [&](Type type, ArrayRef<double> values) -> Value {
    return arith::ConstantOp::create(
        b, first.getLoc(), makeConstant(cast<RankedTensorType>(type), values));
  };
  SparseWeight weight;
  weight.pattern = pattern;
  weight.blocks = constant(types.blocks, projected.blocks);
  if (replacement.choice.getRank() > 0) {
    weight.u = constant(types.added[0], projected.u);
    weight.v = constant(types.added[1], projected.v);
    // A gate whose sum is zero weighs both terms alike, as the projection does.
    if (replacement.choice.getMix() == LayerMix::Gate) {
      static_assert(kInitialGamma == 0.5, "what a gate of zero amounts to");
      weight.gateWeight = constant(types.added[2], 0.0);
      weight.gateBias = constant(types.added[3], 0.0);
    } else {
      weight.gamma = constant(types.added[2], kInitialGamma);
    }
  }
  return weight;
}

/// The arguments that have taken the place of a dense one.
static SparseWeight sparseArguments(const Replacement &replacement) {
  BlockArgument blocks = replacement.layer.getArgument();
  SparseWeight weight;
  weight.pattern = replacement.choice.getBlockPattern();
  weight.blocks = blocks;
  ArrayRef<BlockArgument> added =
      addedArguments(blocks, countAdded(replacement.choice));
  if (added.empty())
    return weight;
  weight.u = added[0], weight.v = added[1];
  if (replacement.choice.getMix() == LayerMix::Gate)
    weight.gateWeight = added[2], weight.gateBias = added[3];
  else
    weight.gamma = added[2];
  return weight;
}

void mlir::pixelfly::replaceLayers(ArrayRef<Replacement> replacements,
                                   const SymbolUserMap &users) {
  llvm::MapVector<Operation *, SmallVector<WeightOf>> functions;
  DenseMap<BlockArgument, size_t> numAdded;
  for (const Replacement &replacement : replacements) {
    for (BlockArgument weight : replacement.weights) {
      functions[weight.getOwner()->getParentOp()].push_back(
          {weight, &replacement});
      numAdded[weight] = countAdded(replacement.choice);
    }
  }
  for (auto &[function, weights] : functions)
    changeArguments(cast<func::FuncOp>(function), weights);
  // Every caller has its new arguments by now.
  for (auto &[function, weights] : functions)
    for (Operation *call : users.getUsers(function))
      changeCall(cast<func::CallOp>(call), numAdded);
  for (const Replacement &replacement : replacements) {
    SparseWeight weight = replacement.layer.values
                              ? projectConstant(replacement)
                              : sparseArguments(replacement);
    for (const Product &product : replacement.layer.products)
      replaceProduct(product, weight);
  }
  for (const Replacement &replacement : replacements)
    for (const Product &product : replacement.layer.products)
      dropUnusedInputs(product);
}
