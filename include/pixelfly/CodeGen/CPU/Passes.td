// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_CODEGEN_CPU_PASSES_TD
#define PIXELFLY_CODEGEN_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerProducts : Pass<"pixelfly-cpu-lower-products", "::mlir::func::FuncOp"> {
  let summary = "Lower products to vector kernels";
}

def VectorizeElementwise : Pass<"pixelfly-cpu-vectorize-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Vectorise what is not a product";
}

def PlanMemory : Pass<"pixelfly-plan-memory", "::mlir::func::FuncOp"> {
  let summary = "Place all buffers of a function in one arena";
}

def EmitEntryPoints : Pass<"pixelfly-emit-entry-points", "::mlir::ModuleOp"> {
  let summary = "Emit the C entry points of the artifact";
}

#endif // PIXELFLY_CODEGEN_CPU_PASSES_TD
