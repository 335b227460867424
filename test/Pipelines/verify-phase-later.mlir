// RUN: split-file %s %t
// RUN: pixelfly-opt %t/sparsify.mlir --split-input-file --verify-diagnostics --pixelfly-verify-phase=phase=sparsify
// RUN: pixelfly-opt %t/differentiate.mlir --split-input-file --verify-diagnostics --pixelfly-verify-phase=phase=differentiate
// RUN: pixelfly-opt %t/train-step.mlir --split-input-file --verify-diagnostics --pixelfly-verify-phase=phase=train-step
// RUN: pixelfly-opt %t/tile.mlir --split-input-file --verify-diagnostics --pixelfly-verify-phase=phase=tile
// RUN: pixelfly-opt %t/codegen.mlir --split-input-file --verify-diagnostics --pixelfly-verify-phase=phase=codegen

//--- sparsify.mlir

// Layers are there, loops are not.
#p = #pixelfly.flat_butterfly<rows = 8, cols = 8, block = 8, radices = [], factors = 0>
module {
  func.func @model(%loss: tensor<f32>, %x: tensor<4x8xf32>, %w: tensor<1x8x8xf32>)
      -> (tensor<f32> {pixelfly.output = "loss"}, tensor<4x8xf32>) {
    %0 = pixelfly.linear ins(%x, %w : tensor<4x8xf32>, tensor<1x8x8xf32>)
           outs(%x : tensor<4x8xf32>) pattern #p -> tensor<4x8xf32>
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    // expected-error @+1 {{operation 'scf.for' may not be left after phase 'sparsify'}}
    %1 = scf.for %i = %c0 to %c1 step %c1 iter_args(%sum = %0) -> tensor<4x8xf32> {
      scf.yield %sum : tensor<4x8xf32>
    }
    return %loss, %1 : tensor<f32>, tensor<4x8xf32>
  }
}

//--- differentiate.mlir

// The loop that adds up rows passes.
module {
  func.func @model(%x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "loss"}) {
    return %x : tensor<f32>
  }
  func.func @model_gradient(%x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "loss"}, tensor<f32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %0 = scf.for %i = %c0 to %c1 step %c1 iter_args(%sum = %x) -> tensor<f32> {
      scf.yield %sum : tensor<f32>
    }
    return %x, %0 : tensor<f32>, tensor<f32>
  }
}

// -----

// expected-error @+1 {{after phase 'differentiate' there must be a function @model_gradient; run --pixelfly-differentiate}}
module {
  func.func @model(%x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "loss"}) {
    return %x : tensor<f32>
  }
}

//--- train-step.mlir

// expected-error @+1 {{after phase 'train-step' there must be a function @train_step; run --pixelfly-build-train-step}}
module {
  func.func @evaluate() {
    return
  }
}

// -----

module {
  func.func @train_step(%x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "loss"}) {
    return %x : tensor<f32>
  }
  func.func @evaluate() {
    return
  }
  // expected-error @+1 {{public function @model is not promised by phase 'train-step'; make it private or erase it}}
  func.func @model() {
    return
  }
}

// -----

module {
  // expected-error @+1 {{no result of @train_step is the loss}}
  func.func @train_step(%x: tensor<f32>) -> (tensor<f32>) {
    return %x : tensor<f32>
  }
  func.func @evaluate() {
    return
  }
}

//--- tile.mlir

// After the tile phase a layer is its products.
#p = #pixelfly.flat_butterfly<rows = 8, cols = 8, block = 8, radices = [], factors = 0>
module {
  func.func @train_step(%loss: tensor<f32>, %x: tensor<4x8xf32>, %w: tensor<1x8x8xf32>)
      -> (tensor<f32> {pixelfly.output = "loss"}, tensor<4x8xf32>) {
    // expected-error @+1 {{operation 'pixelfly.linear' may not be left after phase 'tile'}}
    %0 = pixelfly.linear ins(%x, %w : tensor<4x8xf32>, tensor<1x8x8xf32>)
           outs(%x : tensor<4x8xf32>) pattern #p -> tensor<4x8xf32>
    return %loss, %0 : tensor<f32>, tensor<4x8xf32>
  }
  func.func @evaluate() {
    return
  }
}

// -----

// A product with a tile passes, and so does one of a type without a kernel.
module {
  func.func @train_step(%loss: tensor<f32>, %x: tensor<4x8xf32>, %w: tensor<8x8xf32>,
                        %a: tensor<4x8xi32>, %b: tensor<8x8xi32>, %c: tensor<4x8xi32>)
      -> (tensor<f32> {pixelfly.output = "loss"}, tensor<4x8xf32>, tensor<4x8xi32>) {
    %0 = linalg.matmul {pixelfly.tile = #pixelfly.cpu_tile<rows = 4, columns = 8, panel = 4, reduction = 8>}
           ins(%x, %w : tensor<4x8xf32>, tensor<8x8xf32>) outs(%x : tensor<4x8xf32>) -> tensor<4x8xf32>
    %1 = linalg.matmul ins(%a, %b : tensor<4x8xi32>, tensor<8x8xi32>) outs(%c : tensor<4x8xi32>) -> tensor<4x8xi32>
    return %loss, %0, %1 : tensor<f32>, tensor<4x8xf32>, tensor<4x8xi32>
  }
  func.func @evaluate() {
    return
  }
}

// -----

module {
  func.func @train_step(%loss: tensor<f32>, %x: tensor<4x8xf32>, %w: tensor<8x8xf32>)
      -> (tensor<f32> {pixelfly.output = "loss"}, tensor<4x8xf32>) {
    // expected-error @+1 {{product without 'pixelfly.tile' after phase 'tile'; run --pixelfly-choose-tiles}}
    %0 = linalg.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x8xf32>) outs(%x : tensor<4x8xf32>) -> tensor<4x8xf32>
    return %loss, %0 : tensor<f32>, tensor<4x8xf32>
  }
  func.func @evaluate() {
    return
  }
}

// -----

// expected-error @+1 {{after phase 'tile' there must be a function @evaluate; run --pixelfly-build-train-step}}
module {
  func.func @train_step(%x: tensor<f32>) -> (tensor<f32> {pixelfly.output = "loss"}) {
    return %x : tensor<f32>
  }
}

//--- codegen.mlir

module {
  // expected-error @+1 {{operation 'func.func' may not be left after phase 'codegen'}}
  func.func @anything() {
    return
  }
}
