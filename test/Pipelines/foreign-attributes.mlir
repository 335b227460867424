// Attributes of dialects that are not here are carried along, or go with the
// operation they stood on; nothing reads them, and nothing fails.
// RUN: pixelfly-opt %s --pixelfly-sparsify="block=8 density=0.5" --pixelfly-differentiate 2>&1 \
// RUN:   | FileCheck %s

// CHECK: module @jit attributes {jax.uses_shape_polymorphism = false, mhlo.num_partitions = 1 : i32}
// CHECK: func.func @model(%{{.*}}: tensor<{{.*}}x8x8xf32> {mhlo.sharding = "{replicated}", pixelfly.parameter =
// CHECK-SAME: attributes {{{.*}}torch.debug_module_path = "fc"}
// CHECK: pixelfly.linear
// CHECK: func.func @model_gradient(
module @jit attributes {mhlo.num_partitions = 1 : i32, jax.uses_shape_polymorphism = false} {
  func.func @model(
      %w: tensor<32x32xf32> {mhlo.sharding = "{replicated}", pixelfly.parameter =
        #pixelfly.parameter<name = "fc.weight", init = <uniform, 0.1 : f64>, decay = true>},
      %x: tensor<4x32xf32> {tf.aliasing_output = 0 : i32, pixelfly.input = "x"})
      -> (tensor<f32> {jax.result_info = "result", pixelfly.output = "loss"})
      attributes {torch.debug_module_path = "fc"} {
    %zero = arith.constant dense<0.0> : tensor<4x32xf32>
    %y = linalg.matmul {torch.onnx_meta = "gemm"}
      ins(%x, %w : tensor<4x32xf32>, tensor<32x32xf32>)
      outs(%zero : tensor<4x32xf32>) -> tensor<4x32xf32>
    %row = tensor.collapse_shape %y [[0, 1]] : tensor<4x32xf32> into tensor<128xf32>
    %none = arith.constant dense<0.0> : tensor<f32>
    %loss = linalg.dot {mhlo.frontend_attributes = {}} ins(%row, %row : tensor<128xf32>, tensor<128xf32>)
      outs(%none : tensor<f32>) -> tensor<f32>
    return %loss : tensor<f32>
  }
}
