// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_CODEGEN_LINALG_PASSES_TD
#define PIXELFLY_CODEGEN_LINALG_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerToLinalg : Pass<"pixelfly-lower-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Lower pixelfly operations to linalg";
}

def DecomposeLinear : Pass<"pixelfly-decompose-linear", "::mlir::func::FuncOp"> {
  let summary = "Decompose layers into their products";
}

#endif // PIXELFLY_CODEGEN_LINALG_PASSES_TD
