// RUN: pixelfly-opt %s --split-input-file \
// RUN:   --pixelfly-mark-parameters="inputs=arg1,arg2 outputs=loss" | FileCheck %s

// Matrices are drawn by their last dimension and decayed, vectors start at zero.

// CHECK-LABEL: func.func @model(
// CHECK-SAME:    %{{.*}}: tensor<64x16xf32> {pixelfly.parameter = #pixelfly.parameter<name = "arg0", init = <uniform, 2.500000e-01 : f64>, decay = true>},
// CHECK-SAME:    %{{.*}}: tensor<4x16xf32> {pixelfly.input = "arg1"},
// CHECK-SAME:    %{{.*}}: tensor<4xi32> {pixelfly.input = "arg2"},
// CHECK-SAME:    %{{.*}}: tensor<64xf32> {pixelfly.parameter = #pixelfly.parameter<name = "arg3", init = <constant, 0.000000e+00 : f64>, decay = false>})
// CHECK-SAME:    -> (tensor<f32> {pixelfly.output = "loss"}, tensor<64xf32>)
func.func @model(%arg0: tensor<64x16xf32>, %arg1: tensor<4x16xf32>,
                 %arg2: tensor<4xi32>, %arg3: tensor<64xf32>)
    -> (tensor<f32>, tensor<64xf32>) {
  %loss = arith.constant dense<0.0> : tensor<f32>
  return %loss, %arg3 : tensor<f32>, tensor<64xf32>
}

// -----

// What is marked already stays as it is.

// CHECK-LABEL: func.func @model(
// CHECK-SAME:    %{{.*}}: tensor<8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "scale", init = <constant, 1.000000e+00 : f64>, decay = false>},
// CHECK-SAME:    %{{.*}}: tensor<8xf32> {pixelfly.input = "arg1"},
// CHECK-SAME:    %{{.*}}: tensor<8xf32> {pixelfly.input = "arg2"})
func.func @model(
    %arg0: tensor<8xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "scale", init = <constant, 1.0 : f64>, decay = false>},
    %arg1: tensor<8xf32>, %arg2: tensor<8xf32>) -> tensor<f32> {
  %loss = arith.constant dense<0.0> : tensor<f32>
  return %loss : tensor<f32>
}
