// RUN: pixelfly-opt %s --pixelfly-sparsify="block=8 density=0.5 type=bf16" 2>&1 | FileCheck %s --check-prefix=TYPE
// RUN: pixelfly-opt %s --pixelfly-sparsify="block=8 density=0.5 type=f32 min-elements=4096" 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: pixelfly-opt %s --pixelfly-sparsify="block=8 density=0.5 max-elements=1024" 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: pixelfly-opt %s --pixelfly-sparsify="block=8 density=0.5 type=f64" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not pixelfly-opt %s --pixelfly-sparsify="block=8 density=0.5 min-elements=5000 require-sparse" 2>&1 | FileCheck %s --check-prefix=REQUIRED

// Layers can be selected by the type and the size of their weights. Those that are
// not asked for are not remarked on.

// TYPE-NOT: layer '{{small|large}}'
// TYPE: layer 'half': 32 x 32
// TYPE-NOT: layer '{{small|large}}'
// LARGE-NOT: layer '{{small|half}}'
// LARGE: layer 'large': 64 x 64
// LARGE-NOT: layer '{{small|half}}'
// SMALL-NOT: layer 'large'
// SMALL: layer 'small': 32 x 32
// SMALL: layer 'half': 32 x 32
// SMALL-NOT: layer 'large'

// Where that leaves none, a remark says so; an error where one is required.
// NONE: remark: no layer of @model has a weight of the type and size that the options type, min-elements and max-elements ask for; change the options
// NONE-NOT: pixelfly.linear
// REQUIRED: error: no layer of @model has a weight of the type and size
#small = #pixelfly.parameter<name = "small.weight", init = <normal, 0.1 : f64>, decay = true>
#large = #pixelfly.parameter<name = "large.weight", init = <normal, 0.1 : f64>, decay = true>
#half = #pixelfly.parameter<name = "half.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%small: tensor<32x32xf32> {pixelfly.parameter = #small},
                 %large: tensor<64x64xf32> {pixelfly.parameter = #large},
                 %half: tensor<32x32xbf16> {pixelfly.parameter = #half},
                 %x: tensor<4x32xf32>, %y: tensor<4x64xf32>, %z: tensor<4x32xbf16>)
    -> (tensor<4x32xf32>, tensor<4x64xf32>, tensor<4x32xbf16>) {
  %xi = arith.constant dense<0.0> : tensor<4x32xf32>
  %yi = arith.constant dense<0.0> : tensor<4x64xf32>
  %zi = arith.constant dense<0.0> : tensor<4x32xbf16>
  %a = linalg.matmul ins(%x, %small : tensor<4x32xf32>, tensor<32x32xf32>)
    outs(%xi : tensor<4x32xf32>) -> tensor<4x32xf32>
  %b = linalg.matmul ins(%y, %large : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%yi : tensor<4x64xf32>) -> tensor<4x64xf32>
  %c = linalg.matmul ins(%z, %half : tensor<4x32xbf16>, tensor<32x32xbf16>)
    outs(%zi : tensor<4x32xbf16>) -> tensor<4x32xbf16>
  return %a, %b, %c : tensor<4x32xf32>, tensor<4x64xf32>, tensor<4x32xbf16>
}
