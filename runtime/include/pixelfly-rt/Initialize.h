//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The values of parameters before training.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_INITIALIZE_H
#define PIXELFLY_RT_INITIALIZE_H

#include "pixelfly-rt/Manifest.h"

#include <cstdint>

namespace pixelfly::rt {

/// Fills `values` (`parameter.elements()` numbers) as the manifest says.
/// Depends only on the seed, `index` (the parameter's place in the manifest)
/// and the initialiser.
void initialize(float *values, const Parameter &parameter, uint32_t index,
                uint64_t seed);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_INITIALIZE_H
