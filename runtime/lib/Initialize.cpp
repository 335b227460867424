//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Initialize.h"
#include "pixelfly-rt/Random.h"
#include "pixelfly-rt/SingularVectors.h"

#include <algorithm>
#include <cmath>

using namespace pixelfly::rt;

/// Sets what the blocks hold beyond the matrix to zero, where it stays: its
/// gradient is zero.
static void clearPadding(float *values, const Parameter &parameter) {
  const Pattern &pattern = *parameter.pattern;
  int64_t block = pattern.block;
  float *element = values;
  for (int64_t p = 0; p < pattern.blockRows(); ++p)
    for (int64_t q : pattern.storedColumns(p))
      for (int64_t i = 0; i < block; ++i)
        for (int64_t j = 0; j < block; ++j, ++element)
          if (p * block + i >= parameter.rows ||
              q * block + j >= parameter.cols)
            *element = 0;
}

/// Divides what a block row holds by the square root of its share of nonzeros
/// over the mean, so that every output has the same variance.
static void balanceRows(float *values, const Pattern &pattern) {
  double mean = double(pattern.numBlocks()) / double(pattern.blockRows());
  for (int64_t p = 0; p < pattern.blockRows(); ++p) {
    size_t stored = pattern.storedColumns(p).size();
    double factor = stored ? std::sqrt(mean / double(stored)) : 1;
    float *end = values + int64_t(stored) * pattern.block * pattern.block;
    for (; values != end; ++values)
      *values = float(*values * factor);
  }
}

static void draw(float *values, const Parameter &parameter, uint32_t index,
                 uint64_t seed) {
  Random random(seed, RandomPurpose::Parameter);
  int64_t count = parameter.elements();
  double scale = parameter.init.scale;
  switch (parameter.init.kind) {
  case InitKind::Constant:
    std::fill(values, values + count, float(scale));
    return;
  case InitKind::Uniform:
    for (int64_t i = 0; i < count; ++i)
      values[i] = float(scale * (2.0 * random.uniform(index, i) - 1.0));
    return;
  case InitKind::Normal:
    for (int64_t i = 0; i < count; ++i)
      values[i] = float(scale * random.normal(index, i));
    return;
  case InitKind::TruncatedNormal:
    for (int64_t i = 0; i < count; ++i)
      values[i] = float(scale * random.truncatedNormal(index, i));
    return;
  case InitKind::SingularVectors:
    drawSingularVectors(values, parameter.shape[0], parameter.shape[1],
                        parameter.init.opposite, scale, random, index);
    return;
  }
}

void pixelfly::rt::initialize(float *values, const Parameter &parameter,
                              uint32_t index, uint64_t seed) {
  draw(values, parameter, index, seed);
  // Rows of a butterfly are even.
  if (parameter.pattern && !parameter.pattern->columnsOfRow.empty() &&
      parameter.init.kind != InitKind::Constant)
    balanceRows(values, *parameter.pattern);
  if (parameter.pattern && (parameter.rows < parameter.pattern->rows ||
                            parameter.cols < parameter.pattern->cols))
    clearPadding(values, parameter);
}
