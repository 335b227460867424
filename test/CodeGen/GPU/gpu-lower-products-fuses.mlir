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

// -----

// Functions of results are computed on the sums in registers. The first product's
// own result, and the layer's, have no other reader and are not written.
// CHECK-LABEL: gpu.func @matmul_low_rank_epilogue_bf16_32(
// CHECK:         math.erf
// CHECK:         gpu.return
// CHECK-LABEL: gpu.func @dense_bf16_64x16x64_epilogue(
// CHECK-SAME:    %{{.*}}: memref<64x64xbf16>, %{{.*}}: memref<64x16xbf16>, %[[H:.*]]: memref<64x16xbf16>)
// CHECK-NOT:     memref<64x16xf32>
// CHECK:         gpu.return
// CHECK-LABEL: func.func @functions(
// CHECK-NOT:     linalg
// CHECK:         gpu.launch_func @pixelfly_kernels::@dense_bf16_64x16x64_epilogue
// CHECK-NOT:     linalg
// CHECK:         gpu.launch_func @pixelfly_kernels::@matmul_low_rank_epilogue_bf16_32
// CHECK-NOT:     memref<64x64xf32>
// CHECK:         return
#p = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2], factors = 1>
#id = affine_map<(i, j) -> (i, j)>
#ik = affine_map<(i, j, k) -> (i, k)>
#jk = affine_map<(i, j, k) -> (j, k)>
#ij = affine_map<(i, j, k) -> (i, j)>
func.func @functions(%x: memref<64x64xbf16>, %w: memref<4x32x32xbf16>, %v: memref<64x16xbf16>, %u: memref<64x16xbf16>,
                     %z: memref<64x64xbf16>) {
  %zero = arith.constant 0.0 : f32
  %half = arith.constant 0.5 : f32
  %y = memref.alloc() : memref<64x64xf32>
  linalg.fill ins(%zero : f32) outs(%y : memref<64x64xf32>)
  pixelfly.matmul ins(%x, %w : memref<64x64xbf16>, memref<4x32x32xbf16>) outs(%y : memref<64x64xf32>) pattern #p
  %wide = memref.alloc() : memref<64x16xf32>
  %h = memref.alloc() : memref<64x16xbf16>
  linalg.fill ins(%zero : f32) outs(%wide : memref<64x16xf32>)
  linalg.matmul ins(%x, %v : memref<64x64xbf16>, memref<64x16xbf16>) outs(%wide : memref<64x16xf32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%wide : memref<64x16xf32>) outs(%h : memref<64x16xbf16>) {
  ^bb0(%a: f32, %b: bf16):
    %0 = arith.truncf %a : f32 to bf16
    linalg.yield %0 : bf16
  }
  linalg.matmul indexing_maps = [#ik, #jk, #ij] ins(%h, %u : memref<64x16xbf16>, memref<64x16xbf16>) outs(%y : memref<64x64xf32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y : memref<64x64xf32>) outs(%z : memref<64x64xbf16>) {
  ^bb0(%a: f32, %b: bf16):
    %0 = math.erf %a : f32
    %1 = arith.mulf %0, %half : f32
    %2 = arith.truncf %1 : f32 to bf16
    linalg.yield %2 : bf16
  }
  return
}

// -----

// A function that also reads another buffer stays apart; the one of the sum that is
// read again keeps the sum.
// CHECK-LABEL: gpu.func @dense_f32_64x16x64(
// CHECK-LABEL: gpu.func @dense_f32_64x16x64_epilogue(
// CHECK-SAME:    %{{.*}}: memref<64x64xf32>, %{{.*}}: memref<64x16xf32>, %{{.*}}: memref<64x16xbf16>, %{{.*}}: memref<64x16xf32>)
// CHECK-LABEL: func.func @others(
// CHECK:         gpu.launch_func @pixelfly_kernels::@dense_f32_64x16x64
// CHECK:         linalg.generic
// CHECK:         gpu.launch_func @pixelfly_kernels::@dense_f32_64x16x64_epilogue
#id = affine_map<(i, j) -> (i, j)>
func.func @others(%x: memref<64x64xf32>, %v: memref<64x16xf32>, %y: memref<64x16xf32>, %z: memref<64x16xf32>,
                  %n: memref<64x16xbf16>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<64x16xf32>)
  linalg.matmul ins(%x, %v : memref<64x64xf32>, memref<64x16xf32>) outs(%y : memref<64x16xf32>)
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y, %z : memref<64x16xf32>, memref<64x16xf32>) outs(%z : memref<64x16xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  linalg.fill ins(%zero : f32) outs(%y : memref<64x16xf32>)
  linalg.matmul ins(%x, %v : memref<64x64xf32>, memref<64x16xf32>) outs(%y : memref<64x16xf32>)
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y : memref<64x16xf32>) outs(%n : memref<64x16xbf16>) {
  ^bb0(%a: f32, %b: bf16):
    %0 = arith.truncf %a : f32 to bf16
    linalg.yield %0 : bf16
  }
  return
}
