//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include "pixelfly/IR/PixelflyDialect.cpp.inc"
#include "pixelfly/IR/PixelflyEnums.cpp.inc"

using namespace mlir;
using namespace mlir::pixelfly;

void PixelflyDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "pixelfly/IR/PixelflyOps.cpp.inc"
      >();
}
