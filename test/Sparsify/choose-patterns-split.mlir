// RUN: pixelfly-opt %s --pixelfly-choose-patterns="low-rank-share=0" 2>&1 | FileCheck %s --check-prefix=UNIFORM
// RUN: pixelfly-opt %s --pixelfly-choose-patterns="low-rank-share=0 split=cost-model" 2>&1 | FileCheck %s --check-prefix=COST

// Two layers of the same size, one of which meets far more inputs, so that each
// of its weights takes far more time. The rule of thumb gives both the same
// density; by the cost model the other gets more of the same budget.

// UNIFORM: remark: layer 'many': 512 x 512, block 32, {{.*}}, density 0.2500,
// UNIFORM: remark: layer 'few': 512 x 512, block 32, {{.*}}, density 0.2500,
// UNIFORM: limit = 131072, used = 131072
// COST: remark: layer 'many': 512 x 512, block 32, {{.*}}, density 0.1250,
// COST: remark: layer 'few': 512 x 512, block 32, {{.*}}, density 0.3750,
// COST: limit = 131072, used = 131072
#few = #pixelfly.parameter<name = "few.weight", init = <normal, 0.1 : f64>, decay = true>
#many = #pixelfly.parameter<name = "many.weight", init = <normal, 0.1 : f64>, decay = true>
#row = affine_map<(m, n, k) -> (m, k)>
#col = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
func.func @model(%a: tensor<512x512xf32> {pixelfly.parameter = #many},
                 %b: tensor<512x512xf32> {pixelfly.parameter = #few},
                 %x: tensor<4096x512xf32>, %z: tensor<512x512xf32>)
    -> (tensor<4096x512xf32>, tensor<512x512xf32>) {
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<4096x512xf32>
  %i0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<4096x512xf32>) -> tensor<4096x512xf32>
  %y = linalg.matmul indexing_maps = [#row, #col, #out]
    ins(%x, %a : tensor<4096x512xf32>, tensor<512x512xf32>)
    outs(%i0 : tensor<4096x512xf32>) -> tensor<4096x512xf32>
  %e1 = tensor.empty() : tensor<512x512xf32>
  %i1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<512x512xf32>) -> tensor<512x512xf32>
  %w = linalg.matmul indexing_maps = [#row, #col, #out]
    ins(%z, %b : tensor<512x512xf32>, tensor<512x512xf32>)
    outs(%i1 : tensor<512x512xf32>) -> tensor<512x512xf32>
  return %y, %w : tensor<4096x512xf32>, tensor<512x512xf32>
}
