//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternTile.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/LoopLikeInterface.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Whether `value` is known to be a multiple of `factor`: constants, induction
/// variables of loops that start and step by multiples, and affine functions.
static bool isKnownMultiple(OpFoldResult value, int64_t factor) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant % factor == 0;
  auto dynamic = cast<Value>(value);
  if (auto apply = dynamic.getDefiningOp<affine::AffineApplyOp>())
    return apply.getAffineMap().getResult(0).isMultipleOf(factor);
  auto argument = dyn_cast<BlockArgument>(dynamic);
  if (!argument)
    return false;
  auto loop = dyn_cast<LoopLikeOpInterface>(argument.getOwner()->getParentOp());
  if (!loop)
    return false;
  auto variables = loop.getLoopInductionVars();
  auto starts = loop.getLoopLowerBounds();
  auto steps = loop.getLoopSteps();
  if (!variables || !starts || !steps)
    return false;
  for (auto [variable, start, step] : llvm::zip(*variables, *starts, *steps))
    if (variable == dynamic)
      return isKnownMultiple(start, factor) && isKnownMultiple(step, factor);
  return false;
}

FailureOr<PatternTile> pixelfly::tilePattern(Operation *op, OpBuilder &builder,
                                             BlockPatternAttrInterface pattern,
                                             int64_t extent,
                                             OpFoldResult offset,
                                             OpFoldResult size, Report report) {
  OpFoldResult zero = builder.getIndexAttr(0);
  if (isConstantIntValue(offset, 0) && isConstantIntValue(size, extent))
    return PatternTile{pattern, zero, zero, zero};

  auto attr = dyn_cast<FlatButterflyAttr>(pattern);
  if (!attr) {
    report("can only be tiled over its rows: the parts of a pattern without a "
           "rule have different patterns");
    return failure();
  }
  FlatButterfly flat = attr.getPattern();
  int64_t groups = flat.groups(), unit = extent / groups;
  std::optional<int64_t> staticSize = getConstantIntValue(size);
  if (!staticSize || *staticSize <= 0 || extent % *staticSize != 0 ||
      *staticSize % unit != 0) {
    report("tile over the pattern must have a static size that is a multiple "
           "of " +
           Twine(unit) +
           ", the extent of an independent group of cells, and "
           "divides " +
           Twine(extent));
    return failure();
  }
  if (!isKnownMultiple(offset, unit)) {
    report("tile over the pattern must start at a multiple of " + Twine(unit) +
           ", the extent of an independent group of cells");
    return failure();
  }

  FlatButterfly part = flat.ofGroups(*staticSize / unit);
  AffineExpr start = builder.getAffineDimExpr(0);
  auto scaled = [&](int64_t perGroup) {
    return affine::makeComposedFoldedAffineApply(
        builder, op->getLoc(), start.floorDiv(unit) * perGroup, {offset});
  };
  auto partAttr =
      FlatButterflyAttr::get(builder.getContext(), part.rows, part.cols,
                             part.block, part.radices, part.factors);
  return PatternTile{cast<BlockPatternAttrInterface>(partAttr),
                     scaled(flat.rows / groups), scaled(flat.cols / groups),
                     scaled(flat.numBlocks() / groups)};
}
