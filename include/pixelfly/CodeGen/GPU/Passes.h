//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_GPU_PASSES_H
#define PIXELFLY_CODEGEN_GPU_PASSES_H

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::pixelfly {

/// On a module: what GPUs its `gpu.binary`s run on, as
/// `--pixelfly-gpu-assemble` records it; `target` in the manifest of an
/// artifact (docs/Artifact.md).
inline constexpr llvm::StringLiteral kGPUCodeAttrName = "pixelfly.gpu_code";

#define GEN_PASS_DECL
#include "pixelfly/CodeGen/GPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "pixelfly/CodeGen/GPU/Passes.h.inc"

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_GPU_PASSES_H
