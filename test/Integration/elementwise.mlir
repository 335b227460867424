// One program through several pipelines with one expected output: elementwise
// work, broadcasts, a transpose, reductions of every kind. The numbers are small
// integers, so that every order of summation gives the same.
//
// RUN: pixelfly-opt %s --pixelfly-to-llvm=plain-loops \
// RUN:   | mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-to-llvm \
// RUN:   | env OMP_NUM_THREADS=1 mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-to-llvm \
// RUN:   | env OMP_NUM_THREADS=3 mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-to-llvm=parallel=false \
// RUN:   | mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s

!matrix = tensor<600x333xf32>
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#column = affine_map<(i, j) -> (j)>

func.func private @printMemrefF32(tensor<*xf32> {bufferization.access = "read"})

// (i + 2 j) mod 7 - 3
func.func private @matrix() -> !matrix {
  %empty = tensor.empty() : !matrix
  %r = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel", "parallel"]}
      outs(%empty : !matrix) {
  ^bb0(%unused: f32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %c3 = arith.constant 3 : index
    %c7 = arith.constant 7 : index
    %twice = arith.addi %j, %j : index
    %sum = arith.addi %i, %twice : index
    %mod = arith.remui %sum, %c7 : index
    %shifted = arith.subi %mod, %c3 : index
    %int = arith.index_cast %shifted : index to i32
    %float = arith.sitofp %int : i32 to f32
    linalg.yield %float : f32
  } -> !matrix
  return %r : !matrix
}

func.func private @print8(%x: tensor<?xf32>) {
  %head = tensor.extract_slice %x[0] [8] [1] : tensor<?xf32> to tensor<8xf32>
  %unranked = tensor.cast %head : tensor<8xf32> to tensor<*xf32>
  call @printMemrefF32(%unranked) : (tensor<*xf32>) -> ()
  return
}

func.func @main() {
  %zero = arith.constant 0.0 : f32
  %x = call @matrix() : () -> !matrix

  // CHECK: [0,  -3,  1,  -2,  2,  -1,  3,  0]
  %rows0 = tensor.empty() : tensor<600xf32>
  %rows1 = linalg.fill ins(%zero : f32) outs(%rows0 : tensor<600xf32>) -> tensor<600xf32>
  %rows = linalg.reduce { arith.addf } ins(%x : !matrix) outs(%rows1 : tensor<600xf32>) dimensions = [1]
  %rows_dynamic = tensor.cast %rows : tensor<600xf32> to tensor<?xf32>
  call @print8(%rows_dynamic) : (tensor<?xf32>) -> ()

  // CHECK: [-5,  5,  1,  -3,  0,  3,  -1,  -5]
  %columns0 = tensor.empty() : tensor<333xf32>
  %columns1 = linalg.fill ins(%zero : f32) outs(%columns0 : tensor<333xf32>) -> tensor<333xf32>
  %columns = linalg.reduce { arith.addf } ins(%x : !matrix) outs(%columns1 : tensor<333xf32>) dimensions = [0]
  %columns_dynamic = tensor.cast %columns : tensor<333xf32> to tensor<?xf32>
  call @print8(%columns_dynamic) : (tensor<?xf32>) -> ()

  // The transpose, minus the row sums, plus the column sums, summed to a scalar
  // with the squares of the matrix.
  %t0 = tensor.empty() : tensor<333x600xf32>
  %t = linalg.transpose ins(%x : !matrix) outs(%t0 : tensor<333x600xf32>) permutation = [1, 0]
  %mixed = linalg.generic {
      indexing_maps = [#id, #column, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%t, %rows, %columns : tensor<333x600xf32>, tensor<600xf32>, tensor<333xf32>)
      outs(%t0 : tensor<333x600xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %unused: f32):
    %d = arith.subf %a, %b : f32
    %e = arith.addf %d, %c : f32
    linalg.yield %e : f32
  } -> tensor<333x600xf32>
  // CHECK: [4,  8,  5,  9,  6,  3,  0,  4]
  %line = tensor.extract_slice %mixed[1, 0] [1, 600] [1, 1] : tensor<333x600xf32> to tensor<600xf32>
  %line_dynamic = tensor.cast %line : tensor<600xf32> to tensor<?xf32>
  call @print8(%line_dynamic) : (tensor<?xf32>) -> ()

  // CHECK: 799200
  %s0 = tensor.empty() : tensor<f32>
  %s1 = linalg.fill ins(%zero : f32) outs(%s0 : tensor<f32>) -> tensor<f32>
  %squares = linalg.generic {
      indexing_maps = [#id, affine_map<(i, j) -> ()>], iterator_types = ["reduction", "reduction"]}
      ins(%x : !matrix) outs(%s1 : tensor<f32>) {
  ^bb0(%a: f32, %sum: f32):
    %square = arith.mulf %a, %a : f32
    %next = arith.addf %sum, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %scalar = tensor.extract %squares[] : tensor<f32>
  vector.print %scalar : f32
  return
}
