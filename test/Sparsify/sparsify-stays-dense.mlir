// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:     --pixelfly-sparsify="block=8" | FileCheck %s

// Layers that stay dense, each with a remark that says why. Nothing of the
// function changes.

// CHECK-NOT: pixelfly.linear
// CHECK-NOT: flat_butterfly

// Tied weights: the other use would see the blocks.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
// expected-remark@below {{layer 'fc' stays dense: its weight is used in 2 places, and only a weight used once can change its shape}}
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  %h = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%h, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

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

// The product adds to something.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>, %init: tensor<4x64xf32>)
    -> tensor<4x64xf32> {
  // expected-remark@below {{layer 'fc' stays dense: its product adds to a value that is not known to be zero}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// Token mixing: the features are not innermost.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<2x64x16xf32>) -> tensor<2x64x16xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x64x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x64x16xf32>) -> tensor<2x64x16xf32>
  // expected-remark@below {{layer 'fc' stays dense: its features are not the last dimension of input and result; only y[.., row] = sum of x[.., col] * w is replaced}}
  %y = linalg.generic {indexing_maps = [
        affine_map<(b, o, c, t) -> (o, t)>, affine_map<(b, o, c, t) -> (b, t, c)>,
        affine_map<(b, o, c, t) -> (b, o, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
    ins(%w, %x : tensor<64x64xf32>, tensor<2x64x16xf32>)
    outs(%init : tensor<2x64x16xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %term = arith.mulf %a, %b : f32
    %sum = arith.addf %out, %term : f32
    linalg.yield %sum : f32
  } -> tensor<2x64x16xf32>
  return %y : tensor<2x64x16xf32>
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

// A vector has no rows.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<64xf32>) -> tensor<64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<64xf32>) -> tensor<64xf32>
  // expected-remark@below {{layer 'fc' stays dense: its features are not the last dimension of input and result; only y[.., row] = sum of x[.., col] * w is replaced}}
  %y = linalg.matvec ins(%w, %x : tensor<64x64xf32>, tensor<64xf32>)
    outs(%init : tensor<64xf32>) -> tensor<64xf32>
  return %y : tensor<64xf32>
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
  // expected-remark@below {{layer 'fc' stays dense: dimension 0 of its input is dynamic; give the program static shapes first}}
  %y = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

// Mixed precision.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x64xbf16> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xbf16>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: input, weight and result have different element types}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xbf16>, tensor<64x64xbf16>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A convolution.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
// expected-remark@below {{layer 'fc' stays dense: its weight has 4 dimensions, not two}}
func.func @model(%w: tensor<3x3x8x8xf32> {pixelfly.parameter = #weight}) {
  return
}

// -----

// A name that is taken.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
#taken = #pixelfly.parameter<name = "fc.u", init = <constant, 0.0 : f64>,
                             decay = true>
// expected-remark@below {{layer 'fc' stays dense: the function already has a parameter 'fc.u'}}
func.func @model(%w: tensor<64x64xf32> {pixelfly.parameter = #weight},
                 %u: tensor<64xf32> {pixelfly.parameter = #taken},
                 %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
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

// A size that the block does not divide.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<60x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x60xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>) -> tensor<4x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: block 8 does not divide 64 x 60; no block size gives this layer a sparse pattern}}
  %y = linalg.matmul ins(%x, %w : tensor<4x60xf32>, tensor<60x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A budget below the sparsest pattern.
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x16xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>) -> tensor<4x16xf32>
  // expected-remark@below {{layer 'fc' stays dense: the sparsest pattern with block 8, a diagonal of 2 cells, has density 0.5000, above the budget of 0.2500; blocks that fit, with their least density: 8 (0.5000)}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}
