//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_SPARSIFY_PASSES_H
#define PIXELFLY_SPARSIFY_PASSES_H

#include "pixelfly/Sparsify/Budget.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::pixelfly {

/// Element types by which layers can be selected.
enum class WeightType { Any, BF16, F16, F32, F64 };

#define GEN_PASS_DECL
#include "pixelfly/Sparsify/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "pixelfly/Sparsify/Passes.h.inc"

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_PASSES_H
