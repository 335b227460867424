//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What keeps a type from a static shape, in words for messages.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_STATICSHAPE_H
#define PIXELFLY_IR_STATICSHAPE_H

#include "mlir/IR/BuiltinTypeInterfaces.h"

#include <string>

namespace mlir::pixelfly {

/// "dimension 0 is dynamic", "dimensions 0, 2 are dynamic" or "it has no rank",
/// and what to do about it. Empty if `type` has a static shape or is no shaped
/// type.
std::string explainDynamicShape(Type type);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_STATICSHAPE_H
