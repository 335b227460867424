// RUN: pixelfly-opt %s --pixelfly-lower-to-linalg --canonicalize --split-input-file | FileCheck %s

// Values are checked by test/Integration/ops.mlir; here, the form of the IR.

#p = #pixelfly.flat_butterfly<rows = 32, cols = 64, block = 8, radices = [2, 2], factors = 1>

// CHECK-DAG: #[[$LHS:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[$TRANSPOSED_RHS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[$TRANSPOSED_LHS:.*]] = affine_map<(d0, d1, d2) -> (d2, d0)>

// The low digit of the cells may differ, the high one may not.
// CHECK-LABEL: func.func @to_dense(
// CHECK-SAME:    %[[W:.*]]: tensor<16x8x8xf32>
// CHECK-DAG:     %[[C2:.*]] = arith.constant 2 : index
// CHECK-DAG:     %[[C8:.*]] = arith.constant 8 : index
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK:         %[[EMPTY:.*]] = tensor.empty() : tensor<32x64xf32>
// CHECK:         linalg.generic
// CHECK-SAME:      iterator_types = ["parallel", "parallel"]
// CHECK-SAME:      outs(%[[EMPTY]] : tensor<32x64xf32>)
// CHECK:           %[[R:.*]] = linalg.index 0
// CHECK:           %[[C:.*]] = linalg.index 1
// CHECK:           %[[BLOCK_ROW:.*]] = arith.divui %[[R]], %[[C8]]
// CHECK:           %[[BLOCK_COL:.*]] = arith.divui %[[C]], %[[C8]]
// CHECK:           %[[CELL_COL:.*]] = arith.divui %[[BLOCK_COL]], %[[C2]]
// CHECK:           %[[HIGH_ROW:.*]] = arith.divui %[[BLOCK_ROW]], %[[C2]]
// CHECK:           %[[HIGH_COL:.*]] = arith.divui %[[CELL_COL]], %[[C2]]
// CHECK:           %[[SAME_HIGH:.*]] = arith.cmpi eq, %[[HIGH_ROW]], %[[HIGH_COL]]
// CHECK:           %[[POSITION:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : index
// CHECK:           %[[I:.*]] = arith.remui %[[R]], %[[C8]]
// CHECK:           %[[J:.*]] = arith.remui %[[C]], %[[C8]]
// CHECK:           %[[ELEMENT:.*]] = tensor.extract %[[W]][%[[POSITION]], %[[I]], %[[J]]]
// CHECK:           %[[VALUE:.*]] = arith.select %{{.*}}, %[[ELEMENT]], %[[ZERO]] : f32
// CHECK:           linalg.yield %[[VALUE]]
func.func @to_dense(%w: tensor<16x8x8xf32>) -> tensor<32x64xf32> {
  %dense = pixelfly.to_dense %w : tensor<16x8x8xf32> pattern #p -> tensor<32x64xf32>
  return %dense : tensor<32x64xf32>
}

// CHECK-LABEL: func.func @from_dense(
// CHECK-SAME:    %[[M:.*]]: tensor<32x64xf64>
// CHECK:         linalg.generic
// CHECK-SAME:      iterator_types = ["parallel", "parallel", "parallel"]
// CHECK-SAME:      outs(%{{.*}} : tensor<16x8x8xf64>)
// CHECK:           %[[ELEMENT:.*]] = tensor.extract %[[M]][
// CHECK:           linalg.yield %[[ELEMENT]]
func.func @from_dense(%m: tensor<32x64xf64>) -> tensor<16x8x8xf64> {
  %blocks = pixelfly.from_dense %m : tensor<32x64xf64> pattern #p -> tensor<16x8x8xf64>
  return %blocks : tensor<16x8x8xf64>
}

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x64xbf16>, %[[W:[^:]*]]: tensor<16x8x8xbf16>, %[[INIT:[^:]*]]: tensor<?x32xf32>
// CHECK:         %[[DENSE:.*]] = linalg.generic
// CHECK:         %[[Y:.*]] = linalg.matmul indexing_maps = [#[[$LHS]], #[[$TRANSPOSED_RHS]], #{{.*}}]
// CHECK-SAME:      ins(%[[X]], %[[DENSE]] : tensor<?x64xbf16>, tensor<32x64xbf16>) outs(%[[INIT]] : tensor<?x32xf32>)
// CHECK:         return %[[Y]]
func.func @matmul(%x: tensor<?x64xbf16>, %w: tensor<16x8x8xbf16>, %init: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<?x64xbf16>, tensor<16x8x8xbf16>)
         outs(%init : tensor<?x32xf32>) pattern #p -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// CHECK-LABEL: func.func @matmul_transposed(
// CHECK-SAME:    %[[DY:[^:]*]]: tensor<4x32xf32>, %[[W:[^:]*]]: tensor<16x8x8xf32>, %[[INIT:[^:]*]]: tensor<4x64xf32>
// CHECK:         %[[DENSE:.*]] = linalg.generic
// CHECK:         %[[DX:.*]] = linalg.matmul ins(%[[DY]], %[[DENSE]] : tensor<4x32xf32>, tensor<32x64xf32>) outs(%[[INIT]]
// CHECK:         return %[[DX]]
func.func @matmul_transposed(%dy: tensor<4x32xf32>, %w: tensor<16x8x8xf32>, %init: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %dx = pixelfly.matmul transposed ins(%dy, %w : tensor<4x32xf32>, tensor<16x8x8xf32>)
          outs(%init : tensor<4x64xf32>) pattern #p -> tensor<4x64xf32>
  return %dx : tensor<4x64xf32>
}

// CHECK-LABEL: func.func @sddmm(
// CHECK-SAME:    %[[DY:[^:]*]]: tensor<4x32xf32>, %[[X:[^:]*]]: tensor<4x64xf32>, %[[INIT:[^:]*]]: tensor<16x8x8xf32>
// CHECK:         %[[DENSE_INIT:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<32x64xf32>)
// CHECK:           tensor.extract %[[INIT]]
// CHECK:         %[[DENSE:.*]] = linalg.matmul indexing_maps = [#[[$TRANSPOSED_LHS]],
// CHECK-SAME:      ins(%[[DY]], %[[X]] : {{.*}}) outs(%[[DENSE_INIT]] : tensor<32x64xf32>)
// CHECK:         %[[DW:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<16x8x8xf32>)
// CHECK:           tensor.extract %[[DENSE]]
// CHECK:         return %[[DW]]
func.func @sddmm(%dy: tensor<4x32xf32>, %x: tensor<4x64xf32>, %init: tensor<16x8x8xf32>) -> tensor<16x8x8xf32> {
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<4x32xf32>, tensor<4x64xf32>)
          outs(%init : tensor<16x8x8xf32>) pattern #p -> tensor<16x8x8xf32>
  return %dw : tensor<16x8x8xf32>
}

// Inside a loop, and a layer is decomposed first.
// CHECK-LABEL: func.func @linear_in_loop(
// CHECK:         scf.for
// CHECK-NOT:       pixelfly.
// CHECK:           linalg.matmul
// CHECK:           scf.yield
func.func @linear_in_loop(%x: tensor<4x64xf32>, %w: tensor<16x8x8xf32>, %bias: tensor<32xf32>, %init: tensor<4x32xf32>,
                          %n: index) -> tensor<4x32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %result = scf.for %i = %c0 to %n step %c1 iter_args(%y = %init) -> tensor<4x32xf32> {
    %next = pixelfly.linear ins(%x, %w : tensor<4x64xf32>, tensor<16x8x8xf32>) bias(%bias : tensor<32xf32>)
              outs(%y : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
    scf.yield %next : tensor<4x32xf32>
  }
  return %result : tensor<4x32xf32>
}

// -----

#mask = #pixelfly.block_mask<block = 8, mask = ["#.#", ".#."]>

// Without a rule, a table: the position of each block of the grid, -1 for zero.
// CHECK-LABEL: func.func @to_dense_table(
// CHECK:         %[[TABLE:.*]] = arith.constant dense<{{\[\[}}0, -1, 1], [-1, 2, -1]]> : tensor<2x3xi64>
// CHECK:         linalg.generic
// CHECK:           tensor.extract %[[TABLE]][
func.func @to_dense_table(%w: tensor<3x8x8xf32>) -> tensor<16x24xf32> {
  %dense = pixelfly.to_dense %w : tensor<3x8x8xf32> pattern #mask -> tensor<16x24xf32>
  return %dense : tensor<16x24xf32>
}

// The row and column of each stored block.
// CHECK-LABEL: func.func @from_dense_table(
// CHECK:         %[[TABLE:.*]] = arith.constant dense<{{\[\[}}0, 0], [0, 2], [1, 1]]> : tensor<3x2xi64>
// CHECK:         linalg.generic
// CHECK:           tensor.extract %[[TABLE]][
func.func @from_dense_table(%m: tensor<16x24xf32>) -> tensor<3x8x8xf32> {
  %blocks = pixelfly.from_dense %m : tensor<16x24xf32> pattern #mask -> tensor<3x8x8xf32>
  return %blocks : tensor<3x8x8xf32>
}
