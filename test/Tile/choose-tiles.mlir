// RUN: pixelfly-opt %s --split-input-file --pixelfly-choose-tiles | FileCheck %s

// A dense layer: twelve rows of two vectors, a chunk of the reduction that keeps
// the weights it needs in half the first-level cache.
// CHECK-LABEL: @dense
func.func @dense(%x: tensor<1536x1024xf32>, %w: tensor<512x1024xf32>,
                 %init: tensor<1536x512xf32>) -> tensor<1536x512xf32> {
  // CHECK: linalg.matmul
  // CHECK-SAME: pixelfly.tile = #pixelfly.cpu_tile<rows = 12, columns = 32, panel = 96, reduction = 128>
  %y = linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                       affine_map<(m, n, k) -> (n, k)>,
                       affine_map<(m, n, k) -> (m, n)>]
      ins(%x, %w : tensor<1536x1024xf32>, tensor<512x1024xf32>)
      outs(%init : tensor<1536x512xf32>) -> tensor<1536x512xf32>
  return %y : tensor<1536x512xf32>
}

// -----

#p = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 32,
                              radices = [2, 2, 2, 2, 2], factors = 5>

// The blocks fit the second-level cache: a panel is one register tile.
// CHECK-LABEL: @pattern
func.func @pattern(%x: tensor<1536x1024xf32>, %w: tensor<192x32x32xf32>,
                   %y: tensor<1536x1024xf32>)
    -> (tensor<1536x1024xf32>, tensor<192x32x32xf32>) {
  // CHECK: pixelfly.matmul
  // CHECK-SAME: #pixelfly.cpu_tile<rows = 12, columns = 32, panel = 12, reduction = 32>
  %0 = pixelfly.matmul
      ins(%x, %w : tensor<1536x1024xf32>, tensor<192x32x32xf32>)
      outs(%y : tensor<1536x1024xf32>) pattern #p -> tensor<1536x1024xf32>
  // Tiles divide the block.
  // CHECK: pixelfly.sddmm
  // CHECK-SAME: #pixelfly.cpu_tile<rows = 8, columns = 32, panel = 64, reduction = 64>
  %1 = pixelfly.sddmm
      ins(%y, %x : tensor<1536x1024xf32>, tensor<1536x1024xf32>)
      outs(%w : tensor<192x32x32xf32>) pattern #p -> tensor<192x32x32xf32>
  return %0, %1 : tensor<1536x1024xf32>, tensor<192x32x32xf32>
}

// -----

// Blocks narrower than two vectors: more rows instead.
#narrow = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16,
                                   radices = [2, 2], factors = 1>

// CHECK-LABEL: @narrow_blocks
func.func @narrow_blocks(%x: memref<960x64xf32>, %w: memref<8x16x16xf32>,
                         %y: memref<960x64xf32>) {
  // CHECK: #pixelfly.cpu_tile<rows = 24, columns = 16,
  pixelfly.matmul ins(%x, %w : memref<960x64xf32>, memref<8x16x16xf32>)
      outs(%y : memref<960x64xf32>) pattern #narrow
  return
}

// -----

// The target is data: half as wide vectors and half as many registers.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_width_in_bits" = 256 : i64,
                                     "vector_registers" = 16 : i64>>} {
  // CHECK-LABEL: @narrow_vectors
  func.func @narrow_vectors(%x: memref<1200x256xf32>, %w: memref<256x256xf32>,
                            %y: memref<1200x256xf32>) {
    // CHECK: #pixelfly.cpu_tile<rows = 6, columns = 16,
    linalg.matmul ins(%x, %w : memref<1200x256xf32>, memref<256x256xf32>)
        outs(%y : memref<1200x256xf32>)
    return
  }
}

// -----

// A choice made by hand stays.
// CHECK-LABEL: @chosen
func.func @chosen(%x: memref<64x64xf32>, %y: memref<64x64xf32>) {
  // CHECK: #pixelfly.cpu_tile<rows = 4, columns = 16, panel = 8, reduction = 64>
  linalg.matmul {pixelfly.tile = #pixelfly.cpu_tile<
      rows = 4, columns = 16, panel = 8, reduction = 64>}
      ins(%x, %x : memref<64x64xf32>, memref<64x64xf32>)
      outs(%y : memref<64x64xf32>)
  return
}

// -----

// What is no product, or has no kernel, gets no tile.
// CHECK-LABEL: @declines
// CHECK-NOT: pixelfly.tile
func.func @declines(%x: tensor<8x8xf32>, %i: tensor<8x8xi32>,
                    %d: tensor<?x8xf32>)
    -> (tensor<8x8xf32>, tensor<8x8xi32>, tensor<?x8xf32>) {
  %0 = linalg.add ins(%x, %x : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%x : tensor<8x8xf32>) -> tensor<8x8xf32>
  %1 = linalg.matmul ins(%i, %i : tensor<8x8xi32>, tensor<8x8xi32>)
      outs(%i : tensor<8x8xi32>) -> tensor<8x8xi32>
  %2 = linalg.matmul ins(%d, %x : tensor<?x8xf32>, tensor<8x8xf32>)
      outs(%d : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %0, %1, %2 : tensor<8x8xf32>, tensor<8x8xi32>, tensor<?x8xf32>
}
