//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

using namespace mlir;
using namespace mlir::pixelfly;

#define PIXELFLY_NO_RULE_YET(OP)                                               \
  LogicalResult OP::emitAdjoint(OpBuilder &, ArrayRef<Value>, ArrayRef<bool>,  \
                                SmallVectorImpl<Value> &) {                    \
    return emitOpError("has no differentiation rule");                         \
  }
PIXELFLY_NO_RULE_YET(MatmulOp)
PIXELFLY_NO_RULE_YET(SddmmOp)
PIXELFLY_NO_RULE_YET(LinearOp)
PIXELFLY_NO_RULE_YET(ToDenseOp)
PIXELFLY_NO_RULE_YET(FromDenseOp)
