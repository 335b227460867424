// RUN: pixelfly-opt %s --pixelfly-separate-destinations -split-input-file | FileCheck %s

// CHECK-LABEL: func.func @two_products
// CHECK:         %[[EMPTY_0:.*]] = tensor.empty()
// CHECK:         %[[ZERO_0:.*]] = linalg.fill {{.*}} outs(%[[EMPTY_0]]
// CHECK:         linalg.matmul {{.*}} outs(%[[ZERO_0]]
// CHECK:         %[[ZERO_1:.*]] = linalg.fill
// CHECK:         linalg.matmul {{.*}} outs(%[[ZERO_1]]
func.func @two_products(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>)
    -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %c0 = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x8xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<8x8xf32>) -> tensor<8x8xf32>
  %p = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%zero : tensor<8x8xf32>) -> tensor<8x8xf32>
  %q = linalg.matmul ins(%b, %a : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%zero : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %p, %q : tensor<8x8xf32>, tensor<8x8xf32>
}

// -----

// Declines: one use needs nothing.
// CHECK-LABEL: func.func @one_product
// CHECK-COUNT-1: linalg.fill
// CHECK-NOT:     linalg.fill
func.func @one_product(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %c0 = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x8xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<8x8xf32>) -> tensor<8x8xf32>
  %p = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%zero : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %p : tensor<8x8xf32>
}

// -----

// A reader of the zeros keeps them.
// CHECK-LABEL: func.func @read_as_well
// CHECK:         %[[ZERO:.*]] = linalg.fill
// CHECK:         %[[OWN:.*]] = linalg.fill
// CHECK:         linalg.matmul {{.*}} outs(%[[OWN]]
// CHECK:         return %{{.*}}, %[[ZERO]]
func.func @read_as_well(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>)
    -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %c0 = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<8x8xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%empty : tensor<8x8xf32>) -> tensor<8x8xf32>
  %p = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%zero : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %p, %zero : tensor<8x8xf32>, tensor<8x8xf32>
}
