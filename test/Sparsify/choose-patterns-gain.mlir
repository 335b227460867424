// RUN: pixelfly-opt %s --verify-diagnostics \
// RUN:     --pixelfly-choose-patterns="measure=time density=0.9 block=8" \
// RUN:   | FileCheck %s

// Where a product takes long however small it is, and access and arithmetic
// cost next to nothing, sparsity does not gain time: the layer stays dense.

// CHECK-NOT: pixelfly.choice
// CHECK-NOT: pixelfly.budget
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<
      "cost_seconds_per_access" = 1.0e-30 : f64, "cost_seconds_per_flop" = 1.0e-30 : f64,
      "cost_seconds_per_product" = 1.0e-3 : f64>>} {
  func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                   %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x64xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>)
      -> tensor<4x64xf32>
    // expected-remark@below {{layer 'fc' stays dense: it would not gain: its sparsest pattern costs 3 ms, and dense it costs 3 ms}}
    %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
      outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
    return %y : tensor<4x64xf32>
  }
}
