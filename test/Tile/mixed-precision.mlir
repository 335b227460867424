// RUN: pixelfly-opt %s --split-input-file --pixelfly-mixed-precision | FileCheck %s
// RUN: pixelfly-opt %s --split-input-file --pixelfly-mixed-precision=type=f16 | FileCheck %s --check-prefix=HALF

#p = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16, radices = [2, 2], factors = 1>

// One cast of the input serves the forward product and the weight gradient; the
// sums and the results stay as they are.
// CHECK-LABEL: @pattern
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<32x64xf32>, %[[DY:[a-z0-9]+]]: tensor<32x64xf32>, %[[W:[a-z0-9]+]]: tensor<8x16x16xf32>
// HALF-LABEL: @pattern
func.func @pattern(%x: tensor<32x64xf32>, %dy: tensor<32x64xf32>, %w: tensor<8x16x16xf32>,
                   %init: tensor<32x64xf32>, %zero: tensor<8x16x16xf32>)
    -> (tensor<32x64xf32>, tensor<8x16x16xf32>) {
  // CHECK-DAG: %[[XN:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<32x64xf32>)
  // CHECK-DAG: %[[WN:.*]] = linalg.generic {{.*}} ins(%[[W]] : tensor<8x16x16xf32>)
  // CHECK-DAG: %[[DYN:.*]] = linalg.generic {{.*}} ins(%[[DY]] : tensor<32x64xf32>)
  // CHECK: pixelfly.matmul ins(%[[XN]], %[[WN]] : tensor<32x64xbf16>, tensor<8x16x16xbf16>) outs(%{{.*}} : tensor<32x64xf32>)
  // CHECK: pixelfly.sddmm ins(%[[DYN]], %[[XN]] : tensor<32x64xbf16>, tensor<32x64xbf16>) outs(%{{.*}} : tensor<8x16x16xf32>)
  // HALF: pixelfly.matmul ins({{.*}} : tensor<32x64xf16>, tensor<8x16x16xf16>)
  %y = pixelfly.matmul ins(%x, %w : tensor<32x64xf32>, tensor<8x16x16xf32>)
      outs(%init : tensor<32x64xf32>) pattern #p -> tensor<32x64xf32>
  %dw = pixelfly.sddmm ins(%dy, %x : tensor<32x64xf32>, tensor<32x64xf32>)
      outs(%zero : tensor<8x16x16xf32>) pattern #p -> tensor<8x16x16xf32>
  return %y, %dw : tensor<32x64xf32>, tensor<8x16x16xf32>
}

// -----

// The body widens what it reads.
// CHECK-LABEL: @contraction
func.func @contraction(%w: tensor<8x16xf32>, %x: tensor<2x16x32xf32>,
                       %init: tensor<2x8x32xf32>) -> tensor<2x8x32xf32> {
  // CHECK: arith.truncf %{{.*}} : f32 to bf16
  // CHECK: arith.truncf %{{.*}} : f32 to bf16
  // CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<8x16xbf16>, tensor<2x16x32xbf16>) outs(%{{.*}} : tensor<2x8x32xf32>)
  // CHECK-NEXT: ^bb0(%[[A:.*]]: bf16, %[[B:.*]]: bf16, %[[SUM:.*]]: f32):
  // CHECK-DAG: %[[AW:.*]] = arith.extf %[[A]] : bf16 to f32
  // CHECK-DAG: %[[BW:.*]] = arith.extf %[[B]] : bf16 to f32
  // CHECK: %[[PRODUCT:.*]] = arith.mulf %[[AW]], %[[BW]] : f32
  // CHECK: arith.addf %[[SUM]], %[[PRODUCT]] : f32
  %y = linalg.generic {
      indexing_maps = [affine_map<(b, o, c, t) -> (o, t)>,
                       affine_map<(b, o, c, t) -> (b, t, c)>,
                       affine_map<(b, o, c, t) -> (b, o, c)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%w, %x : tensor<8x16xf32>, tensor<2x16x32xf32>)
      outs(%init : tensor<2x8x32xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %sum, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<2x8x32xf32>
  return %y : tensor<2x8x32xf32>
}

// -----

// A named operation stays one.
// CHECK-LABEL: @named
func.func @named(%x: tensor<8x16xf32>, %w: tensor<16x4xf32>, %init: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // CHECK: linalg.matmul ins(%{{.*}}, %{{.*}} : tensor<8x16xbf16>, tensor<16x4xbf16>) outs(%{{.*}} : tensor<8x4xf32>)
  %y = linalg.matmul ins(%x, %w : tensor<8x16xf32>, tensor<16x4xf32>) outs(%init : tensor<8x4xf32>) -> tensor<8x4xf32>
  return %y : tensor<8x4xf32>
}

// -----

// Left alone: a matrix times a vector, other types, elementwise work.
// CHECK-LABEL: @declines
// CHECK-NOT: arith.truncf
// HALF-LABEL: @declines
func.func @declines(%m: tensor<8x16xf32>, %v: tensor<16xf32>, %i0: tensor<8xf32>,
                    %d: tensor<8x8xf64>, %e: tensor<8x8xf32>)
    -> (tensor<8xf32>, tensor<8x8xf64>, tensor<8x8xf32>) {
  %0 = linalg.matvec ins(%m, %v : tensor<8x16xf32>, tensor<16xf32>) outs(%i0 : tensor<8xf32>) -> tensor<8xf32>
  %1 = linalg.matmul ins(%d, %d : tensor<8x8xf64>, tensor<8x8xf64>) outs(%d : tensor<8x8xf64>) -> tensor<8x8xf64>
  %2 = linalg.mul ins(%e, %e : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0, %1, %2 : tensor<8xf32>, tensor<8x8xf64>, tensor<8x8xf32>
}
