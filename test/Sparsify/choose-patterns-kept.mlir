// RUN: pixelfly-opt %s --pixelfly-choose-patterns="block=8 density=0.5 layers=wide,narrow" 2>&1 | FileCheck %s --check-prefix=NAMED
// RUN: pixelfly-opt %s --pixelfly-choose-patterns="block=8 density=0.5 layers=* exclude=narrow" 2>&1 | FileCheck %s --check-prefix=EXCLUDED
// RUN: pixelfly-opt %s --pixelfly-choose-patterns="block=8 density=0.5" 2>&1 | FileCheck %s --check-prefix=ALL
// RUN: pixelfly-opt %s --pixelfly-choose-patterns="block=8 density=0.5 layers=wide,narrow measure=multiply-adds" 2>&1 | FileCheck %s --check-prefix=ADDS
// RUN: pixelfly-opt %s --pixelfly-choose-patterns="block=8 amount=2368 layers=wide,narrow" 2>&1 | FileCheck %s --check-prefix=AMOUNT
// RUN: not pixelfly-opt %s --pixelfly-choose-patterns="block=8 density=0.15 layers=wide,narrow" 2>&1 | FileCheck %s --check-prefix=IMPOSSIBLE

// A layer that is asked for by name and cannot become sparse is in the budget,
// and the others pay for it.

// NAMED: remark: layer 'narrow' stays dense: it has 5 outputs and 64 inputs, and needs as many as the block of 8 of each; it counts in the budget with all of its 320 parameters
// NAMED: pixelfly.budget<parameters, dense = 4416, limit = 2208, used = 1856, next_step = 512>

// One that is excluded is not, nor is one that nothing names.
// EXCLUDED: pixelfly.budget<parameters, dense = 4096, limit = 2048, used = 2048,
// ALL: remark: layer 'narrow' stays dense: it has 5 outputs and 64 inputs, and needs as many as the block of 8 of each{{$}}
// ALL: pixelfly.budget<parameters, dense = 4096, limit = 2048, used = 2048,

// One input an example for each.
// ADDS: it counts in the budget with all of its 320 multiply-adds
// ADDS: pixelfly.budget<multiply_adds, dense = 4416, limit = 2208, used = 1856,

// Of an amount it is what it always was.
// AMOUNT: pixelfly.budget<parameters, dense = 4416, limit = 2368, used = 2368,

// IMPOSSIBLE: error: impossible budget: the layers may cost 662 parameters of 4416 parameters, but with their sparsest patterns (blocks of 8) and 320 parameters of those that stay dense they cost 832 parameters, 18.84 %; raise the budget, or exclude layers{{$}}
// IMPOSSIBLE: note: layer 'narrow' stays dense: it has 5 outputs
#wide = #pixelfly.parameter<name = "wide.weight", init = <normal, 0.1 : f64>, decay = true>
#narrow = #pixelfly.parameter<name = "narrow.weight", init = <normal, 0.1 : f64>, decay = true>
func.func @model(%v: tensor<64x64xf32> {pixelfly.parameter = #wide},
                 %w: tensor<64x5xf32> {pixelfly.parameter = #narrow},
                 %x: tensor<4x64xf32> {pixelfly.input = "x"}) -> tensor<4x5xf32> {
  %a = arith.constant dense<0.0> : tensor<4x64xf32>
  %b = arith.constant dense<0.0> : tensor<4x5xf32>
  %h = linalg.matmul ins(%x, %v : tensor<4x64xf32>, tensor<64x64xf32>)
    outs(%a : tensor<4x64xf32>) -> tensor<4x64xf32>
  %y = linalg.matmul ins(%h, %w : tensor<4x64xf32>, tensor<64x5xf32>)
    outs(%b : tensor<4x5xf32>) -> tensor<4x5xf32>
  return %y : tensor<4x5xf32>
}
