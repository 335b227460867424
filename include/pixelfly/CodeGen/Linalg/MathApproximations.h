//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elementary functions on vectors where upstream's polynomials are slow.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_LINALG_MATHAPPROXIMATIONS_H
#define PIXELFLY_CODEGEN_LINALG_MATHAPPROXIMATIONS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::pixelfly {

/// `math.erf` on f32 (scalars and vectors) becomes a clamp and a polynomial
/// without a division, in about a third of the operations that upstream's
/// piecewise form takes. Relative error at most 3e-7; NaN stays NaN. Takes
/// precedence over upstream's pattern.
void populateFastMathFunctionPatterns(RewritePatternSet &patterns);

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_LINALG_MATHAPPROXIMATIONS_H
