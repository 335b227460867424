// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pixelfly-cpu-lower-products=allow-slow-products=false

// Without a kernel, where that is not allowed.
func.func @integers(%x: memref<8x8xi32>, %y: memref<8x8xi32>) {
  // expected-error @below {{'linalg.matmul' op has no vector kernel because its body is not a floating-point multiply and add; give the product another form, or accept that it runs as slower loops with allow-slow-products}}
  linalg.matmul ins(%x, %x : memref<8x8xi32>, memref<8x8xi32>)
      outs(%y : memref<8x8xi32>)
  return
}

// -----

func.func @batch_innermost(%a: memref<8x4x8xf32>, %b: memref<4x8x8xf32>,
                           %c: memref<8x8x8xf32>) {
  // expected-error @below {{has no vector kernel because the innermost dimension of its result is a batch dimension}}
  linalg.contract
      indexing_maps = [affine_map<(b, m, n, k) -> (m, k, b)>,
                       affine_map<(b, m, n, k) -> (k, n, b)>,
                       affine_map<(b, m, n, k) -> (m, n, b)>]
      ins(%a, %b : memref<8x4x8xf32>, memref<4x8x8xf32>)
      outs(%c : memref<8x8x8xf32>)
  return
}

// -----

// Given tiles that do not cut the blocks into whole pieces.
func.func @columns_of_matmul(%x: memref<64x64xf32>, %w: memref<2x32x32xf32>,
                             %y: memref<64x64xf32>) {
  // expected-error @below {{'pixelfly.matmul' op has no vector kernel because the tile it carries does not divide the blocks of its pattern}}
  pixelfly.matmul
      ins(%x, %w : memref<64x64xf32>, memref<2x32x32xf32>)
      outs(%y : memref<64x64xf32>)
      pattern #pixelfly.block_mask<block = 32, mask = ["#.", ".#"]>
      {pixelfly.tile = #pixelfly.cpu_tile<
      rows = 8, columns = 48, panel = 8, reduction = 32>}
  return
}

// -----

func.func @panel_of_matmul(%x: memref<64x64xf32>, %w: memref<2x32x32xf32>,
                           %y: memref<64x64xf32>) {
  // expected-error @below {{the tile it carries does not divide the blocks of its pattern}}
  pixelfly.matmul
      ins(%x, %w : memref<64x64xf32>, memref<2x32x32xf32>)
      outs(%y : memref<64x64xf32>)
      pattern #pixelfly.block_mask<block = 32, mask = ["#.", ".#"]>
      {pixelfly.tile = #pixelfly.cpu_tile<
      rows = 8, columns = 32, panel = 30, reduction = 10>}
  return
}

// -----

func.func @rows_of_sddmm(%x: memref<64x64xf32>, %w: memref<2x32x32xf32>) {
  // expected-error @below {{the tile it carries does not divide the blocks of its pattern}}
  pixelfly.sddmm
      ins(%x, %x : memref<64x64xf32>, memref<64x64xf32>)
      outs(%w : memref<2x32x32xf32>)
      pattern #pixelfly.block_mask<block = 32, mask = ["#.", ".#"]>
      {pixelfly.tile = #pixelfly.cpu_tile<
      rows = 12, columns = 32, panel = 64, reduction = 64>}
  return
}

// -----

func.func @columns_of_sddmm(%x: memref<64x64xf32>, %w: memref<2x32x32xf32>) {
  // expected-error @below {{the tile it carries does not divide the blocks of its pattern}}
  pixelfly.sddmm
      ins(%x, %x : memref<64x64xf32>, memref<64x64xf32>)
      outs(%w : memref<2x32x32xf32>)
      pattern #pixelfly.block_mask<block = 32, mask = ["#.", ".#"]>
      {pixelfly.tile = #pixelfly.cpu_tile<
      rows = 8, columns = 48, panel = 64, reduction = 64>}
  return
}

// -----

// expected-error @below {{the target specification of device "CPU" is wrong: "vector_width_in_bits" must be a power of two from 128 to 8192, but is 0 : i64}}
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"vector_width_in_bits" = 0 : i64>>} {
  func.func @f(%x: memref<8x8xf32>, %y: memref<8x8xf32>) {
    linalg.matmul ins(%x, %x : memref<8x8xf32>, memref<8x8xf32>)
        outs(%y : memref<8x8xf32>)
    return
  }
}
