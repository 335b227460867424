// Results must not depend on the number of threads, to the last bit: a long sum
// of numbers that round, column sums, and row sums.
//
// RUN: pixelfly-opt %s --pixelfly-to-llvm -o %t.llvm.mlir
// RUN: env OMP_NUM_THREADS=1 mlir-runner %t.llvm.mlir -e main -entry-point-result=void -O3 %runner_libs > %t.1
// RUN: env OMP_NUM_THREADS=2 mlir-runner %t.llvm.mlir -e main -entry-point-result=void -O3 %runner_libs > %t.2
// RUN: env OMP_NUM_THREADS=5 mlir-runner %t.llvm.mlir -e main -entry-point-result=void -O3 %runner_libs > %t.5
// RUN: FileCheck %s < %t.1
// RUN: diff %t.1 %t.2
// RUN: diff %t.1 %t.5

#id = affine_map<(i, j) -> (i, j)>

func.func @main() {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c7 = arith.constant 7 : index
  %empty = tensor.empty() : tensor<1024x768xf32>
  %x = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%empty : tensor<1024x768xf32>) {
  ^bb0(%unused: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %a = arith.index_cast %i : index to i32
    %b = arith.index_cast %j : index to i32
    %c = arith.constant 2654435 : i32
    %d = arith.muli %a, %c : i32
    %e = arith.xori %d, %b : i32
    %f = arith.sitofp %e : i32 to f32
    %h = math.sin %f : f32
    linalg.yield %h : f32
  } -> tensor<1024x768xf32>

  // CHECK: {{^-?[0-9]+$}}
  %s0 = tensor.empty() : tensor<f32>
  %s1 = linalg.fill ins(%zero : f32) outs(%s0 : tensor<f32>) -> tensor<f32>
  %norm = linalg.generic {
      indexing_maps = [#id, affine_map<(i, j) -> ()>], iterator_types = ["reduction", "reduction"]}
      ins(%x : tensor<1024x768xf32>) outs(%s1 : tensor<f32>) {
  ^bb0(%a: f32, %sum: f32):
    %square = arith.mulf %a, %a : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %norm_value = tensor.extract %norm[] : tensor<f32>
  %norm_bits = arith.bitcast %norm_value : f32 to i32
  vector.print %norm_bits : i32

  // CHECK-NEXT: {{^-?[0-9]+$}}
  %c_empty = tensor.empty() : tensor<768xf32>
  %c_zero = linalg.fill ins(%zero : f32) outs(%c_empty : tensor<768xf32>) -> tensor<768xf32>
  %columns = linalg.reduce { arith.addf } ins(%x : tensor<1024x768xf32>)
      outs(%c_zero : tensor<768xf32>) dimensions = [0]
  %column = tensor.extract %columns[%c7] : tensor<768xf32>
  %column_bits = arith.bitcast %column : f32 to i32
  vector.print %column_bits : i32

  // CHECK-NEXT: {{^-?[0-9]+$}}
  %r_empty = tensor.empty() : tensor<1024xf32>
  %r_zero = linalg.fill ins(%zero : f32) outs(%r_empty : tensor<1024xf32>) -> tensor<1024xf32>
  %rows = linalg.reduce { arith.addf } ins(%x : tensor<1024x768xf32>)
      outs(%r_zero : tensor<1024xf32>) dimensions = [1]
  %row = tensor.extract %rows[%c0] : tensor<1024xf32>
  %row_bits = arith.bitcast %row : f32 to i32
  vector.print %row_bits : i32
  return
}
