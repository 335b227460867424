// RUN: pixelfly-opt %s --pixelfly-recompute --cse --split-input-file | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// %x has to be kept for %back, the row statistic is small: %normal is computed
// again in front of the product of the backward part, through the reshape.
// CHECK-LABEL: func.func @normal(
// CHECK-SAME: %[[A:[^:]+]]: tensor<64x256xf32>, %[[W:[^:]+]]: tensor<256x256xf32>
// CHECK: %[[X:.*]] = linalg.exp
// CHECK: %[[S:.*]] = linalg.reduce
// CHECK: %[[NORMAL:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[S]] :
// CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[NORMAL]]
// CHECK: linalg.reduce {{.*}} ins(%[[FLAT]] :
// CHECK: %[[AGAIN:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[S]] :
// CHECK-SAME: attrs = {pixelfly.recomputed}
// CHECK: arith.subf
// CHECK: %[[FLATAGAIN:.*]] = tensor.collapse_shape %[[AGAIN]]
// CHECK: %[[DW:.*]] = linalg.dot ins(%[[FLATAGAIN]], %[[FLATAGAIN]] :
// CHECK: %[[BACK:.*]] = linalg.abs ins(%[[X]] :
func.func @normal(%a: tensor<64x256xf32>, %w: tensor<256x256xf32>)
    -> (tensor<f32> {pixelfly.output = "loss"}, tensor<f32>, tensor<64x256xf32>) {
  %zero = arith.constant 0.0 : f32
  %scalar = arith.constant dense<0.0> : tensor<f32>
  %empty = tensor.empty() : tensor<64x256xf32>
  %rows = tensor.empty() : tensor<64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%rows : tensor<64xf32>) -> tensor<64xf32>
  %x = linalg.exp ins(%a : tensor<64x256xf32>) outs(%empty : tensor<64x256xf32>) -> tensor<64x256xf32>
  %s = linalg.reduce { arith.addf } ins(%x : tensor<64x256xf32>) outs(%init : tensor<64xf32>) dimensions = [1]
  %normal = linalg.generic {indexing_maps = [#id, #row, #id],
                            iterator_types = ["parallel", "parallel"]}
      ins(%x, %s : tensor<64x256xf32>, tensor<64xf32>) outs(%empty : tensor<64x256xf32>) {
  ^bb0(%in: f32, %mean: f32, %out: f32):
    %0 = arith.subf %in, %mean : f32
    linalg.yield %0 : f32
  } -> tensor<64x256xf32>
  %flat = tensor.collapse_shape %normal [[0, 1]] : tensor<64x256xf32> into tensor<16384xf32>
  %loss = linalg.reduce { arith.addf } ins(%flat : tensor<16384xf32>) outs(%scalar : tensor<f32>) dimensions = [0]

  %dw = linalg.dot ins(%flat, %flat : tensor<16384xf32>, tensor<16384xf32>)
                   outs(%loss : tensor<f32>) -> tensor<f32>
  %back = linalg.abs ins(%x : tensor<64x256xf32>) outs(%empty : tensor<64x256xf32>) -> tensor<64x256xf32>
  return %loss, %dw, %back : tensor<f32>, tensor<f32>, tensor<64x256xf32>
}

// -----

// Arguments are there anyway; a chain is computed again as a whole.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[A:[^:]+]]: tensor<256xf32>, %[[B:[^:]+]]: tensor<256xf32>)
// CHECK: linalg.reduce
// CHECK: %[[SUM:.*]] = linalg.add {pixelfly.recomputed} ins(%[[A]], %[[B]] :
// CHECK: %[[SQUARE:.*]] = linalg.mul {pixelfly.recomputed} ins(%[[SUM]], %[[SUM]] :
// CHECK: linalg.exp ins(%[[SQUARE]] :
func.func @chain(%a: tensor<256xf32>, %b: tensor<256xf32>)
    -> (tensor<f32> {pixelfly.output = "loss"}, tensor<256xf32>) {
  %scalar = arith.constant dense<0.0> : tensor<f32>
  %empty = tensor.empty() : tensor<256xf32>
  %sum = linalg.add ins(%a, %b : tensor<256xf32>, tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  %square = linalg.mul ins(%sum, %sum : tensor<256xf32>, tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  %loss = linalg.reduce { arith.addf } ins(%square : tensor<256xf32>) outs(%scalar : tensor<f32>) dimensions = [0]
  %back = linalg.exp ins(%square : tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  return %loss, %back : tensor<f32>, tensor<256xf32>
}

// -----

// Kept: the exponential is expensive, the difference reads a product that nobody
// else keeps, the sum is a reduction, and what is returned is stored anyway.
// CHECK-LABEL: func.func @declines(
// CHECK-NOT: pixelfly.recomputed
func.func @declines(%a: tensor<16x16xf32>, %b: tensor<16x16xf32>)
    -> (tensor<f32> {pixelfly.output = "loss"}, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16x16xf32>) {
  %scalar = arith.constant dense<0.0> : tensor<f32>
  %rows = arith.constant dense<0.0> : tensor<16xf32>
  %empty = tensor.empty() : tensor<16x16xf32>
  %e = linalg.exp ins(%a : tensor<16x16xf32>) outs(%empty : tensor<16x16xf32>) -> tensor<16x16xf32>
  %p = linalg.matmul ins(%e, %b : tensor<16x16xf32>, tensor<16x16xf32>) outs(%a : tensor<16x16xf32>) -> tensor<16x16xf32>
  %d = linalg.sub ins(%p, %a : tensor<16x16xf32>, tensor<16x16xf32>) outs(%empty : tensor<16x16xf32>) -> tensor<16x16xf32>
  %s = linalg.reduce { arith.addf } ins(%d : tensor<16x16xf32>) outs(%rows : tensor<16xf32>) dimensions = [1]
  %r = linalg.add ins(%a, %b : tensor<16x16xf32>, tensor<16x16xf32>) outs(%empty : tensor<16x16xf32>) -> tensor<16x16xf32>
  %loss = linalg.reduce { arith.addf } ins(%s : tensor<16xf32>) outs(%scalar : tensor<f32>) dimensions = [0]
  %0 = linalg.mul ins(%e, %e : tensor<16x16xf32>, tensor<16x16xf32>) outs(%empty : tensor<16x16xf32>) -> tensor<16x16xf32>
  %1 = linalg.mul ins(%d, %r : tensor<16x16xf32>, tensor<16x16xf32>) outs(%empty : tensor<16x16xf32>) -> tensor<16x16xf32>
  %2 = linalg.exp ins(%s : tensor<16xf32>) outs(%rows : tensor<16xf32>) -> tensor<16xf32>
  return %loss, %0, %1, %2, %r : tensor<f32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<16xf32>, tensor<16x16xf32>
}

// -----

// Without a loss there is no backward part.
// CHECK-LABEL: func.func @no_loss(
// CHECK-NOT: pixelfly.recomputed
func.func @no_loss(%a: tensor<256xf32>) -> (tensor<256xf32>, tensor<256xf32>) {
  %empty = tensor.empty() : tensor<256xf32>
  %sum = linalg.add ins(%a, %a : tensor<256xf32>, tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  %0 = linalg.abs ins(%sum : tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  %1 = linalg.exp ins(%sum : tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  return %0, %1 : tensor<256xf32>, tensor<256xf32>
}

// -----

// %p is overwritten in place in front of the use: computing %twice there would
// need a copy of the old %p.
// CHECK-LABEL: func.func @overwritten(
// CHECK-NOT: pixelfly.recomputed
func.func @overwritten(%p: tensor<256xf32>, %q: tensor<256xf32>) -> (tensor<f32> {pixelfly.output = "loss"}, tensor<256xf32>, tensor<256xf32>) {
  %scalar = arith.constant dense<0.0> : tensor<f32>
  %empty = tensor.empty() : tensor<256xf32>
  %twice = linalg.add ins(%p, %p : tensor<256xf32>, tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  %loss = linalg.reduce { arith.addf } ins(%twice : tensor<256xf32>) outs(%scalar : tensor<f32>) dimensions = [0]
  %new = linalg.exp ins(%q : tensor<256xf32>) outs(%p : tensor<256xf32>) -> tensor<256xf32>
  %back = linalg.exp ins(%twice : tensor<256xf32>) outs(%empty : tensor<256xf32>) -> tensor<256xf32>
  return %loss, %new, %back : tensor<f32>, tensor<256xf32>, tensor<256xf32>
}
