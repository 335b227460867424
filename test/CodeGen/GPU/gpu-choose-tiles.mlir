// RUN: pixelfly-opt %s --pixelfly-gpu-choose-tiles | FileCheck %s --check-prefixes=CHECK,SMALL
// RUN: sed -e 's/= 49152 :/= 167936 :/' %s | pixelfly-opt --pixelfly-gpu-choose-tiles \
// RUN:   | FileCheck %s --check-prefixes=CHECK,LARGE

#b32 = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 32, radices = [2, 2, 2, 2, 2], factors = 5>
#b128 = #pixelfly.flat_butterfly<rows = 512, cols = 512, block = 128, radices = [2, 2], factors = 2>
#b8 = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 8, radices = [2, 2, 2], factors = 1>

module attributes {dlti.target_system_spec = #dlti.target_system_spec<"GPU" = #dlti.target_device_spec<
    "shared_memory_size_in_bytes" = 49152 : i64, "num_cores" = 108 : i64>>} {

// Two thread blocks share a multiprocessor: fewer stages where there is less
// shared memory.
// CHECK-LABEL: @forward
// SMALL: pixelfly.tile = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 2, warps = [4, 1, 1]>
// LARGE: pixelfly.tile = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 4, warps = [4, 1, 1]>
func.func @forward(%x: memref<512x1024xbf16>, %w: memref<192x32x32xbf16>, %y: memref<512x1024xf32>) {
  pixelfly.matmul ins(%x, %w : memref<512x1024xbf16>, memref<192x32x32xbf16>)
    outs(%y : memref<512x1024xf32>) pattern #b32
  return
}

// One row tile fewer would leave multiprocessors idle: 32 block columns x 2.
// CHECK-LABEL: @few_rows
// CHECK: rows = 64, columns = 32
func.func @few_rows(%x: memref<256x1024xbf16>, %w: memref<192x32x32xbf16>, %y: memref<256x1024xf32>) {
  pixelfly.matmul transposed ins(%x, %w : memref<256x1024xbf16>, memref<192x32x32xbf16>)
    outs(%y : memref<256x1024xf32>) pattern #b32
  return
}

// A panel's row is at most a line of shared memory, 32 elements of f32; and half
// of it where else only one panel would be under way.
// CHECK-LABEL: @wide
// LARGE: rows = 128, columns = 128, reduction = 16, stages = 4, warps = [2, 4, 1]
func.func @wide(%x: memref<8192x512xf32>, %w: memref<12x128x128xf32>, %y: memref<8192x512xf32>) {
  pixelfly.matmul ins(%x, %w : memref<8192x512xf32>, memref<12x128x128xf32>)
    outs(%y : memref<8192x512xf32>) pattern #b128
  return
}

// Warps share the terms of a small block, and the elements of a large one.
// CHECK-LABEL: @weight_gradients
// CHECK: pixelfly.sddmm
// LARGE-SAME: rows = 32, columns = 32, reduction = 64, stages = 4, warps = [1, 1, 4]
// CHECK: pixelfly.sddmm
// LARGE-SAME: rows = 128, columns = 128, reduction = 32, stages = 4, warps = [2, 4, 1]
func.func @weight_gradients(%dy: memref<512x1024xbf16>, %x: memref<512x1024xbf16>, %dw: memref<192x32x32xf32>,
                            %dy2: memref<512x512xbf16>, %x2: memref<512x512xbf16>, %dw2: memref<12x128x128xf32>) {
  pixelfly.sddmm ins(%dy, %x : memref<512x1024xbf16>, memref<512x1024xbf16>)
    outs(%dw : memref<192x32x32xf32>) pattern #b32
  pixelfly.sddmm ins(%dy2, %x2 : memref<512x512xbf16>, memref<512x512xbf16>)
    outs(%dw2 : memref<12x128x128xf32>) pattern #b128
  return
}

// What has no kernel gets no tile; what has a tile keeps it.
// CHECK-LABEL: @left_alone
// CHECK-NOT:     gpu_tile
// CHECK:         pixelfly.matmul
// CHECK-NOT:     gpu_tile
// CHECK:         pixelfly.matmul
// CHECK-SAME:      rows = 64, columns = 32, reduction = 16, stages = 3, warps = [2, 1, 1]
func.func @left_alone(%x8: memref<64x64xbf16>, %w8: memref<16x8x8xbf16>, %y8: memref<64x64xf32>,
                      %x: memref<512x1024xbf16>, %w: memref<192x32x32xbf16>, %y: memref<512x1024xf32>) {
  pixelfly.matmul ins(%x8, %w8 : memref<64x64xbf16>, memref<16x8x8xbf16>)
    outs(%y8 : memref<64x64xf32>) pattern #b8
  pixelfly.matmul ins(%x, %w : memref<512x1024xbf16>, memref<192x32x32xbf16>)
    outs(%y : memref<512x1024xf32>) pattern #b32
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 64, columns = 32, reduction = 16, stages = 3, warps = [2, 1, 1]>}
  return
}

// A large dense product has large tiles; of a small one every multiprocessor gets
// a part, and warps share the terms. A tile for a CPU does not count.
// CHECK-LABEL: @dense
// CHECK: linalg.matmul
// LARGE-SAME: rows = 128, columns = 128, reduction = 32, stages = 4, warps = [2, 4, 1]
// CHECK: linalg.matmul
// CHECK-SAME: rows = 16, columns = 16, reduction = 64, stages = {{[0-9]}}, warps = [1, 1, 4]
func.func @dense(%x: memref<8192x1024xbf16>, %w: memref<1024x2048xbf16>, %y: memref<8192x2048xf32>,
                 %a: memref<64x500xbf16>, %b: memref<500x256xbf16>, %c: memref<64x256xf32>) {
  linalg.matmul {pixelfly.tile = #pixelfly.cpu_tile<rows = 16, columns = 16, panel = 16, reduction = 256>}
    ins(%x, %w : memref<8192x1024xbf16>, memref<1024x2048xbf16>) outs(%y : memref<8192x2048xf32>)
  linalg.matmul ins(%a, %b : memref<64x500xbf16>, memref<500x256xbf16>) outs(%c : memref<64x256xf32>)
  return
}
}
