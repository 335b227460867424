// RUN: pixelfly-opt %s --canonicalize --cse --split-input-file | FileCheck %s

// Two parts along the diagonal, written out: the same blocks in the same order.
#mask = #pixelfly.block_mask<block = 8, mask = ["#.", "#.", ".#", ".#"]>

// CHECK: #[[$FLAT:.*]] = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>
// CHECK-NOT: block_mask
// CHECK-LABEL: func.func @mask_to_butterfly(
// CHECK:         pixelfly.matmul {{.*}} pattern #[[$FLAT]]
// CHECK:         pixelfly.sddmm {{.*}} pattern #[[$FLAT]]
// CHECK:         pixelfly.linear {{.*}} pattern #[[$FLAT]]
// CHECK:         pixelfly.to_dense {{.*}} pattern #[[$FLAT]]
// CHECK:         pixelfly.from_dense {{.*}} pattern #[[$FLAT]]
func.func @mask_to_butterfly(%x: tensor<4x16xf32>, %w: tensor<4x8x8xf32>, %init: tensor<4x32xf32>, %m: tensor<32x16xf32>)
    -> (tensor<4x32xf32>, tensor<4x8x8xf32>, tensor<4x32xf32>, tensor<32x16xf32>, tensor<4x8x8xf32>) {
  %0 = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #mask -> tensor<4x32xf32>
  %1 = pixelfly.sddmm ins(%init, %x : tensor<4x32xf32>, tensor<4x16xf32>)
         outs(%w : tensor<4x8x8xf32>) pattern #mask -> tensor<4x8x8xf32>
  %2 = pixelfly.linear ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #mask -> tensor<4x32xf32>
  %3 = pixelfly.to_dense %w : tensor<4x8x8xf32> pattern #mask -> tensor<32x16xf32>
  %4 = pixelfly.from_dense %m : tensor<32x16xf32> pattern #mask -> tensor<4x8x8xf32>
  return %0, %1, %2, %3, %4 : tensor<4x32xf32>, tensor<4x8x8xf32>, tensor<4x32xf32>, tensor<32x16xf32>, tensor<4x8x8xf32>
}

// -----

// Max stride 4 on four cells: a flat butterfly, but row 1 stores its own block
// first, and the mask that of column 0.
#mask = #pixelfly.block_mask<block = 8, mask = ["###.", "##.#", "#.##", ".###"]>

// CHECK-DAG: #[[$FLAT:.*]] = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>
// CHECK-DAG: #[[$MASK:.*]] = #pixelfly.block_mask<

// A stored weight keeps its order.
// CHECK-LABEL: func.func @stored_weight(
// CHECK:         pixelfly.matmul {{.*}} pattern #[[$MASK]]
func.func @stored_weight(%x: tensor<4x32xf32>, %w: tensor<12x8x8xf32>, %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %0 = pixelfly.matmul ins(%x, %w : tensor<4x32xf32>, tensor<12x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #mask -> tensor<4x32xf32>
  return %0 : tensor<4x32xf32>
}

// Blocks that are taken out of a matrix are taken in the other order.
// CHECK-LABEL: func.func @blocks_of_matrix(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x32xf32>, %[[M:[^:]*]]: tensor<32x32xf32>
// CHECK:         %[[W:.*]] = pixelfly.from_dense %[[M]] : tensor<32x32xf32> pattern #[[$FLAT]] -> tensor<12x8x8xf32>
// CHECK:         pixelfly.matmul ins(%[[X]], %[[W]] : {{.*}}) outs({{.*}}) pattern #[[$FLAT]]
// CHECK:         pixelfly.linear ins(%[[X]], %[[W]] : {{.*}}) outs({{.*}}) pattern #[[$FLAT]]
// CHECK:         pixelfly.to_dense %[[W]] : {{.*}} pattern #[[$FLAT]]
func.func @blocks_of_matrix(%x: tensor<4x32xf32>, %m: tensor<32x32xf32>, %init: tensor<4x32xf32>)
    -> (tensor<4x32xf32>, tensor<4x32xf32>, tensor<32x32xf32>) {
  %w = pixelfly.from_dense %m : tensor<32x32xf32> pattern #mask -> tensor<12x8x8xf32>
  %0 = pixelfly.matmul ins(%x, %w : tensor<4x32xf32>, tensor<12x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #mask -> tensor<4x32xf32>
  %1 = pixelfly.linear ins(%x, %w : tensor<4x32xf32>, tensor<12x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #mask -> tensor<4x32xf32>
  %2 = pixelfly.to_dense %w : tensor<12x8x8xf32> pattern #mask -> tensor<32x32xf32>
  return %0, %1, %2 : tensor<4x32xf32>, tensor<4x32xf32>, tensor<32x32xf32>
}

// -----

#local = #pixelfly.mask_rule<local, rows = 32, cols = 32, block = 8, window = 3>

// Uneven rows are no flat butterfly.
// CHECK: #[[$LOCAL:.*]] = #pixelfly.mask_rule<local
// CHECK-LABEL: func.func @stays(
// CHECK:         pixelfly.matmul {{.*}} pattern #[[$LOCAL]]
func.func @stays(%x: tensor<4x32xf32>, %w: tensor<10x8x8xf32>, %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %0 = pixelfly.matmul ins(%x, %w : tensor<4x32xf32>, tensor<10x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #local -> tensor<4x32xf32>
  return %0 : tensor<4x32xf32>
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 0>

// CHECK: #[[$TRANSPOSED:.*]] = #pixelfly.flat_butterfly<rows = 16, cols = 32, block = 8, radices = [2], factors = 0>
// CHECK-LABEL: func.func @blocks_of_transpose(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x16xf32>, %[[M:[^:]*]]: tensor<16x32xf32>
// CHECK-NOT:     linalg.transpose
// CHECK:         %[[W:.*]] = pixelfly.from_dense %[[M]] : tensor<16x32xf32> pattern #[[$TRANSPOSED]] -> tensor<4x8x8xf32>
// CHECK:         pixelfly.matmul transposed ins(%[[X]], %[[W]] : {{.*}}) outs({{.*}}) pattern #[[$TRANSPOSED]]
func.func @blocks_of_transpose(%x: tensor<4x16xf32>, %m: tensor<16x32xf32>, %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %empty = tensor.empty() : tensor<32x16xf32>
  %t = linalg.transpose ins(%m : tensor<16x32xf32>) outs(%empty : tensor<32x16xf32>) permutation = [1, 0]
  %w = pixelfly.from_dense %t : tensor<32x16xf32> pattern #p -> tensor<4x8x8xf32>
  %y = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<4x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

// -----

#dense = #pixelfly.mask_rule<dense, rows = 32, cols = 16, block = 8>

// CHECK-LABEL: func.func @full_matmul(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x16xf32>, %[[DY:[^:]*]]: tensor<4x32xf32>, %[[W:[^:]*]]: tensor<8x8x8xf32>
// CHECK-NOT:     pixelfly
// CHECK:         %[[BLOCKS:.*]] = tensor.expand_shape %[[W]] {{\[\[}}0, 1], [2], [3]] output_shape [4, 2, 8, 8]
// CHECK:         %[[ROWS:.*]] = linalg.transpose ins(%[[BLOCKS]] : tensor<4x2x8x8xf32>) outs({{.*}} : tensor<4x8x2x8xf32>) permutation = [0, 2, 1, 3]
// CHECK:         %[[M:.*]] = tensor.collapse_shape %[[ROWS]] {{\[\[}}0, 1], [2, 3]] : tensor<4x8x2x8xf32> into tensor<32x16xf32>
// CHECK:         linalg.matmul indexing_maps = {{.*}} ins(%[[X]], %[[M]] :
// CHECK:         linalg.matmul ins(%[[DY]], %{{.*}} : tensor<4x32xf32>, tensor<32x16xf32>)
// CHECK-NOT:     pixelfly
func.func @full_matmul(%x: tensor<4x16xf32>, %dy: tensor<4x32xf32>, %w: tensor<8x8x8xf32>, %init: tensor<4x32xf32>,
                       %dx: tensor<4x16xf32>) -> (tensor<4x32xf32>, tensor<4x16xf32>) {
  %0 = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #dense -> tensor<4x32xf32>
  %1 = pixelfly.matmul transposed ins(%dy, %w : tensor<4x32xf32>, tensor<8x8x8xf32>)
         outs(%dx : tensor<4x16xf32>) pattern #dense -> tensor<4x16xf32>
  return %0, %1 : tensor<4x32xf32>, tensor<4x16xf32>
}

// CHECK-LABEL: func.func @full_sddmm(
// CHECK-NOT:     pixelfly
// CHECK:         %[[DW:.*]] = linalg.matmul indexing_maps = {{.*}} ins(%{{.*}}, %{{.*}} : tensor<4x32xf32>, tensor<4x16xf32>) outs(%{{.*}} : tensor<32x16xf32>)
// CHECK:         %[[ROWS:.*]] = tensor.expand_shape %[[DW]] {{\[\[}}0, 1], [2, 3]] output_shape [4, 8, 2, 8]
// CHECK:         %[[BLOCKS:.*]] = linalg.transpose ins(%[[ROWS]] : {{.*}}) outs({{.*}} : tensor<4x2x8x8xf32>) permutation = [0, 2, 1, 3]
// CHECK:         tensor.collapse_shape %[[BLOCKS]] {{\[\[}}0, 1], [2], [3]] : tensor<4x2x8x8xf32> into tensor<8x8x8xf32>
func.func @full_sddmm(%dy: tensor<4x32xf32>, %x: tensor<4x16xf32>, %init: tensor<8x8x8xf32>) -> tensor<8x8x8xf32> {
  %0 = pixelfly.sddmm ins(%dy, %x : tensor<4x32xf32>, tensor<4x16xf32>)
         outs(%init : tensor<8x8x8xf32>) pattern #dense -> tensor<8x8x8xf32>
  return %0 : tensor<8x8x8xf32>
}

// Every block, but with the own cell first: not the order of a dense matrix.
#full = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8, radices = [2], factors = 1>

// CHECK-LABEL: func.func @full_in_another_order(
// CHECK-SAME:    %[[M:[^:]*]]: tensor<32x16xf32>
// CHECK:         %[[Y:.*]] = pixelfly.matmul
// CHECK:         return %[[Y]], %[[M]]
func.func @full_in_another_order(%m: tensor<32x16xf32>, %x: tensor<4x16xf32>, %w: tensor<8x8x8xf32>, %init: tensor<4x32xf32>)
    -> (tensor<4x32xf32>, tensor<32x16xf32>) {
  %0 = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #full -> tensor<4x32xf32>
  // Nothing is dropped in between, whatever the order.
  %1 = pixelfly.from_dense %m : tensor<32x16xf32> pattern #full -> tensor<8x8x8xf32>
  %2 = pixelfly.to_dense %1 : tensor<8x8x8xf32> pattern #full -> tensor<32x16xf32>
  return %0, %2 : tensor<4x32xf32>, tensor<32x16xf32>
}

// On memrefs there is no room for the matrix.
// CHECK-LABEL: func.func @full_on_memrefs(
// CHECK:         pixelfly.matmul
func.func @full_on_memrefs(%x: memref<4x16xf32>, %w: memref<8x8x8xf32>, %init: memref<4x32xf32>) {
  pixelfly.matmul ins(%x, %w : memref<4x16xf32>, memref<8x8x8xf32>) outs(%init : memref<4x32xf32>) pattern #dense
  return
}
