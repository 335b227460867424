// Every operation on a small pattern: mixed radix, and each cell stretched over
// two block columns. The expected values come from an independent program.
//
// The reference: everything dense.
// RUN: pixelfly-opt %s --pixelfly-lower-to-linalg \
// RUN:     --one-shot-bufferize="bufferize-function-boundaries allow-return-allocs-from-loops" \
// RUN:     --convert-linalg-to-loops --convert-scf-to-cf --expand-strided-metadata --lower-affine \
// RUN:     --convert-cf-to-llvm --convert-arith-to-llvm --finalize-memref-to-llvm \
// RUN:     --convert-func-to-llvm --reconcile-unrealized-casts \
// RUN:   | mlir-runner -e main -entry-point-result=void %runner_libs \
// RUN:   | FileCheck %s

// Our own lowering, without and with kernels and threads.
// RUN: pixelfly-opt %s --pixelfly-to-llvm="parallel=false plain-loops" \
// RUN:   | mlir-runner -e main -entry-point-result=void %runner_libs \
// RUN:   | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-to-llvm \
// RUN:   | mlir-runner -e main -entry-point-result=void %runner_libs \
// RUN:   | FileCheck %s

// Rounded to bf16, which has all of the numbers here.
// RUN: pixelfly-opt %s --pixelfly-mixed-precision --pixelfly-to-llvm="parallel=false plain-loops" \
// RUN:   | mlir-runner -e main -entry-point-result=void %runner_libs \
// RUN:   | FileCheck %s

#p = #pixelfly.flat_butterfly<rows = 48, cols = 96, block = 8, radices = [2, 3], factors = 2>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#id3 = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

func.func private @printMemrefF32(tensor<*xf32>)

// The value at (i, j) is (7 i + 3 j) mod 11 - 5.
func.func private @matrix(%init: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %c7 = arith.constant 7 : index
  %c11 = arith.constant 11 : index
  %m = linalg.generic {indexing_maps = [#id2], iterator_types = ["parallel", "parallel"]}
      outs(%init : tensor<?x?xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %0 = arith.muli %i, %c7 : index
    %1 = arith.muli %j, %c3 : index
    %2 = arith.addi %0, %1 : index
    %3 = arith.remui %2, %c11 : index
    %4 = arith.subi %3, %c5 : index
    %5 = arith.index_cast %4 : index to i32
    %6 = arith.sitofp %5 : i32 to f32
    linalg.yield %6 : f32
  } -> tensor<?x?xf32>
  return %m : tensor<?x?xf32>
}

// Element (i, j) of block s is `a s + b i + c j`, modulo `m`, minus `d`.
func.func private @blocks(%a: index, %b: index, %c: index, %m: index, %d: index) -> tensor<48x8x8xf32> {
  %empty = tensor.empty() : tensor<48x8x8xf32>
  %w = linalg.generic {indexing_maps = [#id3], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%empty : tensor<48x8x8xf32>) {
  ^bb0(%out: f32):
    %s = linalg.index 0 : index
    %i = linalg.index 1 : index
    %j = linalg.index 2 : index
    %0 = arith.muli %s, %a : index
    %1 = arith.muli %i, %b : index
    %2 = arith.muli %j, %c : index
    %3 = arith.addi %0, %1 : index
    %4 = arith.addi %3, %2 : index
    %5 = arith.remui %4, %m : index
    %6 = arith.subi %5, %d : index
    %7 = arith.index_cast %6 : index to i32
    %8 = arith.sitofp %7 : i32 to f32
    linalg.yield %8 : f32
  } -> tensor<48x8x8xf32>
  return %w : tensor<48x8x8xf32>
}

// Element (3, 5) of each block of an `r x c` matrix, as blocks are laid out.
func.func private @print_grid(%m: tensor<48x96xf32>) {
  %grid = tensor.extract_slice %m[3, 5] [6, 12] [8, 8] : tensor<48x96xf32> to tensor<6x12xf32>
  %u = tensor.cast %grid : tensor<6x12xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}

// Every eighth column, and the sum of all elements.
func.func private @print_columns(%m: tensor<3x?xf32>, %blocks: index) {
  %columns = tensor.extract_slice %m[0, 3] [3, %blocks] [1, 8] : tensor<3x?xf32> to tensor<3x?xf32>
  %u = tensor.cast %columns : tensor<3x?xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  %zero = arith.constant dense<0.0> : tensor<f32>
  %sum = linalg.reduce { arith.addf } ins(%m : tensor<3x?xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1]
  %v = tensor.cast %sum : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%v) : (tensor<*xf32>) -> ()
  return
}

// Element (3, 5) of each block in storage order, and the sum of all elements.
func.func private @print_blocks(%w: tensor<48x8x8xf32>) {
  %elements = tensor.extract_slice %w[0, 3, 5] [48, 1, 1] [1, 1, 1] : tensor<48x8x8xf32> to tensor<48xf32>
  %u = tensor.cast %elements : tensor<48xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  %zero = arith.constant dense<0.0> : tensor<f32>
  %sum = linalg.reduce { arith.addf } ins(%w : tensor<48x8x8xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1, 2]
  %v = tensor.cast %sum : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%v) : (tensor<*xf32>) -> ()
  return
}

func.func @main() {
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %c5 = arith.constant 5 : index
  %c6 = arith.constant 6 : index
  %c7 = arith.constant 7 : index
  %c8 = arith.constant 8 : index
  %c0 = arith.constant 0 : index
  %c10 = arith.constant 10 : index
  %c12 = arith.constant 12 : index
  %c48 = arith.constant 48 : index
  %c96 = arith.constant 96 : index
  %c100 = arith.constant 100 : index
  %c9999 = arith.constant 9999 : index
  %one = arith.constant 1.0 : f32

  // Block s holds 100 s + 10 i + j, so the grid shows what is stored where.
  // CHECK:      sizes = [6, 12]
  // CHECK-NEXT: [35, 135, 235, 335, 435, 535, 0, 0, 635, 735, 0, 0],
  // CHECK-NEXT: [1035, 1135, 835, 935, 0, 0, 1235, 1335, 0, 0, 1435, 1535],
  // CHECK-NEXT: [2235, 2335, 0, 0, 1635, 1735, 1835, 1935, 2035, 2135, 0, 0],
  // CHECK-NEXT: [0, 0, 3035, 3135, 2635, 2735, 2435, 2535, 0, 0, 2835, 2935],
  // CHECK-NEXT: [3635, 3735, 0, 0, 3835, 3935, 0, 0, 3235, 3335, 3435, 3535],
  // CHECK-NEXT: [0, 0, 4435, 4535, 0, 0, 4635, 4735, 4235, 4335, 4035, 4135]
  %numbered = call @blocks(%c100, %c10, %c1, %c9999, %c0) : (index, index, index, index, index) -> tensor<48x8x8xf32>
  %dense = pixelfly.to_dense %numbered : tensor<48x8x8xf32> pattern #p -> tensor<48x96xf32>
  call @print_grid(%dense) : (tensor<48x96xf32>) -> ()

  // The matrix is 100 r + c, so each element shows where it was taken.
  // CHECK:      sizes = [48]
  // CHECK-NEXT: [305,  313,  321,  329,  337,  345,  369,  377,  1121,  1129,  1105,  1113,  1153,  1161,  1185,  1193,
  // CHECK-SAME:  1937,  1945,  1953,  1961,  1969,  1977,  1905,  1913,  2753,  2761,  2737,  2745,  2785,  2793,  2721,  2729,
  // CHECK-SAME:  3569,  3577,  3585,  3593,  3505,  3513,  3537,  3545,  4385,  4393,  4369,  4377,  4321,  4329,  4353,  4361]
  %places_empty = tensor.empty() : tensor<48x96xf32>
  %places = linalg.generic {indexing_maps = [#id2], iterator_types = ["parallel", "parallel"]}
      outs(%places_empty : tensor<48x96xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %0 = arith.muli %i, %c100 : index
    %1 = arith.addi %0, %j : index
    %2 = arith.index_cast %1 : index to i32
    %3 = arith.sitofp %2 : i32 to f32
    linalg.yield %3 : f32
  } -> tensor<48x96xf32>
  %taken = pixelfly.from_dense %places : tensor<48x96xf32> pattern #p -> tensor<48x8x8xf32>
  call @print_blocks(%taken) : (tensor<48x8x8xf32>) -> ()

  %x_empty = tensor.empty(%c3, %c96) : tensor<?x?xf32>
  %x_dynamic = call @matrix(%x_empty) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %x = tensor.cast %x_dynamic : tensor<?x?xf32> to tensor<3x96xf32>
  %dy_empty = tensor.empty(%c3, %c48) : tensor<?x?xf32>
  %dy_dynamic = call @matrix(%dy_empty) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %dy = tensor.cast %dy_dynamic : tensor<?x?xf32> to tensor<3x48xf32>
  %w = call @blocks(%c5, %c3, %c1, %c7, %c3) : (index, index, index, index, index) -> tensor<48x8x8xf32>

  // 1 + x W^T
  // CHECK:      sizes = [3, 6]
  // CHECK-NEXT: [33,   52,   26,   41,   -50,   -46],
  // CHECK-NEXT: [-18,   -13,   -70,   -135,   2,   41],
  // CHECK-NEXT: [-58,   -23,   21,   96,   65,   29]
  // CHECK:      [228]
  %y_empty = tensor.empty() : tensor<3x48xf32>
  %y_ones = linalg.fill ins(%one : f32) outs(%y_empty : tensor<3x48xf32>) -> tensor<3x48xf32>
  %y = pixelfly.matmul ins(%x, %w : tensor<3x96xf32>, tensor<48x8x8xf32>)
      outs(%y_ones : tensor<3x48xf32>) pattern #p -> tensor<3x48xf32>
  %y_dynamic = tensor.cast %y : tensor<3x48xf32> to tensor<3x?xf32>
  call @print_columns(%y_dynamic, %c6) : (tensor<3x?xf32>, index) -> ()

  // 1 + dy W
  // CHECK:      sizes = [3, 12]
  // CHECK-NEXT: [-38,   29,   7,   33,   3,   -20,   19,   -16,   -16,   -23,   -26,   4],
  // CHECK-NEXT: [-4,   -16,   -10,   -13,   25,   -5,   -20,   -7,   -28,   41,   -44,   34],
  // CHECK-NEXT: [-14,   16,   28,   -59,   36,   32,   7,   13,   -18,   -5,   26,   20]
  // CHECK:      [394]
  %dx_empty = tensor.empty() : tensor<3x96xf32>
  %dx_ones = linalg.fill ins(%one : f32) outs(%dx_empty : tensor<3x96xf32>) -> tensor<3x96xf32>
  %dx = pixelfly.matmul transposed ins(%dy, %w : tensor<3x48xf32>, tensor<48x8x8xf32>)
      outs(%dx_ones : tensor<3x96xf32>) pattern #p -> tensor<3x96xf32>
  %dx_out = tensor.cast %dx : tensor<3x96xf32> to tensor<3x?xf32>
  call @print_columns(%dx_out, %c12) : (tensor<3x?xf32>, index) -> ()

  // 1 + dy^T x on the pattern
  // CHECK:      sizes = [48]
  // CHECK-NEXT: [-11,  -11,  33,  33,  -11,  -11,  33,  -11,  -6,  -16,  -8,  -18,  -13,  -23,  24,  -8,
  // CHECK-SAME:  25,  27,  -15,  -13,  -11,  24,  -16,  -14,  27,  19,  -12,  -20,  -16,  31,  -7,  -15,
  // CHECK-SAME:  -11,  -18,  -14,  23,  23,  27,  -16,  -12,  -12,  -7,  33,  -6,  36,  30,  -10,  -16]
  // CHECK:      [3035]
  %dw_empty = tensor.empty() : tensor<48x8x8xf32>
  %dw_ones = linalg.fill ins(%one : f32) outs(%dw_empty : tensor<48x8x8xf32>) -> tensor<48x8x8xf32>
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<3x48xf32>, tensor<3x96xf32>)
      outs(%dw_ones : tensor<48x8x8xf32>) pattern #p -> tensor<48x8x8xf32>
  call @print_blocks(%dw) : (tensor<48x8x8xf32>) -> ()

  // 0.75 x W^T + 0.25 (x V) U^T + bias
  // CHECK:      sizes = [3, 6]
  // CHECK-NEXT: [277,   -1055.75,   -1050,   -287.5,   -355.25,   399],
  // CHECK-NEXT: [36.75,   279.75,   -54.5,   -1360,   -1205,   -249],
  // CHECK-NEXT: [-233.75,   -400.5,   0.5,   430.25,   458.75,   -817.25]
  // CHECK:      [-661.5]
  %u_empty = tensor.empty(%c48, %c8) : tensor<?x?xf32>
  %u_dynamic = call @matrix(%u_empty) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %u = tensor.cast %u_dynamic : tensor<?x?xf32> to tensor<48x8xf32>
  %v_empty = tensor.empty(%c96, %c8) : tensor<?x?xf32>
  %v_dynamic = call @matrix(%v_empty) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %v = tensor.cast %v_dynamic : tensor<?x?xf32> to tensor<96x8xf32>
  %gamma = arith.constant dense<0.75> : tensor<f32>
  %bias = tensor.extract_slice %dy[0, 0] [1, 48] [1, 1] : tensor<3x48xf32> to tensor<48xf32>
  %layer_empty = tensor.empty() : tensor<3x48xf32>
  %layer = pixelfly.linear ins(%x, %w : tensor<3x96xf32>, tensor<48x8x8xf32>)
      low_rank(%u, %v, %gamma : tensor<48x8xf32>, tensor<96x8xf32>, tensor<f32>)
      bias(%bias : tensor<48xf32>)
      outs(%layer_empty : tensor<3x48xf32>) pattern #p -> tensor<3x48xf32>
  %layer_out = tensor.cast %layer : tensor<3x48xf32> to tensor<3x?xf32>
  call @print_columns(%layer_out, %c6) : (tensor<3x?xf32>, index) -> ()
  return
}
