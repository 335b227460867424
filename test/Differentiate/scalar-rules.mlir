// RUN: pixelfly-opt %s --split-input-file --pixelfly-differentiate="function=f result=0 arguments=0" \
// RUN:     --cse | FileCheck %s

// That every rule is right is checked with numbers (test/Unit/Differentiate);
// here is how the code looks: results of the forward part are used again.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(%[[X:.*]]: f32)
// CHECK: %[[T:.*]] = math.tanh %[[X]]
// CHECK: %[[R:.*]] = math.sqrt %[[T]]
// CHECK: %[[ONE:.*]] = arith.constant 1.0
// CHECK: %[[Q:.*]] = arith.divf %[[ONE]], %[[R]]
// CHECK: %[[HALF:.*]] = arith.constant 5.0
// CHECK: %[[DT:.*]] = arith.mulf %[[Q]], %[[HALF]]
// CHECK: %[[SQUARE:.*]] = arith.mulf %[[T]], %[[T]]
// CHECK: %[[SLOPE:.*]] = arith.subf %[[ONE]], %[[SQUARE]]
// CHECK: %[[DX:.*]] = arith.mulf %[[DT]], %[[SLOPE]]
// CHECK: return %[[R]], %[[DX]]
func.func @f(%x: f32) -> f32 {
  %t = math.tanh %x : f32
  %r = math.sqrt %t : f32
  return %r : f32
}

// -----

// Constant factors become one: 2/sqrt(pi) sqrt(1/2).
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(%[[X:.*]]: f32)
// CHECK: %[[EXP:.*]] = math.exp
// CHECK: %[[D:.*]] = arith.mulf %{{.*}}, %[[EXP]]
// CHECK: %[[C:.*]] = arith.constant 0.797{{.*}} : f32
// CHECK: %[[DX:.*]] = arith.mulf %[[D]], %[[C]]
// CHECK: return %{{.*}}, %[[DX]]
func.func @f(%x: f32) -> f32 {
  %half = arith.constant 0.70710678 : f32
  %s = arith.mulf %x, %half : f32
  %r = math.erf %s : f32
  return %r : f32
}

// -----

// max(x, 0) has slope 0 at 0.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(%[[X:.*]]: f32)
// CHECK: %[[ZERO:.*]] = arith.constant 0.0
// CHECK: %[[ONE:.*]] = arith.constant 1.0
// CHECK: %[[POSITIVE:.*]] = arith.cmpf ogt, %[[X]], %[[ZERO]]
// CHECK: %[[DX:.*]] = arith.select %[[POSITIVE]], %[[ONE]], %[[ZERO]]
// CHECK: return %{{.*}}, %[[DX]]
func.func @f(%x: f32) -> f32 {
  %zero = arith.constant 0.0 : f32
  %r = arith.maximumf %x, %zero : f32
  return %r : f32
}

// -----

// The adjoint of a step is zero.
// CHECK-LABEL: func.func @f(
// CHECK: func.func @f_gradient(%[[X:.*]]: f32)
// CHECK: %[[R:.*]] = math.floor %[[X]]
// CHECK: %[[ZERO:.*]] = arith.constant 0.0
// CHECK: return %[[R]], %[[ZERO]]
func.func @f(%x: f32) -> f32 {
  %r = math.floor %x : f32
  return %r : f32
}
