//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/ButterflyProduct.h"

#include "pixelfly/IR/TensorBuilders.h"

using namespace mlir;
using namespace mlir::pixelfly;

Value pixelfly::createButterflyStep(OpBuilder &builder, ButterflyMatmulOp op,
                                    int64_t index, Value rows) {
  Location loc = op.getLoc();
  Value blocks = op.getFactors()[index], init = rows;
  if (op.getLambda())
    blocks = createScaled(builder, loc, blocks, op.getLambda());
  else
    init = createZerosLike(builder, loc, rows);
  return MatmulOp::create(builder, loc, rows, blocks, init,
                          op.getFactorPattern(index))
      ->getResult(0);
}
