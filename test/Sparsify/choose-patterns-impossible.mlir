// RUN: not pixelfly-opt %s --pixelfly-choose-patterns="block=8" 2>&1 \
// RUN:   | FileCheck %s
// RUN: pixelfly-opt %s --pixelfly-choose-patterns="block=8 density=0.5" \
// RUN:   | FileCheck %s --check-prefix=POSSIBLE

// A budget below the sparsest patterns of the layers.

// CHECK: error: impossible budget: the layers may cost 256 parameters of 1024 parameters, but with their sparsest patterns (blocks of 8) they cost 512 parameters, 50.00 %; raise the budget, or exclude layers{{$}}
// POSSIBLE: used = 512
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
func.func @model(%w: tensor<64x16xf32> {pixelfly.parameter = #weight},
                 %x: tensor<4x64xf32>) -> tensor<4x16xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x16xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x16xf32>) -> tensor<4x16xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x64xf32>, tensor<64x16xf32>)
    outs(%init : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %y : tensor<4x16xf32>
}
