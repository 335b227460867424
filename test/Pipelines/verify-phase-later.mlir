// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pixelfly-verify-phase=phase=tile

// After the tile phase a layer is its products.
#p = #pixelfly.flat_butterfly<rows = 8, cols = 8, block = 8, radices = [], factors = 0>
module {
  func.func @train_step(%x: tensor<4x8xf32>, %w: tensor<1x8x8xf32>) -> tensor<4x8xf32> {
    // expected-error @+1 {{operation 'pixelfly.linear' may not be left after phase 'tile'}}
    %0 = pixelfly.linear ins(%x, %w : tensor<4x8xf32>, tensor<1x8x8xf32>)
           outs(%x : tensor<4x8xf32>) pattern #p -> tensor<4x8xf32>
    return %0 : tensor<4x8xf32>
  }
  func.func @evaluate() {
    return
  }
}

// -----

// expected-error @+1 {{after phase 'tile' there must be a function @evaluate}}
module {
  func.func @train_step() {
    return
  }
}
