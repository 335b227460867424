// RUN: pixelfly-opt %s --split-input-file \
// RUN:     --pixelfly-sparsify="block=8 low-rank-share=0" | FileCheck %s

// The forms of a bias. All that add one value to each output feature become the
// bias of the layer.

// The bias is a row of a matrix.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>, %[[ARG2:.+]]: tensor<1x64xf32>) -> tensor<4x64xf32>
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[ARG2]] {{\[\[}}0, 1]] : tensor<1x64xf32> into tensor<64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) bias(%[[COLLAPSED]] : tensor<64xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: return %[[V1]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<1x64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (0, n)>,
        affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%p, %bias : tensor<4x64xf32>, tensor<1x64xf32>)
    outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// It is broadcast first, in two steps, as StableHLO has it.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>, %[[ARG2:.+]]: tensor<64xf32>) -> tensor<4x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) bias(%[[ARG2]] : tensor<64xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: return %[[V1]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e1 = tensor.empty() : tensor<1x64xf32>
  %b1 = linalg.generic {indexing_maps = [
        affine_map<(m, n) -> (n)>, affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%bias : tensor<64xf32>) outs(%e1 : tensor<1x64xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<1x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %b4 = linalg.generic {indexing_maps = [
        affine_map<(m, n) -> (0, n)>, affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%b1 : tensor<1x64xf32>) outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<4x64xf32>
  %y = linalg.add ins(%b4, %p : tensor<4x64xf32>, tensor<4x64xf32>)
    outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// An addition of tensors, of a broadcast bias.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>, %[[ARG2:.+]]: tensor<64xf32>) -> tensor<4x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) bias(%[[ARG2]] : tensor<64xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: return %[[V1]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %b4 = linalg.broadcast ins(%bias : tensor<64xf32>) outs(%e : tensor<4x64xf32>) dimensions = [0]
  %y = arith.addf %p, %b4 : tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// What the product adds to is the bias.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>, %[[ARG2:.+]]: tensor<64xf32>) -> tensor<4x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) bias(%[[ARG2]] : tensor<64xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: return %[[V1]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<64xf32>) -> tensor<4x64xf32> {
  %e = tensor.empty() : tensor<4x64xf32>
  %b4 = linalg.broadcast ins(%bias : tensor<64xf32>) outs(%e : tensor<4x64xf32>) dimensions = [0]
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%b4 : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %p : tensor<4x64xf32>
}

// -----

// The bias is added to the result in another shape: one for each of two heads of
// 32.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>, %[[ARG2:.+]]: tensor<2x32xf32>) -> tensor<4x2x32xf32>
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[ARG2]] {{\[\[}}0, 1]] : tensor<2x32xf32> into tensor<64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) bias(%[[COLLAPSED]] : tensor<64xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[V1]] {{\[\[}}0], [1, 2]] output_shape [4, 2, 32] : tensor<4x64xf32> into tensor<4x2x32xf32>
// CHECK: return %[[EXPANDED]] : tensor<4x2x32xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<2x32xf32>) -> tensor<4x2x32xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %h = tensor.expand_shape %p [[0], [1, 2]] output_shape [4, 2, 32] : tensor<4x64xf32> into tensor<4x2x32xf32>
  %e = tensor.empty() : tensor<4x2x32xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, h, n) -> (m, h, n)>, affine_map<(m, h, n) -> (h, n)>,
        affine_map<(m, h, n) -> (m, h, n)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%h, %bias : tensor<4x2x32xf32>, tensor<2x32xf32>)
    outs(%e : tensor<4x2x32xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<4x2x32xf32>
  return %y : tensor<4x2x32xf32>
}

// -----

// One for each head is not one for each row: it stays an addition.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>, %[[ARG2:.+]]: tensor<2xf32>) -> tensor<4x2x32xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[V1]] {{\[\[}}0], [1, 2]] output_shape [4, 2, 32] : tensor<4x64xf32> into tensor<4x2x32xf32>
// CHECK: %[[V2:.+]] = tensor.empty() : tensor<4x2x32xf32>
// CHECK: %[[V3:.+]] = linalg.generic {indexing_maps = [#{{.+}}, #{{.+}}, #{{.+}}], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[EXPANDED]], %[[ARG2]] : tensor<4x2x32xf32>, tensor<2xf32>) outs(%[[V2]] : tensor<4x2x32xf32>)
// CHECK: arith.addf %{{.+}} : f32
// CHECK: return %[[V3]] : tensor<4x2x32xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<2xf32>) -> tensor<4x2x32xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %h = tensor.expand_shape %p [[0], [1, 2]] output_shape [4, 2, 32] : tensor<4x64xf32> into tensor<4x2x32xf32>
  %e = tensor.empty() : tensor<4x2x32xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, h, n) -> (m, h, n)>, affine_map<(m, h, n) -> (h)>,
        affine_map<(m, h, n) -> (m, h, n)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%h, %bias : tensor<4x2x32xf32>, tensor<2xf32>)
    outs(%e : tensor<4x2x32xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<4x2x32xf32>
  return %y : tensor<4x2x32xf32>
}

// -----

// Nor is a residual connection.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<4x32xf32>, %[[ARG2:.+]]: tensor<4x64xf32>) -> tensor<4x64xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V1:.+]] = pixelfly.linear ins(%[[ARG1]], %[[ARG0]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[V0]] : tensor<4x64xf32>) pattern #[[P0]] -> tensor<4x64xf32>
// CHECK: %[[V2:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK: %[[V3:.+]] = linalg.add ins(%[[V1]], %[[ARG2]] : tensor<4x64xf32>, tensor<4x64xf32>) outs(%[[V2]] : tensor<4x64xf32>) -> tensor<4x64xf32>
// CHECK: return %[[V3]] : tensor<4x64xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %y = linalg.add ins(%p, %bias : tensor<4x64xf32>, tensor<4x64xf32>)
    outs(%e : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// Token mixing: one for each token, in the middle.
// CHECK: #[[P0:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[ARG0:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P0]]>}, %[[ARG1:.+]]: tensor<2x32x16xf32>, %[[ARG2:.+]]: tensor<64xf32>) -> tensor<2x64x16xf32>
// CHECK: %[[V0:.+]] = tensor.empty() : tensor<2x16x32xf32>
// CHECK: %[[TRANSPOSED:.+]] = linalg.transpose ins(%[[ARG1]] : tensor<2x32x16xf32>) outs(%[[V0]] : tensor<2x16x32xf32>) permutation = [0, 2, 1]
// CHECK: %[[COLLAPSED:.+]] = tensor.collapse_shape %[[TRANSPOSED]] {{\[\[}}0, 1], [2]] : tensor<2x16x32xf32> into tensor<32x32xf32>
// CHECK: %[[V1:.+]] = tensor.empty() : tensor<32x64xf32>
// CHECK: %[[V2:.+]] = pixelfly.linear ins(%[[COLLAPSED]], %[[ARG0]] : tensor<32x32xf32>, tensor<8x8x8xf32>) bias(%[[ARG2]] : tensor<64xf32>) outs(%[[V1]] : tensor<32x64xf32>) pattern #[[P0]] -> tensor<32x64xf32>
// CHECK: %[[EXPANDED:.+]] = tensor.expand_shape %[[V2]] {{\[\[}}0, 1], [2]] output_shape [2, 16, 64] : tensor<32x64xf32> into tensor<2x16x64xf32>
// CHECK: %[[V3:.+]] = tensor.empty() : tensor<2x64x16xf32>
// CHECK: %[[TRANSPOSED0:.+]] = linalg.transpose ins(%[[EXPANDED]] : tensor<2x16x64xf32>) outs(%[[V3]] : tensor<2x64x16xf32>) permutation = [0, 2, 1]
// CHECK: return %[[TRANSPOSED0]] : tensor<2x64x16xf32>
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<2x32x16xf32>, %bias: tensor<64xf32>) -> tensor<2x64x16xf32> {
  %init = arith.constant dense<0.0> : tensor<2x64x16xf32>
  %p = linalg.generic {indexing_maps = [
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
  %y = linalg.generic {indexing_maps = [
        affine_map<(b, o, c) -> (b, o, c)>, affine_map<(b, o, c) -> (o)>,
        affine_map<(b, o, c) -> (b, o, c)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%p, %bias : tensor<2x64x16xf32>, tensor<64xf32>)
    outs(%init : tensor<2x64x16xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<2x64x16xf32>
  return %y : tensor<2x64x16xf32>
}
