//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Initialize.h"
#include "pixelfly-rt/Random.h"

#include <algorithm>

using namespace pixelfly::rt;

void pixelfly::rt::initialize(float *values, const Parameter &parameter,
                              uint32_t index, uint64_t seed) {
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
  }
}
