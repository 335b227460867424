//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// C API: the attributes of the Pixelfly dialect. docs/Dialect.md defines them
// and numbers their constraints.
//
// A function ...GetChecked returns a null attribute, after an error diagnostic
// at the location, when the values violate a constraint. Every other function
// asks for an attribute of its kind and, where it takes an index, for one in
// range. The dialect must be loaded in the context.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_C_ATTRIBUTES_H
#define PIXELFLY_C_ATTRIBUTES_H

#include "mlir-c/IR.h"
#include "mlir-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

//===----------------------------------------------------------------------===//
// Any block pattern
//===----------------------------------------------------------------------===//

/// Whether the attribute is a pattern: a flat butterfly, a mask, or another
/// that implements BlockPatternAttrInterface.
MLIR_CAPI_EXPORTED bool pixelflyAttributeIsABlockPattern(MlirAttribute attr);

/// Rows and columns of the matrix, and the side of its blocks, in elements.
MLIR_CAPI_EXPORTED int64_t pixelflyBlockPatternGetRows(MlirAttribute pattern);
MLIR_CAPI_EXPORTED int64_t pixelflyBlockPatternGetCols(MlirAttribute pattern);
MLIR_CAPI_EXPORTED int64_t pixelflyBlockPatternGetBlock(MlirAttribute pattern);

/// Nonzero blocks, the first extent of a weight tensor.
MLIR_CAPI_EXPORTED int64_t
pixelflyBlockPatternGetNumBlocks(MlirAttribute pattern);

/// Nonzero blocks over all blocks, in (0, 1].
MLIR_CAPI_EXPORTED double pixelflyBlockPatternGetDensity(MlirAttribute pattern);

/// Number of nonzero blocks of a block row, and the block column of the one in
/// place `slot` of the row's storage order.
MLIR_CAPI_EXPORTED intptr_t
pixelflyBlockPatternGetNumBlocksOfRow(MlirAttribute pattern, int64_t blockRow);
MLIR_CAPI_EXPORTED int64_t pixelflyBlockPatternGetColumn(MlirAttribute pattern,
                                                         int64_t blockRow,
                                                         intptr_t slot);

/// Position of a block in the weight tensor, or -1 where the block is zero.
MLIR_CAPI_EXPORTED int64_t pixelflyBlockPatternGetPosition(
    MlirAttribute pattern, int64_t blockRow, int64_t blockCol);

/// The pattern of the transposed matrix.
MLIR_CAPI_EXPORTED MlirAttribute
pixelflyBlockPatternGetTransposed(MlirAttribute pattern);

//===----------------------------------------------------------------------===//
// #pixelfly.flat_butterfly
//===----------------------------------------------------------------------===//

MLIR_CAPI_EXPORTED bool pixelflyAttributeIsAFlatButterfly(MlirAttribute attr);

/// A `rows` x `cols` matrix of `block` x `block` blocks; `radices` of the cell
/// index, least significant digit first; cells meet that differ in one of the
/// first `factors` digits.
MLIR_CAPI_EXPORTED MlirAttribute pixelflyFlatButterflyAttrGetChecked(
    MlirLocation location, int64_t rows, int64_t cols, int64_t block,
    intptr_t numRadices, const int64_t *radices, int64_t factors);

MLIR_CAPI_EXPORTED intptr_t
pixelflyFlatButterflyAttrGetNumRadices(MlirAttribute attr);
MLIR_CAPI_EXPORTED int64_t pixelflyFlatButterflyAttrGetRadix(MlirAttribute attr,
                                                             intptr_t index);
MLIR_CAPI_EXPORTED int64_t
pixelflyFlatButterflyAttrGetFactors(MlirAttribute attr);

//===----------------------------------------------------------------------===//
// #pixelfly.block_mask
//===----------------------------------------------------------------------===//

MLIR_CAPI_EXPORTED bool pixelflyAttributeIsABlockMask(MlirAttribute attr);

/// One string per block row, `#` for a nonzero block and `.` for a zero one.
MLIR_CAPI_EXPORTED MlirAttribute
pixelflyBlockMaskAttrGetChecked(MlirLocation location, int64_t block,
                                intptr_t numRows, const MlirStringRef *rows);

/// The string of a block row; it lives as long as the context.
MLIR_CAPI_EXPORTED MlirStringRef pixelflyBlockMaskAttrGetRow(MlirAttribute attr,
                                                             intptr_t blockRow);

//===----------------------------------------------------------------------===//
// #pixelfly.mask_rule
//===----------------------------------------------------------------------===//

// Rules have different parameters: mlirAttributeParseGet makes one from its
// text, and the functions of any block pattern read the blocks it gives.

MLIR_CAPI_EXPORTED bool pixelflyAttributeIsAMaskRule(MlirAttribute attr);

/// The rule's name in the IR, such as "longformer"; it lives for ever.
MLIR_CAPI_EXPORTED MlirStringRef
pixelflyMaskRuleAttrGetRuleName(MlirAttribute attr);

/// A parameter by its name in the IR, such as "window", "causal" or
/// "transposed" (1 or 0); -1 where the rule does not have it.
MLIR_CAPI_EXPORTED int64_t pixelflyMaskRuleAttrGetParameter(MlirAttribute attr,
                                                            MlirStringRef name);

//===----------------------------------------------------------------------===//
// #pixelfly.init and #pixelfly.parameter
//===----------------------------------------------------------------------===//

/// How a parameter is initialised; the values of InitKind.
enum PixelflyInitKind {
  /// Every element is the scale.
  PixelflyInitKindConstant = 0,
  /// Uniform on [-scale, scale].
  PixelflyInitKindUniform = 1,
  /// Normal, mean 0, standard deviation scale.
  PixelflyInitKindNormal = 2,
  /// The same, drawn again outside two standard deviations.
  PixelflyInitKindTruncatedNormal = 3,
  /// Leading singular vectors of a random matrix with elements of standard
  /// deviation scale.
  PixelflyInitKindSingularVectors = 4
};
typedef enum PixelflyInitKind PixelflyInitKind;

MLIR_CAPI_EXPORTED bool pixelflyAttributeIsAInit(MlirAttribute attr);
/// Of every kind but singular vectors.
MLIR_CAPI_EXPORTED MlirAttribute pixelflyInitAttrGetChecked(
    MlirLocation location, PixelflyInitKind kind, double scale);
/// Singular vectors of a matrix whose other extent is `opposite`.
MLIR_CAPI_EXPORTED MlirAttribute pixelflyInitAttrGetSingularVectorsChecked(
    MlirLocation location, double scale, int64_t opposite);
MLIR_CAPI_EXPORTED PixelflyInitKind pixelflyInitAttrGetKind(MlirAttribute attr);
MLIR_CAPI_EXPORTED double pixelflyInitAttrGetScale(MlirAttribute attr);
/// Zero unless the kind is singular vectors.
MLIR_CAPI_EXPORTED int64_t pixelflyInitAttrGetOpposite(MlirAttribute attr);

/// The name of the function argument attribute whose value is a
/// #pixelfly.parameter: "pixelfly.parameter".
MLIR_CAPI_EXPORTED MlirStringRef pixelflyGetParameterAttrName(void);

MLIR_CAPI_EXPORTED bool pixelflyAttributeIsAParameter(MlirAttribute attr);

/// A trained parameter: its name in checkpoints, its initialiser, whether
/// weight decay applies, and its block pattern, a null attribute for none.
MLIR_CAPI_EXPORTED MlirAttribute pixelflyParameterAttrGetChecked(
    MlirLocation location, MlirStringRef name, MlirAttribute init, bool decay,
    MlirAttribute pattern);
/// The name lives as long as the context.
MLIR_CAPI_EXPORTED MlirStringRef
pixelflyParameterAttrGetName(MlirAttribute attr);
MLIR_CAPI_EXPORTED MlirAttribute
pixelflyParameterAttrGetInit(MlirAttribute attr);
MLIR_CAPI_EXPORTED bool pixelflyParameterAttrGetDecay(MlirAttribute attr);
/// Null where the parameter has no pattern.
MLIR_CAPI_EXPORTED MlirAttribute
pixelflyParameterAttrGetPattern(MlirAttribute attr);

#ifdef __cplusplus
}
#endif

#endif // PIXELFLY_C_ATTRIBUTES_H
