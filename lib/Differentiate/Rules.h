//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rules of each dialect register themselves through one of these.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_DIFFERENTIATE_RULES_H
#define PIXELFLY_LIB_DIFFERENTIATE_RULES_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::pixelfly {

/// Scalar and elementwise ops of arith and math.
void registerScalarRules(DialectRegistry &registry);
/// Shape changes, slices and elements of tensors.
void registerTensorRules(DialectRegistry &registry);
/// Every structured op of linalg.
void registerLinalgRules(DialectRegistry &registry);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_DIFFERENTIATE_RULES_H
