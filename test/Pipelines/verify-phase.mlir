// RUN: pixelfly-opt %s --split-input-file --verify-diagnostics \
// RUN:   --pixelfly-verify-phase=phase=import

// What the import phase promises passes.
module {
  func.func @model(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = math.exp %x : tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}

// -----

// expected-error @+1 {{after phase 'import' there must be a function @model}}
module {
  func.func @other() {
    return
  }
}

// -----

// A pixelfly operation does not exist yet.
#p = #pixelfly.flat_butterfly<rows = 8, cols = 8, block = 8, radices = [], factors = 0>
module {
  func.func @model(%w: tensor<1x8x8xf32>) -> tensor<8x8xf32> {
    // expected-error @+1 {{operation 'pixelfly.to_dense' may not be left after phase 'import'}}
    %0 = pixelfly.to_dense %w : tensor<1x8x8xf32> pattern #p -> tensor<8x8xf32>
    return %0 : tensor<8x8xf32>
  }
}

// -----

// No phase takes control flow.
module {
  func.func @model(%c: i1, %x: tensor<4xf32>) -> tensor<4xf32> {
    // expected-error @+1 {{operation 'scf.if' may not be left after phase 'import'}}
    %0 = scf.if %c -> tensor<4xf32> {
      scf.yield %x : tensor<4xf32>
    } else {
      scf.yield %x : tensor<4xf32>
    }
    return %0 : tensor<4xf32>
  }
}

// -----

module {
  func.func @model(%x: tensor<?xf32>) -> tensor<?xf32> {
    // expected-error @+1 {{has a result of dynamic shape, 'tensor<?xf32>'; every shape must be static}}
    %0 = math.exp %x : tensor<?xf32>
    return %0 : tensor<?xf32>
  }
}
