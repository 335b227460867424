// RUN: pixelfly-opt %s --split-input-file --pixelfly-gpu-lower-products | FileCheck %s

// What a layer is after bufferization: bias, product on the pattern, low-rank term.
// The kernel takes the place of the last, behind what computes the term's operands.
// CHECK-LABEL: gpu.func @matmul_low_rank_bias_bf16_32(
// CHECK-SAME:    memref<64x64xbf16>, %{{.*}}: memref<4x32x32xbf16>, %{{.*}}: memref<64x64xf32>, %{{.*}}: memref<64x16xbf16>, %{{.*}}: memref<64x16xbf16>, %[[BIAS:.*]]: memref<64xf32>)
// CHECK:         memref.load %[[BIAS]]
// CHECK:         gpu.return
// CHECK-LABEL: func.func @layer(
// CHECK-SAME:    %[[X:.*]]: memref<64x64xbf16>, %[[W:.*]]: memref<4x32x32xbf16>, %[[Y:.*]]: memref<64x64xf32>,
// CHECK-NOT:     gpu.launch_func
// CHECK:         linalg.generic {{.*}} outs(%[[H:.*]] : memref<64x16xbf16>)
// CHECK:         gpu.launch_func @pixelfly_kernels::@matmul_low_rank_bias_bf16_32
// CHECK-SAME:      args(%[[X]] : memref<64x64xbf16>, %[[W]] : memref<4x32x32xbf16>, %[[Y]] : memref<64x64xf32>, %[[H]]
// CHECK-NOT:     linalg
// CHECK:         return
#p = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2], factors = 1>
#row = affine_map<(i, j) -> (j)>
#id = affine_map<(i, j) -> (i, j)>
#ik = affine_map<(i, j, k) -> (i, k)>
#jk = affine_map<(i, j, k) -> (j, k)>
#ij = affine_map<(i, j, k) -> (i, j)>
func.func @layer(%x: memref<64x64xbf16>, %w: memref<4x32x32xbf16>, %y: memref<64x64xf32>, %wide: memref<64x16xf32>,
                 %h: memref<64x16xbf16>, %u: memref<64x16xbf16>, %bias: memref<64xf32>) {
  linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%bias : memref<64xf32>) outs(%y : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<4x32x32xbf16>) outs(%y : memref<64x64xf32>) pattern #p
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%wide : memref<64x16xf32>) outs(%h : memref<64x16xbf16>) {
  ^bb0(%a: f32, %b: bf16):
    %0 = arith.truncf %a : f32 to bf16
    linalg.yield %0 : bf16
  }
  linalg.matmul indexing_maps = [#ik, #jk, #ij] ins(%h, %u : memref<64x16xbf16>, memref<64x16xbf16>) outs(%y : memref<64x64xf32>)
  return
}

// -----

// Someone writes the input between the products: each has its kernel in its place.
// CHECK-LABEL: func.func @input_written(
// CHECK:         gpu.launch_func @pixelfly_kernels::@matmul_bf16_32
// CHECK:         linalg.fill
// CHECK:         gpu.launch_func @pixelfly_kernels::@dense_bf16
#p = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2], factors = 1>
func.func @input_written(%x: memref<64x64xbf16>, %w: memref<4x32x32xbf16>, %y: memref<64x64xf32>,
                         %h: memref<64x16xbf16>, %u: memref<16x64xbf16>) {
  %zero = arith.constant 0.0 : bf16
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<4x32x32xbf16>) outs(%y : memref<64x64xf32>) pattern #p
  linalg.fill ins(%zero : bf16) outs(%x : memref<64x64xbf16>)
  linalg.matmul ins(%h, %u : memref<64x16xbf16>, memref<16x64xbf16>) outs(%y : memref<64x64xf32>)
  return
}

// -----

// Someone reads the result between the products, here through a view; and the bias
// changes before the product.
// CHECK-LABEL: func.func @result_read(
// CHECK:         linalg.generic
// CHECK:         linalg.fill
// CHECK:         gpu.launch_func @pixelfly_kernels::@matmul_bf16_32
// CHECK:         memref.copy
// CHECK:         gpu.launch_func @pixelfly_kernels::@dense_bf16
#p = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2], factors = 1>
#row = affine_map<(i, j) -> (j)>
#id = affine_map<(i, j) -> (i, j)>
func.func @result_read(%x: memref<64x64xbf16>, %w: memref<4x32x32xbf16>, %y: memref<64x64xf32>, %z: memref<4096xf32>,
                       %h: memref<64x16xbf16>, %u: memref<16x64xbf16>, %bias: memref<64xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [#row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%bias : memref<64xf32>) outs(%y : memref<64x64xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  linalg.fill ins(%zero : f32) outs(%bias : memref<64xf32>)
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<4x32x32xbf16>) outs(%y : memref<64x64xf32>) pattern #p
  %flat = memref.collapse_shape %y [[0, 1]] : memref<64x64xf32> into memref<4096xf32>
  memref.copy %flat, %z : memref<4096xf32> to memref<4096xf32>
  linalg.matmul ins(%h, %u : memref<64x16xbf16>, memref<16x64xbf16>) outs(%y : memref<64x64xf32>)
  return
}
