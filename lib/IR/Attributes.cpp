//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::pixelfly;

#include "pixelfly/IR/PixelflyAttrInterfaces.cpp.inc"

#include "MaskAttributeStorage.h"

#define GET_ATTRDEF_CLASSES
#include "pixelfly/IR/PixelflyAttributes.cpp.inc"

void PixelflyDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "pixelfly/IR/PixelflyAttributes.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// FlatButterflyAttr
//===----------------------------------------------------------------------===//

LogicalResult
FlatButterflyAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                          int64_t rows, int64_t cols, int64_t block,
                          ArrayRef<int64_t> radices, int64_t factors) {
  FlatButterfly pattern{rows, cols, block, radices.vec(), factors};
  std::string problem = pattern.check();
  if (!problem.empty())
    return emitError() << problem;
  return success();
}

FlatButterfly FlatButterflyAttr::getPattern() const {
  return {getRows(), getCols(), getBlock(), getRadices().vec(), getFactors()};
}

int64_t FlatButterflyAttr::getNumBlocks() const {
  return getPattern().numBlocks();
}

SmallVector<int64_t>
FlatButterflyAttr::getColumnsOfRow(int64_t blockRow) const {
  return llvm::to_vector(getPattern().columnsOfRow(blockRow));
}

SmallVector<int64_t>
FlatButterflyAttr::getRowsOfColumn(int64_t blockCol) const {
  return llvm::to_vector(getPattern().rowsOfColumn(blockCol));
}

std::optional<int64_t> FlatButterflyAttr::getPosition(int64_t blockRow,
                                                      int64_t blockCol) const {
  return getPattern().position(blockRow, blockCol);
}

BlockPatternAttrInterface FlatButterflyAttr::getTransposed() const {
  return cast<BlockPatternAttrInterface>(
      FlatButterflyAttr::get(getContext(), getCols(), getRows(), getBlock(),
                             getRadices(), getFactors()));
}

//===----------------------------------------------------------------------===//
// InitAttr
//===----------------------------------------------------------------------===//

LogicalResult
InitAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                 InitKind kind, FloatAttr scale, int64_t opposite) {
  if (!scale.getValue().isFinite() ||
      (kind != InitKind::Constant && scale.getValue().isNegative()))
    return emitError() << "(C1) scale must be finite, and not negative unless "
                          "the kind is constant, but is "
                       << scale.getValueAsDouble() << " for "
                       << stringifyInitKind(kind);
  bool hasVectors = kind == InitKind::SingularVectors;
  if (hasVectors ? opposite <= 0 : opposite != 0)
    return emitError() << "(C2) opposite must be "
                       << (hasVectors ? "positive" : "left out") << " for "
                       << stringifyInitKind(kind) << ", but is " << opposite;
  return success();
}

//===----------------------------------------------------------------------===//
// ParameterAttr
//===----------------------------------------------------------------------===//

LogicalResult
ParameterAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                      StringAttr name, InitAttr, bool, Attribute pattern,
                      ArrayRef<int64_t> extents) {
  if (name.empty())
    return emitError() << "(C1) name must not be empty";
  if (pattern && !isa<BlockPatternAttrInterface>(pattern))
    return emitError() << "(C2) pattern must be a block pattern, such as "
                          "#pixelfly.flat_butterfly, but is "
                       << pattern;
  if (extents.empty())
    return success();
  auto blocks = dyn_cast_or_null<BlockPatternAttrInterface>(pattern);
  if (!blocks || extents.size() != 2 || extents[0] <= 0 || extents[1] <= 0 ||
      extents[0] > blocks.getRows() || extents[1] > blocks.getCols())
    return emitError() << "(C3) extents must be the rows and columns of a "
                          "matrix that the pattern covers, but are "
                       << extents;
  return success();
}

int64_t ParameterAttr::getRows() const {
  return getExtents().empty()
             ? cast<BlockPatternAttrInterface>(getPattern()).getRows()
             : getExtents()[0];
}

int64_t ParameterAttr::getCols() const {
  return getExtents().empty()
             ? cast<BlockPatternAttrInterface>(getPattern()).getCols()
             : getExtents()[1];
}

int64_t ParameterAttr::countElements(ShapedType type) const {
  if (getExtents().empty())
    return type.getNumElements();
  return countStored(cast<BlockPatternAttrInterface>(getPattern()), getRows(),
                     getCols());
}

int64_t ParameterAttr::countStored(BlockPatternAttrInterface pattern,
                                   int64_t rows, int64_t cols) {
  int64_t block = pattern.getBlock(), count = 0;
  // Of a block that lies beyond the matrix there is nothing.
  auto inside = [&](int64_t extent, int64_t index) {
    return std::clamp<int64_t>(extent - index * block, 0, block);
  };
  for (int64_t row = 0; row < pattern.getBlockRows(); ++row)
    for (int64_t col : pattern.getColumnsOfRow(row))
      count += inside(rows, row) * inside(cols, col);
  return count;
}

//===----------------------------------------------------------------------===//
// LayerChoiceAttr
//===----------------------------------------------------------------------===//

LogicalResult
LayerChoiceAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                        Attribute pattern, int64_t rank, LayerMix mix) {
  if (!isa_and_present<BlockPatternAttrInterface>(pattern))
    return emitError() << "(C1) pattern must be a block pattern, but is "
                       << pattern;
  if (rank < 0)
    return emitError() << "(C2) rank must not be negative, but is " << rank;
  if (mix == LayerMix::Gate && rank == 0)
    return emitError() << "(C3) a gate needs a low-rank term to mix in, but "
                          "rank is 0";
  return success();
}

BlockPatternAttrInterface LayerChoiceAttr::getBlockPattern() const {
  return cast<BlockPatternAttrInterface>(getPattern());
}

//===----------------------------------------------------------------------===//
// BudgetAttr
//===----------------------------------------------------------------------===//

LogicalResult
BudgetAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                   BudgetMeasure, int64_t dense, int64_t limit, int64_t used,
                   int64_t nextStep) {
  if (used < 0 || used > limit || dense < 0 || nextStep < 0)
    return emitError() << "(C1) needs 0 <= used <= limit, and dense and "
                          "next_step that are not negative, but they are "
                       << used << ", " << limit << ", " << dense << " and "
                       << nextStep;
  return success();
}

//===----------------------------------------------------------------------===//
// CPUTileAttr
//===----------------------------------------------------------------------===//

LogicalResult
CPUTileAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                    int64_t rows, int64_t columns, int64_t panel,
                    int64_t reduction) {
  if (rows <= 0 || columns <= 0 || panel <= 0 || reduction <= 0)
    return emitError() << "(C1) every tile size must be positive, but they are "
                       << rows << ", " << columns << ", " << panel << ", "
                       << reduction;
  if (panel % rows != 0 && panel % reduction != 0)
    return emitError() << "(C2) panel = " << panel
                       << " must be a multiple of rows = " << rows
                       << " (or, for a sampled product, of reduction = "
                       << reduction << ")";
  return success();
}

//===----------------------------------------------------------------------===//
// GPUTileAttr
//===----------------------------------------------------------------------===//

LogicalResult
GPUTileAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                    int64_t rows, int64_t columns, int64_t reduction,
                    int64_t stages, ArrayRef<int64_t> warps) {
  auto isPositive = [](int64_t size) { return size > 0; };
  if (rows <= 0 || columns <= 0 || reduction <= 0 || stages <= 0 ||
      !llvm::all_of(warps, isPositive))
    return emitError() << "(C1) every tile size must be positive, but they are "
                       << rows << ", " << columns << ", " << reduction << ", "
                       << stages << " and [" << warps << "]";
  if (warps.size() != 3 || rows % warps[0] != 0 || columns % warps[1] != 0 ||
      reduction % warps[2] != 0)
    return emitError() << "(C2) warps must be three numbers that divide rows = "
                       << rows << ", columns = " << columns
                       << " and reduction = " << reduction << ", but are ["
                       << warps << "]";
  if (stages < 2)
    return emitError()
           << "(C3) there must be at least two stages, but there is " << stages;
  return success();
}
