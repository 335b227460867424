// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_SPARSIFY_PASSES_TD
#define PIXELFLY_SPARSIFY_PASSES_TD

include "mlir/Pass/PassBase.td"

/// Options of the passes that choose patterns.
defvar choiceOptions = [
  ListOption<"layers", "layers", "std::string",
    "Glob patterns of the names of the layers to replace. Default: the "
    "module's attribute pixelfly.sparsify, or every layer if it has none">,
  ListOption<"exclude", "exclude", "std::string",
    "Glob patterns of the names of layers to leave dense">,
  Option<"type", "type", "::mlir::pixelfly::WeightType",
    "::mlir::pixelfly::WeightType::Any",
    "Element type of the weights to replace",
    [{::llvm::cl::values(
      clEnumValN(::mlir::pixelfly::WeightType::Any, "any", ""),
      clEnumValN(::mlir::pixelfly::WeightType::BF16, "bf16", ""),
      clEnumValN(::mlir::pixelfly::WeightType::F16, "f16", ""),
      clEnumValN(::mlir::pixelfly::WeightType::F32, "f32", ""),
      clEnumValN(::mlir::pixelfly::WeightType::F64, "f64", ""))}]>,
  Option<"minElements", "min-elements", "int64_t", /*default=*/"0",
    "Leave layers dense whose weight has fewer elements">,
  Option<"maxElements", "max-elements", "int64_t", /*default=*/"0",
    "Leave layers dense whose weight has more elements; 0 for no limit">,
  Option<"measure", "measure", "::mlir::pixelfly::BudgetMeasure",
    /*default=*/"::mlir::pixelfly::BudgetMeasure::Parameters",
    "What the budget counts", [{::llvm::cl::values(
      clEnumValN(::mlir::pixelfly::BudgetMeasure::Parameters, "parameters",
                 "Weight elements"),
      clEnumValN(::mlir::pixelfly::BudgetMeasure::MultiplyAdds,
                 "multiply-adds",
                 "Multiply-adds of the forward products for one example"),
      clEnumValN(::mlir::pixelfly::BudgetMeasure::Time, "time",
                 "Predicted seconds of a training step"))}]>,
  Option<"density", "density", "double", /*default=*/"0.25",
    "The budget: share of what the layers cost dense, between 0 and 1. With "
    "measure=parameters the density of the sparse layers, low-rank term "
    "included">,
  Option<"amount", "amount", "double", /*default=*/"0",
    "The budget of the whole function, in the unit of the measure, instead of "
    "density; 0: by density">,
  Option<"split", "split", "::mlir::pixelfly::BudgetSplit",
    /*default=*/"::mlir::pixelfly::BudgetSplit::Uniform",
    "How the layers share the budget", [{::llvm::cl::values(
      clEnumValN(::mlir::pixelfly::BudgetSplit::Uniform, "uniform",
                 "The same density everywhere, as the paper's rule of thumb"),
      clEnumValN(::mlir::pixelfly::BudgetSplit::CostModel, "cost-model",
                 "Less for layers whose weights take more predicted time"))}]>,
  Option<"block", "block", "int64_t", /*default=*/"0",
    "Side of the square blocks: 8, 16, 32, 64 or 128; 0: the one that the "
    "target prefers">,
  Option<"minBlock", "min-block", "int64_t", /*default=*/"0",
    "Smallest side of a block, for layers that cannot use the budget well with "
    "larger ones; 0: no other than block">,
  Option<"lowRankShare", "low-rank-share", "double", /*default=*/"1.0 / 3.0",
    "Share of the density offered to the low-rank term; 0 for none">,
  Option<"mix", "mix", "::mlir::pixelfly::LayerMix",
    /*default=*/"::mlir::pixelfly::LayerMix::Scalar",
    "What weighs the butterfly against the low-rank term", [{::llvm::cl::values(
      clEnumValN(::mlir::pixelfly::LayerMix::Scalar, "scalar",
                 "One trained number of the layer, as the paper writes it"),
      clEnumValN(::mlir::pixelfly::LayerMix::Gate, "gate",
                 "A trained gate for each row of the input, as in the authors' "
                 "code"))}]>,
  Option<"function", "function", "std::string", /*default=*/"\"model\"",
    "Function whose layers are replaced">,
  Option<"requireSparse", "require-sparse", "bool", /*default=*/"false",
    "Fail if no layer of the function is or becomes sparse, and say at each "
    "layer that is asked for why it stays dense">
];

def ChoosePatterns : Pass<"pixelfly-choose-patterns", "::mlir::ModuleOp"> {
  let summary = "Choose pattern and rank of each layer within a budget";
  let description = [{
    Decides what `--pixelfly-sparsify` will make of each layer that is asked for,
    and writes it on the layer's product. Nothing else changes, so a choice can be
    read, tested and edited before it is obeyed.

    Before:
    ```mlir
    %product = linalg.matmul indexing_maps = [
        affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
        affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<96x1024xf32>, tensor<1024x1024xf32>)
      outs(%init : tensor<96x1024xf32>) -> tensor<96x1024xf32>
    ```
    After, with the default options:
    ```mlir
    %product = linalg.matmul {pixelfly.choice = #pixelfly.layer_choice<
        pattern = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 32,
                                           radices = [2, 2, 2, 2, 2], factors = 5>,
        rank = 32>} ...
    ```

    A remark at each product says what became of it, or why it stays dense: a
    dynamic shape, a weight that something other than a product reads or that
    products read as different matrices, a batch dimension in the weight, fewer
    rows or columns than a block has, a pattern that would cost no less. A glob
    that matches no layer is an error.

    A weight may have several products; all become sparse or none. What reshapes,
    transposes or converts it stands between it and its product as it likes,
    the input may have any number of batch dimensions, and sizes that the block
    does not divide are padded.

    What density, block, low-rank share and mix are not given as options, the
    module's `pixelfly.sparse` says, where it has one.
  }];
  let options = choiceOptions;
  let statistics = [
    Statistic<"numChosen", "num-chosen", "Number of layers to become sparse">,
    Statistic<"numKept", "num-kept",
      "Number of layers asked for that stay dense">
  ];
  let dependentDialects = ["::mlir::pixelfly::PixelflyDialect"];
}

def MarkParameters : Pass<"pixelfly-mark-parameters", "::mlir::ModuleOp"> {
  let summary = "Mark what a function from elsewhere trains, reads and returns";
  let description = [{
    Other compilers' programs do not say which arguments are parameters and
    which are data. The pass gives every argument a name: that of its
    location, if it has one (JAX writes `params['fc']['w']`, which becomes
    `params.fc.w`), else `arg0`, `arg1`, ... Arguments whose name matches a glob of
    `parameters` become parameters, those that match `inputs` become
    inputs; with only one of the two options the other arguments become the
    other. Integers are always inputs. What is marked already stays as it is.

    A parameter that is the weight of a product starts uniformly on
    `[-1/sqrt(n), 1/sqrt(n)]`, n the number of terms in a sum of the product; any
    other matrix likewise with the last dimension for n; a vector or scalar starts
    at zero, and is not decayed.

    Before:
    ```mlir
    func.func @model(%w: tensor<64x32xf32> loc("params['fc']"),
                     %x: tensor<4x32xf32> loc("x")) -> tensor<f32>
    ```
    After `--pixelfly-mark-parameters="inputs=x outputs=loss"`:
    ```mlir
    func.func @model(
        %w: tensor<64x32xf32> {pixelfly.parameter = #pixelfly.parameter<
          name = "params.fc", init = <uniform, 0.17677 : f64>, decay = true>},
        %x: tensor<4x32xf32> {pixelfly.input = "x"})
        -> (tensor<f32> {pixelfly.output = "loss"})
    ```
  }];
  let options = [
    ListOption<"parameters", "parameters", "std::string",
      "Glob patterns of the names of the arguments that are parameters">,
    ListOption<"inputs", "inputs", "std::string",
      "Glob patterns of the names of the arguments that are data">,
    ListOption<"outputs", "outputs", "std::string",
      "Names of the function's results, in order; the first ones if fewer">,
    Option<"function", "function", "std::string", /*default=*/"\"model\"",
      "Function to mark">
  ];
  let dependentDialects = ["::mlir::pixelfly::PixelflyDialect"];
}

def Sparsify : Pass<"pixelfly-sparsify", "::mlir::ModuleOp"> {
  let summary = "Replace dense layers by butterfly plus low-rank layers";
  let description = [{
    A layer "X" is a matrix product with the parameter "X.weight" of the model
    function. Where products carry `pixelfly.choice`, the pass obeys these choices
    and leaves other layers dense. Where none does, it first chooses, by its
    options, as `--pixelfly-choose-patterns` would. It puts
    `pixelfly.linear` in the place of the product and of the addition of the
    bias behind it. The weight argument becomes the blocks of the pattern;
    arguments "X.u", "X.v" and "X.gamma" of the low-rank term follow it; with
    `mix=gate` "X.gate_weight" and "X.gate_bias" take the place of "X.gamma".
    Callers of the function that pass on their own arguments get the new
    arguments too.

    The parameters start so that the layer's output keeps its variance
    (`init=keep-variance`), or as in the authors' code for their models: with
    `init=authors-default` (also their GPT-2) the weights are uniform, scaled by
    the number of nonzeros in a row; with `authors-vit` and `authors-mixer` the
    low-rank term is the best one of a random dense weight.

    What density, block, low-rank share, mix and init are not given as options,
    the module's `pixelfly.sparse` says, where it has one.

    Before:
    ```mlir
    func.func @model(
        %w: tensor<1024x1024xf32> {pixelfly.parameter = #pixelfly.parameter<
          name = "fc.weight", init = <uniform, 0.03125 : f64>, decay = true>},
        %bias: tensor<1024xf32>, %x: tensor<96x1024xf32>)
        -> tensor<96x1024xf32> {
      %zero = arith.constant 0.0 : f32
      %empty = tensor.empty() : tensor<96x1024xf32>
      %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<96x1024xf32>)
        -> tensor<96x1024xf32>
      %product = linalg.matmul indexing_maps = [
          affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
          affine_map<(m, n, k) -> (m, n)>]
        ins(%x, %w : tensor<96x1024xf32>, tensor<1024x1024xf32>)
        outs(%init : tensor<96x1024xf32>) -> tensor<96x1024xf32>
      %y = linalg.generic {indexing_maps = [
            affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>,
            affine_map<(m, n) -> (m, n)>],
          iterator_types = ["parallel", "parallel"]}
        ins(%product, %bias : tensor<96x1024xf32>, tensor<1024xf32>)
        outs(%empty : tensor<96x1024xf32>) {
      ^bb0(%a: f32, %b: f32, %out: f32):
        %sum = arith.addf %a, %b : f32
        linalg.yield %sum : f32
      } -> tensor<96x1024xf32>
      return %y : tensor<96x1024xf32>
    }
    ```
    After, with the default options (test/Sparsify/sparsify.mlir runs this):
    ```mlir
    #p = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 32,
                                  radices = [2, 2, 2, 2, 2], factors = 5>
    func.func @model(
        %w: tensor<192x32x32xf32> {pixelfly.parameter = #pixelfly.parameter<
          name = "fc.weight", init = <uniform, 1.020621e-01 : f64>,
          decay = true, pattern = #p>},
        %u: tensor<1024x32xf32> {pixelfly.parameter = #pixelfly.parameter<
          name = "fc.u", init = <uniform, 2.500000e-01 : f64>, decay = true>},
        %v: tensor<1024x32xf32> {pixelfly.parameter = #pixelfly.parameter<
          name = "fc.v", init = <uniform, 5.412659e-02 : f64>, decay = true>},
        %gamma: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<
          name = "fc.gamma", init = <constant, 5.000000e-01 : f64>,
          decay = false>},
        %bias: tensor<1024xf32>, %x: tensor<96x1024xf32>)
        -> tensor<96x1024xf32> {
      %empty = tensor.empty() : tensor<96x1024xf32>
      %y = pixelfly.linear
        ins(%x, %w : tensor<96x1024xf32>, tensor<192x32x32xf32>)
        low_rank(%u, %v, %gamma
          : tensor<1024x32xf32>, tensor<1024x32xf32>, tensor<f32>)
        bias(%bias : tensor<1024xf32>)
        outs(%empty : tensor<96x1024xf32>) pattern #p -> tensor<96x1024xf32>
      return %y : tensor<96x1024xf32>
    }
    ```

    A choice that does not fit its product is an error. The function is changed in
    full or not at all, and running the pass again changes nothing.
  }];
  let options = choiceOptions # [
    Option<"init", "init", "::mlir::pixelfly::InitRule",
      /*default=*/"::mlir::pixelfly::InitRule::KeepVariance",
      "How the parameters of sparse layers start", [{::llvm::cl::values(
        clEnumValN(::mlir::pixelfly::InitRule::KeepVariance, "keep-variance",
                   "With the variance of the dense layer's output"),
        clEnumValN(::mlir::pixelfly::InitRule::AuthorsDefault,
                   "authors-default", "As the authors' code does by default"),
        clEnumValN(::mlir::pixelfly::InitRule::AuthorsViT, "authors-vit",
                   "As the authors' Vision Transformers"),
        clEnumValN(::mlir::pixelfly::InitRule::AuthorsMixer, "authors-mixer",
                   "As the authors' Mixers"))}]>
  ];
  let statistics = [
    Statistic<"numReplaced", "num-replaced", "Number of layers made sparse">,
    Statistic<"numKept", "num-kept",
      "Number of layers asked for that stay dense">
  ];
  let dependentDialects = ["::mlir::pixelfly::PixelflyDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // PIXELFLY_SPARSIFY_PASSES_TD
