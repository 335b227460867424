// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pixelfly-verify-phase=phase=import

// What the import phase promises passes; private functions may be there.
module {
  func.func private @helper(%x: tensor<f32>) -> tensor<f32> {
    return %x : tensor<f32>
  }
  func.func @model(%x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "loss"}) {
    %0 = math.exp %x : tensor<f32>
    return %0 : tensor<f32>
  }
}

// -----

// expected-error @+1 {{after phase 'import' there must be a function @model; name the function that computes the loss so}}
module {
  func.func @other() {
    return
  }
}

// -----

module {
  // expected-error @+1 {{after phase 'import' @model must have a body; name the function that computes the loss so}}
  func.func private @model(tensor<f32>) -> tensor<f32>
}

// -----

module {
  func.func @model(%x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "loss"}) {
    return %x : tensor<f32>
  }
  // expected-error @+1 {{public function @other is not promised by phase 'import'; make it private or erase it}}
  func.func @other() {
    return
  }
}

// -----

module {
  // expected-error @+1 {{no result of @model is the loss; give one the attribute {pixelfly.output = "loss"}}}
  func.func @model(%x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "logits"}) {
    return %x : tensor<f32>
  }
}

// -----

module {
  // expected-error @+1 {{the loss (result 0) of @model must be a rank-0 tensor of floats, but is 'tensor<4xf32>'; reduce it to one number}}
  func.func @model(%x: tensor<4xf32>) -> (tensor<4xf32> {pixelfly.output = "loss"}) {
    return %x : tensor<4xf32>
  }
}

// -----

// A pixelfly operation does not exist yet.
#p = #pixelfly.flat_butterfly<rows = 8, cols = 8, block = 8, radices = [], factors = 0>
module {
  func.func @model(%x: tensor<f32>, %w: tensor<1x8x8xf32>)
      -> (tensor<f32> {pixelfly.output = "loss"}, tensor<8x8xf32>) {
    // expected-error @+1 {{operation 'pixelfly.to_dense' may not be left after phase 'import'}}
    %0 = pixelfly.to_dense %w : tensor<1x8x8xf32> pattern #p -> tensor<8x8xf32>
    return %x, %0 : tensor<f32>, tensor<8x8xf32>
  }
}

// -----

// No phase takes control flow.
module {
  func.func @model(%c: i1, %x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "loss"}) {
    // expected-error @+1 {{operation 'scf.if' may not be left after phase 'import'}}
    %0 = scf.if %c -> tensor<f32> {
      scf.yield %x : tensor<f32>
    } else {
      scf.yield %x : tensor<f32>
    }
    return %0 : tensor<f32>
  }
}

// -----

module {
  func.func @model(%x: tensor<4xf32>, %loss: tensor<f32>)
      -> (tensor<f32> {pixelfly.output = "loss"}, tensor<?xf32>) {
    // expected-error @+1 {{has a result of dynamic shape, 'tensor<?xf32>'; every shape must be static: dimension 0 is dynamic; write its size into the type}}
    %0 = tensor.cast %x : tensor<4xf32> to tensor<?xf32>
    return %loss, %0 : tensor<f32>, tensor<?xf32>
  }
}

// -----

module {
  // expected-error @+1 {{argument 1 of @model has a dynamic shape, 'tensor<?xf32>'; every shape must be static: dimension 0 is dynamic; write its size into the type}}
  func.func @model(%x: tensor<f32>, %y: tensor<?xf32>) -> (tensor<f32> {pixelfly.output = "loss"}) {
    return %x : tensor<f32>
  }
}
