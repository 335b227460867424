// The gradient of a lookup: rows that were read several times add up, in the
// table that the lookup shares with a product too. Small integers, so that
// every order of summation gives the same.
//
// RUN: split-file %s %t
// RUN: pixelfly-opt %t/f.mlir --pixelfly-differentiate="function=f result=0 arguments=0" \
// RUN:   | sed 's/^}$//' > %t/program.mlir
// RUN: cat %t/main.mlir >> %t/program.mlir
// RUN: pixelfly-opt %t/program.mlir --pixelfly-to-llvm=plain-loops \
// RUN:   | mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s
// RUN: pixelfly-opt %t/program.mlir --pixelfly-to-llvm \
// RUN:   | env OMP_NUM_THREADS=1 mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s
// RUN: pixelfly-opt %t/program.mlir --pixelfly-to-llvm \
// RUN:   | env OMP_NUM_THREADS=3 mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s

//--- f.mlir
#t = affine_map<(t, d) -> (t)>
#td = affine_map<(t, d) -> (t, d)>
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#none = affine_map<(t, d) -> ()>


// The sum over x[t, n] = table[ids[t]] . table[n]: its gradient with respect to
// row r is count(r) * (sum of all rows) + (sum of the rows read).
func.func @f(%table: tensor<3x18xf32>, %ids: tensor<5xi32>) -> tensor<f32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<5x18xf32>
  %rows = linalg.generic {indexing_maps = [#t, #td], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<5xi32>) outs(%empty : tensor<5x18xf32>) {
  ^bb0(%id: i32, %out: f32):
    %row = arith.index_cast %id : i32 to index
    %column = linalg.index 1 : index
    %element = tensor.extract %table[%row, %column] : tensor<3x18xf32>
    linalg.yield %element : f32
  } -> tensor<5x18xf32>
  %e0 = tensor.empty() : tensor<5x3xf32>
  %z0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<5x3xf32>) -> tensor<5x3xf32>
  %products = linalg.matmul indexing_maps = [#x, #w, #y]
      ins(%rows, %table : tensor<5x18xf32>, tensor<3x18xf32>)
      outs(%z0 : tensor<5x3xf32>) -> tensor<5x3xf32>
  %e1 = tensor.empty() : tensor<f32>
  %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#td, #none], iterator_types = ["reduction", "reduction"]}
      ins(%products : tensor<5x3xf32>) outs(%z1 : tensor<f32>) {
  ^bb0(%a: f32, %s: f32):
    %r = arith.addf %s, %a : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  return %sum : tensor<f32>
}

//--- main.mlir
func.func private @printMemrefF32(tensor<*xf32> {bufferization.access = "read"})

func.func @main() {
  %ids = arith.constant dense<[2, 0, 2, 2, 0]> : tensor<5xi32>
  // Row r, column c: 10 r + c, but for c >= 4, which repeats 0.
  %table = arith.constant dense<[
      [0.0, 1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
      [10.0, 11.0, 12.0, 13.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
      [20.0, 21.0, 22.0, 23.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]]>
      : tensor<3x18xf32>
  // The sum of all rows is 30 33 36 39 0 .. 3, that of the rows read
  // 60 65 70 75 0 .. 5.
  // CHECK: [120,   131,   142,   153,   0, {{.*}} 11]
  // CHECK: [60,   65,   70,   75,   0, {{.*}} 5]
  // CHECK: [150,   164,   178,   192,   0, {{.*}} 14]
  %loss, %gradient = call @f_gradient(%table, %ids) : (tensor<3x18xf32>, tensor<5xi32>) -> (tensor<f32>, tensor<3x18xf32>)
  %unranked = tensor.cast %gradient : tensor<3x18xf32> to tensor<*xf32>
  call @printMemrefF32(%unranked) : (tensor<*xf32>) -> ()
  return
}
} // the module of f.mlir
