// RUN: pixelfly-opt %s --split-input-file \
// RUN:     --pixelfly-sparsify="block=8 low-rank-share=0" | FileCheck %s

// Products of which the features are not the last dimension of input and result,
// or are several dimensions, or of other types: the input is rearranged to a
// matrix, and the result rearranged back.

// Token mixing: the features are not innermost. The input and the result are
// transposed.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<2x32x16xf32>) -> tensor<2x64x16xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<2x16x32xf32>
// CHECK: %[[TRANSPOSED:.+]] = linalg.transpose ins(%[[ARG1]] : tensor<2x32x16xf32>) outs(%[[V0]] : tensor<2x16x32xf32>) permutation = [0, 2, 1]
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[TRANSPOSED]] {{\[\[}}0, 1], [2]] : tensor<2x16x32xf32> into tensor<32x32xf32>
// CHECK: %[[V1:.+]] = tensor.empty() : tensor<32x64xf32>
// CHECK: %[[V2:.+]] = pixelfly.linear ins(%[[COLLAPSED]], %[[ARG0]] : tensor<32x32xf32>, tensor<8x8x8xf32>) outs(%[[V1]] : tensor<32x64xf32>) pattern #[[P0]] -> tensor<32x64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[V2]] {{\[\[}}0, 1], [2]] output_shape [2, 16, 64] : tensor<32x64xf32> into tensor<2x16x64xf32>
// CHECK: %[[V3:.+]] = tensor.empty() : tensor<2x64x16xf32>
// CHECK: %[[TRANSPOSED0:.+]] = linalg.transpose ins(%[[EXPANDED]] : tensor<2x16x64xf32>) outs(%[[V3]] : tensor<2x64x16xf32>) permutation = [0, 2, 1]
// CHECK: return %[[TRANSPOSED0]] : tensor<2x64x16xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<2x32x16xf32>) -> tensor<2x64x16xf32> {
  %init = arith.constant dense<0.0> : tensor<2x64x16xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(b, o, c, t) -> (o, t)>, affine_map<(b, o, c, t) -> (b, t, c)>,
        affine_map<(b, o, c, t) -> (b, o, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%w, %x : tensor<64x32xf32>, tensor<2x32x16xf32>)
    outs(%init : tensor<2x64x16xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %term = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<2x64x16xf32>
  return %y : tensor<2x64x16xf32>
}

// -----

// A vector: one row. The weight stands on the left.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<32xf32>) -> tensor<64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[ARG1]] {{\[\[}}0, 1]] output_shape [1, 32] : tensor<32xf32> into tensor<1x32xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<1x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[EXPANDED]], %[[ARG0]] : tensor<1x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<1x64xf32>) pattern #[[P0]] -> tensor<1x64xf32>
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[V1]] {{\[\[}}0, 1]] : tensor<1x64xf32> into tensor<64xf32>
// CHECK: return %[[COLLAPSED]] : tensor<64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<32xf32>) -> tensor<64xf32> {
  %init = arith.constant dense<0.0> : tensor<64xf32>
  %y = linalg.matvec ins(%w, %x : tensor<64x32xf32>, tensor<32xf32>)
    outs(%init : tensor<64xf32>) -> tensor<64xf32>
  return %y : tensor<64xf32>
}

// -----

// The other way round.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<32xf32>) -> tensor<64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[ARG1]] {{\[\[}}0, 1]] output_shape [1, 32] : tensor<32xf32> into tensor<1x32xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<1x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[EXPANDED]], %[[ARG0]] : tensor<1x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<1x64xf32>) pattern #[[P0]] -> tensor<1x64xf32>
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[V1]] {{\[\[}}0, 1]] : tensor<1x64xf32> into tensor<64xf32>
// CHECK: return %[[COLLAPSED]] : tensor<64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<32xf32>) -> tensor<64xf32> {
  %init = arith.constant dense<0.0> : tensor<64xf32>
  %y = linalg.vecmat ins(%x, %w : tensor<32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<64xf32>) -> tensor<64xf32>
  return %y : tensor<64xf32>
}

// -----

// A batch of products with the same weight, which is broadcast first, as
// torch-mlir does.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<2x4x32xf32>) -> tensor<2x4x64xf32>
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[ARG1]] {{\[\[}}0, 1], [2]] : tensor<2x4x32xf32> into tensor<8x32xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<8x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[COLLAPSED]], %[[ARG0]] : tensor<8x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<8x64xf32>) pattern #[[P0]] -> tensor<8x64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[V1]] {{\[\[}}0, 1], [2]] output_shape [2, 4, 64] : tensor<8x64xf32> into tensor<2x4x64xf32>
// CHECK: return %[[EXPANDED]] : tensor<2x4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<2x4x32xf32>) -> tensor<2x4x64xf32> {
  %e = tensor.empty() : tensor<32x64xf32>
  %t = linalg.transpose ins(%w : tensor<64x32xf32>) outs(%e : tensor<32x64xf32>)
    permutation = [1, 0]
  %eb = tensor.empty() : tensor<2x32x64xf32>
  %b = linalg.generic {indexing_maps = [
        affine_map<(b, i, j) -> (i, j)>, affine_map<(b, i, j) -> (b, i, j)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%t : tensor<32x64xf32>) outs(%eb : tensor<2x32x64xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x32x64xf32>
  %init = arith.constant dense<0.0> : tensor<2x4x64xf32>
  %y = linalg.batch_matmul ins(%x, %b : tensor<2x4x32xf32>, tensor<2x32x64xf32>)
    outs(%init : tensor<2x4x64xf32>) -> tensor<2x4x64xf32>
  return %y : tensor<2x4x64xf32>
}

// -----

// The same with the broadcast in the maps.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<2x4x32xf32>) -> tensor<2x4x64xf32>
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[ARG1]] {{\[\[}}0, 1], [2]] : tensor<2x4x32xf32> into tensor<8x32xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<8x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[COLLAPSED]], %[[ARG0]] : tensor<8x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<8x64xf32>) pattern #[[P0]] -> tensor<8x64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[V1]] {{\[\[}}0, 1], [2]] output_shape [2, 4, 64] : tensor<8x64xf32> into tensor<2x4x64xf32>
// CHECK: return %[[EXPANDED]] : tensor<2x4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<2x4x32xf32>) -> tensor<2x4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<2x4x64xf32>
  %y = linalg.batch_matmul indexing_maps = [
      affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (k, n)>,
      affine_map<(b, m, n, k) -> (b, m, n)>]
    ins(%x, %w : tensor<2x4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<2x4x64xf32>) -> tensor<2x4x64xf32>
  return %y : tensor<2x4x64xf32>
}

// -----

// linalg.contract.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>) -> tensor<4x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: return %[[V1]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %y = linalg.contract indexing_maps = [
      affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
      affine_map<(m, n, k) -> (m, n)>]
    ins(%x, %w : tensor<4x32xf32>, tensor<64x32xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// Heads: the rows of the weight are two dimensions, in the other order in the
// result.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<2x3x32xf32>) -> tensor<2x4x3x16xf32>
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[ARG1]] {{\[\[}}0, 1], [2]] : tensor<2x3x32xf32> into tensor<6x32xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<6x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[COLLAPSED]], %[[ARG0]] : tensor<6x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<6x64xf32>) pattern #[[P0]] -> tensor<6x64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[V1]] {{\[\[}}0, 1], [2, 3]] output_shape [2, 3, 4, 16] : tensor<6x64xf32> into tensor<2x3x4x16xf32>
// CHECK: %[[V2:.+]] = tensor.empty() : tensor<2x4x3x16xf32>
// CHECK: %[[TRANSPOSED:.+]] = linalg.transpose ins(%[[EXPANDED]] : tensor<2x3x4x16xf32>) outs(%[[V2]] : tensor<2x4x3x16xf32>) permutation = [0, 2, 1, 3]
// CHECK: return %[[TRANSPOSED]] : tensor<2x4x3x16xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<32x4x16xf32> {pixelfly.parameter = #weight},
                 %x: tensor<2x3x32xf32>) -> tensor<2x4x3x16xf32> {
  %init = arith.constant dense<0.0> : tensor<2x4x3x16xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(b, h, t, k, d) -> (b, t, d)>, affine_map<(b, h, t, k, d) -> (d, h, k)>,
        affine_map<(b, h, t, k, d) -> (b, h, t, k)>],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<2x3x32xf32>, tensor<32x4x16xf32>)
    outs(%init : tensor<2x4x3x16xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %term = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<2x4x3x16xf32>
  return %y : tensor<2x4x3x16xf32>
}

// -----

// And its columns: the output projection of attention. The weight is collapsed
// first.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<6x32xf32>) -> tensor<6x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<6x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<6x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<6x64xf32>) pattern #[[P0]] -> tensor<6x64xf32>
// CHECK: return %[[V1]] : tensor<6x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<4x8x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<6x32xf32>) -> tensor<6x64xf32> {
  %init = arith.constant dense<0.0> : tensor<6x64xf32>
  %m = tensor.collapse_shape %w [[0, 1], [2]] : tensor<4x8x64xf32> into tensor<32x64xf32>
  %y = linalg.matmul ins(%x, %m : tensor<6x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<6x64xf32>) -> tensor<6x64xf32>
  return %y : tensor<6x64xf32>
}

// -----

// The weight is kept in f32 and multiplied in bf16, with sums in f32: the
// parameters stay what they are and are rounded as the dense weight was.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xbf16>) -> tensor<4x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x32xf32>
// CHECK: %[[V1:.+]] = linalg.generic {indexing_maps = [#{{.+}}, #{{.+}}], iterator_types = ["parallel", "parallel"]} ins(%[[ARG1]] : tensor<4x32xbf16>) outs(%[[V0]] : tensor<4x32xf32>)
// CHECK: arith.extf %{{.+}} : bf16 to f32
// CHECK: %[[V2:.+]] = tensor.empty() : tensor<8x8x8xbf16>
// CHECK: %[[V3:.+]] = linalg.generic {indexing_maps = [#{{.+}}, #{{.+}}], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[ARG0]] : tensor<8x8x8xf32>) outs(%[[V2]] : tensor<8x8x8xbf16>)
// CHECK: arith.truncf %{{.+}} : f32 to bf16
// CHECK: %[[V4:.+]] = tensor.empty() : tensor<8x8x8xf32>
// CHECK: %[[V5:.+]] = linalg.generic {indexing_maps = [#{{.+}}, #{{.+}}], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[V3]] : tensor<8x8x8xbf16>) outs(%[[V4]] : tensor<8x8x8xf32>)
// CHECK: arith.extf %{{.+}} : bf16 to f32
// CHECK: %[[V6:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V7:.+]] = pixelfly.linear ins(%[[V1]], %[[V5]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[V6]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: return %[[V7]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xbf16>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %e = tensor.empty() : tensor<32x64xbf16>
  %t = linalg.generic {indexing_maps = [
        affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%w : tensor<64x32xf32>) outs(%e : tensor<32x64xbf16>) {
  ^bb0(%in: f32, %out: bf16):
    %r = arith.truncf %in : f32 to bf16
    linalg.yield %r : bf16
  } -> tensor<32x64xbf16>
  %y = linalg.matmul ins(%x, %t : tensor<4x32xbf16>, tensor<32x64xbf16>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// All in f16.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf16> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<32x4xf16>) -> tensor<64x4xf16>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x32xf16>
// CHECK: %[[TRANSPOSED:.+]] = linalg.transpose ins(%[[ARG1]] : tensor<32x4xf16>) outs(%[[V0]] : tensor<4x32xf16>) permutation = [1, 0]
// CHECK: %[[V1:.+]] = tensor.empty() : tensor<4x64xf16>
// CHECK: %[[V2:.+]] = pixelfly.linear ins(%[[TRANSPOSED]], %[[ARG0]] : tensor<4x32xf16>, tensor<8x8x8xf16>) outs(%[[V1]] : tensor<4x64xf16>) pattern #[[P0]] -> tensor<4x64xf16>
// CHECK: %[[V3:.+]] = tensor.empty() : tensor<64x4xf16>
// CHECK: %[[TRANSPOSED0:.+]] = linalg.transpose ins(%[[V2]] : tensor<4x64xf16>) outs(%[[V3]] : tensor<64x4xf16>) permutation = [1, 0]
// CHECK: return %[[TRANSPOSED0]] : tensor<64x4xf16>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf16> {pixelfly.parameter = #weight},
                 %x: tensor<32x4xf16>) -> tensor<64x4xf16> {
  %init = arith.constant dense<0.0> : tensor<64x4xf16>
  %y = linalg.matmul ins(%w, %x : tensor<64x32xf16>, tensor<32x4xf16>)
    outs(%init : tensor<64x4xf16>) -> tensor<64x4xf16>
  return %y : tensor<64x4xf16>
}

// -----

// What the product adds to is added behind it.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>, %[[ARG2:.+]]: tensor<4x64xf32>) -> tensor<4x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: %[[V2:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V3:.+]] = linalg.generic {indexing_maps = [#{{.+}}, #{{.+}}, #{{.+}}], iterator_types = ["parallel", "parallel"]} ins(%[[V1]], %[[ARG2]] : tensor<4x64xf32>, tensor<4x64xf32>) outs(%[[V2]] : tensor<4x64xf32>)
// CHECK: arith.addf %{{.+}} : f32
// CHECK: return %[[V3]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %init: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %y = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// Casts forget sizes and say them again.
// CHECK: func.func @model(%[[W:[^:]+]]: tensor<8x8x8xf32> {
// CHECK-NOT: tensor.cast
// CHECK: pixelfly.linear ins(%{{.+}}, %[[W]] : tensor<4x32xf32>, tensor<8x8x8xf32>)
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %d = tensor.cast %w : tensor<32x64xf32> to tensor<?x64xf32>
  %u = tensor.cast %d : tensor<?x64xf32> to tensor<*xf32>
  %s = tensor.cast %u : tensor<*xf32> to tensor<32x64xf32>
  %p = linalg.matmul ins(%x, %s : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %p : tensor<4x64xf32>
}
