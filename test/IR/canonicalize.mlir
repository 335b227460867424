// RUN: pixelfly-opt %s --canonicalize --cse | FileCheck %s

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
#other = #pixelfly.block_mask<block = 8, mask = ["#.", ".#", "#.", ".#"]>
#full = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 1>

// CHECK-LABEL: func.func @from_dense_of_to_dense(
// CHECK-SAME:    %[[W:.*]]: tensor<4x8x8xf32>
// CHECK-NEXT:    return %[[W]]
func.func @from_dense_of_to_dense(%w: tensor<4x8x8xf32>) -> tensor<4x8x8xf32> {
  %dense = pixelfly.to_dense %w : tensor<4x8x8xf32> pattern #p -> tensor<32x16xf32>
  %blocks = pixelfly.from_dense %dense : tensor<32x16xf32> pattern #p -> tensor<4x8x8xf32>
  return %blocks : tensor<4x8x8xf32>
}

// Another pattern takes other blocks.
// CHECK-LABEL: func.func @from_dense_of_to_dense_on_another_pattern(
// CHECK:         pixelfly.to_dense
// CHECK:         pixelfly.from_dense
func.func @from_dense_of_to_dense_on_another_pattern(%w: tensor<4x8x8xf32>) -> tensor<4x8x8xf32> {
  %dense = pixelfly.to_dense %w : tensor<4x8x8xf32> pattern #other -> tensor<32x16xf32>
  %blocks = pixelfly.from_dense %dense : tensor<32x16xf32> pattern #p -> tensor<4x8x8xf32>
  return %blocks : tensor<4x8x8xf32>
}

// What lies off the pattern is lost on the way, so this is not the identity.
// CHECK-LABEL: func.func @to_dense_of_from_dense(
// CHECK:         pixelfly.from_dense
// CHECK:         pixelfly.to_dense
func.func @to_dense_of_from_dense(%m: tensor<32x16xf32>) -> tensor<32x16xf32> {
  %blocks = pixelfly.from_dense %m : tensor<32x16xf32> pattern #p -> tensor<4x8x8xf32>
  %dense = pixelfly.to_dense %blocks : tensor<4x8x8xf32> pattern #p -> tensor<32x16xf32>
  return %dense : tensor<32x16xf32>
}

// CHECK-LABEL: func.func @constants(
// CHECK-DAG:     %[[TWO:.*]] = arith.constant dense<2.000000e+00> : tensor<4x8x8xf32>
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<32x16xf32>
// CHECK-DAG:     %[[ONE:.*]] = arith.constant dense<1.000000e+00> : tensor<32x16xf32>
// CHECK:         return %[[TWO]], %[[ZERO]], %[[ONE]]
func.func @constants() -> (tensor<4x8x8xf32>, tensor<32x16xf32>, tensor<32x16xf32>) {
  %two = arith.constant dense<2.0> : tensor<32x16xf32>
  %blocks = pixelfly.from_dense %two : tensor<32x16xf32> pattern #p -> tensor<4x8x8xf32>
  %zero = arith.constant dense<0.0> : tensor<4x8x8xf32>
  %dense = pixelfly.to_dense %zero : tensor<4x8x8xf32> pattern #p -> tensor<32x16xf32>
  %one = arith.constant dense<1.0> : tensor<8x8x8xf32>
  %nothing_off_pattern = pixelfly.to_dense %one : tensor<8x8x8xf32> pattern #full -> tensor<32x16xf32>
  return %blocks, %dense, %nothing_off_pattern : tensor<4x8x8xf32>, tensor<32x16xf32>, tensor<32x16xf32>
}

// The zeros off the pattern are not the splat's value.
// CHECK-LABEL: func.func @constants_that_stay(
// CHECK:         %[[ONE:.*]] = pixelfly.to_dense
// CHECK:         %[[MINUS_ZERO:.*]] = pixelfly.to_dense
// CHECK:         return %[[ONE]], %[[MINUS_ZERO]]
func.func @constants_that_stay() -> (tensor<32x16xf32>, tensor<32x16xf32>) {
  %one = arith.constant dense<1.0> : tensor<4x8x8xf32>
  %dense = pixelfly.to_dense %one : tensor<4x8x8xf32> pattern #p -> tensor<32x16xf32>
  %minus_zero = arith.constant dense<-0.0> : tensor<4x8x8xf32>
  %dense2 = pixelfly.to_dense %minus_zero : tensor<4x8x8xf32> pattern #p -> tensor<32x16xf32>
  return %dense, %dense2 : tensor<32x16xf32>, tensor<32x16xf32>
}

// CHECK-LABEL: func.func @tensor_casts(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x16xf32>, %[[W:[^:]*]]: tensor<4x8x8xf32>, %[[INIT:[^:]*]]: tensor<4x32xf32>
// CHECK:         %[[Y:.*]] = pixelfly.matmul ins(%[[X]], %[[W]] : tensor<4x16xf32>, tensor<4x8x8xf32>) outs(%[[INIT]] : tensor<4x32xf32>)
// CHECK:         tensor.cast %[[Y]] : tensor<4x32xf32> to tensor<?x32xf32>
func.func @tensor_casts(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>) -> tensor<?x32xf32> {
  %dynamic_x = tensor.cast %x : tensor<4x16xf32> to tensor<?x16xf32>
  %dynamic_init = tensor.cast %init : tensor<4x32xf32> to tensor<?x32xf32>
  %y = pixelfly.matmul ins(%dynamic_x, %w : tensor<?x16xf32>, tensor<4x8x8xf32>)
         outs(%dynamic_init : tensor<?x32xf32>) pattern #p -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// CHECK-LABEL: func.func @memref_casts(
// CHECK-SAME:    %[[X:[^:]*]]: memref<4x16xf32>, %[[W:[^:]*]]: memref<4x8x8xf32>, %[[INIT:[^:]*]]: memref<4x32xf32>
// CHECK-NEXT:    pixelfly.matmul ins(%[[X]], %[[W]] : {{.*}}) outs(%[[INIT]] : memref<4x32xf32>)
// CHECK-NEXT:    pixelfly.sddmm ins(%[[INIT]], %[[X]] : memref<4x32xf32>, memref<4x16xf32>) outs(%[[W]] :
// CHECK-NEXT:    pixelfly.linear ins(%[[X]], %[[W]] : {{.*}}) outs(%[[INIT]] : memref<4x32xf32>)
func.func @memref_casts(%x: memref<4x16xf32>, %w: memref<4x8x8xf32>, %init: memref<4x32xf32>) {
  %dynamic_x = memref.cast %x : memref<4x16xf32> to memref<?x16xf32>
  %dynamic_init = memref.cast %init : memref<4x32xf32> to memref<?x32xf32>
  pixelfly.matmul ins(%dynamic_x, %w : memref<?x16xf32>, memref<4x8x8xf32>)
    outs(%dynamic_init : memref<?x32xf32>) pattern #p
  pixelfly.sddmm ins(%dynamic_init, %dynamic_x : memref<?x32xf32>, memref<?x16xf32>)
    outs(%w : memref<4x8x8xf32>) pattern #p
  pixelfly.linear ins(%dynamic_x, %w : memref<?x16xf32>, memref<4x8x8xf32>)
    outs(%dynamic_init : memref<?x32xf32>) pattern #p
  return
}

// What a cast adds to the type is kept: faster paths want static shapes.
// CHECK-LABEL: func.func @memref_cast_to_static(
// CHECK:         %[[X:.*]] = memref.cast
// CHECK:         pixelfly.matmul ins(%[[X]], %{{.*}} : memref<4x16xf32>,
func.func @memref_cast_to_static(%x: memref<?x16xf32>, %w: memref<4x8x8xf32>, %init: memref<4x32xf32>) {
  %static_x = memref.cast %x : memref<?x16xf32> to memref<4x16xf32>
  pixelfly.matmul ins(%static_x, %w : memref<4x16xf32>, memref<4x8x8xf32>)
    outs(%init : memref<4x32xf32>) pattern #p
  return
}

// On tensors products have no effects: equal ones merge, unused ones go.
// CHECK-LABEL: func.func @no_effects_on_tensors(
// CHECK-COUNT-1: pixelfly.matmul
// CHECK-NOT:     pixelfly.matmul
// CHECK-NOT:     pixelfly.sddmm
func.func @no_effects_on_tensors(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>)
    -> (tensor<4x32xf32>, tensor<4x32xf32>) {
  %y = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  %z = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  %unused = pixelfly.sddmm ins(%y, %x : tensor<4x32xf32>, tensor<4x16xf32>)
         outs(%w : tensor<4x8x8xf32>) pattern #p -> tensor<4x8x8xf32>
  return %y, %z : tensor<4x32xf32>, tensor<4x32xf32>
}
