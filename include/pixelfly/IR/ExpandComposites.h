//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operations of other dialects that are short for several structured ones, and
// that structured operations take the place of before anything else looks.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_EXPANDCOMPOSITES_H
#define PIXELFLY_IR_EXPANDCOMPOSITES_H

#include "mlir/IR/Operation.h"

namespace mlir::pixelfly {

/// Replaces, in `root`, every operation on tensors that linalg decomposes
/// itself
/// (`linalg.softmax`) by its parts, and every `tensor.gather` of static shape
/// by a `linalg.generic` that reads the source element by element. Others stay
/// as they are. Creates operations of arith, linalg, math and tensor.
void expandComposites(Operation *root);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_EXPANDCOMPOSITES_H
