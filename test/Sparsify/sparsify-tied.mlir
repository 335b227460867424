// RUN: pixelfly-opt %s --split-input-file \
// RUN:     --pixelfly-sparsify="block=8 density=0.5" | FileCheck %s

// Weights that several products read stay one parameter. What keeps a use from
// being replaced keeps all (sparsify-stays-dense.mlir).

// Two products, one weight: one sparse parameter, with one set of factors.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 8, radices = [2, 2, 2], factors = 1>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<16x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.28284271247461906 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<64x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.u", init = <normal, 4.000000e-01 : f64>, decay = true>}, %[[ARG2:.+]]: tensor<64x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.v", init = <normal, 1.250000e-01 : f64>, decay = true>}, %[[ARG3:.+]]: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.gamma", init = <constant, 5.000000e-01 : f64>, decay = false>}, %[[ARG4:.+]]: tensor<4x64xf32>, %[[ARG5:.+]]: tensor<2x3x64xf32>) -> (tensor<4x64xf32>, tensor<2x3x64xf32>)
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG4]], %[[ARG0]] : tensor<4x64xf32>, tensor<16x8x8xf32>) low_rank(%[[ARG1]], %[[ARG2]], %[[ARG3]] : tensor<64x8xf32>, tensor<64x8xf32>, tensor<f32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[ARG5]] {{\[\[}}0, 1], [2]] : tensor<2x3x64xf32> into tensor<6x64xf32>
// CHECK: %[[V2:.+]] = tensor.empty() : tensor<6x64xf32>
// CHECK: %[[V3:.+]] = pixelfly.linear ins(%[[COLLAPSED]], %[[ARG0]] : tensor<6x64xf32>, tensor<16x8x8xf32>) low_rank(%[[ARG1]], %[[ARG2]], %[[ARG3]] : tensor<64x8xf32>, tensor<64x8xf32>, tensor<f32>) outs(%[[V2]] : tensor<6x64xf32>) pattern #[[P0]] -> tensor<6x64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[V3]] {{\[\[}}0, 1], [2]] output_shape [2, 3, 64] : tensor<6x64xf32> into tensor<2x3x64xf32>
// CHECK: return %[[V1]], %[[EXPANDED]] : tensor<4x64xf32>, tensor<2x3x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>, %z: tensor<2x3x64xf32>)
    -> (tensor<4x64xf32>, tensor<2x3x64xf32>) {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e = tensor.empty() : tensor<64x64xf32>
  %t = linalg.transpose ins(%w : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>)
    permutation = [1, 0]
  %init3 = arith.constant dense<0.0> : tensor<2x3x64xf32>
  %u = linalg.contract indexing_maps = [
      affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (n, k)>,
      affine_map<(b, m, n, k) -> (b, m, n)>]
    ins(%z, %t : tensor<2x3x64xf32>, tensor<64x64xf32>)
    outs(%init3 : tensor<2x3x64xf32>) -> tensor<2x3x64xf32>
  return %y, %u : tensor<4x64xf32>, tensor<2x3x64xf32>
}

// -----

// A layer applied to its own result.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 8, radices = [2, 2, 2], factors = 1>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<16x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.28284271247461906 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<64x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.u", init = <normal, 4.000000e-01 : f64>, decay = true>}, %[[ARG2:.+]]: tensor<64x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.v", init = <normal, 1.250000e-01 : f64>, decay = true>}, %[[ARG3:.+]]: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.gamma", init = <constant, 5.000000e-01 : f64>, decay = false>}, %[[ARG4:.+]]: tensor<4x64xf32>, %[[ARG5:.+]]: tensor<64xf32>) -> tensor<4x64xf32>
// CHECK: %[[CST:.+]] = arith.constant dense<0.000000e+00> : tensor<4x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG4]], %[[ARG0]] : tensor<4x64xf32>, tensor<16x8x8xf32>) low_rank(%[[ARG1]], %[[ARG2]], %[[ARG3]] : tensor<64x8xf32>, tensor<64x8xf32>, tensor<f32>) bias(%[[ARG5]] : tensor<64xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: %[[V2:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V3:.+]] = pixelfly.linear ins(%[[V1]], %[[ARG0]] : tensor<4x64xf32>, tensor<16x8x8xf32>) low_rank(%[[ARG1]], %[[ARG2]], %[[ARG3]] : tensor<64x8xf32>, tensor<64x8xf32>, tensor<f32>) bias(%[[ARG5]] : tensor<64xf32>) outs(%[[V2]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: return %[[V3]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>, %bias: tensor<64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %b = linalg.broadcast ins(%bias : tensor<64xf32>) outs(%e : tensor<4x64xf32>) dimensions = [0]
  %h = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%b : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%h, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%b : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
