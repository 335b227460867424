// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:     --pixelfly-sparsify="block=8 density=0.5" | FileCheck %s

// A caller that hands its own argument on as the weight changes with the function,
// and so do its callers.

// CHECK: func.func @model(%{{.+}}: tensor<16x8x8xf32> {{.+}}, %{{.+}}: tensor<64x8xf32> {{.+}}, %{{.+}}: tensor<64x8xf32> {{.+}}, %{{.+}}: tensor<f32> {{.+}}, %{{.+}}: tensor<4x64xf32>)

// The parameter of the caller has a name of its own.
// CHECK: func.func @twice(
// CHECK-SAME: %[[X:[^:]+]]: tensor<4x64xf32>,
// CHECK-SAME: %[[W:[^:]+]]: tensor<16x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "outer.weight"
// CHECK-SAME: %[[U:[^:]+]]: tensor<64x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "outer.u"
// CHECK-SAME: %[[V:[^:]+]]: tensor<64x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "outer.v"
// CHECK-SAME: %[[GAMMA:[^:]+]]: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<name = "outer.gamma"
// CHECK: call @model(%[[W]], %[[U]], %[[V]], %[[GAMMA]], %[[X]])

// CHECK: func.func @outermost(%[[W:.+]]: tensor<16x8x8xf32>, %[[U:.+]]: tensor<64x8xf32>, %[[V:.+]]: tensor<64x8xf32>, %[[GAMMA:.+]]: tensor<f32>, %[[X:.+]]: tensor<4x64xf32>)
// CHECK: call @twice(%[[X]], %[[W]], %[[U]], %[[V]], %[[GAMMA]])
func.func @model(
    %w: tensor<64x64xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>},
    %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>)
    -> tensor<4x64xf32>
  // expected-remark@below {{layer 'fc': 64 x 64, block 8, 8 cells (2x2x2), 1 factor, rank 8, 16 blocks, density 0.5000, parameters 4096 -> 2049}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
func.func @twice(
    %x: tensor<4x64xf32>,
    %w: tensor<64x64xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "outer.weight", init = <normal, 0.1 : f64>, decay = true>})
    -> tensor<4x64xf32> {
  %y = call @model(%w, %x)
    : (tensor<64x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
func.func @outermost(%w: tensor<64x64xf32>, %x: tensor<4x64xf32>)
    -> tensor<4x64xf32> {
  %y = call @twice(%x, %w)
    : (tensor<4x64xf32>, tensor<64x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A caller that computes the weight cannot give its blocks: nothing changes.

// CHECK: func.func @model(%{{.+}}: tensor<64x64xf32> {{.+}}, %{{.+}}: tensor<4x64xf32>)
// CHECK: linalg.matmul
func.func @model(
    %w: tensor<64x64xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>},
    %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>)
    -> tensor<4x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: a call of @model passes a weight that is not an argument of the caller used only there}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
func.func @ones(%x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %w = arith.constant dense<1.0> : tensor<64x64xf32>
  %y = call @model(%w, %x)
    : (tensor<64x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// -----

// A reference that is no call.

func.func @model(
    %w: tensor<64x64xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "fc.weight", init = <normal, 0.1 : f64>, decay = true>},
    %x: tensor<4x64xf32>) -> tensor<4x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x64xf32>)
    -> tensor<4x64xf32>
  // expected-remark@below {{layer 'fc' stays dense: 'func.constant' refers to @model, whose arguments would change}}
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%init : tensor<4x64xf32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}
func.func @address() {
  // CHECK: constant @model : (tensor<64x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>
  %f = constant @model
    : (tensor<64x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>
  return
}
