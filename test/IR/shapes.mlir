// RUN: pixelfly-opt %s --resolve-shaped-type-result-dims --canonicalize | FileCheck %s

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>

// A result is as large as the init: its size needs no product.
// CHECK-LABEL: func.func @matmul(
// CHECK-SAME:    %{{.*}}: tensor<?x16xf32>, %{{.*}}: tensor<4x8x8xf32>, %[[INIT:.*]]: tensor<?x32xf32>
// CHECK-NEXT:    %[[C0:.*]] = arith.constant 0 : index
// CHECK-NEXT:    %[[ROWS:.*]] = tensor.dim %[[INIT]], %[[C0]]
// CHECK-NEXT:    return %[[ROWS]]
func.func @matmul(%x: tensor<?x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<?x32xf32>) -> index {
  %y = pixelfly.matmul ins(%x, %w : tensor<?x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<?x32xf32>) pattern #p -> tensor<?x32xf32>
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %y, %c0 : tensor<?x32xf32>
  return %rows : index
}

// CHECK-LABEL: func.func @linear(
// CHECK-SAME:    %{{.*}}: tensor<?x16xf32>, %{{.*}}: tensor<4x8x8xf32>, %[[INIT:.*]]: tensor<?x32xf32>
// CHECK-NOT:     pixelfly.linear
// CHECK:         tensor.dim %[[INIT]]
func.func @linear(%x: tensor<?x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<?x32xf32>) -> index {
  %y = pixelfly.linear ins(%x, %w : tensor<?x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<?x32xf32>) pattern #p -> tensor<?x32xf32>
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %y, %c0 : tensor<?x32xf32>
  return %rows : index
}

// CHECK-LABEL: func.func @sddmm(
// CHECK-SAME:    %{{.*}}: tensor<?x32xf32>, %{{.*}}: tensor<?x16xf32>, %[[INIT:.*]]: tensor<?x8x8xf32>
// CHECK-NOT:     pixelfly.sddmm
// CHECK:         tensor.dim %[[INIT]]
func.func @sddmm(%dy: tensor<?x32xf32>, %x: tensor<?x16xf32>, %init: tensor<?x8x8xf32>) -> index {
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<?x32xf32>, tensor<?x16xf32>)
          outs(%init : tensor<?x8x8xf32>) pattern #p -> tensor<?x8x8xf32>
  %c0 = arith.constant 0 : index
  %blocks = tensor.dim %dw, %c0 : tensor<?x8x8xf32>
  return %blocks : index
}
