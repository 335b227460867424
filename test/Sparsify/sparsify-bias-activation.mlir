// RUN: pixelfly-opt %s --split-input-file \
// RUN:     --pixelfly-sparsify="block=8 low-rank-share=0" | FileCheck %s

// One generic adds the bias and goes on computing: the layer takes the bias, and
// the rest stays.

// ReLU. The constant 0 is no bias.
// CHECK-LABEL: func.func @model(
// CHECK-SAME:    %[[W:.+]]: tensor<8x8x8xf32> {{.*}}, %[[X:[^:]+]]: tensor<4x32xf32>, %[[BIAS:[^:]+]]: tensor<64xf32>)
// CHECK: %[[LINEAR:.+]] = pixelfly.linear ins(%[[X]], %[[W]] : {{.*}}) bias(%[[BIAS]] : tensor<64xf32>)
// CHECK: %[[Y:.+]] = linalg.generic
// CHECK-SAME: ins(%[[LINEAR]] : tensor<4x64xf32>)
// CHECK-NEXT: ^bb0(%[[A:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:   %[[POSITIVE:.+]] = arith.maximumf %[[A]], %{{.+}} : f32
// CHECK-NEXT:   linalg.yield %[[POSITIVE]] : f32
// CHECK: return %[[Y]]
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>,
        affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%p, %bias : tensor<4x64xf32>, tensor<64xf32>)
    outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    %positive = arith.maximumf %sum, %zero : f32
    linalg.yield %positive : f32
  } -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// Like GELU: the sum is read twice. The bias comes first, broadcast and reshaped
// by another operation, which goes; the result is widened.
// CHECK-LABEL: func.func @model(
// CHECK-SAME:    %[[W:.+]]: tensor<8x8x8xf32> {{.*}}, %[[X:[^:]+]]: tensor<4x32xf32>, %[[BIAS:[^:]+]]: tensor<64xf32>)
// CHECK-NOT: linalg.broadcast
// CHECK: %[[LINEAR:.+]] = pixelfly.linear ins(%[[X]], %[[W]] : {{.*}}) bias(%[[BIAS]] : tensor<64xf32>)
// CHECK: %[[HEADS:.+]] = tensor.expand_shape %[[LINEAR]]
// CHECK: %[[Y:.+]] = linalg.generic
// CHECK-SAME: ins(%[[HEADS]] : tensor<4x2x32xf32>)
// CHECK-NEXT: ^bb0(%[[A:.+]]: f32, %{{.+}}: f64):
// CHECK-NEXT:   %[[E:.+]] = math.erf %[[A]] : f32
// CHECK-NEXT:   %[[T:.+]] = arith.mulf %[[A]], %[[E]] : f32
// CHECK-NEXT:   %[[WIDE:.+]] = arith.extf %[[T]] : f32 to f64
// CHECK-NEXT:   linalg.yield %[[WIDE]] : f64
// CHECK: return %[[Y]]
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<64xf32>) -> tensor<4x2x32xf64> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %h = tensor.expand_shape %p [[0], [1, 2]] output_shape [4, 2, 32] : tensor<4x64xf32> into tensor<4x2x32xf32>
  %bh = tensor.expand_shape %bias [[0, 1]] output_shape [2, 32] : tensor<64xf32> into tensor<2x32xf32>
  %eb = tensor.empty() : tensor<4x2x32xf32>
  %b4 = linalg.broadcast ins(%bh : tensor<2x32xf32>) outs(%eb : tensor<4x2x32xf32>) dimensions = [0]
  %e = tensor.empty() : tensor<4x2x32xf64>
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, h, n) -> (m, h, n)>, affine_map<(m, h, n) -> (m, h, n)>,
        affine_map<(m, h, n) -> (m, h, n)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
    ins(%b4, %h : tensor<4x2x32xf32>, tensor<4x2x32xf32>)
    outs(%e : tensor<4x2x32xf64>) {
  ^bb0(%b: f32, %a: f32, %out: f64):
    %sum = arith.addf %b, %a : f32
    %erf = math.erf %sum : f32
    %term = arith.mulf %sum, %erf : f32
    %wide = arith.extf %term : f32 to f64
    linalg.yield %wide : f64
  } -> tensor<4x2x32xf64>
  return %y : tensor<4x2x32xf64>
}

// -----

// A gate: two layers meet in one generic, and each takes its bias.
// CHECK-LABEL: func.func @model(
// CHECK-SAME:    %[[BU:[^:]+]]: tensor<64xf32>, %[[BV:[^:]+]]: tensor<64xf32>)
// CHECK: %[[U:.+]] = pixelfly.linear {{.*}} bias(%[[BU]] : tensor<64xf32>)
// CHECK: %[[V:.+]] = pixelfly.linear {{.*}} bias(%[[BV]] : tensor<64xf32>)
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[U]], %[[V]] : tensor<4x64xf32>, tensor<4x64xf32>)
// CHECK-NEXT: ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:   %[[GATED:.+]] = arith.mulf %[[A]], %[[B]] : f32
// CHECK-NEXT:   linalg.yield %[[GATED]] : f32
#u = #pixelfly.parameter<name = "u.weight", init = <normal, 0.1 : f64>, decay = true>
#v = #pixelfly.parameter<name = "v.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%u: tensor<32x64xf32> {pixelfly.parameter = #u},
                 %v: tensor<32x64xf32> {pixelfly.parameter = #v},
                 %x: tensor<4x32xf32>, %bu: tensor<64xf32>, %bv: tensor<64xf32>)
    -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %u : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %q = linalg.matmul ins(%x, %v : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>,
        affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>,
        affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%p, %bu, %q, %bv : tensor<4x64xf32>, tensor<64xf32>, tensor<4x64xf32>, tensor<64xf32>)
    outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: f32, %ba: f32, %b: f32, %bb: f32, %out: f32):
    %s = arith.addf %a, %ba : f32
    %t = arith.addf %b, %bb : f32
    %gated = arith.mulf %s, %t : f32
    linalg.yield %gated : f32
  } -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// The body also reads the product without the bias: nothing changes.
// CHECK-LABEL: func.func @model(
// CHECK-SAME:    %[[BIAS:[^:]+]]: tensor<64xf32>)
// CHECK: %[[LINEAR:.+]] = pixelfly.linear
// CHECK-NOT: bias(
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[LINEAR]], %[[BIAS]] : tensor<4x64xf32>, tensor<64xf32>)
// CHECK-NEXT: ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:   %[[SUM:.+]] = arith.addf %[[A]], %[[B]] : f32
// CHECK-NEXT:   arith.mulf %[[SUM]], %[[A]] : f32
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<32x64xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x32xf32>, %bias: tensor<64xf32>) -> tensor<4x64xf32> {
  %init = arith.constant dense<0.0> : tensor<4x64xf32>
  %p = linalg.matmul ins(%x, %w : tensor<4x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  %e = tensor.empty() : tensor<4x64xf32>
  %y = linalg.generic {indexing_maps = [
        affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (n)>,
        affine_map<(m, n) -> (m, n)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%p, %bias : tensor<4x64xf32>, tensor<64xf32>)
    outs(%e : tensor<4x64xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %sum = arith.addf %a, %b : f32
    %product = arith.mulf %sum, %a : f32
    linalg.yield %product : f32
  } -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// Two products of one row are added: neither is the bias of the other.
// CHECK-LABEL: func.func @model(
// CHECK: %[[P:.+]] = pixelfly.linear
// CHECK-NOT: bias(
// CHECK: %[[Q:.+]] = pixelfly.linear
// CHECK-NOT: bias(
// CHECK: arith.addf %[[P]], %[[Q]] : tensor<1x64xf32>
#u = #pixelfly.parameter<name = "u.weight", init = <normal, 0.1 : f64>, decay = true>
#v = #pixelfly.parameter<name = "v.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%u: tensor<32x64xf32> {pixelfly.parameter = #u},
                 %v: tensor<32x64xf32> {pixelfly.parameter = #v},
                 %x: tensor<1x32xf32>) -> tensor<1x64xf32> {
  %init = arith.constant dense<0.0> : tensor<1x64xf32>
  %p = linalg.matmul ins(%x, %u : tensor<1x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<1x64xf32>) -> tensor<1x64xf32>
  %q = linalg.matmul ins(%x, %v : tensor<1x32xf32>, tensor<32x64xf32>)
    outs(%init : tensor<1x64xf32>) -> tensor<1x64xf32>
  %y = arith.addf %p, %q : tensor<1x64xf32>
  return %y : tensor<1x64xf32>
}
