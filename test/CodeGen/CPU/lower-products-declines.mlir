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

// A sum into one element is a reduction, which another pass vectorises.
// CHECK-LABEL: @reduction
// CHECK: linalg.dot
func.func @reduction(%x: memref<64xf32>, %y: memref<f32>) {
  linalg.dot ins(%x, %x : memref<64xf32>, memref<64xf32>)
      outs(%y : memref<f32>)
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
