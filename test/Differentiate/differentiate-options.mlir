// RUN: pixelfly-opt %s --pixelfly-differentiate="function=f result=1 arguments=2,0" --canonicalize \
// RUN:   | FileCheck %s

// Gradients come in argument order, whatever the order of the option.
// CHECK: func.func @f_gradient(
// CHECK-SAME: %[[A:[^:]+]]: f32, %[[B:[^:]+]]: f32, %[[C:[^:]+]]: f32) -> (f32, f32, f32, f32)
// CHECK: %[[Y:.*]] = arith.mulf %[[A]], %[[C]] : f32
// CHECK: return %[[B]], %[[Y]], %[[C]], %[[A]] : f32, f32, f32, f32
func.func @f(%a: f32, %b: f32, %c: f32) -> (f32, f32) {
  %y = arith.mulf %a, %c : f32
  return %b, %y : f32, f32
}
