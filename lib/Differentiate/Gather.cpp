//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gather.h"

#include "ReverseSweep.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The operations of `body` that `values` are computed by, in order, and the
/// arguments of the body that they read.
static SmallVector<Operation *>
getSlice(Block &body, ValueRange values,
         llvm::SmallSetVector<BlockArgument, 4> &arguments) {
  llvm::SmallDenseSet<Value> needed(values.begin(), values.end());
  SmallVector<Operation *> slice;
  for (Operation &op : llvm::reverse(body)) {
    if (llvm::none_of(op.getResults(),
                      [&](Value result) { return needed.contains(result); }))
      continue;
    slice.push_back(&op);
    op.walk([&](Operation *nested) {
      needed.insert(nested->operand_begin(), nested->operand_end());
    });
  }
  std::reverse(slice.begin(), slice.end());
  for (BlockArgument argument : body.getArguments())
    if (needed.contains(argument))
      arguments.insert(argument);
  return slice;
}

std::optional<Gather> Gather::match(Operation *operation) {
  auto op = dyn_cast<linalg::GenericOp>(operation);
  if (!op || op->getNumResults() != 1 || !op.hasPureTensorSemantics() ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) ||
      !op.getIndexingMapsArray().back().isPermutation())
    return std::nullopt;
  auto extract = op.getBody()
                     ->getTerminator()
                     ->getOperand(0)
                     .getDefiningOp<tensor::ExtractOp>();
  if (!extract || extract->getBlock() != op.getBody() ||
      extract.getTensor().getParentRegion() == &op.getRegion())
    return std::nullopt;
  return Gather(op, extract);
}

SmallVector<unsigned> Gather::getSlicedLoops() {
  SmallVector<unsigned> loops;
  ValueRange indices = extract.getIndices();
  while (!indices.empty()) {
    auto index = indices.back().getDefiningOp<linalg::IndexOp>();
    if (!index || llvm::is_contained(loops, index.getDim()))
      break;
    loops.push_back(index.getDim());
    indices = indices.drop_back();
  }
  std::reverse(loops.begin(), loops.end());

  llvm::SmallSetVector<BlockArgument, 4> arguments;
  for (Operation *link : getSlice(*op.getBody(), indices, arguments))
    if (auto index = dyn_cast<linalg::IndexOp>(link);
        index && llvm::is_contained(loops, index.getDim()))
      return {};
  for (BlockArgument argument : arguments) {
    AffineMap map = op.getIndexingMapsArray()[argument.getArgNumber()];
    if (llvm::any_of(loops,
                     [&](unsigned loop) { return map.isFunctionOfDim(loop); }))
      return {};
  }
  return loops;
}

/// The places `map` sends the loop counters to, as index values.
static SmallVector<Value> applyMap(OpBuilder &builder, Location loc,
                                   AffineMap map,
                                   ArrayRef<OpFoldResult> counters) {
  SmallVector<Value> places;
  for (unsigned i = 0, e = map.getNumResults(); i < e; ++i)
    places.push_back(getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineApply(builder, loc, map.getSubMap({i}),
                                              counters)));
  return places;
}

/// Emits `lhs` + `rhs`, where dimension i of `lhs` is dimension `order[i]` of
/// `rhs`; the sum takes the place of `rhs`.
static Value emitSumOnto(OpBuilder &builder, Location loc, Value lhs, Value rhs,
                         ArrayRef<unsigned> order) {
  unsigned rank = order.size();
  SmallVector<AffineMap> maps = {
      AffineMap::getMultiDimMapWithTargets(rank, order, builder.getContext()),
      builder.getMultiDimIdentityMap(rank)};
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, rhs.getType(), lhs, rhs, maps, iterators,
             [](OpBuilder &nested, Location loc, ValueRange args) {
               Value sum = arith::AddFOp::create(nested, loc, args[1], args[0]);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}

Value Gather::emitScatterAdd(OpBuilder &builder, Value resultAdjoint,
                             Value init) {
  OpBuilder::InsertionGuard guard(builder);
  Location loc = op.getLoc();
  unsigned numLoops = op.getNumLoops();
  SmallVector<unsigned> sliced = getSlicedLoops();
  AffineMap resultMap = op.getIndexingMapsArray().back();

  SmallVector<OpFoldResult> extents(numLoops), counters(numLoops);
  for (unsigned dim = 0; dim < numLoops; ++dim)
    extents[resultMap.getDimPosition(dim)] =
        tensor::getMixedSize(builder, loc, resultAdjoint, dim);

  // One loop for each dimension that is not sliced, outermost first.
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value sum = init, outermost;
  for (unsigned loop = 0; loop < numLoops; ++loop) {
    if (llvm::is_contained(sliced, loop)) {
      counters[loop] = builder.getIndexAttr(0);
      continue;
    }
    Value extent = getValueOrCreateConstantIndexOp(builder, loc, extents[loop]);
    auto nest = scf::ForOp::create(builder, loc, zero, extent, one, sum);
    if (outermost)
      scf::YieldOp::create(builder, loc, nest.getResult(0));
    else
      outermost = nest.getResult(0);
    counters[loop] = nest.getInductionVar();
    sum = nest.getRegionIterArg(0);
    builder.setInsertionPointToStart(nest.getBody());
  }

  // The indices, computed from elements of the inputs and loop counters.
  ValueRange leading = extract.getIndices().drop_back(sliced.size());
  llvm::SmallSetVector<BlockArgument, 4> arguments;
  IRMapping mapping;
  SmallVector<Operation *> slice = getSlice(*op.getBody(), leading, arguments);
  for (BlockArgument argument : arguments) {
    OpOperand *operand = op.getMatchingOpOperand(argument);
    Value element = operand->get();
    if (isa<RankedTensorType>(element.getType()))
      element = tensor::ExtractOp::create(
          builder, loc, element,
          applyMap(builder, loc, op.getMatchingIndexingMap(operand), counters));
    mapping.map(argument, element);
  }
  for (Operation *link : slice) {
    if (auto index = dyn_cast<linalg::IndexOp>(link))
      mapping.map(index.getResult(),
                  getValueOrCreateConstantIndexOp(builder, loc,
                                                  counters[index.getDim()]));
    else
      builder.clone(*link, mapping);
  }
  SmallVector<Value> indices;
  for (Value index : leading)
    indices.push_back(mapping.lookupOrDefault(index));

  // The adjoint has its dimensions in the order of the result.
  SmallVector<OpFoldResult> fromOffsets, fromSizes;
  SmallVector<unsigned> order;
  SmallVector<int64_t> fromShape, toShape;
  SmallVector<OpFoldResult> toOffsets(indices.begin(), indices.end());
  SmallVector<OpFoldResult> toSizes(indices.size(), builder.getIndexAttr(1));
  for (AffineExpr expr : resultMap.getResults()) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    fromOffsets.push_back(counters[loop]);
    auto *position = llvm::find(sliced, loop);
    fromSizes.push_back(position == sliced.end() ? builder.getIndexAttr(1)
                                                 : extents[loop]);
    if (position == sliced.end())
      continue;
    order.push_back(position - sliced.begin());
    fromShape.push_back(
        getConstantIntValue(extents[loop]).value_or(ShapedType::kDynamic));
  }
  for (unsigned loop : sliced) {
    toOffsets.push_back(builder.getIndexAttr(0));
    toSizes.push_back(extents[loop]);
    toShape.push_back(
        getConstantIntValue(extents[loop]).value_or(ShapedType::kDynamic));
  }
  SmallVector<OpFoldResult> fromStrides(fromOffsets.size(),
                                        builder.getIndexAttr(1));
  SmallVector<OpFoldResult> toStrides(toOffsets.size(),
                                      builder.getIndexAttr(1));
  Type elementType = getElementTypeOrSelf(sum.getType());
  Value from = tensor::ExtractSliceOp::create(
      builder, loc, RankedTensorType::get(fromShape, elementType),
      resultAdjoint, fromOffsets, fromSizes, fromStrides);
  Value to = tensor::ExtractSliceOp::create(
      builder, loc, RankedTensorType::get(toShape, elementType), sum, toOffsets,
      toSizes, toStrides);
  Value added = emitSumOnto(builder, loc, from, to, order);
  sum = tensor::InsertSliceOp::create(builder, loc, added, sum, toOffsets,
                                      toSizes, toStrides);
  if (!outermost)
    return sum;
  scf::YieldOp::create(builder, loc, sum);
  return outermost;
}

//===----------------------------------------------------------------------===//
// Gathers as operations of their own
//===----------------------------------------------------------------------===//

/// Emits the gather that `extract`, in the body of `op`, does, over the whole
/// iteration space of `op`. Null if its place depends on a result of `op`.
static Value emitGather(OpBuilder &builder, linalg::GenericOp op,
                        tensor::ExtractOp extract) {
  llvm::SmallSetVector<BlockArgument, 4> arguments;
  SmallVector<Operation *> slice =
      getSlice(*op.getBody(), extract.getIndices(), arguments);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (BlockArgument argument : arguments) {
    OpOperand *operand = op.getMatchingOpOperand(argument);
    if (op.isDpsInit(operand))
      return {};
    inputs.push_back(operand->get());
    maps.push_back(op.getMatchingIndexingMap(operand));
  }
  Location loc = extract.getLoc();
  SmallVector<OpFoldResult> sizes;
  for (Range range :
       cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(builder, loc))
    sizes.push_back(range.size);
  Value empty = tensor::EmptyOp::create(builder, loc, sizes, extract.getType());
  maps.push_back(builder.getMultiDimIdentityMap(op.getNumLoops()));
  SmallVector<utils::IteratorType> iterators(op.getNumLoops(),
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, empty.getType(), inputs, empty, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               IRMapping mapping;
               for (auto [argument, value] : llvm::zip(arguments, args))
                 mapping.map(argument, value);
               for (Operation *link : slice)
                 nested.clone(*link, mapping);
               Operation *element = nested.clone(*extract, mapping);
               linalg::YieldOp::create(nested, loc, element->getResults());
             })
      .getResult(0);
}

/// Replaces `op` by one that reads `gathered` where it did `extract`.
static linalg::GenericOp addInput(OpBuilder &builder, linalg::GenericOp op,
                                  tensor::ExtractOp extract, Value gathered) {
  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  maps.insert(maps.begin() + inputs.size(),
              builder.getMultiDimIdentityMap(op.getNumLoops()));
  BlockArgument element = op.getBody()->insertArgument(
      inputs.size(), extract.getType(), extract.getLoc());
  inputs.push_back(gathered);
  extract.replaceAllUsesWith(element);
  extract.erase();
  auto replacement = linalg::GenericOp::create(
      builder, op.getLoc(), op.getResultTypes(), inputs, op.getOutputs(), maps,
      op.getIteratorTypesArray());
  replacement->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  replacement.getRegion().takeBody(op.getRegion());
  op.replaceAllUsesWith(replacement);
  op.erase();
  return replacement;
}

void pixelfly::separateGathers(func::FuncOp function,
                               ArrayRef<unsigned> arguments) {
  llvm::DenseSet<Value> active;
  for (unsigned index : arguments)
    active.insert(function.getArgument(index));
  for (Operation &operation :
       llvm::make_early_inc_range(function.getBody().front())) {
    Operation *op = &operation;
    llvm::SetVector<Value> reads(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), reads);
    if (llvm::none_of(reads,
                      [&](Value value) { return active.contains(value); }))
      continue;
    auto generic = dyn_cast<linalg::GenericOp>(op);
    if (generic && generic.hasPureTensorSemantics() && !Gather::match(op)) {
      OpBuilder builder(op);
      for (auto extract : llvm::make_early_inc_range(
               generic.getBody()->getOps<tensor::ExtractOp>())) {
        if (!active.contains(extract.getTensor()))
          continue;
        Value gathered = emitGather(builder, generic, extract);
        if (!gathered)
          continue;
        active.insert(gathered);
        generic = addInput(builder, generic, extract, gathered);
        builder.setInsertionPoint(generic);
      }
      op = generic;
    }
    for (Value result : op->getResults())
      if (isDifferentiable(result.getType()))
        active.insert(result);
  }
}
