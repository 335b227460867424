// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_PIPELINES_PASSES_TD
#define PIXELFLY_PIPELINES_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyPhase : Pass<"pixelfly-verify-phase", "::mlir::ModuleOp"> {
  let summary = "Check that a module holds what a phase promises";
  let description = [{
    The contract between two phases: a table of what may be left in the module
    after a phase, and a plain message at the first operation that breaks it. It
    changes nothing.

    | after | public functions | operations |
    |---|---|---|
    | `import` | `@model` | func, linalg, tensor, affine, arith, math |
    | `sparsify` | `@model` | the same and pixelfly |
    | `differentiate` | `@model`, `@model_gradient` | the same and `scf.for` |
    | `train-step` | `@train_step`, `@evaluate` | the same |
    | `tile` | `@train_step`, `@evaluate` | the same but `pixelfly.linear` |
    | `codegen` | any | LLVM and OpenMP dialect; `gpu.binary`, `gpu.launch_func` |

    Up to `tile`, further: the public functions are these and no others, and have
    bodies; `@model`, `@model_gradient` and `@train_step` have a result with
    `pixelfly.output = "loss"`, a rank-0 tensor of floats; the shapes of all
    arguments and results are static. After `tile` every product for which there
    is a kernel on the CPU has a `pixelfly.tile`, unless the module names a GPU as
    its only target.

    Example: a module without a `@model` function
    ```mlir
    module { }
    ```
    fails `--pixelfly-verify-phase=phase=import` with
    `error: after phase 'import' there must be a function @model; name the
    function that computes the loss so`.
  }];
  let options = [
    Option<"phase", "phase", "::mlir::pixelfly::Phase",
      "::mlir::pixelfly::Phase::Import", "The phase that has just run",
      [{::llvm::cl::values(
        clEnumValN(::mlir::pixelfly::Phase::Import, "import", ""),
        clEnumValN(::mlir::pixelfly::Phase::Sparsify, "sparsify", ""),
        clEnumValN(::mlir::pixelfly::Phase::Differentiate, "differentiate", ""),
        clEnumValN(::mlir::pixelfly::Phase::TrainStep, "train-step", ""),
        clEnumValN(::mlir::pixelfly::Phase::Tile, "tile", ""),
        clEnumValN(::mlir::pixelfly::Phase::CodeGen, "codegen", ""))}]>
  ];
}

def StripAttributes : Pass<"pixelfly-strip-attributes", "::mlir::ModuleOp"> {
  let summary = "Remove what only pixelfly's own passes read";
  let description = [{
    Removes every discardable attribute whose name starts with `pixelfly.` from the
    module, its operations, and the arguments and results of its functions, so
    that a program that is lowered can be read by tools that do not know the
    dialect.

    Before:
    ```mlir
    func.func @f(%x: tensor<4xf32> {pixelfly.input = "x"})
        attributes {pixelfly.budget = #pixelfly.budget<...>}
    ```
    After:
    ```mlir
    func.func @f(%x: tensor<4xf32>)
    ```
  }];
}

#endif // PIXELFLY_PIPELINES_PASSES_TD
