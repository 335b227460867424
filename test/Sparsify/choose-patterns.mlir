// RUN: pixelfly-opt %s --pixelfly-choose-patterns | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-choose-patterns \
// RUN:   | pixelfly-opt --pixelfly-sparsify="density=0.9" \
// RUN:   | FileCheck %s --check-prefix=OBEYED

// The choice stands on the layer's product and the record of the budget on the
// function; nothing else changes. The next pass obeys, and does not choose.

// CHECK: #[[PATTERN:.+]] = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 32, radices = [2, 2, 2, 2, 2], factors = 5>
// CHECK: func.func @model(%{{.+}}: tensor<1024x1024xf32>
// CHECK-SAME: attributes {pixelfly.budget = #pixelfly.budget<parameters, dense = 1048576, limit = 262144, used = 262144, next_step = 65536>}
// CHECK: linalg.matmul
// CHECK-SAME: pixelfly.choice = #pixelfly.layer_choice<pattern = #[[PATTERN]], rank = 32>
// CHECK-NOT: pixelfly.linear

// OBEYED-NOT: linalg.matmul
// OBEYED: pixelfly.linear
// OBEYED-SAME: tensor<192x32x32xf32>
// OBEYED-SAME: low_rank({{.*}}tensor<1024x32xf32>
func.func @model(
    %w: tensor<1024x1024xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "fc.weight", init = <uniform, 0.03125 : f64>, decay = true>},
    %x: tensor<96x1024xf32>) -> tensor<96x1024xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<96x1024xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<96x1024xf32>)
    -> tensor<96x1024xf32>
  %product = linalg.matmul indexing_maps = [
      affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
      affine_map<(m, n, k) -> (m, n)>]
    ins(%x, %w : tensor<96x1024xf32>, tensor<1024x1024xf32>)
    outs(%init : tensor<96x1024xf32>) -> tensor<96x1024xf32>
  return %product : tensor<96x1024xf32>
}
