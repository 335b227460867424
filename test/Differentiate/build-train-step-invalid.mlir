// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics --pixelfly-build-train-step
// RUN: not pixelfly-opt %s --split-input-file --pixelfly-build-train-step="beta2=1" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=BETA
// RUN: not pixelfly-opt %s --split-input-file --pixelfly-build-train-step="epsilon=0" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=EPSILON
// RUN: not pixelfly-opt %s --split-input-file --pixelfly-build-train-step="clip-norm=-1" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=CLIP
// RUN: not pixelfly-opt %s --split-input-file --pixelfly-build-train-step="optimizer=adam" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=KIND

// BETA: error: option 'beta2' of --pixelfly-build-train-step must be in [0, 1), but is 1
// EPSILON: error: option 'epsilon' of --pixelfly-build-train-step must be positive, but is 0
// CLIP: error: option 'clip-norm' of --pixelfly-build-train-step must be 0 (no clipping) or positive, but is -1
// KIND: Cannot find option named 'adam'

// expected-error @below {{has no function @model; name the model function so}}
module {}

// -----

// expected-error @below {{has no function @model_gradient; run --pixelfly-differentiate first}}
module {
  func.func @model() { return }
}

// -----

// expected-error @below {{must have a body of one block to be made part of the train step}}
func.func private @model()

// -----

#w = #pixelfly.parameter<name = "w", init = <uniform, 0.1 : f64>, decay = true>
// expected-error @below {{argument #1 is neither a parameter ('pixelfly.parameter') nor an input ('pixelfly.input')}}
func.func @model(%w: tensor<f32> {pixelfly.parameter = #w}, %x: tensor<f32>)
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  return %w : tensor<f32>
}
func.func @model_gradient(%w: tensor<f32>, %x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  return %w, %x : tensor<f32>, tensor<f32>
}

// -----

// expected-error @below {{has no argument with 'pixelfly.parameter': there is nothing to train}}
func.func @model(%x: tensor<f32> {pixelfly.input = "x"})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  return %x : tensor<f32>
}
func.func @model_gradient(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}

// -----

#w = #pixelfly.parameter<name = "w", init = <uniform, 0.1 : f64>, decay = true>
// expected-error @below {{has no result with 'pixelfly.output' = "loss"}}
func.func @model(%w: tensor<f32> {pixelfly.parameter = #w})
    -> (tensor<f32> {pixelfly.output = "logits"}) {
  return %w : tensor<f32>
}
func.func @model_gradient(%w: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  return %w, %w : tensor<f32>, tensor<f32>
}

// -----

#w = #pixelfly.parameter<name = "w", init = <uniform, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<f32> {pixelfly.parameter = #w})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  return %w : tensor<f32>
}
// expected-error @below {{must take the arguments of @model; derive it with --pixelfly-differentiate}}
func.func @model_gradient(%w: tensor<1xf32>) -> (tensor<1xf32>, tensor<1xf32>) {
  return %w, %w : tensor<1xf32>, tensor<1xf32>
}

// -----

#w = #pixelfly.parameter<name = "w", init = <uniform, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<f32> {pixelfly.parameter = #w})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  return %w : tensor<f32>
}
// expected-error @below {{must return the results of @model and then one gradient per parameter}}
func.func @model_gradient(%w: tensor<f32>) -> tensor<f32> {
  return %w : tensor<f32>
}

// -----

#w = #pixelfly.parameter<name = "w", init = <uniform, 0.1 : f64>, decay = true>
func.func @model(%w: tensor<f32> {pixelfly.parameter = #w})
    -> (tensor<f32> {pixelfly.output = "loss"}) {
  return %w : tensor<f32>
}
func.func @model_gradient(%w: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  return %w, %w : tensor<f32>, tensor<f32>
}
// expected-error @below {{stands where the train step is to be built; rename or remove it}}
func.func @evaluate() { return }
