//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stored blocks of a matrix and the matrix itself, each computed from the
// other in linalg.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_DENSEFORM_H
#define PIXELFLY_IR_DENSEFORM_H

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// The `rows x cols` matrix that the tensor `blocks` stands for: a
/// `linalg.generic` that computes from the indices where an element is stored,
/// by arithmetic for a flat butterfly and from constant tables otherwise.
Value createDense(OpBuilder &builder, Location loc, Value blocks,
                  BlockPatternAttrInterface pattern);

/// The blocks of the matrix `dense` that lie on the pattern, in storage order.
Value createSampled(OpBuilder &builder, Location loc, Value dense,
                    BlockPatternAttrInterface pattern);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_DENSEFORM_H
