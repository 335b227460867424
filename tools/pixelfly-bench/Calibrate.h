//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Measures the constants of the cost model on the machine at hand.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TOOLS_PIXELFLY_BENCH_CALIBRATE_H
#define PIXELFLY_TOOLS_PIXELFLY_BENCH_CALIBRATE_H

#include "pixelfly/Target/Target.h"

#include <string>

namespace mlir::pixelfly {

struct CalibrateOptions {
  /// Where the description of the target goes.
  std::string targetFile;
  int threads = 1;
  /// Rounds; each runs every kernel.
  int rounds = 7;
  /// Layers of each grid that are measured, the first ones; 0: all.
  int layers = 0;
};

/// Times products and layers over a grid of shapes and densities, fits the
/// constants of the cost model (FitCostModel.h) to them and prints how well
/// they predict the layers of another grid, which the fit has not seen. Writes
/// the host's description with these constants. Fails after a message.
LogicalResult calibrate(MLIRContext &context, const CalibrateOptions &options);

} // namespace mlir::pixelfly

#endif // PIXELFLY_TOOLS_PIXELFLY_BENCH_CALIBRATE_H
