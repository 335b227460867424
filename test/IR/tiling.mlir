// RUN: pixelfly-opt %s --transform-interpreter --canonicalize --split-input-file | FileCheck %s

// 8 cells in 4 independent groups of 2: the pattern of one group or of two.
// CHECK-DAG: #[[$TWO_GROUPS:flat_butterfly.*]] = #pixelfly.flat_butterfly<rows = 256, cols = 128, block = 32, radices = [2, 2], factors = 1>
// CHECK-DAG: #[[$START:.*]] = affine_map<(d0) -> ((d0 floordiv 128) * 64)>
// CHECK-DAG: #[[$BLOCK:.*]] = affine_map<(d0) -> ((d0 floordiv 128) * 8)>

#p = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 1>

// CHECK-LABEL: func.func @matmul(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<96x256xf32>, %[[W:[^:]*]]: tensor<32x32x32xf32>, %[[INIT:[^:]*]]: tensor<96x512xf32>)
// CHECK-DAG:     %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:     %[[C48:.*]] = arith.constant 48 : index
// CHECK-DAG:     %[[C256:.*]] = arith.constant 256 : index
// CHECK:         scf.for %[[ROW:.*]] = %[[C0]] to %{{.*}} step %[[C48]]
// CHECK:           scf.for %[[COL:.*]] = %[[C0]] to %{{.*}} step %[[C256]] iter_args(%[[ACC:.*]] =
// CHECK-DAG:         %[[IN_COL:.*]] = affine.apply #[[$START]](%[[COL]])
// CHECK-DAG:         %[[FIRST:.*]] = affine.apply #[[$BLOCK]](%[[COL]])
// CHECK:             %[[X_TILE:.*]] = tensor.extract_slice %[[X]][%[[ROW]], %[[IN_COL]]] [48, 128] [1, 1]
// CHECK:             %[[W_TILE:.*]] = tensor.extract_slice %[[W]][%[[FIRST]], 0, 0] [16, 32, 32] [1, 1, 1]
// CHECK:             %[[ACC_TILE:.*]] = tensor.extract_slice %[[ACC]][%[[ROW]], %[[COL]]] [48, 256] [1, 1]
// CHECK:             %[[Y_TILE:.*]] = pixelfly.matmul ins(%[[X_TILE]], %[[W_TILE]] : tensor<48x128xf32>, tensor<16x32x32xf32>) outs(%[[ACC_TILE]] : tensor<48x256xf32>) pattern #[[$TWO_GROUPS]] {note} -> tensor<48x256xf32>
// CHECK:             tensor.insert_slice %[[Y_TILE]] into %[[ACC]][%[[ROW]], %[[COL]]] [48, 256]
func.func @matmul(%x: tensor<96x256xf32>, %w: tensor<32x32x32xf32>, %init: tensor<96x512xf32>) -> tensor<96x512xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<96x256xf32>, tensor<32x32x32xf32>)
         outs(%init : tensor<96x512xf32>) pattern #p {note} -> tensor<96x512xf32>
  return %y : tensor<96x512xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [48, 256]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-DAG: #[[$ONE_GROUP:flat_butterfly.*]] = #pixelfly.flat_butterfly<rows = 128, cols = 64, block = 32, radices = [2], factors = 1>

#p = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 1>

// The input gradient, in parallel, on memrefs; the last rows are fewer.
// CHECK-LABEL: func.func @transposed_on_memrefs(
// CHECK:         scf.forall (%{{.*}}) in (3, 4)
// CHECK:           memref.subview %{{.*}} [%{{.*}}, 128] [1, 1]
// CHECK:           memref.subview %{{.*}} [8, 32, 32] [1, 1, 1]
// CHECK:           memref.subview %{{.*}} [%{{.*}}, 64] [1, 1]
// CHECK:           pixelfly.matmul transposed ins({{.*}}) outs({{.*}}) pattern #[[$ONE_GROUP]]
func.func @transposed_on_memrefs(%dy: memref<100x512xf32>, %w: memref<32x32x32xf32>, %dx: memref<100x256xf32>) {
  pixelfly.matmul transposed ins(%dy, %w : memref<100x512xf32>, memref<32x32x32xf32>)
    outs(%dx : memref<100x256xf32>) pattern #p
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_forall %op tile_sizes [48, 64]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-DAG: #[[$ONE_GROUP:flat_butterfly.*]] = #pixelfly.flat_butterfly<rows = 128, cols = 64, block = 32, radices = [2], factors = 1>
// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0) -> ((d0 floordiv 8) * 128)>
// CHECK-DAG: #[[$COL:.*]] = affine_map<(d0) -> ((d0 floordiv 8) * 64)>

#p = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 1>

// Blocks in parallel; the rows are summed up tile by tile.
// CHECK-LABEL: func.func @sddmm(
// CHECK-SAME:    %[[DY:[^:]*]]: tensor<?x512xf32>, %[[X:[^:]*]]: tensor<?x256xf32>, %[[INIT:[^:]*]]: tensor<32x32x32xf32>)
// CHECK:         scf.for %[[BLOCK:[a-z0-9]*]] =
// CHECK:           scf.for %[[M:[a-z0-9]*]] = {{.*}} iter_args(%[[ACC:.*]] =
// CHECK:             %[[SIZE:.*]] = affine.min
// CHECK-DAG:         %[[R:.*]] = affine.apply #[[$ROW]](%[[BLOCK]])
// CHECK-DAG:         %[[C:.*]] = affine.apply #[[$COL]](%[[BLOCK]])
// CHECK:             %[[DY_TILE:.*]] = tensor.extract_slice %[[DY]][%[[M]], %[[R]]] [%[[SIZE]], 128] [1, 1]
// CHECK:             %[[X_TILE:.*]] = tensor.extract_slice %[[X]][%[[M]], %[[C]]] [%[[SIZE]], 64] [1, 1]
// CHECK:             %[[ACC_TILE:.*]] = tensor.extract_slice %[[ACC]][%[[BLOCK]], 0, 0] [8, 32, 32] [1, 1, 1]
// CHECK:             %[[DW_TILE:.*]] = pixelfly.sddmm ins(%[[DY_TILE]], %[[X_TILE]] : tensor<?x128xf32>, tensor<?x64xf32>) outs(%[[ACC_TILE]] : tensor<8x32x32xf32>) pattern #[[$ONE_GROUP]] -> tensor<8x32x32xf32>
// CHECK:             tensor.insert_slice %[[DW_TILE]] into %[[ACC]][%[[BLOCK]], 0, 0] [8, 32, 32]
func.func @sddmm(%dy: tensor<?x512xf32>, %x: tensor<?x256xf32>, %init: tensor<32x32x32xf32>) -> tensor<32x32x32xf32> {
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<?x512xf32>, tensor<?x256xf32>)
          outs(%init : tensor<32x32x32xf32>) pattern #p -> tensor<32x32x32xf32>
  return %dw : tensor<32x32x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.sddmm"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [8, 64]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#p = #pixelfly.block_mask<block = 8, mask = ["#.#", ".#."]>

// Rows can be tiled on any pattern. The product is fused into the loop of what
// reads it.
// CHECK-LABEL: func.func @fuse_into_consumer(
// CHECK:         scf.for
// CHECK:           %[[TILE:.*]] = pixelfly.matmul ins({{.*}} : tensor<4x24xf32>, tensor<3x8x8xf32>) outs({{.*}} : tensor<4x16xf32>) pattern #block_mask
// CHECK:           linalg.exp ins(%[[TILE]] : tensor<4x16xf32>)
func.func @fuse_into_consumer(%x: tensor<64x24xf32>, %w: tensor<3x8x8xf32>, %init: tensor<64x16xf32>) -> tensor<64x16xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<64x24xf32>, tensor<3x8x8xf32>)
         outs(%init : tensor<64x16xf32>) pattern #p -> tensor<64x16xf32>
  %e = linalg.exp ins(%y : tensor<64x16xf32>) outs(%init : tensor<64x16xf32>) -> tensor<64x16xf32>
  return %e : tensor<64x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.fuse %op tile_sizes [4]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 1>

// A slice that starts in the middle of a group has no pattern: nothing is tiled.
// CHECK-LABEL: func.func @start_in_group(
// CHECK:         scf.forall
// CHECK:           pixelfly.matmul ins({{.*}} : tensor<4x32xf32>, tensor<8x8x8xf32>) outs({{.*}} : tensor<4x32xf32>)
func.func @start_in_group(%x: tensor<4x32xf32>, %w: tensor<8x8x8xf32>, %init: tensor<4x32xf32>,
                          %small: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %y = pixelfly.matmul ins(%x, %w : tensor<4x32xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  %result = scf.forall (%i) in (2) shared_outs(%out = %small) -> tensor<4x16xf32> {
    %start = affine.apply affine_map<(d0) -> (d0 * 8 + 8)>(%i)
    %part = tensor.extract_slice %y[0, %start] [4, 16] [1, 1] : tensor<4x32xf32> to tensor<4x16xf32>
    %e = linalg.exp ins(%part : tensor<4x16xf32>) outs(%out : tensor<4x16xf32>) -> tensor<4x16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %e into %out[0, 0] [4, 16] [1, 1] : tensor<4x16xf32> into tensor<4x16xf32>
    }
  }
  return %result : tensor<4x16xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    %loop = transform.structured.match ops{["scf.forall"]} in %root : (!transform.any_op) -> !transform.any_op
      transform.structured.fuse_into_containing_op %op into %loop
      : (!transform.any_op, !transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// CHECK-DAG: #[[$TWO_GROUPS:flat_butterfly.*]] = #pixelfly.flat_butterfly<rows = 256, cols = 128, block = 32, radices = [2, 2], factors = 1>

#p = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 1>

// A layer without low-rank term tiles like its product, its bias with it.
// CHECK-LABEL: func.func @linear(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<96x256xf32>, %[[W:[^:]*]]: tensor<32x32x32xf32>, %[[BIAS:[^:]*]]: tensor<512xf32>,
// CHECK:         scf.for %[[ROW:[a-z0-9]*]] =
// CHECK:           scf.for %[[COL:[a-z0-9]*]] = {{.*}} iter_args(%[[ACC:.*]] =
// CHECK:             %[[X_TILE:.*]] = tensor.extract_slice %[[X]][%[[ROW]], %{{.*}}] [48, 128] [1, 1]
// CHECK:             %[[W_TILE:.*]] = tensor.extract_slice %[[W]][%{{.*}}, 0, 0] [16, 32, 32] [1, 1, 1]
// CHECK:             %[[BIAS_TILE:.*]] = tensor.extract_slice %[[BIAS]][%[[COL]]] [256] [1]
// CHECK:             %[[ACC_TILE:.*]] = tensor.extract_slice %[[ACC]][%[[ROW]], %[[COL]]] [48, 256] [1, 1]
// CHECK:             pixelfly.linear ins(%[[X_TILE]], %[[W_TILE]] : {{.*}}) bias(%[[BIAS_TILE]] : tensor<256xf32>) outs(%[[ACC_TILE]] : tensor<48x256xf32>) pattern #[[$TWO_GROUPS]] -> tensor<48x256xf32>
func.func @linear(%x: tensor<96x256xf32>, %w: tensor<32x32x32xf32>, %bias: tensor<512xf32>, %init: tensor<96x512xf32>) -> tensor<96x512xf32> {
  %y = pixelfly.linear ins(%x, %w : tensor<96x256xf32>, tensor<32x32x32xf32>) bias(%bias : tensor<512xf32>)
         outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
  return %y : tensor<96x512xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.linear"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [48, 256]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#p = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 32, radices = [], factors = 0>

// With a low-rank term over the rows, here fused into what reads the result.
// CHECK-LABEL: func.func @linear_low_rank(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x32xf32>, %[[W:[^:]*]]: tensor<2x32x32xf32>, %[[U:[^:]*]]: tensor<64x8xf32>, %[[V:[^:]*]]: tensor<32x8xf32>, %[[GAMMA:[^:]*]]: tensor<f32>,
// CHECK:         scf.for
// CHECK:           %[[X_TILE:.*]] = tensor.extract_slice %[[X]][%{{.*}}, 0] [%{{.*}}, 32] [1, 1]
// CHECK:           %[[TILE:.*]] = pixelfly.linear ins(%[[X_TILE]], {{.*}} : tensor<?x32xf32>, tensor<2x32x32xf32>) low_rank(%[[U]], %[[V]], %[[GAMMA]] : {{.*}}) outs({{.*}} : tensor<?x64xf32>)
// CHECK:           linalg.exp ins(%[[TILE]] : tensor<?x64xf32>)
func.func @linear_low_rank(%x: tensor<?x32xf32>, %w: tensor<2x32x32xf32>, %u: tensor<64x8xf32>, %v: tensor<32x8xf32>,
                           %gamma: tensor<f32>, %init: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = pixelfly.linear ins(%x, %w : tensor<?x32xf32>, tensor<2x32x32xf32>)
         low_rank(%u, %v, %gamma : tensor<64x8xf32>, tensor<32x8xf32>, tensor<f32>)
         outs(%init : tensor<?x64xf32>) pattern #p -> tensor<?x64xf32>
  %e = linalg.exp ins(%y : tensor<?x64xf32>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %e : tensor<?x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["linalg.exp"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.fuse %op tile_sizes [4]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>

// A product of factors over its rows; every tile has all factors.
// CHECK-LABEL: func.func @butterfly(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<12x32xf32>, %[[A:[^:]*]]: tensor<8x8x8xf32>, %[[LAMBDA:[^:]*]]: tensor<f32>,
// CHECK:         scf.for %[[ROW:[a-z0-9]*]] = {{.*}} iter_args(%[[ACC:.*]] =
// CHECK:           %[[X_TILE:.*]] = tensor.extract_slice %[[X]][%[[ROW]], 0] [4, 32] [1, 1]
// CHECK:           %[[ACC_TILE:.*]] = tensor.extract_slice %[[ACC]][%[[ROW]], 0] [4, 32] [1, 1]
// CHECK:           pixelfly.butterfly_matmul ins(%[[X_TILE]] : tensor<4x32xf32>) factors(%[[A]], %[[A]] : {{.*}}) residual(%[[LAMBDA]] : tensor<f32>) outs(%[[ACC_TILE]] : tensor<4x32xf32>)
func.func @butterfly(%x: tensor<12x32xf32>, %a: tensor<8x8x8xf32>, %lambda: tensor<f32>, %init: tensor<12x32xf32>) -> tensor<12x32xf32> {
  %y = pixelfly.butterfly_matmul ins(%x : tensor<12x32xf32>) factors(%a, %a : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         residual(%lambda : tensor<f32>) outs(%init : tensor<12x32xf32>) pattern #p -> tensor<12x32xf32>
  return %y : tensor<12x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.butterfly_matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [4]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 1>

// The gate of a layer goes with every tile of its rows.
// CHECK-LABEL: func.func @linear_gate(
// CHECK-SAME:    {{.*}} %[[U:[^:]*]]: tensor<32x8xf32>, %[[GW:[^:]*]]: tensor<32xf32>, %[[GB:[^:]*]]: tensor<f32>, %[[BIAS:[^:]*]]: tensor<32xf32>,
// CHECK:           pixelfly.linear ins({{.*}} : tensor<4x32xf32>, tensor<8x8x8xf32>) low_rank(%[[U]], %[[U]] : {{.*}}) gate(%[[GW]], %[[GB]] : {{.*}}) bias(%{{.*}} : tensor<32xf32>)
func.func @linear_gate(%x: tensor<12x32xf32>, %w: tensor<8x8x8xf32>, %u: tensor<32x8xf32>, %gw: tensor<32xf32>, %gb: tensor<f32>,
                       %bias: tensor<32xf32>, %init: tensor<12x32xf32>) -> tensor<12x32xf32> {
  %y = pixelfly.linear ins(%x, %w : tensor<12x32xf32>, tensor<8x8x8xf32>)
         low_rank(%u, %u : tensor<32x8xf32>, tensor<32x8xf32>) gate(%gw, %gb : tensor<32xf32>, tensor<f32>)
         bias(%bias : tensor<32xf32>) outs(%init : tensor<12x32xf32>) pattern #p -> tensor<12x32xf32>
  return %y : tensor<12x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.linear"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [4]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
