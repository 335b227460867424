// RUN: pixelfly-opt %s --split-input-file \
// RUN:     --pixelfly-sparsify="block=8 density=0.5" | FileCheck %s

// Layers whose sizes the block does not divide are padded inside: zeros behind the
// input's features, and the result is cut.

// 124 inputs and 124 outputs, blocks of 8: 128 of each inside. The factors have
// the sizes of the layer, and are padded with it.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 128, cols = 128, block = 8, radices = [2, 2, 2, 2], factors = 4>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<80x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.25546654946340208 : f64>, decay = true, pattern = #[[P0]], extents = [124, 124]>}, %[[ARG1:.+]]: tensor<124x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.u", init = <normal, 0.55677643628300222 : f64>, decay = true>}, %[[ARG2:.+]]: tensor<124x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.v", init = <normal, 0.089802651013387455 : f64>, decay = true>}, %[[ARG3:.+]]: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.gamma", init = <constant, 5.000000e-01 : f64>, decay = false>}, %[[ARG4:.+]]: tensor<4x124xf32>, %[[ARG5:.+]]: tensor<124xf32>) -> tensor<4x124xf32> attributes {pixelfly.budget = #pixelfly.budget<parameters, dense = 15376, limit = 7688, used = 7168, next_step = 1024>}
// CHECK: %[[CST:.+]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[PADDED:.+]] = tensor.pad %[[ARG4]] low[0, 0] high[0, 4]
// CHECK: tensor.yield %[[CST]] : f32
// CHECK: %[[CST0:.+]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[PADDED1:.+]] = tensor.pad %[[ARG1]] low[0, 0] high[4, 0]
// CHECK: tensor.yield %[[CST0]] : f32
// CHECK: %[[CST2:.+]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[PADDED3:.+]] = tensor.pad %[[ARG2]] low[0, 0] high[4, 0]
// CHECK: tensor.yield %[[CST2]] : f32
// CHECK: %[[CST4:.+]] = arith.constant 0.000000e+00 : f32
// CHECK: %[[PADDED5:.+]] = tensor.pad %[[ARG5]] low[0] high[4]
// CHECK: tensor.yield %[[CST4]] : f32
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x128xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[PADDED]], %[[ARG0]] : tensor<4x128xf32>, tensor<80x8x8xf32>) low_rank(%[[PADDED1]], %[[PADDED3]], %[[ARG3]] : tensor<128x8xf32>, tensor<128x8xf32>, tensor<f32>) bias(%[[PADDED5]] : tensor<128xf32>) outs(%[[V0]] : tensor<4x128xf32>) pattern #[[P0]] -> tensor<4x128xf32>
// CHECK: %[[EXTRACTEDSLICE:.+]] = tensor.extract_slice %[[V1]][0, 0] [4, 124] [1, 1] : tensor<4x128xf32> to tensor<4x124xf32>
// CHECK: return %[[EXTRACTEDSLICE]] : tensor<4x124xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<124x124xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x124xf32>, %bias: tensor<124xf32>) -> tensor<4x124xf32> {
  %e = tensor.empty() : tensor<4x124xf32>
  %b = linalg.broadcast ins(%bias : tensor<124xf32>) outs(%e : tensor<4x124xf32>) dimensions = [0]
  %y = linalg.matmul ins(%x, %w : tensor<4x124xf32>, tensor<124x124xf32>)
    outs(%b : tensor<4x124xf32>) -> tensor<4x124xf32>
  return %y : tensor<4x124xf32>
}
