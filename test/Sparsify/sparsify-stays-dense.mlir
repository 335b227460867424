// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:     --pixelfly-sparsify="block=8" | FileCheck %s

// Layers that stay dense, each with a remark that says why. Nothing of the
// function changes.

// CHECK-NOT: pixelfly.linear
// CHECK-NOT: flat_butterfly

// Nothing reads the weight.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
// expected-remark@below {{layer 'fc' stays dense: its weight is not used}}
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  return %x : tensor<4x64xf32>
}

// -----

// The weight is not a factor of a product.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight})
    -> tensor<64x64xf32> {
  // expected-remark@below {{layer 'fc' stays dense: its weight goes into 'func.return', which is not a matrix product}}
  return %w : tensor<64x64xf32>
}

// -----

// The weight is what the product adds to.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<64x64xf32>, %z: tensor<64x64xf32>)
    -> tensor<64x64xf32> {
  // expected-remark@below {{layer 'fc' stays dense: its weight is not a factor of the product}}
  %y = linalg.matmul ins(%x, %z : tensor<64x64xf32>, tensor<64x64xf32>)
    outs(%w : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}

// -----

// The rows of the weight are a batch.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: its product is batched over a dimension of the weight}}
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (n, k)>,
        affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<4x64x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %term = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// Dynamic shapes.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<?x64xf32>, %out: tensor<?x64xf32>)
    -> tensor<?x64xf32> {
  %zero = arith.constant 0.0 : f32
  %init = linalg.fill ins(%zero : f32) outs(%out : tensor<?x64xf32>)
    -> tensor<?x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: of its input dimension 0 is dynamic; write its size into the type}}
  %y = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// A name that is taken.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
#taken = #pixelfly.parameter<name = "fc.u", init = <constant, 0.0 : f64>,
                             decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %u: tensor<64xf32> {pixelfly.parameter = #taken},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: the function already has a parameter 'fc.u'}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A weight that starts at a constant.
#weight = #pixelfly.parameter<name = "fc.weight", init = <constant, 0.1 : f64>,
                              decay = true>
// expected-remark@below {{layer 'fc' stays dense: its weight starts at a nonzero constant, which gives no variance to keep; use a random initialiser}}
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A convolution.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<3x3x8x8xf32> {pixelfly.parameter = #weight},
                 %x: tensor<1x6x6x8xf32>, %init: tensor<1x4x4x8xf32>)
    -> tensor<1x4x4x8xf32> {
  // expected-remark@below {{layer 'fc' stays dense: its weight goes into 'linalg.conv_2d_nhwc_hwcf', a convolution, which is not a matrix product}}
  %y = linalg.conv_2d_nhwc_hwcf
    ins(%x, %w : tensor<1x6x6x8xf32>, tensor<3x3x8x8xf32>)
    outs(%init : tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  return %y : tensor<1x4x4x8xf32>
}

// -----

// Tied to something that is no product: the output head reads an embedding.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>, %row: index)
    -> (tensor<4x64xf32>, tensor<1x64xf32>) {
  // expected-remark@below {{layer 'fc' stays dense: its weight goes into 'tensor.extract_slice', which is not a matrix product (one of 2 uses: either all become sparse or none)}}
  %e = tensor.extract_slice %w[%row, 0] [1, 64] [1, 1] : tensor<64x64xf32> to tensor<1x64xf32>
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y, %e : tensor<4x64xf32>, tensor<1x64xf32>
}

// -----

// Tied to its own transpose: two matrices, and the pattern's blocks are one.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %h = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: its weight is read as one matrix here and as another, such as its transpose, elsewhere; a sparse weight is one matrix (one of 2 uses: either all become sparse or none)}}
  %y = linalg.matmul indexing_maps = [
      affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
      affine_map<(m, n, k) -> (m, n)>]
    ins(%h, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A Gram matrix.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight})
    -> tensor<64x64xf32> {
  %init = arith.constant dense<0.0> : tensor<64x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: its weight is multiplied with itself}}
  %y = linalg.matmul ins(%w, %w : tensor<64x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}

// -----

// Two weights: either could be the input of the other.
#a = #pixelfly.parameter<name = "a.weight", init = <normal, 0.1 : f64>, decay = true>
#b = #pixelfly.parameter<name = "b.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%a: tensor<64x64xf32> {pixelfly.parameter = #a},
                 %b: tensor<64x64xf32> {pixelfly.parameter = #b})
    -> tensor<64x64xf32> {
  %init = arith.constant dense<0.0> : tensor<64x64xf32>
  // expected-remark@below {{layer 'a' stays dense: its product multiplies two weights, 'a' and 'b'}}
  // expected-remark@below {{layer 'b' stays dense: its product multiplies two weights, 'a' and 'b'}}
  %y = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %y : tensor<64x64xf32>
}

// -----

// Integers.
func.func @model(%x: tensor<4x16xi8>) -> tensor<4x2xi32> {
  %w = arith.constant dense<[[1, 2], [3, 4], [5, 6], [7, 8], [1, 2], [3, 4], [5, 6], [7, 8], [1, 2], [3, 4], [5, 6], [7, 8], [1, 2], [3, 4], [5, 6], [7, 8]]> : tensor<16x2xi8>
  %init = arith.constant dense<0> : tensor<4x2xi32>
  // expected-remark@below {{layer 'constant0' stays dense: its product is one of integers; only floats have a gradient}}
  %y = linalg.matmul ins(%x, %w : tensor<4x16xi8>, tensor<16x2xi8>)
    outs(%init : tensor<4x2xi32>) -> tensor<4x2xi32>
  return %y : tensor<4x2xi32>
}

// -----

// A product that does something to its factors first.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: its product does more than multiply and add; keep other functions and narrowing conversions out of its body}}
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
        affine_map<(m, n, k) -> (m, n)>],
      iterator_types = ["parallel", "parallel", "reduction"]}
    ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %positive = math.absf %b : f32
    %term = arith.mulf %a, %positive : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A weight that is passed on.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  // expected-remark@below {{layer 'fc' stays dense: its weight is passed to a function by 'func.call'; inline the call first (--inline)}}
  %y = call @layer(%w, %x) : (tensor<64x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
func.func private @layer(tensor<64x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>

// -----

// Fewer outputs than a block has rows.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x5xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x5xf32> {
  %init = arith.constant dense<0.0> : tensor<4x5xf32>
  // expected-remark@below {{layer 'fc' stays dense: it has 5 outputs and 64 inputs, and needs as many as the block of 8 of each}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x5xf32>)
    outs(%init : tensor<4x5xf32>) -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}


// -----

// A weight that the type of a cast leaves dynamic.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %d = tensor.cast %w : tensor<64x64xf32> to tensor<?x?xf32>
  // expected-remark@below {{layer 'fc' stays dense: of its weight dimensions 0, 1 are dynamic; write their sizes into the type}}
  %y = linalg.matmul ins(%x, %d : tensor<4x64xf32>, tensor<?x?xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A constant of one value.
func.func @model(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %w = arith.constant dense<0.5> : tensor<64x64xf32>
  // expected-remark@below {{layer 'constant0' stays dense: its weight is one value repeated, which no butterfly approximates; make it an argument of the function if it is to be trained}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A global of one value.
ml_program.global private @ones(dense<1.0> : tensor<64x64xf32>) : tensor<64x64xf32>
func.func @model(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %w = ml_program.global_load_const @ones : tensor<64x64xf32>
  // expected-remark@below {{layer 'ones' stays dense: its weight is one value repeated}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
