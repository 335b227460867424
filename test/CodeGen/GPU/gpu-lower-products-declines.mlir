// RUN: pixelfly-opt %s --split-input-file --pixelfly-gpu-lower-products \
// RUN:   --verify-diagnostics

func.func @blocks_of_8(%x: memref<64x64xbf16>, %w: memref<16x8x8xbf16>, %y: memref<64x64xf32>) {
  // expected-remark @below {{stays without a GPU kernel because its blocks of 8 are smaller than the 16 rows of a tensor core's tile; choose a pattern with larger blocks}}
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<16x8x8xbf16>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 8, radices = [2, 2, 2], factors = 1>
  return
}

// -----

func.func @tensors(%x: tensor<64x64xbf16>, %w: tensor<8x16x16xbf16>, %y: tensor<64x64xf32>) -> tensor<64x64xf32> {
  // expected-remark @below {{because it is on tensors; bufferize first}}
  %0 = pixelfly.matmul ins(%x, %w : tensor<64x64xbf16>, tensor<8x16x16xbf16>) outs(%y : tensor<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1> -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// -----

func.func @element_type(%x: memref<64x64xf64>, %w: memref<8x16x16xf64>, %y: memref<64x64xf64>) {
  // expected-remark @below {{because tensor cores take bf16, f16 and f32 (as tf32), not f64}}
  pixelfly.matmul ins(%x, %w : memref<64x64xf64>, memref<8x16x16xf64>) outs(%y : memref<64x64xf64>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
  return
}

// -----

func.func @result_type(%x: memref<64x64xbf16>, %w: memref<8x16x16xbf16>, %y: memref<64x64xf16>) {
  // expected-remark @below {{because its result must be f32 or bf16, not f16}}
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<8x16x16xbf16>) outs(%y : memref<64x64xf16>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
  return
}

// -----

func.func @dynamic(%x: memref<?x64xbf16>, %w: memref<8x16x16xbf16>, %y: memref<?x64xf32>) {
  // expected-remark @below {{because memref<?x64xbf16> has a shape or layout that is not static}}
  pixelfly.matmul ins(%x, %w : memref<?x64xbf16>, memref<8x16x16xbf16>) outs(%y : memref<?x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
  return
}

// -----

func.func @stride(%x: memref<64x64xbf16, strided<[68, 1]>>, %w: memref<8x16x16xbf16>, %y: memref<64x64xf32>) {
  // expected-remark @below {{do not all begin at a multiple of 16 bytes}}
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16, strided<[68, 1]>>, memref<8x16x16xbf16>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
  return
}

// -----

func.func @columns(%x: memref<64x64xbf16, strided<[128, 2]>>, %w: memref<8x16x16xbf16>, %y: memref<64x64xf32>) {
  // expected-remark @below {{are not adjacent}}
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16, strided<[128, 2]>>, memref<8x16x16xbf16>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
  return
}

// -----

// A tile for a CPU.
func.func @other_tile(%x: memref<64x64xbf16>, %w: memref<8x16x16xbf16>, %y: memref<64x64xf32>) {
  // expected-remark @below {{because its pixelfly.tile is #pixelfly.cpu_tile<rows = 8, columns = 32, panel = 64, reduction = 16>, not a #pixelfly.gpu_tile}}
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<8x16x16xbf16>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
    {pixelfly.tile = #pixelfly.cpu_tile<rows = 8, columns = 32, panel = 64, reduction = 16>}
  return
}

// -----

func.func @columns_of_tile(%x: memref<64x64xbf16>, %w: memref<8x16x16xbf16>, %y: memref<64x64xf32>) {
  // expected-remark @below {{columns = 32 must be the block size 16}}
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<8x16x16xbf16>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 64, columns = 32, reduction = 16, stages = 4, warps = [4, 1, 1]>}
  return
}

// -----

func.func @reduction_of_tile(%x: memref<64x64xbf16>, %w: memref<8x16x16xbf16>, %y: memref<64x64xf32>) {
  // expected-remark @below {{reduction = 32 must divide the block size 16}}
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<8x16x16xbf16>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 64, columns = 16, reduction = 32, stages = 4, warps = [4, 1, 1]>}
  return
}

// -----

func.func @rows_of_warps(%x: memref<64x64xbf16>, %w: memref<8x16x16xbf16>, %y: memref<64x64xf32>) {
  // expected-remark @below {{each of its 8 warps along rows = 64 must have a multiple of 16}}
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<8x16x16xbf16>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 64, columns = 16, reduction = 16, stages = 4, warps = [8, 1, 1]>}
  return
}

// -----

func.func @accumulators(%x: memref<512x128xbf16>, %w: memref<1x128x128xbf16>, %y: memref<512x128xf32>) {
  // expected-remark @below {{it has 256 accumulators a thread, and more than 128 do not stay in registers}}
  pixelfly.matmul ins(%x, %w : memref<512x128xbf16>, memref<1x128x128xbf16>) outs(%y : memref<512x128xf32>)
    pattern #pixelfly.flat_butterfly<rows = 128, cols = 128, block = 128, radices = [], factors = 0>
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 256, columns = 128, reduction = 16, stages = 2, warps = [4, 1, 1]>}
  return
}

// -----

// 48 KiB, of which the system keeps one, and alignment may take another: the default without a description.
func.func @shared_memory(%x: memref<512x128xbf16>, %w: memref<1x128x128xbf16>, %y: memref<512x128xf32>) {
  // expected-remark @below {{needs 65536 bytes of shared memory, and a thread block of gpu has 47104}}
  pixelfly.matmul ins(%x, %w : memref<512x128xbf16>, memref<1x128x128xbf16>) outs(%y : memref<512x128xf32>)
    pattern #pixelfly.flat_butterfly<rows = 128, cols = 128, block = 128, radices = [], factors = 0>
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 128, columns = 128, reduction = 32, stages = 4, warps = [2, 4, 1]>}
  return
}

// -----

func.func @no_rows(%x: memref<0x64xbf16>, %w: memref<8x16x16xbf16>, %y: memref<0x64xf32>) {
  // expected-remark @below {{because it has no terms to sum, or no result}}
  pixelfly.matmul ins(%x, %w : memref<0x64xbf16>, memref<8x16x16xbf16>) outs(%y : memref<0x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>
  return
}

// -----

func.func @dense_vector(%x: memref<1x64xf32>, %w: memref<64x32xf32>, %y: memref<1x32xf32>) {
  // expected-remark @below {{because it has one row, one column or one term only, and is no matrix product}}
  linalg.matmul ins(%x, %w : memref<1x64xf32>, memref<64x32xf32>) outs(%y : memref<1x32xf32>)
  return
}

// -----

func.func @dense_f64(%x: memref<16x64xf64>, %w: memref<64x32xf64>, %y: memref<16x32xf64>) {
  // expected-remark @below {{because matrix units take bf16, f16 and f32 only}}
  linalg.matmul ins(%x, %w : memref<16x64xf64>, memref<64x32xf64>) outs(%y : memref<16x32xf64>)
  return
}

// -----

func.func @dense_odd_rows(%x: memref<16x63xbf16>, %w: memref<63x32xbf16>, %y: memref<16x32xf32>) {
  // expected-remark @below {{because rows of memref<16x63xbf16> do not all begin at a multiple of 4 bytes}}
  linalg.matmul ins(%x, %w : memref<16x63xbf16>, memref<63x32xbf16>) outs(%y : memref<16x32xf32>)
  return
}

// -----

func.func @dense_batch(%x: memref<70000x16x16xf32>, %w: memref<70000x16x16xf32>, %y: memref<70000x16x16xf32>) {
  // expected-remark @below {{it takes 1 x 70000 thread blocks besides those along columns, and a grid has at most 65535 in each dimension}}
  linalg.batch_matmul ins(%x, %w : memref<70000x16x16xf32>, memref<70000x16x16xf32>) outs(%y : memref<70000x16x16xf32>)
  return
}

// -----

#p64 = #pixelfly.flat_butterfly<rows = 128, cols = 128, block = 64, radices = [2], factors = 1>
module attributes {dlti.target_system_spec = #dlti.target_system_spec<"GPU" = #dlti.target_device_spec<
    "shared_memory_size_in_bytes" = 233472 : i64, "matrix_tile" = array<i64: 64, 256, 16>>>} {
func.func @warp_groups(%x: memref<512x128xbf16>, %w: memref<4x64x64xbf16>, %y: memref<512x128xf32>) {
  // expected-remark @below {{its warps must be groups of 4 along the rows}}
  pixelfly.matmul ins(%x, %w : memref<512x128xbf16>, memref<4x64x64xbf16>) outs(%y : memref<512x128xf32>) pattern #p64
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 128, columns = 64, reduction = 64, stages = 4, warps = [4, 2, 1]>}
  // expected-remark @below {{each of its 2 warp groups must have a multiple of 64 rows}}
  pixelfly.matmul ins(%x, %w : memref<512x128xbf16>, memref<4x64x64xbf16>) outs(%y : memref<512x128xf32>) pattern #p64
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 64, columns = 64, reduction = 64, stages = 4, warps = [8, 1, 1]>}
  // expected-remark @below {{its rows and columns must be at most 256}}
  pixelfly.matmul ins(%x, %w : memref<512x128xbf16>, memref<4x64x64xbf16>) outs(%y : memref<512x128xf32>) pattern #p64
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 512, columns = 64, reduction = 64, stages = 2, warps = [8, 1, 1]>}
  // expected-remark @below {{needs 327808 bytes of shared memory, and a thread block of gpu has 232448}}
  pixelfly.matmul ins(%x, %w : memref<512x128xbf16>, memref<4x64x64xbf16>) outs(%y : memref<512x128xf32>) pattern #p64
    {pixelfly.tile = #pixelfly.gpu_tile<rows = 256, columns = 64, reduction = 64, stages = 8, warps = [8, 1, 1]>}
  return
}
}

// -----

// A reduction is nobody's product: not a word about it.
func.func @reduction(%x: memref<64xf32>, %y: memref<64xf32>, %z: memref<f32>) {
  linalg.dot ins(%x, %y : memref<64xf32>, memref<64xf32>) outs(%z : memref<f32>)
  return
}
