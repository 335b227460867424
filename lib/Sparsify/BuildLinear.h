//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts `pixelfly.linear` in the place of a product.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_BUILDLINEAR_H
#define PIXELFLY_LIB_SPARSIFY_BUILDLINEAR_H

#include "MatchProduct.h"

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// The sparse layer that takes a weight's place: values of the function.
struct SparseWeight {
  BlockPatternAttrInterface pattern;
  Value blocks;
  Value u, v;                 ///< null without a low-rank term
  Value gamma;                ///< null without a low-rank term, or with a gate
  Value gateWeight, gateBias; ///< null without a gate
};

/// Replaces the product, and the addition of its bias, by `pixelfly.linear` on
/// the matrix that the input's dimensions are rearranged to. Where the pattern
/// is larger than the layer the input and the bias are padded with zeros and
/// the result is cut.
void replaceProduct(const Product &product, const SparseWeight &weight);

/// Takes inputs that nothing reads any longer, such as the bias, off the
/// generic that goes on with the product's result. To be called when all
/// products are replaced: operands of the generic move, which `Product::bias`
/// points at.
void dropUnusedInputs(const Product &product);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_BUILDLINEAR_H
