//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether an operation on buffers starts from zero, or from another constant.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_ZEROFILL_H
#define PIXELFLY_IR_ZEROFILL_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::pixelfly {

/// The `linalg.fill` with a constant that gives `destination` its contents before
/// `op`, if that is so and nothing but `op` sees them: a fill of the same value
/// in the same block, with no use of the buffer in between.
linalg::FillOp findConstantFill(Operation *op, Value destination);

/// The same, if the constant is zero.
linalg::FillOp findZeroFill(Operation *op, Value destination);

/// The operation before (after) `op` in its block that last (first) touches
/// memory of `memref` through any of its views; null if there is none.
Operation *findPreviousAccess(Operation *op, Value memref);
Operation *findNextAccess(Operation *op, Value memref);

/// Whether an operation between `first` and `last`, of the same block, may
/// write memory of `memref`.
bool mayBeWrittenBetween(Operation *first, Operation *last, Value memref);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_ZEROFILL_H
