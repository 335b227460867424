// RUN: pixelfly-opt %s --split-input-file --pixelfly-differentiate --canonicalize --cse | FileCheck %s

#weight = #pixelfly.parameter<name = "weight", init = <uniform, 0.1 : f64>, decay = true>
#bias = #pixelfly.parameter<name = "bias", init = <constant, 0.0 : f64>, decay = false>
#unused = #pixelfly.parameter<name = "unused", init = <constant, 1.0 : f64>, decay = false>
#x = affine_map<(m, n, k) -> (m, k)>
#w = affine_map<(m, n, k) -> (n, k)>
#y = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>
#n = affine_map<(m, n) -> (n)>
#scalar = affine_map<(m, n) -> ()>

// The function stays, the gradient function follows it with the same arguments,
// the same results and one more for each parameter, not for the input.
// CHECK-LABEL: func.func @model(
// CHECK: return %{{[^,]*}}, %{{[^,]*}} : tensor<f32>, tensor<2x8xf32>
// CHECK: func.func @model_gradient(
// CHECK-SAME: %[[W:[^:]+]]: tensor<8x4xf32> {pixelfly.parameter = #pixelfly.parameter<name = "weight"
// CHECK-SAME: %[[B:[^:]+]]: tensor<8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "bias"
// CHECK-SAME: %[[UNUSED:[^:]+]]: tensor<3xf32> {pixelfly.parameter
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x4xf32> {pixelfly.input = "x"})
// CHECK-SAME: -> (tensor<f32> {pixelfly.output = "loss"}, tensor<2x8xf32> {pixelfly.output = "logits"}, tensor<8x4xf32>, tensor<8xf32>, tensor<3xf32>)

// The forward part.
// CHECK: %[[Y:.*]] = linalg.matmul
// CHECK-SAME: ins(%[[X]], %[[W]]
// CHECK: %[[LOGITS:.*]] = linalg.generic
// CHECK-SAME: ins(%[[Y]], %[[B]]
// CHECK: math.tanh
// CHECK: %[[LOSS:.*]] = linalg.generic
// CHECK-SAME: ins(%[[LOGITS]]

// The backward part: tanh's adjoint reads its result, the bias sums up the
// adjoint of the product, and the weight's adjoint is one contraction. None is
// emitted for the input.
// CHECK: %[[DLOGITS:.*]] = linalg.generic
// CHECK: %[[DY:.*]] = linalg.generic
// CHECK-SAME: ins(%[[DLOGITS]], %[[LOGITS]]
// CHECK-NOT: math.tanh
// CHECK: %[[DB:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["reduction", "parallel"]
// CHECK-SAME: ins(%[[DY]] : tensor<2x8xf32>)
// CHECK: %[[DW:.*]] = linalg.generic
// CHECK-SAME: iterator_types = ["reduction", "parallel", "parallel"]
// CHECK-SAME: ins(%[[DY]], %[[X]] : tensor<2x8xf32>, tensor<2x4xf32>)
// CHECK: %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<3xf32>
// CHECK: return %[[LOSS]], %[[LOGITS]], %[[DW]], %[[DB]], %[[ZEROS]]

func.func @model(%w: tensor<8x4xf32> {pixelfly.parameter = #weight},
                 %b: tensor<8xf32> {pixelfly.parameter = #bias},
                 %unused: tensor<3xf32> {pixelfly.parameter = #unused},
                 %x: tensor<2x4xf32> {pixelfly.input = "x"})
    -> (tensor<f32> {pixelfly.output = "loss"},
        tensor<2x8xf32> {pixelfly.output = "logits"}) {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<2x8xf32>
  %zero = linalg.fill ins(%c0 : f32) outs(%e : tensor<2x8xf32>)
            -> tensor<2x8xf32>
  %y = linalg.matmul indexing_maps = [#x, #w, #y]
         ins(%x, %w : tensor<2x4xf32>, tensor<8x4xf32>)
         outs(%zero : tensor<2x8xf32>) -> tensor<2x8xf32>
  %logits = linalg.generic {
    indexing_maps = [#id, #n, #id], iterator_types = ["parallel", "parallel"]}
    ins(%y, %b : tensor<2x8xf32>, tensor<8xf32>) outs(%e : tensor<2x8xf32>) {
  ^bb0(%p: f32, %q: f32, %out: f32):
    %s = arith.addf %p, %q : f32
    %t = math.tanh %s : f32
    linalg.yield %t : f32
  } -> tensor<2x8xf32>
  %e0 = tensor.empty() : tensor<f32>
  %zero0 = linalg.fill ins(%c0 : f32) outs(%e0 : tensor<f32>) -> tensor<f32>
  %loss = linalg.generic {
    indexing_maps = [#id, #scalar],
    iterator_types = ["reduction", "reduction"]}
    ins(%logits : tensor<2x8xf32>) outs(%zero0 : tensor<f32>) {
  ^bb0(%p: f32, %out: f32):
    %q = arith.mulf %p, %p : f32
    %s = arith.addf %out, %q : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %loss, %logits : tensor<f32>, tensor<2x8xf32>
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>

// A value that is used twice has its adjoints added up (e^x and x e^x, which is
// the loss). Scalars need no tensors.
// CHECK: func.func @model_gradient(
// CHECK-SAME: %[[Q:[^:]+]]: f32, %[[X:[^:]+]]: f32 {pixelfly.parameter
// CHECK: %[[E:.*]] = math.exp %[[X]]
// CHECK: %[[LOSS:.*]] = arith.mulf %[[E]], %[[X]]
// CHECK: %[[DX:.*]] = arith.addf %[[E]], %[[LOSS]]
// CHECK: return %[[LOSS]], %[[DX]] : f32, f32
func.func @model(%q: f32, %x: f32 {pixelfly.parameter = #p})
    -> (f32 {pixelfly.output = "loss"}) {
  %e = math.exp %x : f32
  %loss = arith.mulf %e, %x : f32
  return %loss : f32
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>

// Ops that do not lie between a parameter and the loss need no rule: a call on
// an input, an op that makes integers of an active value.
// CHECK: func.func @model_gradient(
// CHECK-SAME: %[[X:[^:]+]]: f32 {pixelfly.parameter
// CHECK-SAME: %[[Q:[^:]+]]: f32)
// CHECK: %[[C:.*]] = call @g(%[[Q]])
// CHECK: %[[I:.*]] = arith.fptosi %[[X]]
// CHECK: %[[S:.*]] = arith.sitofp %[[I]]
// CHECK: %[[T:.*]] = arith.mulf %[[S]], %[[C]]
// CHECK: %[[LOSS:.*]] = arith.mulf %[[T]], %[[X]]
// CHECK: return %[[LOSS]], %[[T]] : f32, f32
func.func private @g(f32) -> f32
func.func @model(%x: f32 {pixelfly.parameter = #p}, %q: f32)
    -> (f32 {pixelfly.output = "loss"}) {
  %c = call @g(%q) : (f32) -> f32
  %i = arith.fptosi %x : f32 to i32
  %s = arith.sitofp %i : i32 to f32
  %t = arith.mulf %s, %c : f32
  %loss = arith.mulf %t, %x : f32
  return %loss : f32
}
