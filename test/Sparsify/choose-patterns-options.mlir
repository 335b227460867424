// RUN: split-file %s %t
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="measure=multiply-adds density=0.5" | FileCheck %s --check-prefix=ADDS
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="measure=time density=0.5" | FileCheck %s --check-prefix=TIME
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="amount=8192 block=8" | FileCheck %s --check-prefix=AMOUNT
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="amount=8192 block=8 mix=gate" | FileCheck %s --check-prefix=GATE
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="amount=8192 block=8 mix=gate measure=multiply-adds" | FileCheck %s --check-prefix=GATE-ADDS
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="density=0.5 block=8" | FileCheck %s --check-prefix=SHARE
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="density=0.5 block=8 mix=gate" | FileCheck %s --check-prefix=SHARE-GATE
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="amount=16384" 2>&1 | FileCheck %s --check-prefix=ENOUGH
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="block=8" | FileCheck %s --check-prefix=BLOCK
// RUN: pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="block=32 min-block=16 density=0.15 low-rank-share=0" | FileCheck %s --check-prefix=SMALLER
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="block=64" 2>&1 | FileCheck %s --check-prefix=TARGET
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="block=16 min-block=32" 2>&1 | FileCheck %s --check-prefix=ORDER
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="min-block=12" 2>&1 | FileCheck %s --check-prefix=MIN
// RUN: not pixelfly-opt %t/model.mlir --pixelfly-choose-patterns="amount=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE

// What a budget counts, and the blocks that it may be spent on: by default the
// one that the target likes best.

// One input an example.
// ADDS: pixelfly.budget = #pixelfly.budget<multiply_adds, dense = 16384, limit = 8192, used = 8192,
// TIME: pixelfly.budget = #pixelfly.budget<time, dense = [[DENSE:[0-9]+]], limit = {{[0-9]+}}, used = {{[0-9]+}},
// Rank 8 and six blocks in each row are half of the weights. The mixing scalar
// is no weight, but it is a parameter of the amount.
// SHARE: pixelfly.budget = #pixelfly.budget<parameters, dense = 16384, limit = 8192, used = 8192,
// AMOUNT: pixelfly.budget = #pixelfly.budget<parameters, dense = 16384, limit = 8192, used = 7169,
// A gate has as many as the input features, one more, and multiplies by them.
// SHARE-GATE: pixelfly.budget = #pixelfly.budget<parameters, dense = 16384, limit = 8192, used = 7297,
// GATE: pixelfly.budget = #pixelfly.budget<parameters, dense = 16384, limit = 8192, used = 7297,
// GATE-ADDS: pixelfly.budget = #pixelfly.budget<multiply_adds, dense = 16384, limit = 8192, used = 7296,
// ENOUGH: remark: nothing becomes sparse: the budget is no less than what the function costs dense, 16384 parameters
// ENOUGH-NOT: pixelfly.choice
// BLOCK: block = 8
// SMALLER: block = 16
// TARGET: error: target '{{.*}}' has no kernels for blocks of 64; it has them for 32, 16, 8
// ORDER: error: option min-block, 32, is larger than the block, 16
// MIN: error: option min-block must be 8, 16, 32, 64 or 128, or 0 for the default, but is 12
// NEGATIVE: error: option amount must be positive, or 0 for a budget by density, but is -1

//--- model.mlir
#weight = #pixelfly.parameter<name = "fc.weight", init = <normal, 0.1 : f64>,
                              decay = true>
module attributes {dlti.target_system_spec = #dlti.target_system_spec<
    "CPU" = #dlti.target_device_spec<"block_sizes" = array<i64: 32, 16, 8>>>} {
  func.func @model(%w: tensor<128x128xf32> {pixelfly.parameter = #weight},
                   %x: tensor<4x128xf32> {pixelfly.input = "x"})
      -> tensor<4x128xf32> {
    %zero = arith.constant 0.0 : f32
    %empty = tensor.empty() : tensor<4x128xf32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<4x128xf32>)
      -> tensor<4x128xf32>
    %y = linalg.matmul ins(%x, %w : tensor<4x128xf32>, tensor<128x128xf32>)
      outs(%init : tensor<4x128xf32>) -> tensor<4x128xf32>
    return %y : tensor<4x128xf32>
  }
}
