// RUN: pixelfly-opt %s --pixelfly-results-to-arguments -split-input-file -verify-diagnostics

// expected-error @+1 {{result #0 of type 'f32' is not a buffer of static shape}}
func.func @scalar(%x: f32) -> f32 {
  return %x : f32
}

// -----

// expected-error @+1 {{result #0 has no `pixelfly.output` name, so it must be the new value of argument #0, but there is no such argument of type 'memref<4xf32>'}}
func.func @unnamed(%x: memref<8xf32>) -> memref<4xf32> {
  %y = memref.alloc() : memref<4xf32>
  return %y : memref<4xf32>
}

// -----

// expected-error @+1 {{is called inside the module}}
func.func @called(%x: memref<8xf32>) -> memref<8xf32> {
  return %x : memref<8xf32>
}
func.func private @caller(%x: memref<8xf32>) {
  %y = call @called(%x) : (memref<8xf32>) -> memref<8xf32>
  return
}

// -----

// expected-error @+1 {{result #0 is the old value of argument #1, which may be overwritten before it is copied}}
func.func @swapped(%x: memref<8xf32>, %y: memref<8xf32>) -> (memref<8xf32>, memref<8xf32>) {
  return %y, %x : memref<8xf32>, memref<8xf32>
}

// -----

// expected-error @+1 {{has several blocks, so its results cannot become arguments}}
func.func @branches(%x: memref<8xf32>) -> memref<8xf32> {
  cf.br ^exit
^exit:
  return %x : memref<8xf32>
}
