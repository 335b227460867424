// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_DIFFERENTIATE_PASSES_TD
#define PIXELFLY_DIFFERENTIATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def Differentiate : Pass<"pixelfly-differentiate", "::mlir::ModuleOp"> {
  let summary = "Derive the gradient function of a model";
  let description = [{
    Reverse-mode differentiation of one function of ops on tensors. Adds
    `@<function>_gradient` next to it: same arguments, and as results those of
    the function, then the gradient with respect to each parameter, in argument
    order. The function itself stays as it is.

    Only ops between a parameter and the loss are differentiated, through
    `DifferentiableOpInterface`; linalg, tensor, arith, math and pixelfly ops have
    rules. An op without one is an error at that op, and nothing is added.
    A parameter that the loss does not depend on has a gradient of zeros.
    Adjoints that meet are added up elementwise. A read of a parameter at a
    computed place, such as the lookup of an embedding (`tensor.extract` in the
    body of a `linalg.generic`), has as its adjoint a sequential `scf.for` that
    adds the rows to where they were read, always in the same order. Run
    canonicalize and cse afterwards.

    Before (`#x` = (m, n, k) -> (m, k), `#w` = (n, k), `#y` = (m, n)):
    ```mlir
    func.func @model(%w: tensor<8x4xf32> {pixelfly.parameter = ...},
                     %x: tensor<2x4xf32> {pixelfly.input = "x"})
        -> (tensor<f32> {pixelfly.output = "loss"}) {
      ...
      %y = linalg.matmul indexing_maps = [#x, #w, #y]
             ins(%x, %w : tensor<2x4xf32>, tensor<8x4xf32>)
             outs(%zero : tensor<2x8xf32>) -> tensor<2x8xf32>
      %loss = "sum over %y"
      return %loss : tensor<f32>
    }
    ```
    After:
    ```mlir
    func.func @model(...) { /* as before */ }
    func.func @model_gradient(%w: tensor<8x4xf32> {pixelfly.parameter = ...},
                              %x: tensor<2x4xf32> {pixelfly.input = "x"})
        -> (tensor<f32> {pixelfly.output = "loss"}, tensor<8x4xf32>) {
      ... // the function's ops
      %dy = "broadcast of 1"
      %dw = linalg.generic {
              indexing_maps = [#y, #x, #w],
              iterator_types = ["reduction", "parallel", "parallel"]}
              ins(%dy, %x : tensor<2x8xf32>, tensor<2x4xf32>)
              outs(%zeros : tensor<8x4xf32>) { mulf, addf } -> tensor<8x4xf32>
      return %loss, %dw : tensor<f32>, tensor<8x4xf32>
    }
    ```
  }];
  let options = [
    Option<"function", "function", "std::string", "\"model\"",
           "Name of the function to differentiate">,
    Option<"result", "result", "int64_t", "-1",
           "Index of the result to differentiate, a float or a rank-0 tensor; "
           "-1 takes the one with pixelfly.output = \"loss\"">,
    ListOption<"arguments", "arguments", "unsigned",
               "Indices of the arguments to differentiate with respect to; none "
               "takes those with pixelfly.parameter">
  ];
  let statistics = [
    Statistic<"numDifferentiated", "num-differentiated",
              "Number of ops whose adjoint was emitted">,
    Statistic<"numSums", "num-sums",
              "Number of elementwise sums of two adjoints">
  ];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::pixelfly::PixelflyDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect"
  ];
}

def BuildTrainStep : Pass<"pixelfly-build-train-step", "::mlir::ModuleOp"> {
  let summary = "Build the train step from the gradient function";
  let description = [{
    Consumes `@model` and the `@model_gradient` that `--pixelfly-differentiate`
    derives from it, and leaves

    * `@train_step(parameters, state, inputs, learning_rate, step)` returning the
      new parameters, the new state, `loss`, `gradient_norm` and the model's
      other outputs except the `losses` of the examples;
    * `@evaluate(parameters, inputs)` returning the model's outputs except the
      `loss`.

    Parameters are the arguments with `pixelfly.parameter`; only those with
    `decay = true` are subject to weight decay. Each parameter has one state
    tensor of its own type for each name of the optimizer (AdamW: first all
    `first_moment`, then all `second_moment`; SGD: `velocity`), zero before the
    first step. `step` counts from 1.

    `gradient_norm` is the Euclidean norm over all gradients before clipping.
    With `clip-norm` N every gradient is scaled by min(1, N / gradient_norm). A
    norm that is not a number makes the parameters not a number: it never passes
    for a good step.

    Every update is one `linalg.generic` whose destinations are the old
    parameter and its old state, behind every other read of them, so that
    bufferization updates in place. What does not depend on the element (bias
    correction, clipping scale) is computed once, outside.

    Example, with `optimizer=sgd momentum=0.9 clip-norm=0 weight-decay=0`:
    ```mlir
    func.func @model(%w: tensor<4xf32> {pixelfly.parameter = #w},
                     %x: tensor<4xf32> {pixelfly.input = "x"})
        -> (tensor<f32> {pixelfly.output = "loss"})
    func.func @model_gradient(%w: ..., %x: ...) -> (tensor<f32>, tensor<4xf32>) {
      ...
      return %loss, %dw : tensor<f32>, tensor<4xf32>
    }
    ```
    becomes (besides `@evaluate`)
    ```mlir
    func.func @train_step(%w: tensor<4xf32> {pixelfly.parameter = #w},
        %u: tensor<4xf32> {pixelfly.optimizer_state = "velocity"},
        %x: tensor<4xf32> {pixelfly.input = "x"},
        %learning_rate: tensor<f32> {pixelfly.input = "learning_rate"},
        %step: tensor<f32> {pixelfly.input = "step"})
        -> (tensor<4xf32>, tensor<4xf32>,
            tensor<f32> {pixelfly.output = "loss"},
            tensor<f32> {pixelfly.output = "gradient_norm"}) {
      ...                             // %loss and %dw as before, then the norm
      %rate = tensor.extract %learning_rate[] : tensor<f32>
      %new:2 = linalg.generic {...} ins(%dw) outs(%w, %u) {
      ^bb0(%g: f32, %p: f32, %old: f32):
        %0 = arith.mulf %old, %momentum : f32
        %1 = arith.addf %0, %g : f32
        %2 = arith.mulf %rate, %1 : f32
        %3 = arith.subf %p, %2 : f32
        linalg.yield %3, %1 : f32, f32
      } -> (tensor<4xf32>, tensor<4xf32>)
      return %new#0, %new#1, %loss, %norm : ...
    }
    ```
  }];
  let options = [
    Option<"optimizer", "optimizer", "::mlir::pixelfly::Optimizer",
           /*default=*/"::mlir::pixelfly::Optimizer::AdamW",
           "Rule by which parameters are updated", [{::llvm::cl::values(
             clEnumValN(::mlir::pixelfly::Optimizer::AdamW, "adamw",
                        "Adam with decoupled weight decay and bias correction"),
             clEnumValN(::mlir::pixelfly::Optimizer::SGD, "sgd",
                        "Stochastic gradient descent with momentum"))}]>,
    Option<"beta1", "beta1", "double", /*default=*/"0.9",
           "AdamW: decay of the first moment, in [0, 1)">,
    Option<"beta2", "beta2", "double", /*default=*/"0.999",
           "AdamW: decay of the second moment, in [0, 1)">,
    Option<"epsilon", "epsilon", "double", /*default=*/"1e-8",
           "AdamW: added to the root of the second moment, positive">,
    Option<"weightDecay", "weight-decay", "double", /*default=*/"0.01",
           "Weight decay per unit of learning rate, not negative">,
    Option<"momentum", "momentum", "double", /*default=*/"0.9",
           "SGD: momentum, in [0, 1)">,
    Option<"clipNorm", "clip-norm", "double", /*default=*/"1.0",
           "Largest norm of all gradients together; 0 does not clip">
  ];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numUpdated", "parameters-updated", "Parameters updated by the train step">
  ];
}

def Recompute : Pass<"pixelfly-recompute", "::mlir::func::FuncOp"> {
  let summary = "Recompute cheap values in the backward part instead of keeping them";
  let description = [{
    In a function with a result named "loss", everything behind the operation
    that defines the loss is the backward part. A value computed in front of it
    and read behind it has to be kept in memory for that time. This pass computes
    such a value again, in front of its first use in the backward part, if it
    takes only cheap elementwise operations (additions, multiplications,
    comparisons, selections, broadcasts, reshapes; no division, no root, no
    transcendental function, no reduction, no product) on values that are there
    anyway: arguments, constants, what is kept in any case, and small tensors
    (a statistic per row).

    The copies carry `pixelfly.recomputed`, so that common subexpression
    elimination does not merge them with the originals. Those that elementwise
    operations read disappear in `--pixelfly-fuse-elementwise`; the others are
    written a second time, which costs memory traffic and saves memory.

    Functions without such a result stay as they are.

    Example: `%normal` need not be kept, for `%x` and `%inverse` are.
    ```mlir
    %normal = linalg.mul ins(%x, %inverse) ...
    %y = linalg.matmul ins(%normal, %w) ...
    ...
    return %loss, ... // after the backward part:
    %dw = linalg.matmul_transpose_a ins(%normal, %dy) ...
    %dx = linalg.mul ins(%x, %dz) ...
    ```
    becomes
    ```mlir
    %normal = linalg.mul ins(%x, %inverse) ...
    %y = linalg.matmul ins(%normal, %w) ...
    ...
    %again = linalg.mul {pixelfly.recomputed} ins(%x, %inverse) ...
    %dw = linalg.matmul_transpose_a ins(%again, %dy) ...
    %dx = linalg.mul ins(%x, %dz) ...
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numRecomputed", "values-recomputed", "Values computed a second time">,
    Statistic<"bytesFreed", "bytes-freed", "Bytes no longer kept for the backward part">,
    Statistic<"bytesKept", "bytes-kept", "Bytes still kept for the backward part">
  ];
}

#endif // PIXELFLY_DIFFERENTIATE_PASSES_TD
