// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_SPARSIFY_PASSES_TD
#define PIXELFLY_SPARSIFY_PASSES_TD

include "mlir/Pass/PassBase.td"

def Sparsify : Pass<"pixelfly-sparsify", "::mlir::ModuleOp"> {
  let summary = "Replace dense layers by butterfly plus low-rank layers";
}

#endif // PIXELFLY_SPARSIFY_PASSES_TD
