//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-c/Attributes.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The attribute of this kind, or null after an error at the location.
template <typename AttrTy, typename... Args>
static MlirAttribute getChecked(MlirLocation location, Args &&...args) {
  Location at = unwrap(location);
  return wrap(AttrTy::getChecked([at] { return emitError(at); },
                                 at.getContext(), std::forward<Args>(args)...));
}

template <typename AttrTy> static AttrTy unwrapAs(MlirAttribute attr) {
  return cast<AttrTy>(unwrap(attr));
}

//===----------------------------------------------------------------------===//
// Any block pattern
//===----------------------------------------------------------------------===//

static BlockPatternAttrInterface unwrapPattern(MlirAttribute pattern) {
  return unwrapAs<BlockPatternAttrInterface>(pattern);
}

bool pixelflyAttributeIsABlockPattern(MlirAttribute attr) {
  return isa<BlockPatternAttrInterface>(unwrap(attr));
}

int64_t pixelflyBlockPatternGetRows(MlirAttribute pattern) {
  return unwrapPattern(pattern).getRows();
}

int64_t pixelflyBlockPatternGetCols(MlirAttribute pattern) {
  return unwrapPattern(pattern).getCols();
}

int64_t pixelflyBlockPatternGetBlock(MlirAttribute pattern) {
  return unwrapPattern(pattern).getBlock();
}

int64_t pixelflyBlockPatternGetNumBlocks(MlirAttribute pattern) {
  return unwrapPattern(pattern).getNumBlocks();
}

double pixelflyBlockPatternGetDensity(MlirAttribute pattern) {
  return unwrapPattern(pattern).getDensity();
}

intptr_t pixelflyBlockPatternGetNumBlocksOfRow(MlirAttribute pattern,
                                               int64_t blockRow) {
  return unwrapPattern(pattern).getColumnsOfRow(blockRow).size();
}

int64_t pixelflyBlockPatternGetColumn(MlirAttribute pattern, int64_t blockRow,
                                      intptr_t slot) {
  return unwrapPattern(pattern).getColumnsOfRow(blockRow)[slot];
}

int64_t pixelflyBlockPatternGetPosition(MlirAttribute pattern, int64_t blockRow,
                                        int64_t blockCol) {
  return unwrapPattern(pattern).getPosition(blockRow, blockCol).value_or(-1);
}

MlirAttribute pixelflyBlockPatternGetTransposed(MlirAttribute pattern) {
  return wrap(Attribute(unwrapPattern(pattern).getTransposed()));
}

//===----------------------------------------------------------------------===//
// #pixelfly.flat_butterfly
//===----------------------------------------------------------------------===//

bool pixelflyAttributeIsAFlatButterfly(MlirAttribute attr) {
  return isa<FlatButterflyAttr>(unwrap(attr));
}

MlirAttribute pixelflyFlatButterflyAttrGetChecked(
    MlirLocation location, int64_t rows, int64_t cols, int64_t block,
    intptr_t numRadices, const int64_t *radices, int64_t factors) {
  return getChecked<FlatButterflyAttr>(location, rows, cols, block,
                                       ArrayRef<int64_t>(radices, numRadices),
                                       factors);
}

intptr_t pixelflyFlatButterflyAttrGetNumRadices(MlirAttribute attr) {
  return unwrapAs<FlatButterflyAttr>(attr).getRadices().size();
}

int64_t pixelflyFlatButterflyAttrGetRadix(MlirAttribute attr, intptr_t index) {
  return unwrapAs<FlatButterflyAttr>(attr).getRadices()[index];
}

int64_t pixelflyFlatButterflyAttrGetFactors(MlirAttribute attr) {
  return unwrapAs<FlatButterflyAttr>(attr).getFactors();
}

//===----------------------------------------------------------------------===//
// #pixelfly.block_mask
//===----------------------------------------------------------------------===//

bool pixelflyAttributeIsABlockMask(MlirAttribute attr) {
  return isa<BlockMaskAttr>(unwrap(attr));
}

MlirAttribute pixelflyBlockMaskAttrGetChecked(MlirLocation location,
                                              int64_t block, intptr_t numRows,
                                              const MlirStringRef *rows) {
  MLIRContext *context = unwrap(location).getContext();
  auto mask = llvm::map_to_vector(
      ArrayRef<MlirStringRef>(rows, numRows),
      [&](MlirStringRef row) { return StringAttr::get(context, unwrap(row)); });
  return getChecked<BlockMaskAttr>(location, block, ArrayRef<StringAttr>(mask));
}

MlirStringRef pixelflyBlockMaskAttrGetRow(MlirAttribute attr,
                                          intptr_t blockRow) {
  return wrap(unwrapAs<BlockMaskAttr>(attr).getMask()[blockRow].getValue());
}

//===----------------------------------------------------------------------===//
// #pixelfly.mask_rule
//===----------------------------------------------------------------------===//

bool pixelflyAttributeIsAMaskRule(MlirAttribute attr) {
  return isa<MaskRuleAttr>(unwrap(attr));
}

MlirStringRef pixelflyMaskRuleAttrGetRuleName(MlirAttribute attr) {
  return wrap(stringifyEnum(unwrapAs<MaskRuleAttr>(attr).getRule().kind));
}

int64_t pixelflyMaskRuleAttrGetParameter(MlirAttribute attr,
                                         MlirStringRef name) {
  MaskRule rule = unwrapAs<MaskRuleAttr>(attr).getRule();
  StringRef asked = unwrap(name);
  if (asked == "causal")
    return rule.causal;
  if (asked == "transposed")
    return rule.transposed;
  for (const MaskRule::Parameter &parameter : MaskRule::parameters())
    if (asked == parameter.name)
      return (rule.*parameter.value).value_or(-1);
  return -1;
}

//===----------------------------------------------------------------------===//
// #pixelfly.init and #pixelfly.parameter
//===----------------------------------------------------------------------===//

static_assert(int(InitKind::Constant) == PixelflyInitKindConstant &&
                  int(InitKind::Uniform) == PixelflyInitKindUniform &&
                  int(InitKind::Normal) == PixelflyInitKindNormal &&
                  int(InitKind::TruncatedNormal) ==
                      PixelflyInitKindTruncatedNormal &&
                  int(InitKind::SingularVectors) ==
                      PixelflyInitKindSingularVectors,
              "the C enum repeats InitKind");

bool pixelflyAttributeIsAInit(MlirAttribute attr) {
  return isa<InitAttr>(unwrap(attr));
}

MlirAttribute pixelflyInitAttrGetChecked(MlirLocation location,
                                         PixelflyInitKind kind, double scale) {
  MLIRContext *context = unwrap(location).getContext();
  return getChecked<InitAttr>(location, static_cast<InitKind>(kind),
                              FloatAttr::get(Float64Type::get(context), scale),
                              /*opposite=*/int64_t(0));
}

MlirAttribute pixelflyInitAttrGetSingularVectorsChecked(MlirLocation location,
                                                        double scale,
                                                        int64_t opposite) {
  MLIRContext *context = unwrap(location).getContext();
  return getChecked<InitAttr>(location, InitKind::SingularVectors,
                              FloatAttr::get(Float64Type::get(context), scale),
                              opposite);
}

PixelflyInitKind pixelflyInitAttrGetKind(MlirAttribute attr) {
  return static_cast<PixelflyInitKind>(unwrapAs<InitAttr>(attr).getKind());
}

double pixelflyInitAttrGetScale(MlirAttribute attr) {
  return unwrapAs<InitAttr>(attr).getScale().getValueAsDouble();
}

int64_t pixelflyInitAttrGetOpposite(MlirAttribute attr) {
  return unwrapAs<InitAttr>(attr).getOpposite();
}

MlirStringRef pixelflyGetParameterAttrName() {
  return wrap(StringRef(kParameterAttrName));
}

bool pixelflyAttributeIsAParameter(MlirAttribute attr) {
  return isa<ParameterAttr>(unwrap(attr));
}

MlirAttribute pixelflyParameterAttrGetChecked(MlirLocation location,
                                              MlirStringRef name,
                                              MlirAttribute init, bool decay,
                                              MlirAttribute pattern) {
  MLIRContext *context = unwrap(location).getContext();
  return getChecked<ParameterAttr>(
      location, StringAttr::get(context, unwrap(name)),
      unwrapAs<InitAttr>(init), decay, unwrap(pattern));
}

MlirStringRef pixelflyParameterAttrGetName(MlirAttribute attr) {
  return wrap(unwrapAs<ParameterAttr>(attr).getName().getValue());
}

MlirAttribute pixelflyParameterAttrGetInit(MlirAttribute attr) {
  return wrap(Attribute(unwrapAs<ParameterAttr>(attr).getInit()));
}

bool pixelflyParameterAttrGetDecay(MlirAttribute attr) {
  return unwrapAs<ParameterAttr>(attr).getDecay();
}

MlirAttribute pixelflyParameterAttrGetPattern(MlirAttribute attr) {
  return wrap(unwrapAs<ParameterAttr>(attr).getPattern());
}
