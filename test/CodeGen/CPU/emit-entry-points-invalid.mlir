// RUN: pixelfly-opt %s --pixelfly-emit-entry-points -split-input-file -verify-diagnostics

// expected-error @+1 {{has no function that an artifact can enter; it needs at least one of: @train_step @evaluate}}
module {
  func.func @other() {
    return
  }
}

// -----

// expected-error @+1 {{still returns results}}
func.func @evaluate(%x: memref<4xf32> {pixelfly.input = "images"}) -> memref<4xf32> {
  return %x : memref<4xf32>
}

// -----

// expected-error @+1 {{argument #0 of type 'tensor<4xf32>' is not a contiguous buffer of static shape}}
func.func @evaluate(%x: tensor<4xf32> {pixelfly.input = "images"}) {
  return
}

// -----

// expected-error @+1 {{argument #0 is neither a parameter}}
func.func @evaluate(%x: memref<4xf32>) {
  return
}
