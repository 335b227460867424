// RUN: pixelfly-opt %s --pixelfly-strip-attributes | FileCheck %s

// Ours go, those of others stay.
// CHECK: module attributes {other.kept = 1 : i64}
module attributes {other.kept = 1 : i64, pixelfly.model = "m"} {
  // CHECK: func.func @f(%[[X:.+]]: tensor<4xf32> {other.kept}) -> (tensor<4xf32> {other.kept}) {
  func.func @f(%x: tensor<4xf32> {other.kept, pixelfly.input = "x"})
      -> (tensor<4xf32> {other.kept, pixelfly.output = "y"})
      attributes {pixelfly.budget = #pixelfly.budget<parameters, dense = 2,
                    limit = 1, used = 1, next_step = 0>} {
    // CHECK-NEXT: %[[Y:.+]] = arith.addf %[[X]], %[[X]] {other.kept} : tensor<4xf32>
    %y = arith.addf %x, %x {other.kept, pixelfly.choice = 1 : i64} : tensor<4xf32>
    // CHECK-NEXT: return %[[Y]]
    return %y : tensor<4xf32>
  }
}
