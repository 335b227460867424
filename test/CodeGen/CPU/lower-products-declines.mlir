// RUN: pixelfly-opt %s --split-input-file --pixelfly-cpu-lower-products \
// RUN:   --verify-diagnostics | FileCheck %s

// CHECK-LABEL: @integers
// CHECK: linalg.matmul
func.func @integers(%x: memref<8x8xi32>, %y: memref<8x8xi32>) {
  // expected-remark @below {{stays without a vector kernel because its body is not a floating-point multiply and add}}
  linalg.matmul ins(%x, %x : memref<8x8xi32>, memref<8x8xi32>)
      outs(%y : memref<8x8xi32>)
  return
}

// -----

// CHECK-LABEL: @tensors
// CHECK: linalg.matmul
func.func @tensors(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-remark @below {{stays without a vector kernel because it is on tensors; bufferize first}}
  %0 = linalg.matmul ins(%x, %x : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%x : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// CHECK-LABEL: @dynamic
// CHECK: linalg.matmul
func.func @dynamic(%x: memref<?x8xf32>, %w: memref<8x8xf32>,
                   %y: memref<?x8xf32>) {
  // expected-remark @below {{stays without a vector kernel because a shape is dynamic}}
  linalg.matmul ins(%x, %w : memref<?x8xf32>, memref<8x8xf32>)
      outs(%y : memref<?x8xf32>)
  return
}

// -----

// CHECK-LABEL: @half_precision
// CHECK: linalg.matmul
func.func @half_precision(%x: memref<8x8xbf16>, %y: memref<8x8xbf16>) {
  // expected-remark @below {{stays without a vector kernel because its element type is neither f32 nor f64}}
  linalg.matmul ins(%x, %x : memref<8x8xbf16>, memref<8x8xbf16>)
      outs(%y : memref<8x8xbf16>)
  return
}

// -----

// A product that uses every element once is a reduction, which another pass
// vectorises: a sum into one element, and row sums of an elementwise product.
// CHECK-LABEL: @reduction
// CHECK: linalg.dot
func.func @reduction(%x: memref<64xf32>, %y: memref<f32>) {
  linalg.dot ins(%x, %x : memref<64xf32>, memref<64xf32>)
      outs(%y : memref<f32>)
  return
}

// CHECK-LABEL: @row_sums
// CHECK: linalg.generic
func.func @row_sums(%p: memref<4x5x8xf32>, %dp: memref<4x5x8xf32>,
                    %y: memref<4x5xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>,
                                   affine_map<(i, j, k) -> (i, j, k)>,
                                   affine_map<(i, j, k) -> (i, j)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%p, %dp : memref<4x5x8xf32>, memref<4x5x8xf32>)
      outs(%y : memref<4x5xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %product = arith.mulf %a, %b : f32
    %next = arith.addf %sum, %product : f32
    linalg.yield %next : f32
  }
  return
}

// -----

// Not a product: nothing is said about it.
// CHECK-LABEL: @elementwise
// CHECK: linalg.add
func.func @elementwise(%x: memref<8x8xf32>, %y: memref<8x8xf32>) {
  linalg.add ins(%x, %x : memref<8x8xf32>, memref<8x8xf32>)
      outs(%y : memref<8x8xf32>)
  return
}
