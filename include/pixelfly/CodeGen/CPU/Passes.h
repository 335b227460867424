//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_CPU_PASSES_H
#define PIXELFLY_CODEGEN_CPU_PASSES_H

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::pixelfly {

/// Name of the function attribute that holds the bytes of scratch memory its
/// last argument must have; absent when the function has no such argument.
inline constexpr llvm::StringLiteral kArenaBytesAttrName =
    "pixelfly.arena_bytes";

#define GEN_PASS_DECL
#include "pixelfly/CodeGen/CPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "pixelfly/CodeGen/CPU/Passes.h.inc"

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_CPU_PASSES_H
