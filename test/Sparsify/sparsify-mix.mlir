// How the two terms are mixed and how the parameters start, as options and as
// settings of the module: an option that is given goes first.
//
// RUN: split-file %s %t
// RUN: pixelfly-opt %t/model.mlir --pixelfly-sparsify="mix=gate" --verify-roundtrip | FileCheck %s --check-prefixes=GATE,KEEP
// RUN: pixelfly-opt %t/model.mlir --pixelfly-sparsify="mix=gate init=authors-default" | FileCheck %s --check-prefixes=GATE,DEFAULT
// RUN: pixelfly-opt %t/model.mlir --pixelfly-sparsify="mix=gate init=authors-vit" | FileCheck %s --check-prefixes=GATE,VIT
// RUN: pixelfly-opt %t/model.mlir --pixelfly-sparsify="mix=gate init=authors-mixer" | FileCheck %s --check-prefixes=GATE,MIXER
// RUN: pixelfly-opt %t/model.mlir --pixelfly-sparsify="init=authors-vit" | FileCheck %s --check-prefix=SCALAR
// RUN: pixelfly-opt %t/model.mlir --pixelfly-sparsify="mix=gate low-rank-share=0" | FileCheck %s --check-prefix=NONE
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="mix=gate" | FileCheck %s --check-prefix=CHOICE

// 1024 x 512: 2 blocks of 32 in a row, rank 32.
// GATE-LABEL: func.func @model(
// GATE-SAME: %[[W:[^ ]*]]: tensor<64x32x32xf32>
// KEEP-SAME: name = "fc.weight", init = <uniform,
// DEFAULT-SAME: name = "fc.weight", init = <uniform, 1.250000e-01 : f64>
// VIT-SAME: name = "fc.weight", init = <truncated_normal, 0.056568542{{[0-9]*}} : f64>
// MIXER-SAME: name = "fc.weight", init = <uniform, 0.17677669{{[0-9]*}} : f64>
// GATE-SAME: %[[U:[^ ]*]]: tensor<1024x32xf32>
// KEEP-SAME: name = "fc.u", init = <uniform,
// DEFAULT-SAME: name = "fc.u", init = <uniform, 0.17677669{{[0-9]*}} : f64>
// VIT-SAME: name = "fc.u", init = <singular_vectors, 0.0175925132{{[0-9]*}} : f64, opposite = 512>
// MIXER-SAME: name = "fc.u", init = <singular_vectors, 0.0360843918{{[0-9]*}} : f64, opposite = 512>
// GATE-SAME: %[[V:[^ ]*]]: tensor<512x32xf32>
// DEFAULT-SAME: name = "fc.v", init = <uniform, 0.04419417{{[0-9]*}} : f64>
// VIT-SAME: name = "fc.v", init = <singular_vectors, 0.0175925132{{[0-9]*}} : f64, opposite = 1024>
// MIXER-SAME: name = "fc.v", init = <singular_vectors, 0.0360843918{{[0-9]*}} : f64, opposite = 1024>
// GATE-SAME: %[[GATE:[^ ]*]]: tensor<512xf32>
// KEEP-SAME: name = "fc.gate_weight", init = <constant, 0.000000e+00 : f64>, decay = true>
// DEFAULT-SAME: name = "fc.gate_weight", init = <normal, 2.000000e-02 : f64>, decay = true>
// VIT-SAME: name = "fc.gate_weight", init = <truncated_normal, 2.000000e-02 : f64>, decay = true>
// MIXER-SAME: name = "fc.gate_weight", init = <uniform, 0.10814761{{[0-9]*}} : f64>, decay = true>
// GATE-SAME: %[[BIAS:[^ ]*]]: tensor<f32>
// KEEP-SAME: name = "fc.gate_bias", init = <constant, 0.000000e+00 : f64>, decay = false>
// DEFAULT-SAME: name = "fc.gate_bias", init = <constant, 0.000000e+00 : f64>, decay = false>
// VIT-SAME: name = "fc.gate_bias", init = <constant, 0.000000e+00 : f64>, decay = false>
// MIXER-SAME: name = "fc.gate_bias", init = <normal, 9.9999999999999995E-7 : f64>, decay = false>
// GATE: pixelfly.linear
// GATE-SAME: low_rank(%[[U]], %[[V]] :
// GATE-SAME: gate(%[[GATE]], %[[BIAS]] : tensor<512xf32>, tensor<f32>)
// A caller passes on what it has got.
// GATE-LABEL: func.func @caller(
// GATE-SAME: tensor<64x32x32xf32>, %{{[^:]*}}: tensor<1024x32xf32>, %{{[^:]*}}: tensor<512x32xf32>, %{{[^:]*}}: tensor<512xf32>, %{{[^:]*}}: tensor<f32>, %{{[^:]*}}: tensor<96x512xf32>)

// Without a gate gamma starts in the middle, whatever the rule.
// SCALAR-LABEL: func.func @model(
// SCALAR-SAME: name = "fc.u", init = <singular_vectors,
// SCALAR-SAME: name = "fc.gamma", init = <constant, 5.000000e-01 : f64>, decay = false>
// SCALAR-NOT: gate

// Without a low-rank term there is nothing to mix.
// NONE: pixelfly.linear
// NONE-NOT: gate

// CHOICE: #pixelfly.layer_choice<pattern = #{{.*}}, rank = 32, mix = gate>

// RUN: pixelfly-opt %t/settings.mlir --pixelfly-sparsify | FileCheck %s --check-prefix=MODULE
// RUN: pixelfly-opt %t/settings.mlir --pixelfly-choose-patterns --pixelfly-sparsify | FileCheck %s --check-prefix=MODULE
// RUN: pixelfly-opt %t/settings.mlir --pixelfly-sparsify="density=0.25 block=32 low-rank-share=0.3333333 mix=scalar init=keep-variance" | FileCheck %s --check-prefix=OPTION
// RUN: pixelfly-opt %t/settings.mlir --pixelfly-sparsify="mix=scalar" | FileCheck %s --check-prefix=BOTH

// MODULE: #[[P:.*]] = #pixelfly.flat_butterfly<rows = 1024, cols = 512, block = 64, radices = [2, 2, 2], factors = 2>
// MODULE: name = "fc.weight", init = <truncated_normal,
// MODULE-SAME: tensor<1024x64xf32>
// MODULE-SAME: name = "fc.gate_bias"
// OPTION: #pixelfly.flat_butterfly<rows = 1024, cols = 512, block = 32, radices = [2, 2, 2, 2], factors = 1>
// OPTION: name = "fc.weight", init = <uniform,
// OPTION-SAME: tensor<1024x32xf32>
// OPTION-SAME: name = "fc.gamma"
// BOTH: #pixelfly.flat_butterfly<rows = 1024, cols = 512, block = 64, radices = [2, 2, 2], factors = 2>
// BOTH: name = "fc.weight", init = <truncated_normal,
// BOTH-SAME: name = "fc.gamma"

//--- model.mlir
func.func @model(
    %w: tensor<1024x512xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "fc.weight", init = <uniform, 0.03125 : f64>, decay = true>},
    %x: tensor<96x512xf32>) -> tensor<96x1024xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<96x1024xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<96x1024xf32>) -> tensor<96x1024xf32>
  %y = linalg.matmul indexing_maps = [
      affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
      affine_map<(m, n, k) -> (m, n)>]
    ins(%x, %w : tensor<96x512xf32>, tensor<1024x512xf32>)
    outs(%init : tensor<96x1024xf32>) -> tensor<96x1024xf32>
  return %y : tensor<96x1024xf32>
}

func.func @caller(%w: tensor<1024x512xf32>, %x: tensor<96x512xf32>) -> tensor<96x1024xf32> {
  %y = call @model(%w, %x) : (tensor<1024x512xf32>, tensor<96x512xf32>) -> tensor<96x1024xf32>
  return %y : tensor<96x1024xf32>
}

//--- settings.mlir
module attributes {pixelfly.sparse = #pixelfly.sparse<density = 0.6, block = 64,
    low_rank_share = 0.4, mix = gate, init = authors_vit>} {
  func.func @model(
      %w: tensor<1024x512xf32> {pixelfly.parameter = #pixelfly.parameter<
        name = "fc.weight", init = <uniform, 0.03125 : f64>, decay = true>},
      %x: tensor<96x512xf32>) -> tensor<96x1024xf32> {
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<96x1024xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<96x1024xf32>) -> tensor<96x1024xf32>
    %y = linalg.matmul indexing_maps = [
        affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
        affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<96x512xf32>, tensor<1024x512xf32>)
      outs(%init : tensor<96x1024xf32>) -> tensor<96x1024xf32>
    return %y : tensor<96x1024xf32>
  }
}
