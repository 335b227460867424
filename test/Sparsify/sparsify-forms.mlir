// RUN: pixelfly-opt %s --split-input-file \
// RUN:     --pixelfly-sparsify="block=8 low-rank-share=0" | FileCheck %s

// The forms of a product that are recognised. All become the same op; the rows
// of the pattern are the output features, however the weight is stored. Without
// a low-rank term the standard deviation of the blocks grows by the square root
// of columns over nonzeros in a row, here 2.

// A plain matmul: the weight is stored inputs first.
// CHECK: #[[P:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[W:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P]]>}, %[[X:.+]]: tensor<4x32xf32>)
// CHECK-NEXT: %[[EMPTY:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK-NEXT: %[[Y:.+]] = pixelfly.linear ins(%[[X]], %[[W]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[EMPTY]] : tensor<4x64xf32>) pattern #[[P]] -> tensor<4x64xf32>
// CHECK-NEXT: return %[[Y]]
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A matmul of the transposed weight, into a constant zero.
// CHECK: #[[P:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[W:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P]]>}, %[[X:.+]]: tensor<4x32xf32>)
// CHECK-NEXT: %[[EMPTY:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK-NEXT: %[[Y:.+]] = pixelfly.linear ins(%[[X]], %[[W]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[EMPTY]] : tensor<4x64xf32>) pattern #[[P]] -> tensor<4x64xf32>
// CHECK-NEXT: return %[[Y]]
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %y = linalg.matmul indexing_maps = [
      affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
      affine_map<(m, n, k) -> (m, n)>]
    ins(%x, %w : tensor<4x32xf32>, tensor<64x32xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// The weight transposed by an op, as PyTorch's importer does.
// CHECK: #[[P:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[W:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P]]>}, %[[X:.+]]: tensor<4x32xf32>)
// CHECK-NEXT: %[[EMPTY:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK-NEXT: %[[Y:.+]] = pixelfly.linear ins(%[[X]], %[[W]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[EMPTY]] : tensor<4x64xf32>) pattern #[[P]] -> tensor<4x64xf32>
// CHECK-NEXT: return %[[Y]]
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e = tensor.empty() : tensor<32x64xf32>
  %t = linalg.transpose ins(%w : tensor<64x32xf32>) outs(%e : tensor<32x64xf32>)
    permutation = [1, 0]
  %y = linalg.matmul ins(%x, %t : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A generic contraction with the weight as its first factor and its own order of
// loops.
// CHECK: #[[P:.+]] = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 0>
// CHECK: func.func @model(%[[W:.+]]: tensor<8x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "fc.weight", init = <normal, 2.000000e-01 : f64>, decay = true, pattern = #[[P]]>}, %[[X:.+]]: tensor<4x32xf32>)
// CHECK-NEXT: %[[EMPTY:.+]] = tensor.empty() : tensor<4x64xf32>
// CHECK-NEXT: %[[Y:.+]] = pixelfly.linear ins(%[[X]], %[[W]] : tensor<4x32xf32>, tensor<8x8x8xf32>) outs(%[[EMPTY]] : tensor<4x64xf32>) pattern #[[P]] -> tensor<4x64xf32>
// CHECK-NEXT: return %[[Y]]
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(k, n, m) -> (n, k)>, affine_map<(k, n, m) -> (m, k)>,
        affine_map<(k, n, m) -> (m, n)>],
      iterator_types = ["reduction", "parallel", "parallel"]}
    ins(%w, %x : tensor<64x32xf32>, tensor<4x32xf32>)
    outs(%init : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %product = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %product : f32
    linalg.yield %sum : f32
  } -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// Leading dimensions of the input are rows of one matrix; so is the bias then,
// which here is added into the product.
// CHECK: func.func @model(%[[W:.+]]: tensor<8x8x8xf32> {{.*}}, %[[X:.+]]: tensor<2x3x32xf32>, %[[B:.+]]: tensor<64xf32>)
// CHECK-NEXT: %[[ROWS:.+]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1], [2]] : tensor<2x3x32xf32> into tensor<6x32xf32>
// CHECK-NEXT: %[[EMPTY:.+]] = tensor.empty() : tensor<6x64xf32>
// CHECK-NEXT: %[[Y:.+]] = pixelfly.linear ins(%[[ROWS]], %[[W]] : {{.+}}) bias(%[[B]] : tensor<64xf32>) outs(%[[EMPTY]] : {{.+}}) pattern {{.+}} -> tensor<6x64xf32>
// CHECK-NEXT: %[[RESULT:.+]] = tensor.expand_shape %[[Y]] {{\[\[}}0, 1], [2]] output_shape [2, 3, 64] : tensor<6x64xf32> into tensor<2x3x64xf32>
// CHECK-NEXT: return %[[RESULT]]
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x32xf32> {pixelfly.parameter = #weight},
                 %x: tensor<2x3x32xf32>, %bias: tensor<64xf32>)
    -> tensor<2x3x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x3x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x3x64xf32>) -> tensor<2x3x64xf32>
  %product = linalg.generic {indexing_maps = [
        affine_map<(b, s, n, k) -> (b, s, k)>, affine_map<(b, s, n, k) -> (n, k)>,
        affine_map<(b, s, n, k) -> (b, s, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<2x3x32xf32>, tensor<64x32xf32>)
    outs(%init : tensor<2x3x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %term = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<2x3x64xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(b, s, n) -> (n)>, affine_map<(b, s, n) -> (b, s, n)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%bias : tensor<64xf32>) outs(%product : tensor<2x3x64xf32>) {
  ^bb0(%b: f32, %out: f32):
    %sum = arith.addf %b, %out : f32
    linalg.yield %sum : f32
  } -> tensor<2x3x64xf32>
  return %y : tensor<2x3x64xf32>
}

// -----

// A product with a second use does not take the bias in.
// CHECK: func.func @model
// CHECK: %[[Y:.+]] = pixelfly.linear
// CHECK-NOT: bias(
// CHECK: %[[Z:.+]] = linalg.generic
// CHECK-SAME: ins(%[[Y]], %{{.+}} : tensor<4x64xf32>, tensor<64xf32>)
// CHECK: arith.addf
// CHECK: return %[[Z]], %[[Y]]
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<64xf32>)
    -> (tensor<4x64xf32>, tensor<4x64xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %z = linalg.generic {indexing_maps = [
        affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>,
        affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%y, %bias : tensor<4x64xf32>, tensor<64xf32>)
    outs(%empty : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<4x64xf32>
  return %z, %y : tensor<4x64xf32>, tensor<4x64xf32>
}

// -----

// Nor does a vector with one element per row count as a bias.
// CHECK: func.func @model
// CHECK: %[[Y:.+]] = pixelfly.linear
// CHECK-NOT: bias(
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[Y]], %{{.+}} : tensor<4x64xf32>, tensor<4xf32>)
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %per_row: tensor<4xf32>)
    -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %z = linalg.generic {indexing_maps = [
        affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m)>,
        affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%y, %per_row : tensor<4x64xf32>, tensor<4xf32>)
    outs(%empty : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    linalg.yield %sum : f32
  } -> tensor<4x64xf32>
  return %z : tensor<4x64xf32>
}
