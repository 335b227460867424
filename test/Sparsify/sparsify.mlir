// RUN: pixelfly-opt %s --pixelfly-sparsify | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-sparsify --pixelfly-sparsify \
// RUN:   | FileCheck %s

// The example of the pass description: product and bias become one op, the
// weight its blocks, and the low-rank term's parameters follow the weight.
// The second run of the pass finds nothing to do.

// CHECK: #[[PATTERN:.+]] = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 32, radices = [2, 2, 2, 2, 2], factors = 5>
// CHECK: func.func @model(
// CHECK-SAME: %[[W:[^:]+]]: tensor<192x32x32xf32>
// CHECK-SAME:   name = "fc.weight", init = <uniform, 0.10206{{[0-9]*}} : f64>, decay = true, pattern = #[[PATTERN]]>
// CHECK-SAME: %[[U:[^:]+]]: tensor<1024x32xf32>
// CHECK-SAME:   name = "fc.u", init = <uniform, 2.500000e-01 : f64>, decay = true>
// CHECK-SAME: %[[V:[^:]+]]: tensor<1024x32xf32>
// CHECK-SAME:   name = "fc.v", init = <uniform, 0.05412{{[0-9]*}} : f64>, decay = true>
// CHECK-SAME: %[[GAMMA:[^:]+]]: tensor<f32>
// CHECK-SAME:   name = "fc.gamma", init = <constant, 5.000000e-01 : f64>, decay = false>
// CHECK-SAME: %[[BIAS:[^:]+]]: tensor<1024xf32>
// CHECK-SAME:   name = "fc.bias"
// CHECK-SAME: %[[X:[^:]+]]: tensor<96x1024xf32>) -> tensor<96x1024xf32>
// CHECK-NEXT: %[[EMPTY:.+]] = tensor.empty() : tensor<96x1024xf32>
// CHECK-NEXT: %[[Y:.+]] = pixelfly.linear ins(%[[X]], %[[W]] :
// CHECK-SAME:   low_rank(%[[U]], %[[V]], %[[GAMMA]] :
// CHECK-SAME:   bias(%[[BIAS]] :
// CHECK-SAME:   outs(%[[EMPTY]] :
// CHECK-SAME:   pattern #[[PATTERN]]
// CHECK-NEXT: return %[[Y]]
func.func @model(
    %w: tensor<1024x1024xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "fc.weight", init = <uniform, 0.03125 : f64>, decay = true>},
    %bias: tensor<1024xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "fc.bias", init = <constant, 0.0 : f64>, decay = false>},
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
