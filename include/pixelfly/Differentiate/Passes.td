// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_DIFFERENTIATE_PASSES_TD
#define PIXELFLY_DIFFERENTIATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def Differentiate : Pass<"pixelfly-differentiate", "::mlir::ModuleOp"> {
  let summary = "Derive the gradient function of a model";
}

def BuildTrainStep : Pass<"pixelfly-build-train-step", "::mlir::ModuleOp"> {
  let summary = "Build the train step from the gradient function";
}

def Recompute : Pass<"pixelfly-recompute", "::mlir::func::FuncOp"> {
  let summary = "Recompute cheap values in the backward part instead of keeping them";
}

#endif // PIXELFLY_DIFFERENTIATE_PASSES_TD
