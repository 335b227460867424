// RUN: pixelfly-opt %s --pixelfly-gpu-choose-tiles | FileCheck %s

#b32 = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 32, radices = [2, 2, 2, 2, 2], factors = 5>
#b64 = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 64, radices = [2, 2, 2, 2], factors = 4>
#b128 = #pixelfly.flat_butterfly<rows = 1024, cols = 1024, block = 128, radices = [2, 2, 2], factors = 3>

// The matrix unit multiplies 64 rows at once: there are warp groups.
module attributes {dlti.target_system_spec = #dlti.target_system_spec<"GPU" = #dlti.target_device_spec<
    "shared_memory_size_in_bytes" = 233472 : i64, "num_cores" = 132 : i64, "matrix_tile" = array<i64: 64, 256, 16>>>} {

// Two consumer groups and as many stages as fit: of 48, 40 and 18 KiB.
// CHECK-LABEL: @many_rows
// CHECK: rows = 256, columns = 128, reduction = 64, stages = 4, warps = [8, 1, 1]
// CHECK: rows = 256, columns = 64, reduction = 64, stages = 5, warps = [8, 1, 1]
// CHECK: rows = 256, columns = 32, reduction = 32, stages = 8, warps = [8, 1, 1]
func.func @many_rows(%x: memref<8192x1024xbf16>, %w128: memref<32x128x128xbf16>, %w64: memref<80x64x64xbf16>,
                     %w32: memref<192x32x32xbf16>, %y: memref<8192x1024xf32>) {
  pixelfly.matmul ins(%x, %w128 : memref<8192x1024xbf16>, memref<32x128x128xbf16>)
    outs(%y : memref<8192x1024xf32>) pattern #b128
  pixelfly.matmul transposed ins(%x, %w64 : memref<8192x1024xbf16>, memref<80x64x64xbf16>)
    outs(%y : memref<8192x1024xf32>) pattern #b64
  pixelfly.matmul ins(%x, %w32 : memref<8192x1024xbf16>, memref<192x32x32xbf16>)
    outs(%y : memref<8192x1024xf32>) pattern #b32
  return
}

// Fewer rows, so that no multiprocessor is idle; one group, two thread blocks a
// multiprocessor.
// CHECK-LABEL: @few_rows
// CHECK: rows = 64, columns = 64, reduction = 64, stages = 7, warps = [4, 1, 1]
func.func @few_rows(%x: memref<512x1024xbf16>, %w64: memref<80x64x64xbf16>, %y: memref<512x1024xf32>) {
  pixelfly.matmul ins(%x, %w64 : memref<512x1024xbf16>, memref<80x64x64xbf16>)
    outs(%y : memref<512x1024xf32>) pattern #b64
  return
}

// A tile of the weight gradient is a block. Blocks of 32, and f32, are for
// mma.sync.
// CHECK-LABEL: @others
// CHECK: rows = 128, columns = 128, reduction = 64, stages = 7, warps = [8, 1, 1]
// CHECK: rows = 64, columns = 64, reduction = 64, stages = 7, warps = [4, 1, 1]
// CHECK: rows = 32, columns = 32, reduction = 64, stages = 4, warps = [1, 1, 4]
// CHECK: rows = 128, columns = 64, reduction = 32, stages = 4, warps = [4, 1, 1]
func.func @others(%dy: memref<8192x1024xbf16>, %x: memref<8192x1024xbf16>, %w128: memref<32x128x128xf32>,
                  %w64: memref<80x64x64xf32>, %w32: memref<192x32x32xf32>, %x32: memref<8192x1024xf32>,
                  %y: memref<8192x1024xf32>) {
  pixelfly.sddmm ins(%dy, %x : memref<8192x1024xbf16>, memref<8192x1024xbf16>)
    outs(%w128 : memref<32x128x128xf32>) pattern #b128
  pixelfly.sddmm ins(%dy, %x : memref<8192x1024xbf16>, memref<8192x1024xbf16>)
    outs(%w64 : memref<80x64x64xf32>) pattern #b64
  pixelfly.sddmm ins(%dy, %x : memref<8192x1024xbf16>, memref<8192x1024xbf16>)
    outs(%w32 : memref<192x32x32xf32>) pattern #b32
  pixelfly.matmul ins(%x32, %w64 : memref<8192x1024xf32>, memref<80x64x64xf32>)
    outs(%y : memref<8192x1024xf32>) pattern #b64
  return
}
}
