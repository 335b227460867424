// RUN: pixelfly-opt %s --transform-interpreter --split-input-file --verify-diagnostics

// All cells mix: there is no smaller pattern.

#p = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 3>

func.func @matmul_one_group(%x: tensor<96x256xf32>, %w: tensor<64x32x32xf32>, %init: tensor<96x512xf32>) -> tensor<96x512xf32> {
  // expected-error @below {{op faild to tile operation}}
  // expected-error @below {{op failed to generate tiling loops}}
  // expected-error @below {{'pixelfly.matmul' op tile over the pattern must have a static size that is a multiple of 512, the extent of an independent group of cells, and divides 512}}
  %y = pixelfly.matmul ins(%x, %w : tensor<96x256xf32>, tensor<64x32x32xf32>)
         outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
  return %y : tensor<96x512xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [0, 256]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#p = #pixelfly.block_mask<block = 8, mask = ["##", "##"]>

func.func @sddmm_without_rule(%dy: tensor<4x16xf32>, %x: tensor<4x16xf32>, %init: tensor<4x8x8xf32>) -> tensor<4x8x8xf32> {
  // expected-error @below {{op faild to tile operation}}
  // expected-error @below {{op failed to generate tiling loops}}
  // expected-error @below {{'pixelfly.sddmm' op can only be tiled over its rows: the parts of a pattern without a rule have different patterns}}
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<4x16xf32>, tensor<4x16xf32>)
          outs(%init : tensor<4x8x8xf32>) pattern #p -> tensor<4x8x8xf32>
  return %dw : tensor<4x8x8xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.sddmm"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [2]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#p = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 32, radices = [2], factors = 0>

func.func @linear_low_rank_columns(%x: tensor<4x64xf32>, %w: tensor<2x32x32xf32>, %u: tensor<64x8xf32>, %v: tensor<64x8xf32>,
                                   %gamma: tensor<f32>, %init: tensor<4x64xf32>) -> tensor<4x64xf32> {
  // expected-error @below {{op faild to tile operation}}
  // expected-error @below {{op failed to generate tiling loops}}
  // expected-error @below {{'pixelfly.linear' op with a low-rank term can only be tiled over its rows: the term needs all columns of the input for every column of the result}}
  %y = pixelfly.linear ins(%x, %w : tensor<4x64xf32>, tensor<2x32x32xf32>)
         low_rank(%u, %v, %gamma : tensor<64x8xf32>, tensor<64x8xf32>, tensor<f32>)
         outs(%init : tensor<4x64xf32>) pattern #p -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.linear"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [0, 32]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>

func.func @butterfly_columns(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  // expected-error @below {{op faild to tile operation}}
  // expected-error @below {{op failed to generate tiling loops}}
  // expected-error @below {{'pixelfly.butterfly_matmul' op can only be tiled over its rows: every factor has a pattern of its own}}
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %a : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op {transform.readonly}) {
    %op = transform.structured.match ops{["pixelfly.butterfly_matmul"]} in %root : (!transform.any_op) -> !transform.any_op
    transform.structured.tile_using_for %op tile_sizes [0, 16]
      : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}
