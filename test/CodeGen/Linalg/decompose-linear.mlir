// RUN: pixelfly-opt %s --pixelfly-decompose-linear --split-input-file --verify-diagnostics | FileCheck %s

#p = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 2>

// CHECK-DAG: #[[$ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[$ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$ID3:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$SCALAR3:.*]] = affine_map<(d0, d1, d2) -> ()>
// CHECK-DAG: #[[$SCALAR:.*]] = affine_map<(d0, d1) -> ()>
// CHECK-DAG: #[[$LHS:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[$TRANSPOSED_RHS:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[$OUT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>

// CHECK-LABEL: func.func @low_rank_and_bias(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<96x256xf32>, %[[W:[^:]*]]: tensor<48x32x32xf32>,
// CHECK-SAME:    %[[U:[^:]*]]: tensor<512x32xf32>, %[[V:[^:]*]]: tensor<256x32xf32>,
// CHECK-SAME:    %[[GAMMA:[^:]*]]: tensor<f32>, %[[BIAS:[^:]*]]: tensor<512xf32>,
// CHECK-SAME:    %[[INIT:[^:]*]]: tensor<96x512xf32>)
// CHECK:         %[[OUT0:.*]] = linalg.generic {indexing_maps = [#[[$ROW]], #[[$ID]]]
// CHECK-SAME:      ins(%[[BIAS]] : tensor<512xf32>) outs(%[[INIT]] : tensor<96x512xf32>)
// CHECK:         %[[SCALED:.*]] = linalg.generic {indexing_maps = [#[[$ID3]], #[[$SCALAR3]], #[[$ID3]]]
// CHECK-SAME:      ins(%[[W]], %[[GAMMA]] :
// CHECK:         ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32):
// CHECK:           %[[PRODUCT:.*]] = arith.mulf %[[A]], %[[B]]
// CHECK:           linalg.yield %[[PRODUCT]]
// CHECK:         %[[OUT1:.*]] = pixelfly.matmul ins(%[[X]], %[[SCALED]] :
// CHECK-SAME:      outs(%[[OUT0]] : tensor<96x512xf32>)
// CHECK-SAME:      {note = "kept"} -> tensor<96x512xf32>
// CHECK:         %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK:         %[[SCALED_U:.*]] = linalg.generic {indexing_maps = [#[[$ID]], #[[$SCALAR]], #[[$ID]]]
// CHECK-SAME:      ins(%[[U]], %[[GAMMA]] :
// CHECK:         ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32):
// CHECK:           %[[REST:.*]] = arith.subf %[[ONE]], %[[B]]
// CHECK:           arith.mulf %[[A]], %[[REST]]
// CHECK:         %[[EMPTY:.*]] = tensor.empty() : tensor<96x32xf32>
// CHECK:         %[[ZERO:.*]] = linalg.fill ins({{.*}}) outs(%[[EMPTY]]
// CHECK:         %[[H:.*]] = linalg.matmul ins(%[[X]], %[[V]] : {{.*}}) outs(%[[ZERO]]
// CHECK:         %[[OUT2:.*]] = linalg.matmul
// CHECK-SAME:      indexing_maps = [#[[$LHS]], #[[$TRANSPOSED_RHS]], #[[$OUT]]]
// CHECK-SAME:      ins(%[[H]], %[[SCALED_U]] : {{.*}}) outs(%[[OUT1]]
// CHECK:         return %[[OUT2]]
func.func @low_rank_and_bias(%x: tensor<96x256xf32>, %w: tensor<48x32x32xf32>, %u: tensor<512x32xf32>,
                             %v: tensor<256x32xf32>, %gamma: tensor<f32>, %bias: tensor<512xf32>,
                             %init: tensor<96x512xf32>) -> tensor<96x512xf32> {
  %y = pixelfly.linear ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
         low_rank(%u, %v, %gamma : tensor<512x32xf32>, tensor<256x32xf32>, tensor<f32>)
         bias(%bias : tensor<512xf32>)
         outs(%init : tensor<96x512xf32>) pattern #p {note = "kept"} -> tensor<96x512xf32>
  return %y : tensor<96x512xf32>
}

// CHECK-LABEL: func.func @sparse_only_dynamic_batch(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x256xf16>, %[[W:[^:]*]]: tensor<48x32x32xf16>, %[[INIT:[^:]*]]: tensor<?x512xf16>)
// CHECK:         %[[ZERO:.*]] = linalg.fill {{.*}} outs(%[[INIT]] : tensor<?x512xf16>)
// CHECK-NEXT:    %[[OUT:.*]] = pixelfly.matmul ins(%[[X]], %[[W]] : {{.*}}) outs(%[[ZERO]]
// CHECK-NEXT:    return %[[OUT]]
func.func @sparse_only_dynamic_batch(%x: tensor<?x256xf16>, %w: tensor<48x32x32xf16>,
                                     %init: tensor<?x512xf16>) -> tensor<?x512xf16> {
  %y = pixelfly.linear ins(%x, %w : tensor<?x256xf16>, tensor<48x32x32xf16>)
         outs(%init : tensor<?x512xf16>) pattern #p -> tensor<?x512xf16>
  return %y : tensor<?x512xf16>
}

// CHECK-LABEL: func.func @dynamic_batch_low_rank(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x256xf32>
// CHECK:         %[[BATCH:.*]] = tensor.dim %[[X]], %c0
// CHECK:         tensor.empty(%[[BATCH]]) : tensor<?x32xf32>
func.func @dynamic_batch_low_rank(%x: tensor<?x256xf32>, %w: tensor<48x32x32xf32>, %u: tensor<512x32xf32>,
                                  %v: tensor<256x32xf32>, %gamma: tensor<f32>,
                                  %init: tensor<?x512xf32>) -> tensor<?x512xf32> {
  %y = pixelfly.linear ins(%x, %w : tensor<?x256xf32>, tensor<48x32x32xf32>)
         low_rank(%u, %v, %gamma : tensor<512x32xf32>, tensor<256x32xf32>, tensor<f32>)
         outs(%init : tensor<?x512xf32>) pattern #p -> tensor<?x512xf32>
  return %y : tensor<?x512xf32>
}

// CHECK-LABEL: func.func @gate_and_bias(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<96x256xf32>, %[[W:[^:]*]]: tensor<48x32x32xf32>, %[[U:[^:]*]]: tensor<512x32xf32>, %[[V:[^:]*]]: tensor<256x32xf32>,
// CHECK-SAME:    %[[GW:[^:]*]]: tensor<256xf32>, %[[GB:[^:]*]]: tensor<f32>, %[[BIAS:[^:]*]]: tensor<512xf32>, %[[INIT:[^:]*]]: tensor<96x512xf32>)
// CHECK:         %[[SUMS:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[GW]] :
// CHECK:         %[[G:.*]] = linalg.generic {{.*}} ins(%[[SUMS]], %[[GB]] :
// CHECK:           math.exp
// CHECK:         %[[ZERO:.*]] = linalg.fill {{.*}} outs(%[[INIT]] :
// CHECK:         %[[PRODUCT:.*]] = pixelfly.matmul ins(%[[X]], %[[W]] : {{.*}}) outs(%[[ZERO]] :
// CHECK:         %[[OUT:.*]] = linalg.generic {{.*}} ins(%[[G]], %[[BIAS]] : {{.*}}) outs(%[[PRODUCT]] :
// CHECK:         %[[H:.*]] = linalg.matmul ins(%[[X]], %[[V]] :
// CHECK:         %[[GATED:.*]] = linalg.generic {{.*}} ins(%[[H]], %[[G]] :
// CHECK:         %[[Y:.*]] = linalg.matmul indexing_maps = {{.*}} ins(%[[GATED]], %[[U]] : {{.*}}) outs(%[[OUT]] :
// CHECK:         return %[[Y]]
func.func @gate_and_bias(%x: tensor<96x256xf32>, %w: tensor<48x32x32xf32>, %u: tensor<512x32xf32>, %v: tensor<256x32xf32>,
                         %gw: tensor<256xf32>, %gb: tensor<f32>, %bias: tensor<512xf32>,
                         %init: tensor<96x512xf32>) -> tensor<96x512xf32> {
  %y = pixelfly.linear ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
         low_rank(%u, %v : tensor<512x32xf32>, tensor<256x32xf32>)
         gate(%gw, %gb : tensor<256xf32>, tensor<f32>) bias(%bias : tensor<512xf32>)
         outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
  return %y : tensor<96x512xf32>
}

#chain = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 2>

// CHECK-LABEL: func.func @butterfly_product(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x32xf32>, %[[A:[^:]*]]: tensor<8x8x8xf32>, %[[B:[^:]*]]: tensor<8x8x8xf32>,
// CHECK:         %[[ZERO0:.*]] = linalg.fill
// CHECK:         %[[H:.*]] = pixelfly.matmul ins(%[[X]], %[[A]] : {{.*}}) outs(%[[ZERO0]] : {{.*}}) pattern #[[$FIRST:mask_rule[0-9]*]] ->
// CHECK:         %[[ZERO1:.*]] = linalg.fill
// CHECK:         %[[Y:.*]] = pixelfly.matmul ins(%[[H]], %[[B]] : {{.*}}) outs(%[[ZERO1]] : {{.*}}) pattern #[[$SECOND:mask_rule[0-9]*]] ->
// CHECK:         return %[[Y]]
func.func @butterfly_product(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %b: tensor<8x8x8xf32>,
                             %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %b : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         outs(%init : tensor<4x32xf32>) pattern #chain -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

// Each factor adds to what it was given.
// CHECK-LABEL: func.func @butterfly_residual(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x32xf32>, %[[A:[^:]*]]: tensor<8x8x8xf32>, %[[B:[^:]*]]: tensor<8x8x8xf32>, %[[LAMBDA:[^:]*]]: tensor<f32>,
// CHECK:         %[[LA:.*]] = linalg.generic {{.*}} ins(%[[A]], %[[LAMBDA]] :
// CHECK:         %[[H:.*]] = pixelfly.matmul ins(%[[X]], %[[LA]] : {{.*}}) outs(%[[X]] : {{.*}}) pattern #[[$FIRST]] ->
// CHECK:         %[[LB:.*]] = linalg.generic {{.*}} ins(%[[B]], %[[LAMBDA]] :
// CHECK:         %[[Y:.*]] = pixelfly.matmul ins(%[[H]], %[[LB]] : {{.*}}) outs(%[[H]] : {{.*}}) pattern #[[$SECOND]] ->
// CHECK:         return %[[Y]]
func.func @butterfly_residual(%x: tensor<4x32xf32>, %a: tensor<8x8x8xf32>, %b: tensor<8x8x8xf32>, %lambda: tensor<f32>,
                              %init: tensor<4x32xf32>) -> tensor<4x32xf32> {
  %y = pixelfly.butterfly_matmul ins(%x : tensor<4x32xf32>) factors(%a, %b : tensor<8x8x8xf32>, tensor<8x8x8xf32>)
         residual(%lambda : tensor<f32>) outs(%init : tensor<4x32xf32>) pattern #chain -> tensor<4x32xf32>
  return %y : tensor<4x32xf32>
}

// -----

#p = #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32, radices = [2, 2, 2], factors = 2>

func.func @memrefs(%x: memref<96x256xf32>, %w: memref<48x32x32xf32>, %init: memref<96x512xf32>) {
  // expected-error @below {{on memrefs cannot be decomposed, its intermediate results have no storage; run --pixelfly-decompose-linear before bufferization}}
  pixelfly.linear ins(%x, %w : memref<96x256xf32>, memref<48x32x32xf32>)
    outs(%init : memref<96x512xf32>) pattern #p
  return
}
