// RUN: pixelfly-opt %s --pixelfly-cpu-lower-products --verify-diagnostics \
// RUN:   | FileCheck %s

// Products with no terms, or with no result, add nothing; what the destination
// holds stays.

// CHECK-LABEL: @no_rows
// CHECK-NEXT:    return
func.func @no_rows(%x: memref<0x8xf32>, %w: memref<8x8xf32>,
                   %y: memref<0x8xf32>) {
  linalg.matmul ins(%x, %w : memref<0x8xf32>, memref<8x8xf32>)
      outs(%y : memref<0x8xf32>)
  return
}

// CHECK-LABEL: @no_terms
// CHECK:         linalg.fill
// CHECK-NEXT:    return
func.func @no_terms(%x: memref<8x0xf32>, %w: memref<0x8xf32>,
                    %y: memref<8x8xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x8xf32>)
  linalg.matmul ins(%x, %w : memref<8x0xf32>, memref<0x8xf32>)
      outs(%y : memref<8x8xf32>)
  return
}

// CHECK-LABEL: @pattern_no_rows
// CHECK-NEXT:    return
func.func @pattern_no_rows(%x: memref<0x8xf32>, %blocks: memref<1x8x8xf32>,
                           %y: memref<0x8xf32>) {
  pixelfly.matmul ins(%x, %blocks : memref<0x8xf32>, memref<1x8x8xf32>)
      outs(%y : memref<0x8xf32>)
      pattern #pixelfly.block_mask<block = 8, mask = ["#"]>
  return
}

// CHECK-LABEL: @sampled_no_rows
// CHECK-NEXT:    return
func.func @sampled_no_rows(%x: memref<0x8xf32>, %blocks: memref<1x8x8xf32>) {
  pixelfly.sddmm ins(%x, %x : memref<0x8xf32>, memref<0x8xf32>)
      outs(%blocks : memref<1x8x8xf32>)
      pattern #pixelfly.block_mask<block = 8, mask = ["#"]>
  return
}
