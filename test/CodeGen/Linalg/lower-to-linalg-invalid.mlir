// RUN: pixelfly-opt %s --pixelfly-lower-to-linalg --split-input-file --verify-diagnostics

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @matmul_on_memrefs(%x: memref<4x16xf32>, %w: memref<4x8x8xf32>, %init: memref<4x32xf32>) {
  // expected-error @below {{'pixelfly.matmul' op on memrefs has no lowering to linalg; run --pixelfly-lower-to-linalg before bufferization}}
  pixelfly.matmul ins(%x, %w : memref<4x16xf32>, memref<4x8x8xf32>)
    outs(%init : memref<4x32xf32>) pattern #p
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
func.func @linear_on_memrefs(%x: memref<4x16xf32>, %w: memref<4x8x8xf32>, %init: memref<4x32xf32>) {
  // expected-error @below {{'pixelfly.linear' op on memrefs cannot be decomposed}}
  pixelfly.linear ins(%x, %w : memref<4x16xf32>, memref<4x8x8xf32>)
    outs(%init : memref<4x32xf32>) pattern #p
  return
}
