//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The product of butterfly factors, one sparse product at a time.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_BUTTERFLYPRODUCT_H
#define PIXELFLY_IR_BUTTERFLYPRODUCT_H

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// What factor `index` of `op`, on tensors, makes of `rows`: `rows B^T`, or for
/// the residual form `rows + rows (lambda B)^T`.
Value createButterflyStep(OpBuilder &builder, ButterflyMatmulOp op,
                          int64_t index, Value rows);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_BUTTERFLYPRODUCT_H
