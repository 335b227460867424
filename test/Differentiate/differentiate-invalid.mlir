// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics --pixelfly-differentiate

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
func.func @model(%x: tensor<4xf32> {pixelfly.parameter = #p},
                 %i: tensor<?x1xindex>)
    -> (f32 {pixelfly.output = "loss"}) {
  // Only gathers of static shape are expanded.
  // expected-error @below {{'tensor.gather' op has no differentiation rule; express it in linalg, tensor, arith and math ops, or implement DifferentiableOpInterface for it}}
  %g = tensor.gather %x[%i] gather_dims([0])
      : (tensor<4xf32>, tensor<?x1xindex>) -> tensor<?xf32>
  %c0 = arith.constant 0 : index
  %loss = tensor.extract %g[%c0] : tensor<?xf32>
  return %loss : f32
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
#id = affine_map<(i) -> (i)>
func.func @model(%x: tensor<4xf32> {pixelfly.parameter = #p})
    -> (f32 {pixelfly.output = "loss"}) {
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %n = arith.constant 3 : i32
    // expected-error @below {{'math.fpowi' op has no differentiation rule}}
    %p = math.fpowi %a, %n : f32, i32
    linalg.yield %p : f32
  } -> tensor<4xf32>
  %c0 = arith.constant 0 : index
  %loss = tensor.extract %y[%c0] : tensor<4xf32>
  return %loss : f32
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
func.func private @g(%a: f32) -> f32 {
  return %a : f32
}
func.func @model(%x: f32 {pixelfly.parameter = #p})
    -> (f32 {pixelfly.output = "loss"}) {
  // expected-error @below {{'func.call' op has no differentiation rule; inline the callee first (--inline)}}
  %y = call @g(%x) : (f32) -> f32
  return %y : f32
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
func.func @model(%x: f32 {pixelfly.parameter = #p}, %c: i1)
    -> (f32 {pixelfly.output = "loss"}) {
  // expected-error @below {{'scf.if' op has no differentiation rule}}
  %y = scf.if %c -> f32 {
    scf.yield %x : f32
  } else {
    %z = arith.constant 0.0 : f32
    scf.yield %z : f32
  }
  return %y : f32
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
#id = affine_map<(i) -> (i)>
// expected-note @below {{the value is defined here}}
func.func @model(%x: f32 {pixelfly.parameter = #p}, %t: tensor<4xf32>)
    -> (f32 {pixelfly.output = "loss"}) {
  %e = tensor.empty() : tensor<4xf32>
  // expected-error @below {{'linalg.generic' op has no differentiation rule for a value that its region reads from outside; pass the value as an operand}}
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%t : tensor<4xf32>) outs(%e : tensor<4xf32>) {
  ^bb0(%a: f32, %out: f32):
    %p = arith.mulf %a, %x : f32
    linalg.yield %p : f32
  } -> tensor<4xf32>
  %c0 = arith.constant 0 : index
  %loss = tensor.extract %y[%c0] : tensor<4xf32>
  return %loss : f32
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
func.func @model(%x: f32 {pixelfly.parameter = #p}, %buffer: memref<1xf32>)
    -> (f32 {pixelfly.output = "loss"}) {
  %c0 = arith.constant 0 : index
  // expected-error @below {{'memref.store' op has side effects on a value that depends on a differentiated argument; differentiate functions on tensors, before bufferization}}
  memref.store %x, %buffer[%c0] : memref<1xf32>
  %y = memref.load %buffer[%c0] : memref<1xf32>
  return %y : f32
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
#id = affine_map<(i) -> (i)>
#all = affine_map<(i) -> ()>
func.func @model(%x: tensor<4xf32> {pixelfly.parameter = #p})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  %one = arith.constant dense<1.0> : tensor<f32>
  // expected-error @below {{'linalg.generic' op has no differentiation rule for result 0: a reduction must be a sum, a maximum or a minimum of terms that do not read the accumulator}}
  %y = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction"]}
      ins(%x : tensor<4xf32>) outs(%one : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %p = arith.mulf %a, %out : f32
    linalg.yield %p : f32
  } -> tensor<f32>
  return %y : tensor<f32>
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
#id = affine_map<(i) -> (i)>
#all = affine_map<(i) -> ()>
func.func @model(%x: tensor<4xf32> {pixelfly.parameter = #p})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  %zero = arith.constant dense<0.0> : tensor<f32>
  // expected-error @below {{'linalg.generic' op has no differentiation rule for result 1: it reads the accumulator of result 0}}
  %y:2 = linalg.generic {
    indexing_maps = [#id, #all, #all], iterator_types = ["reduction"]}
    ins(%x : tensor<4xf32>) outs(%zero, %zero : tensor<f32>, tensor<f32>) {
  ^bb0(%a: f32, %sum: f32, %squares: f32):
    %s = arith.addf %sum, %a : f32
    %p = arith.mulf %s, %s : f32
    %q = arith.addf %squares, %p : f32
    linalg.yield %s, %q : f32, f32
  } -> (tensor<f32>, tensor<f32>)
  return %y#1 : tensor<f32>
}

// -----

#p = #pixelfly.parameter<name = "p", init = <constant, 1.0 : f64>, decay = false>
func.func @model(%x: tensor<7xf32> {pixelfly.parameter = #p}, %k: tensor<3xf32>)
    -> (f32 {pixelfly.output = "loss"}) {
  %z = arith.constant dense<0.0> : tensor<5xf32>
  // expected-error @below {{'linalg.conv_1d' op has no differentiation rule for operand 0: its indexing map affine_map<(d0, d1) -> (d0 + d1)> is not a projected permutation}}
  %y = linalg.conv_1d ins(%x, %k : tensor<7xf32>, tensor<3xf32>)
         outs(%z : tensor<5xf32>) -> tensor<5xf32>
  %c0 = arith.constant 0 : index
  %loss = tensor.extract %y[%c0] : tensor<5xf32>
  return %loss : f32
}

// -----

// expected-error @below {{no function @model to differentiate; name one with function=NAME}}
module {
  func.func @other(%x: f32) -> f32 {
    return %x : f32
  }
}

// -----

// expected-error @below {{cannot differentiate a function without a body}}
func.func private @model(f32) -> f32

// -----

// expected-error @below {{cannot differentiate a function with several blocks}}
func.func @model(%x: f32) -> f32 {
  cf.br ^bb1
^bb1:
  return %x : f32
}

// -----

func.func private @model_gradient(f32)
// expected-error @below {{cannot add the gradient function: a symbol @model_gradient exists already; erase or rename it}}
func.func @model(%x: f32) -> f32 {
  return %x : f32
}

// -----

// expected-error @below {{no result has pixelfly.output = "loss"; mark the loss or name a result to differentiate}}
func.func @model(%x: f32) -> f32 {
  return %x : f32
}

// -----

// expected-error @below {{cannot differentiate result 0 of type 'tensor<4xf32>'; it must be a float or a rank-0 tensor of one}}
func.func @model(%x: tensor<4xf32>)
    -> (tensor<4xf32> {pixelfly.output = "loss"}) {
  return %x : tensor<4xf32>
}

// -----

// expected-error @below {{no argument has pixelfly.parameter; mark the parameters or name arguments to differentiate with respect to}}
func.func @model(%x: f32) -> (f32 {pixelfly.output = "loss"}) {
  return %x : f32
}
