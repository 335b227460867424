//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the best low-rank approximation of a random matrix is made of, without
// the matrix: a decomposition of every weight would take minutes.
//
// The singular vectors of a matrix of independent normal numbers are uniformly
// distributed frames, independent of the singular values, and these hardly
// differ from one large matrix to the next: they follow the law of Marchenko
// and Pastur (1967). Both hold, the larger the matrix the better, for any other
// distribution of the same variance.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_SINGULARVECTORS_H
#define PIXELFLY_RT_SINGULARVECTORS_H

#include "pixelfly-rt/Random.h"

#include <vector>

namespace pixelfly::rt {

/// The `count` largest singular values, in falling order, that a random
/// `rows x cols` matrix with elements of variance 1 is expected to have. Those
/// beyond the smaller side are zero.
std::vector<double> expectedSingularValues(int64_t rows, int64_t cols,
                                           int64_t count);

/// Fills the row-major `rows x cols` matrix with orthonormal columns, uniformly
/// distributed over all such matrices. Columns beyond the number of rows are
/// zero.
void drawFrame(double *values, int64_t rows, int64_t cols, const Random &random,
               uint32_t stream);

/// Fills the `rows x rank` matrix with the leading left singular vectors of a
/// random `rows x opposite` matrix whose elements have standard deviation
/// `deviation`, each times the square root of its singular value.
void drawSingularVectors(float *values, int64_t rows, int64_t rank,
                         int64_t opposite, double deviation,
                         const Random &random, uint32_t stream);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_SINGULARVECTORS_H
