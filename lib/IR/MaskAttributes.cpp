//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The patterns that are masks: written out, and by a rule.
//
//===----------------------------------------------------------------------===//

#include "MaskAttributeStorage.h"

#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace mlir::pixelfly;

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

BlockMaskAttr BlockMaskAttr::get(MLIRContext *context, int64_t block,
                                 const BlockMask &mask) {
  SmallVector<StringAttr> rows;
  for (const std::string &row : mask.picture())
    rows.push_back(StringAttr::get(context, row));
  return get(context, block, rows);
}

int64_t BlockMaskAttr::getBlock() const { return getImpl()->block; }

ArrayRef<StringAttr> BlockMaskAttr::getMask() const { return getImpl()->mask; }

const BlockMask &BlockMaskAttr::getBlockMask() const {
  return getImpl()->blockMask;
}

int64_t BlockMaskAttr::getRows() const { return getMask().size() * getBlock(); }

int64_t BlockMaskAttr::getCols() const {
  return getMask().front().size() * getBlock();
}

int64_t BlockMaskAttr::getNumBlocks() const {
  return getBlockMask().numBlocks();
}

SmallVector<int64_t> BlockMaskAttr::getColumnsOfRow(int64_t blockRow) const {
  return llvm::to_vector(getBlockMask().columnsOfRow(blockRow));
}

SmallVector<int64_t> BlockMaskAttr::getRowsOfColumn(int64_t blockCol) const {
  return llvm::to_vector(getBlockMask().rowsOfColumn(blockCol));
}

std::optional<int64_t> BlockMaskAttr::getPosition(int64_t blockRow,
                                                  int64_t blockCol) const {
  return getBlockMask().position(blockRow, blockCol);
}

BlockPatternAttrInterface BlockMaskAttr::getTransposed() const {
  return cast<BlockPatternAttrInterface>(
      get(getContext(), getBlock(), getBlockMask().transposed()));
}

//===----------------------------------------------------------------------===//
// MaskRuleAttr
//===----------------------------------------------------------------------===//

LogicalResult
MaskRuleAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                     MaskRule rule) {
  std::string problem = rule.check();
  if (!problem.empty())
    return emitError() << problem;
  return success();
}

MaskRule MaskRuleAttr::getRule() const { return getImpl()->rule; }

const BlockMask &MaskRuleAttr::getBlockMask() const {
  return getImpl()->blockMask;
}

int64_t MaskRuleAttr::getRows() const { return getRule().rows; }
int64_t MaskRuleAttr::getCols() const { return getRule().cols; }
int64_t MaskRuleAttr::getBlock() const { return getRule().block; }

int64_t MaskRuleAttr::getNumBlocks() const {
  return getBlockMask().numBlocks();
}

SmallVector<int64_t> MaskRuleAttr::getColumnsOfRow(int64_t blockRow) const {
  return llvm::to_vector(getBlockMask().columnsOfRow(blockRow));
}

SmallVector<int64_t> MaskRuleAttr::getRowsOfColumn(int64_t blockCol) const {
  return llvm::to_vector(getBlockMask().rowsOfColumn(blockCol));
}

std::optional<int64_t> MaskRuleAttr::getPosition(int64_t blockRow,
                                                 int64_t blockCol) const {
  return getBlockMask().position(blockRow, blockCol);
}

BlockPatternAttrInterface MaskRuleAttr::getTransposed() const {
  return cast<BlockPatternAttrInterface>(
      get(getContext(), getRule().getTransposed()));
}

void MaskRuleAttr::print(AsmPrinter &printer) const {
  MaskRule rule = getRule();
  printer << '<' << stringifyMaskRuleKind(rule.kind) << ", rows = " << rule.rows
          << ", cols = " << rule.cols << ", block = " << rule.block;
  for (const MaskRule::Parameter &parameter : MaskRule::parameters())
    if (const std::optional<int64_t> &value = rule.*parameter.value)
      printer << ", " << parameter.name << " = " << *value;
  if (rule.causal)
    printer << ", causal";
  if (rule.transposed)
    printer << ", transposed";
  printer << '>';
}

/// One of the parameters after the kind of rule.
static ParseResult parseParameter(AsmParser &parser, MaskRule &rule,
                                  SmallVectorImpl<StringRef> &seen) {
  StringRef name;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&name))
    return failure();
  if (llvm::is_contained(seen, name))
    return parser.emitError(loc) << "'" << name << "' is given twice";
  seen.push_back(name);
  if (name == "causal" || name == "transposed") {
    (name == "causal" ? rule.causal : rule.transposed) = true;
    return success();
  }
  auto parseSize = [&](int64_t &value) -> ParseResult {
    return failure(parser.parseEqual() || parser.parseInteger(value));
  };
  if (name == "rows")
    return parseSize(rule.rows);
  if (name == "cols")
    return parseSize(rule.cols);
  if (name == "block")
    return parseSize(rule.block);
  for (const MaskRule::Parameter &parameter : MaskRule::parameters())
    if (name == parameter.name)
      return parseSize((rule.*parameter.value).emplace());
  return parser.emitError(loc)
         << "expected rows, cols, block, causal, transposed or a parameter of "
            "a rule, but found '"
         << name << "'";
}

Attribute MaskRuleAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  MaskRule rule;
  SmallVector<StringRef> seen;
  if (parser.parseLess())
    return {};
  FailureOr<MaskRuleKind> kind = FieldParser<MaskRuleKind>::parse(parser);
  if (failed(kind))
    return {};
  rule.kind = *kind;
  while (succeeded(parser.parseOptionalComma()))
    if (failed(parseParameter(parser, rule, seen)))
      return {};
  if (parser.parseGreater())
    return {};
  return parser.getChecked<MaskRuleAttr>(loc, parser.getContext(), rule);
}
