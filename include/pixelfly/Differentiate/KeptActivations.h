//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a train step turns from forward to backward, and what memory it carries
// over that point.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_DIFFERENTIATE_KEPTACTIVATIONS_H
#define PIXELFLY_DIFFERENTIATE_KEPTACTIVATIONS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::pixelfly {

/// The operation that defines the result named "loss". What stands behind it is
/// the backward part: differentiation appends adjoints to a function. Null when
/// the function has no such result or no single block.
Operation *findLoss(func::FuncOp function);

/// The tensor whose elements `value` is: `value` itself, or what it is a reshape
/// of.
Value getStorage(Value value);

/// Bytes of the tensors that are computed up to the loss and read behind it,
/// each counted once whatever its shapes; arguments and constants are not
/// activations. Zero when there is no loss.
int64_t getKeptActivationBytes(func::FuncOp function);

} // namespace mlir::pixelfly

#endif // PIXELFLY_DIFFERENTIATE_KEPTACTIVATIONS_H
