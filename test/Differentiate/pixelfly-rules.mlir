// RUN: pixelfly-opt %s --split-input-file --pixelfly-differentiate="function=f result=0 arguments=0,1" \
// RUN:     --canonicalize --cse | FileCheck %s
// The products that the layer's decomposition and its adjoint share are one.
// RUN: pixelfly-opt %s --split-input-file --pixelfly-differentiate="function=f result=0 arguments=0,1,2,3,4,5" \
// RUN:     --pixelfly-decompose-linear --canonicalize --cse | FileCheck %s --check-prefix=LAYER

#pattern = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8,
                                    radices = [2], factors = 1>
#id = affine_map<(i, j) -> (i, j)>
#s = affine_map<(i, j) -> ()>

// The layer's products, the scaled weights and the inner product.
// LAYER: func.func @f_gradient(
// LAYER-SAME: %[[X:[^:]+]]: tensor<6x16xf32>, %[[W:[^:]+]]: tensor<8x8x8xf32>, %[[U:[^:]+]]: tensor<32x4xf32>, %[[V:[^:]+]]: tensor<16x4xf32>, %[[GAMMA:[^:]+]]: tensor<f32>, %[[BIAS:[^:]+]]: tensor<32xf32>
// LAYER: %[[GW:.*]] = linalg.generic {{.*}} ins(%[[W]], %[[GAMMA]]
// LAYER: %[[BUTTERFLY:.*]] = pixelfly.matmul ins(%[[X]], %[[GW]]
// LAYER: %[[GU:.*]] = linalg.generic {{.*}} ins(%[[U]], %[[GAMMA]]
// LAYER: %[[H:.*]] = linalg.matmul ins(%[[X]], %[[V]]
// LAYER: %[[Y:.*]] = linalg.matmul indexing_maps = {{.*}} ins(%[[H]], %[[GU]] {{.*}} outs(%[[BUTTERFLY]]
// LAYER: %[[LOSS:.*]] = linalg.generic
// LAYER: %[[DY:.*]] = linalg.generic
// The bias's adjoint: column sums.
// LAYER: %[[DBIAS:.*]] = linalg.generic {{.*}}"reduction", "parallel"]} ins(%[[DY]] :
// LAYER: %[[S:.*]] = pixelfly.sddmm ins(%[[DY]], %[[X]]
// LAYER: %[[DW:.*]] = linalg.generic {{.*}} ins(%[[S]], %[[GAMMA]]
// LAYER: %[[DX0:.*]] = pixelfly.matmul transposed ins(%[[DY]], %[[GW]]
// LAYER: %[[P:.*]] = linalg.matmul {{.*}} ins(%[[DY]], %[[H]]
// LAYER: %[[DU:.*]] = linalg.generic {{.*}} ins(%[[P]], %[[GAMMA]]
// LAYER: %[[DH:.*]] = linalg.matmul ins(%[[DY]], %[[GU]]
// LAYER: %[[DV:.*]] = linalg.matmul {{.*}} ins(%[[X]], %[[DH]]
// Both parts of the input's adjoint go to one destination.
// LAYER: %[[DX:.*]] = linalg.matmul {{.*}} ins(%[[DH]], %[[V]] {{.*}} outs(%[[DX0]]
// gamma's adjoint needs no other products.
// LAYER: %[[SW:.*]] = linalg.generic {{.*}} ins(%[[S]], %[[W]]
// LAYER: %[[PU:.*]] = linalg.generic {{.*}} ins(%[[P]], %[[U]]
// LAYER: %[[DGAMMA:.*]] = linalg.generic {{.*}} ins(%[[SW]], %[[PU]]
// LAYER: return %[[LOSS]], %[[DX]], %[[DW]], %[[DU]], %[[DV]], %[[DGAMMA]], %[[DBIAS]]

// Only what is asked for: without gamma, U and V no other products appear.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-COUNT-1: pixelfly.linear
// CHECK-COUNT-1: pixelfly.sddmm
// CHECK-COUNT-1: pixelfly.matmul transposed
// CHECK-COUNT-2: linalg.matmul
// CHECK-NOT: linalg.matmul
// CHECK: return
func.func @f(%x: tensor<6x16xf32>, %w: tensor<8x8x8xf32>, %u: tensor<32x4xf32>,
             %v: tensor<16x4xf32>, %gamma: tensor<f32>, %bias: tensor<32xf32>)
    -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %e = tensor.empty() : tensor<6x32xf32>
  %y = pixelfly.linear ins(%x, %w : tensor<6x16xf32>, tensor<8x8x8xf32>)
         low_rank(%u, %v, %gamma
           : tensor<32x4xf32>, tensor<16x4xf32>, tensor<f32>)
         bias(%bias : tensor<32xf32>)
         outs(%e : tensor<6x32xf32>) pattern #pattern -> tensor<6x32xf32>
  %loss = linalg.generic {
    indexing_maps = [#id, #s], iterator_types = ["reduction", "reduction"]}
    ins(%y : tensor<6x32xf32>) outs(%zero : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %p = arith.mulf %a, %a : f32
    %q = arith.addf %out, %p : f32
    linalg.yield %q : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

#pattern = #pixelfly.flat_butterfly<rows = 32, cols = 16, block = 8,
                                    radices = [2], factors = 1>
#id = affine_map<(i, j) -> (i, j)>
#s = affine_map<(i, j) -> ()>

// The transposed product's input gets a plain product, and its weight a sampled
// one whose rows are the input's.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[X:[^:]+]]: tensor<6x32xf32>, %[[W:[^:]+]]: tensor<8x8x8xf32>
// CHECK: pixelfly.matmul transposed
// CHECK: %[[LOSS:.*]] = linalg.generic
// CHECK: %[[DY:.*]] = linalg.generic
// CHECK: %[[DX:.*]] = pixelfly.matmul ins(%[[DY]], %[[W]]
// CHECK: %[[DW:.*]] = pixelfly.sddmm ins(%[[X]], %[[DY]]
// CHECK: return %[[LOSS]], %[[DX]], %[[DW]] :
func.func @f(%x: tensor<6x32xf32>, %w: tensor<8x8x8xf32>, %u: f32, %v: f32,
             %a: f32, %b: f32) -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %init = arith.constant dense<0.0> : tensor<6x16xf32>
  %y = pixelfly.matmul transposed
         ins(%x, %w : tensor<6x32xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<6x16xf32>) pattern #pattern -> tensor<6x16xf32>
  %loss = linalg.generic {
    indexing_maps = [#id, #s], iterator_types = ["reduction", "reduction"]}
    ins(%y : tensor<6x16xf32>) outs(%zero : tensor<f32>) {
  ^bb0(%p: f32, %out: f32):
    %q = arith.mulf %p, %p : f32
    %r = arith.addf %out, %q : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  return %loss : tensor<f32>
}
