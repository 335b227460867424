// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:     --pixelfly-sparsify | FileCheck %s

// Choices written by hand: any block pattern, and only the layers that have
// one. A choice that does not fit is an error, and nothing is converted.

#weight = #pixelfly.parameter<name = "a.weight", init = <normal, 0.1 : f64>,
                              decay = true>
#other = #pixelfly.parameter<name = "b.weight", init = <normal, 0.1 : f64>,
                             decay = true>
#choice = #pixelfly.layer_choice<pattern = #pixelfly.block_mask<
  block = 8, mask = ["#.", "##"]>, rank = 0>
// CHECK-LABEL: func.func @model
// CHECK-SAME: %[[A:.+]]: tensor<3x8x8xf32>
// CHECK-SAME: %[[B:.+]]: tensor<16x16xf32>
// CHECK: pixelfly.linear ins(%{{.+}}, %[[A]] :
// CHECK: linalg.matmul ins(%{{.+}}, %[[B]] :
func.func @model(%w: tensor<16x16xf32> {pixelfly.parameter = #weight},
                 %v: tensor<16x16xf32> {pixelfly.parameter = #other},
                 %x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>)
    -> tensor<4x16xf32>
  %h = linalg.matmul {pixelfly.choice = #choice}
    ins(%x, %w : tensor<4x16xf32>, tensor<16x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  %y = linalg.matmul ins(%h, %v : tensor<4x16xf32>, tensor<16x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

#weight = #pixelfly.parameter<name = "a.weight", init = <normal, 0.1 : f64>,
                              decay = true>
#choice = #pixelfly.layer_choice<pattern = #pixelfly.block_mask<
  block = 8, mask = ["#.", "##", "#."]>, rank = 0>
func.func @model(%w: tensor<16x16xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>)
    -> tensor<4x16xf32>
  // expected-error@below {{layer 'a' is 16 x 16, but its choice has a pattern of 24 x 16}}
  %y = linalg.matmul {pixelfly.choice = #choice}
    ins(%x, %w : tensor<4x16xf32>, tensor<16x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

#weight = #pixelfly.parameter<name = "a.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<16x16xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>)
    -> tensor<4x16xf32>
  // expected-error@below {{'pixelfly.choice' must be a #pixelfly.layer_choice, but is 3 : i64}}
  %y = linalg.matmul {pixelfly.choice = 3}
    ins(%x, %w : tensor<4x16xf32>, tensor<16x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

#weight = #pixelfly.parameter<name = "a.weight", init = <normal, 0.1 : f64>,
                              decay = true>
#choice = #pixelfly.layer_choice<pattern = #pixelfly.block_mask<
  block = 8, mask = ["#.", "##"]>, rank = 0>
func.func @model(%w: tensor<16x16xf32> {pixelfly.parameter = #weight},
                 %x: tensor<16x16xf32>, %z: tensor<16x16xf32>)
    -> tensor<16x16xf32> {
  // expected-error@below {{carries 'pixelfly.choice', but is not the product of a layer that can become sparse}}
  %y = linalg.matmul {pixelfly.choice = #choice}
    ins(%x, %z : tensor<16x16xf32>, tensor<16x16xf32>)
    outs(%w : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %y : tensor<16x16xf32>
}

// -----

// Given values are projected on flat butterflies only.
#choice = #pixelfly.layer_choice<pattern = #pixelfly.block_mask<
  block = 8, mask = ["#.", "##"]>, rank = 0>
func.func @model(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %w = arith.constant sparse<[[0, 0], [3, 9]], [1.0, 2.0]> : tensor<16x16xf32>
  %init = arith.constant dense<0.0> : tensor<4x16xf32>
  // expected-error@below {{layer 'constant0' has given values, which are projected on flat butterflies only, but its choice is #pixelfly.block_mask}}
  %y = linalg.matmul {pixelfly.choice = #choice}
    ins(%x, %w : tensor<4x16xf32>, tensor<16x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

// A form in which given values cannot be read.
#choice = #pixelfly.layer_choice<pattern = #pixelfly.flat_butterfly<
  rows = 16, cols = 16, block = 8, radices = [2], factors = 0>, rank = 0>
func.func @model(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %w = arith.constant sparse<[[0, 0], [3, 9]], [1.0, 2.0]> : tensor<16x16xf32>
  %init = arith.constant dense<0.0> : tensor<4x16xf32>
  // expected-error@below {{layer 'constant0' cannot become what its choice says: the values of its weight are neither 'dense' nor 'dense_resource'}}
  %y = linalg.matmul {pixelfly.choice = #choice}
    ins(%x, %w : tensor<4x16xf32>, tensor<16x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}

// -----

// One weight has one pattern.
#weight = #pixelfly.parameter<name = "a.weight", init = <normal, 0.1 : f64>,
                              decay = true>
#diagonal = #pixelfly.layer_choice<pattern = #pixelfly.flat_butterfly<
  rows = 16, cols = 16, block = 8, radices = [2], factors = 0>, rank = 0>
#full = #pixelfly.layer_choice<pattern = #pixelfly.flat_butterfly<
  rows = 16, cols = 16, block = 8, radices = [2], factors = 1>, rank = 0>
func.func @model(%w: tensor<16x16xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>) {
  %init = arith.constant dense<0.0> : tensor<4x16xf32>
  %y = linalg.matmul {pixelfly.choice = #diagonal}
    ins(%x, %w : tensor<4x16xf32>, tensor<16x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  // expected-error@below {{layer 'a' has another choice at another product}}
  %z = linalg.matmul {pixelfly.choice = #full}
    ins(%y, %w : tensor<4x16xf32>, tensor<16x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y, %z : tensor<4x16xf32>, tensor<4x16xf32>
}
