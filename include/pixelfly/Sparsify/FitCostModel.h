//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From measured times to the constants of the cost model.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_SPARSIFY_FITCOSTMODEL_H
#define PIXELFLY_SPARSIFY_FITCOSTMODEL_H

#include "pixelfly/Sparsify/CostModel.h"

#include "mlir/Support/LLVM.h"

namespace mlir::pixelfly {

/// Work and the time that it took.
struct Measurement {
  WorkCounts counts;
  double seconds = 0;
};

/// The constants, none negative, with which the model's predictions have the
/// least sum of squared relative errors. A constant that the measurements say
/// nothing about is zero. Expects positive times, and at least one measurement
/// with some work in it.
CostConstants fitCostConstants(ArrayRef<Measurement> measurements,
                               int64_t accessBytes = 64,
                               int64_t elementBytes = 4);

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_FITCOSTMODEL_H
