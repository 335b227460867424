// The layer that a gate mixes, and its gradient: the numbers of the authors'
// layer (4 x 4, blocks of one element), each of which is here the first element
// of a block of 8 x 8. Everything else is zero.
//
// RUN: split-file %s %t
// RUN: pixelfly-opt %t/f.mlir --pixelfly-differentiate="function=f result=0 arguments=0,1,2,3,4,5,6" \
// RUN:   | sed 's/^}$//' > %t/program.mlir
// RUN: cat %t/main.mlir >> %t/program.mlir
// RUN: pixelfly-opt %t/program.mlir --pixelfly-to-llvm=plain-loops \
// RUN:   | mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s
// RUN: pixelfly-opt %t/program.mlir --pixelfly-to-llvm \
// RUN:   | mlir-runner -e main -entry-point-result=void -O3 %runner_libs | FileCheck %s

// The result: -1.49, 0.277582936, 0.832442583, -1.564885165.
// CHECK: [-1.49, {{ *}}0.27758{{[0-9]*}}, {{ *}}0.83244{{[0-9]*}}, {{ *}}-1.5648{{[0-9]*}}]
// Of the input.
// CHECK: [0.12600{{[0-9]*}}, {{ *}}-1.9653{{[0-9]*}}, {{ *}}2.5488{{[0-9]*}}, {{ *}}2.0907{{[0-9]*}}]
// Of the blocks, in storage order: the diagonal block of a block row comes first.
// CHECK: [0.31002{{[0-9]*}}, {{ *}}0.62005{{[0-9]*}}, {{ *}}-0.62005{{[0-9]*}}, {{ *}}-0.31002{{[0-9]*}}, {{ *}}-0.15501{{[0-9]*}}, {{ *}}0.077506{{[0-9]*}}, {{ *}}0.31002{{[0-9]*}}, {{ *}}-0.62005{{[0-9]*}}]
// Of U and V.
// CHECK: [-1.0349{{[0-9]*}}, {{ *}}1.0349{{[0-9]*}}, {{ *}}-0.51748{{[0-9]*}}, {{ *}}-2.0699{{[0-9]*}}]
// CHECK: [2.7599, {{ *}}5.5198, {{ *}}-2.7599, {{ *}}1.3799{{[0-9]*}}]
// Of the gate's weight and bias, and of the bias.
// CHECK: [-0.98933{{[0-9]*}}, {{ *}}-1.9786{{[0-9]*}}, {{ *}}0.98933{{[0-9]*}}, {{ *}}-0.49466{{[0-9]*}}]
// CHECK: [-0.98933{{[0-9]*}}]
// CHECK: [1, {{ *}}-1, {{ *}}0.5, {{ *}}2]

//--- f.mlir
#p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8, radices = [2, 2], factors = 1>
#mn = affine_map<(m, n) -> (m, n)>
#none = affine_map<(m, n) -> ()>

// The layer's result times `dy`, summed: `dy` is the adjoint of the result.
func.func @f(%x: tensor<1x32xf32>, %w: tensor<8x8x8xf32>, %u: tensor<32x1xf32>,
             %v: tensor<32x1xf32>, %gate_weight: tensor<32xf32>,
             %gate_bias: tensor<f32>, %bias: tensor<32xf32>,
             %dy: tensor<1x32xf32>) -> (tensor<f32>, tensor<1x32xf32>) {
  %e = tensor.empty() : tensor<1x32xf32>
  %y = pixelfly.linear ins(%x, %w : tensor<1x32xf32>, tensor<8x8x8xf32>)
         low_rank(%u, %v : tensor<32x1xf32>, tensor<32x1xf32>)
         gate(%gate_weight, %gate_bias : tensor<32xf32>, tensor<f32>)
         bias(%bias : tensor<32xf32>)
         outs(%e : tensor<1x32xf32>) pattern #p -> tensor<1x32xf32>
  %zero = arith.constant 0.0 : f32
  %e0 = tensor.empty() : tensor<f32>
  %z0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#mn, #mn, #none], iterator_types = ["reduction", "reduction"]}
      ins(%y, %dy : tensor<1x32xf32>, tensor<1x32xf32>) outs(%z0 : tensor<f32>) {
  ^bb0(%a: f32, %b: f32, %s: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %s, %m : f32
    linalg.yield %r : f32
  } -> tensor<f32>
  return %sum, %y : tensor<f32>, tensor<1x32xf32>
}

//--- main.mlir
func.func private @printMemrefF32(tensor<*xf32>)

// The numbers, eight apart.
func.func @spread(%values: tensor<4xf32>) -> tensor<32xf32> {
  %zeros = arith.constant dense<0.0> : tensor<32xf32>
  %r = tensor.insert_slice %values into %zeros[0] [4] [8] : tensor<4xf32> into tensor<32xf32>
  return %r : tensor<32xf32>
}

func.func @print(%spread: tensor<32xf32>) {
  %values = tensor.extract_slice %spread[0] [4] [8] : tensor<32xf32> to tensor<4xf32>
  %any = tensor.cast %values : tensor<4xf32> to tensor<*xf32>
  call @printMemrefF32(%any) : (tensor<*xf32>) -> ()
  return
}

func.func @main() {
  %x4 = arith.constant dense<[1.0, 2.0, -1.0, 0.5]> : tensor<4xf32>
  %w8 = arith.constant dense<[0.5, -1.0, 0.25, 2.0, 1.0, 0.5, 1.5, -0.75]> : tensor<8xf32>
  %u4 = arith.constant dense<[1.0, 0.5, -1.0, 2.0]> : tensor<4xf32>
  %v4 = arith.constant dense<[0.25, -0.5, 1.0, 0.5]> : tensor<4xf32>
  %g4 = arith.constant dense<[0.1, 0.2, -0.1, 0.3]> : tensor<4xf32>
  %gate_bias = arith.constant dense<0.05> : tensor<f32>
  %b4 = arith.constant dense<[0.01, 0.02, 0.03, 0.04]> : tensor<4xf32>
  %dy4 = arith.constant dense<[1.0, -1.0, 0.5, 2.0]> : tensor<4xf32>
  %x32 = call @spread(%x4) : (tensor<4xf32>) -> tensor<32xf32>
  %u32 = call @spread(%u4) : (tensor<4xf32>) -> tensor<32xf32>
  %v32 = call @spread(%v4) : (tensor<4xf32>) -> tensor<32xf32>
  %gate_weight = call @spread(%g4) : (tensor<4xf32>) -> tensor<32xf32>
  %bias = call @spread(%b4) : (tensor<4xf32>) -> tensor<32xf32>
  %dy32 = call @spread(%dy4) : (tensor<4xf32>) -> tensor<32xf32>
  %x = tensor.expand_shape %x32 [[0, 1]] output_shape [1, 32] : tensor<32xf32> into tensor<1x32xf32>
  %dy = tensor.expand_shape %dy32 [[0, 1]] output_shape [1, 32] : tensor<32xf32> into tensor<1x32xf32>
  %u = tensor.expand_shape %u32 [[0, 1]] output_shape [32, 1] : tensor<32xf32> into tensor<32x1xf32>
  %v = tensor.expand_shape %v32 [[0, 1]] output_shape [32, 1] : tensor<32xf32> into tensor<32x1xf32>
  %zeros = arith.constant dense<0.0> : tensor<8x8x8xf32>
  %w = tensor.insert_slice %w8 into %zeros[0, 0, 0] [8, 1, 1] [1, 1, 1] : tensor<8xf32> into tensor<8x8x8xf32>

  %r:9 = call @f_gradient(%x, %w, %u, %v, %gate_weight, %gate_bias, %bias, %dy)
    : (tensor<1x32xf32>, tensor<8x8x8xf32>, tensor<32x1xf32>, tensor<32x1xf32>, tensor<32xf32>, tensor<f32>, tensor<32xf32>, tensor<1x32xf32>)
    -> (tensor<f32>, tensor<1x32xf32>, tensor<1x32xf32>, tensor<8x8x8xf32>, tensor<32x1xf32>, tensor<32x1xf32>, tensor<32xf32>, tensor<f32>, tensor<32xf32>)
  %y = tensor.collapse_shape %r#1 [[0, 1]] : tensor<1x32xf32> into tensor<32xf32>
  call @print(%y) : (tensor<32xf32>) -> ()
  %dx = tensor.collapse_shape %r#2 [[0, 1]] : tensor<1x32xf32> into tensor<32xf32>
  call @print(%dx) : (tensor<32xf32>) -> ()
  %dw8 = tensor.extract_slice %r#3[0, 0, 0] [8, 1, 1] [1, 1, 1] : tensor<8x8x8xf32> to tensor<8xf32>
  %dw = tensor.cast %dw8 : tensor<8xf32> to tensor<*xf32>
  call @printMemrefF32(%dw) : (tensor<*xf32>) -> ()
  %du = tensor.collapse_shape %r#4 [[0, 1]] : tensor<32x1xf32> into tensor<32xf32>
  call @print(%du) : (tensor<32xf32>) -> ()
  %dv = tensor.collapse_shape %r#5 [[0, 1]] : tensor<32x1xf32> into tensor<32xf32>
  call @print(%dv) : (tensor<32xf32>) -> ()
  call @print(%r#6) : (tensor<32xf32>) -> ()
  %dc = tensor.cast %r#7 : tensor<f32> to tensor<*xf32>
  call @printMemrefF32(%dc) : (tensor<*xf32>) -> ()
  call @print(%r#8) : (tensor<32xf32>) -> ()
  return
}
} // the module of f.mlir
