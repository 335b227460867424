//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Folds of the operations. Casts of tensors need none: the tensor dialect folds
// them into every destination-style op.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::pixelfly;

Operation *PixelflyDialect::materializeConstant(OpBuilder &builder,
                                                Attribute value, Type type,
                                                Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}

static bool isFull(BlockPatternAttrInterface pattern) {
  return pattern.getNumBlocks() ==
         pattern.getBlockRows() * pattern.getBlockCols();
}

/// Folds casts that only forget sizes or layouts into the product.
static LogicalResult foldMemRefCasts(Operation *op) {
  bool folded = false;
  for (OpOperand &operand : op->getOpOperands())
    if (auto cast = operand.get().getDefiningOp<memref::CastOp>())
      if (memref::CastOp::canFoldIntoConsumerOp(cast)) {
        operand.set(cast.getSource());
        folded = true;
      }
  return success(folded);
}

LogicalResult MatmulOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &) {
  return foldMemRefCasts(*this);
}

LogicalResult SddmmOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &) {
  return foldMemRefCasts(*this);
}

LogicalResult LinearOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &) {
  return foldMemRefCasts(*this);
}

LogicalResult ButterflyMatmulOp::fold(FoldAdaptor,
                                      SmallVectorImpl<OpFoldResult> &) {
  return foldMemRefCasts(*this);
}

OpFoldResult ToDenseOp::fold(FoldAdaptor adaptor) {
  // On a full pattern nothing is dropped in between.
  if (auto fromDense = getBlocks().getDefiningOp<FromDenseOp>())
    if (fromDense.getPattern() == getPattern() && isFull(getPattern()) &&
        fromDense.getDense().getType() == getType())
      return fromDense.getDense();
  auto splat = dyn_cast_if_present<SplatElementsAttr>(adaptor.getBlocks());
  if (!splat)
    return {};
  // Off the pattern the matrix is (positive) zero; only with that value, or
  // where nothing is off the pattern, is it a splat.
  if (isFull(getPattern()) || splat.getSplatValue<APFloat>().isPosZero())
    return splat.resizeSplat(getType());
  return {};
}

OpFoldResult FromDenseOp::fold(FoldAdaptor adaptor) {
  if (auto toDense = getDense().getDefiningOp<ToDenseOp>())
    if (toDense.getPattern() == getPattern() &&
        toDense.getBlocks().getType() == getType())
      return toDense.getBlocks();
  if (auto splat = dyn_cast_if_present<SplatElementsAttr>(adaptor.getDense()))
    return splat.resizeSplat(getType());
  return {};
}
