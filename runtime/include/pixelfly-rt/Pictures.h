//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pictures of a run: how it learned, and what its sparse layers look like.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_PICTURES_H
#define PIXELFLY_RT_PICTURES_H

#include "pixelfly-rt/Manifest.h"
#include "pixelfly-rt/Metrics.h"

#include <string>

namespace pixelfly::rt {

/// Writes a PNG with two panels over the epochs, loss and accuracy: each
/// training step faintly, their moving mean, and the test results as points.
void drawTrainingCurves(const std::string &path, const std::string &title,
                        const MetricsHistory &history, int64_t stepsPerEpoch);

/// Writes a PNG with one panel for each sparse layer: its block pattern,
/// coloured by the butterfly factor a block belongs to, with name, size,
/// density, and rank of the low-rank part. Says so when no layer is sparse.
void drawPatterns(const std::string &path, const Manifest &manifest);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_PICTURES_H
