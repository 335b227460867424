// An error leaves the module as it was, although the adjoint of the last op has
// been emitted when the first one turns out to have no rule.
// RUN: not pixelfly-opt %s --pixelfly-differentiate --mlir-print-ir-after-failure 2>&1 | FileCheck %s

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>

// CHECK: error: 'math.fpowi' op has no differentiation rule
// CHECK: IR Dump After Differentiate Failed
// CHECK: func.func @model(
// CHECK-NEXT: math.fpowi
// CHECK-NEXT: math.exp
// CHECK-NEXT: return
// CHECK-NOT: func.func
func.func @model(%x: f32 {pixelfly.parameter = #p}, %n: i32)
    -> (f32 {pixelfly.output = "loss"}) {
  %y = math.fpowi %x, %n : f32, i32
  %loss = math.exp %y : f32
  return %loss : f32
}
