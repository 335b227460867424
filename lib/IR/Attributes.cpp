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
// BlockMaskAttr
//===----------------------------------------------------------------------===//

LogicalResult
BlockMaskAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                      int64_t block, ArrayRef<StringAttr> mask) {
  if (!isSupportedBlock(block))
    return emitError() << "(C1) block must be 8, 16, 32, 64 or 128, but is "
                       << block;
  if (mask.empty() || mask.front().empty())
    return emitError() << "(C2) mask must have at least one block";
  bool anyNonzero = false;
  for (auto [index, row] : llvm::enumerate(mask)) {
    if (row.size() != mask.front().size())
      return emitError() << "(C2) all block rows must have the "
                         << mask.front().size() << " blocks of the first, but "
                         << "row " << index << " has " << row.size();
    if (row.getValue().find_first_not_of("#.") != StringRef::npos)
      return emitError() << "(C3) every block must be '#' or '.', but row "
                         << index << " is " << row;
    anyNonzero |= row.getValue().contains('#');
  }
  if (!anyNonzero)
    return emitError() << "(C3) at least one block must be '#'";
  return success();
}

int64_t BlockMaskAttr::getRows() const { return getMask().size() * getBlock(); }

int64_t BlockMaskAttr::getCols() const {
  return getMask().front().size() * getBlock();
}

int64_t BlockMaskAttr::getNumBlocks() const {
  int64_t count = 0;
  for (StringAttr row : getMask())
    count += row.getValue().count('#');
  return count;
}

SmallVector<int64_t> BlockMaskAttr::getColumnsOfRow(int64_t blockRow) const {
  SmallVector<int64_t> columns;
  for (auto [col, mark] : llvm::enumerate(getMask()[blockRow].getValue()))
    if (mark == '#')
      columns.push_back(col);
  return columns;
}

SmallVector<int64_t> BlockMaskAttr::getRowsOfColumn(int64_t blockCol) const {
  SmallVector<int64_t> rows;
  for (auto [index, row] : llvm::enumerate(getMask()))
    if (row.getValue()[blockCol] == '#')
      rows.push_back(index);
  return rows;
}

std::optional<int64_t> BlockMaskAttr::getPosition(int64_t blockRow,
                                                  int64_t blockCol) const {
  StringRef row = getMask()[blockRow].getValue();
  if (row[blockCol] != '#')
    return std::nullopt;
  int64_t position = row.take_front(blockCol).count('#');
  for (StringAttr earlier : getMask().take_front(blockRow))
    position += earlier.getValue().count('#');
  return position;
}

BlockPatternAttrInterface BlockMaskAttr::getTransposed() const {
  SmallVector<StringAttr> mask;
  for (size_t col = 0, e = getMask().front().size(); col < e; ++col) {
    std::string row;
    for (StringAttr old : getMask())
      row += old.getValue()[col];
    mask.push_back(StringAttr::get(getContext(), row));
  }
  return cast<BlockPatternAttrInterface>(
      BlockMaskAttr::get(getContext(), getBlock(), mask));
}

//===----------------------------------------------------------------------===//
// InitAttr
//===----------------------------------------------------------------------===//

LogicalResult
InitAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                 InitKind kind, FloatAttr scale) {
  if (!scale.getValue().isFinite() ||
      (kind != InitKind::Constant && scale.getValue().isNegative()))
    return emitError() << "(C1) scale must be finite, and not negative unless "
                          "the kind is constant, but is "
                       << scale.getValueAsDouble() << " for "
                       << stringifyInitKind(kind);
  return success();
}

//===----------------------------------------------------------------------===//
// ParameterAttr
//===----------------------------------------------------------------------===//

LogicalResult
ParameterAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                      StringAttr name, InitAttr, bool, Attribute pattern) {
  if (name.empty())
    return emitError() << "(C1) name must not be empty";
  if (pattern && !isa<BlockPatternAttrInterface>(pattern))
    return emitError() << "(C2) pattern must be a block pattern, such as "
                          "#pixelfly.flat_butterfly, but is "
                       << pattern;
  return success();
}

//===----------------------------------------------------------------------===//
// LayerChoiceAttr
//===----------------------------------------------------------------------===//

LogicalResult
LayerChoiceAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                        Attribute pattern, int64_t rank) {
  if (!isa_and_present<BlockPatternAttrInterface>(pattern))
    return emitError() << "(C1) pattern must be a block pattern, but is "
                       << pattern;
  if (rank < 0)
    return emitError() << "(C2) rank must not be negative, but is " << rank;
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
