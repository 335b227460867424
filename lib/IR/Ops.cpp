//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::pixelfly;

#include "pixelfly/IR/PixelflyOpInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "pixelfly/IR/PixelflyOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Builders
//===----------------------------------------------------------------------===//

/// The result type of a product: its init's on tensors, none on memrefs.
static SmallVector<Type, 1> resultTypes(Value init) {
  if (isa<RankedTensorType>(init.getType()))
    return {init.getType()};
  return {};
}

void MatmulOp::build(OpBuilder &builder, OperationState &state, Value input,
                     Value blocks, Value init,
                     BlockPatternAttrInterface pattern, bool transposed) {
  build(builder, state, resultTypes(init), input, blocks, init, pattern,
        transposed);
}

void SddmmOp::build(OpBuilder &builder, OperationState &state, Value lhs,
                    Value rhs, Value init, BlockPatternAttrInterface pattern) {
  build(builder, state, resultTypes(init), lhs, rhs, init, pattern);
}

void LinearOp::build(OpBuilder &builder, OperationState &state,
                     TypeRange result, Value input, Value blocks, Value u,
                     Value v, Value gamma, Value bias, Value init,
                     BlockPatternAttrInterface pattern) {
  build(builder, state, result, input, blocks, u, v, gamma, bias,
        /*gate_weight=*/Value(), /*gate_bias=*/Value(), init, pattern);
}

BlockPatternAttrInterface ButterflyMatmulOp::getFactorPattern(unsigned index) {
  FlatButterfly flat = cast<FlatButterflyAttr>(getPattern()).getPattern();
  return cast<BlockPatternAttrInterface>(
      MaskRuleAttr::get(getContext(), MaskRule::ofFactor(flat, index)));
}

//===----------------------------------------------------------------------===//
// Effects and shapes
//===----------------------------------------------------------------------===//

/// Inputs of a product are read and its init is read and written when they are
/// memrefs; tensors have no effects.
static void
productEffects(DestinationStyleOpInterface op,
               SmallVectorImpl<MemoryEffects::EffectInstance> &effects,
               bool readsInit) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    if (!op.isDpsInit(&operand) || readsInit)
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}

void MatmulOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  productEffects(*this, effects, /*readsInit=*/true);
}
void SddmmOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  productEffects(*this, effects, /*readsInit=*/true);
}
void LinearOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  productEffects(*this, effects, /*readsInit=*/false);
}
void ButterflyMatmulOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  productEffects(*this, effects, /*readsInit=*/false);
}

/// A product cannot trap, so it may be hoisted where it has no effects.
static Speculation::Speculatability
productSpeculatability(DestinationStyleOpInterface op) {
  return op.hasPureTensorSemantics() ? Speculation::Speculatable
                                     : Speculation::NotSpeculatable;
}
Speculation::Speculatability MatmulOp::getSpeculatability() {
  return productSpeculatability(*this);
}
Speculation::Speculatability SddmmOp::getSpeculatability() {
  return productSpeculatability(*this);
}
Speculation::Speculatability LinearOp::getSpeculatability() {
  return productSpeculatability(*this);
}
Speculation::Speculatability ButterflyMatmulOp::getSpeculatability() {
  return productSpeculatability(*this);
}

/// The result is as large as the init.
static LogicalResult reifyFromInit(DestinationStyleOpInterface op, OpBuilder &b,
                                   ReifiedRankedShapedTypeDims &shapes) {
  if (op->getNumResults() == 0)
    return failure();
  shapes.push_back(tensor::getMixedSizes(b, op->getLoc(), op.getDpsInits()[0]));
  return success();
}
LogicalResult MatmulOp::reifyResultShapes(OpBuilder &b,
                                          ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromInit(*this, b, shapes);
}
LogicalResult SddmmOp::reifyResultShapes(OpBuilder &b,
                                         ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromInit(*this, b, shapes);
}
LogicalResult LinearOp::reifyResultShapes(OpBuilder &b,
                                          ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromInit(*this, b, shapes);
}

LogicalResult
ButterflyMatmulOp::reifyResultShapes(OpBuilder &b,
                                     ReifiedRankedShapedTypeDims &shapes) {
  return reifyFromInit(*this, b, shapes);
}

//===----------------------------------------------------------------------===//
// Inferred result types
//===----------------------------------------------------------------------===//

LogicalResult ToDenseOp::inferReturnTypes(
    MLIRContext *, std::optional<Location>, ValueRange operands, DictionaryAttr,
    OpaqueProperties properties, RegionRange, SmallVectorImpl<Type> &inferred) {
  auto pattern = properties.as<Properties *>()->pattern;
  auto type = cast<RankedTensorType>(operands[0].getType());
  inferred.push_back(RankedTensorType::get(
      {pattern.getRows(), pattern.getCols()}, type.getElementType()));
  return success();
}

LogicalResult FromDenseOp::inferReturnTypes(
    MLIRContext *, std::optional<Location>, ValueRange operands, DictionaryAttr,
    OpaqueProperties properties, RegionRange, SmallVectorImpl<Type> &inferred) {
  auto pattern = properties.as<Properties *>()->pattern;
  auto type = cast<RankedTensorType>(operands[0].getType());
  inferred.push_back(RankedTensorType::get(
      {pattern.getNumBlocks(), pattern.getBlock(), pattern.getBlock()},
      type.getElementType()));
  return success();
}
