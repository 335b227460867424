//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and makes constants of floats.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_GIVENVALUES_H
#define PIXELFLY_LIB_SPARSIFY_GIVENVALUES_H

#include "TensorView.h"

#include "mlir/IR/BuiltinAttributes.h"

#include <string>
#include <vector>

namespace mlir::pixelfly {

/// Reads the elements of a constant, `dense` or `dense_resource`, into `values`
/// in row-major order. Returns why they cannot be read, or an empty string.
std::string readConstant(ElementsAttr constant, std::vector<double> &values);

/// The matrix in row-major order whose element (row, col) is the source's at
/// the sum of what the two indices say.
std::vector<double> arrangeMatrix(ArrayRef<double> source, ArrayRef<Digit> rows,
                                  ArrayRef<Digit> cols);

/// The constant of a float type with the given elements, rounded to it; one
/// element stands for all.
DenseElementsAttr makeConstant(RankedTensorType type, ArrayRef<double> values);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_GIVENVALUES_H
