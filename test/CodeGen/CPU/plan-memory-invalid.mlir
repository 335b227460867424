// RUN: pixelfly-opt %s --pixelfly-plan-memory -allow-unregistered-dialect \
// RUN:   -split-input-file -verify-diagnostics

func.func @dynamic(%n: index) {
  // expected-error @+1 {{has a size or a layout that is not known at compile time}}
  %a = memref.alloc(%n) : memref<?xf32>
  "test.use"(%a) : (memref<?xf32>) -> ()
  return
}

// -----

func.func @parallel(%lower: index, %upper: index, %step: index) {
  scf.parallel (%i) = (%lower) to (%upper) step (%step) {
    // expected-error @+1 {{is inside a parallel loop}}
    %a = memref.alloc() : memref<4xf32>
    "test.use"(%a) : (memref<4xf32>) -> ()
  }
  return
}

// -----

// expected-error @+1 {{has several blocks}}
func.func @branches() {
  cf.br ^next
^next:
  return
}
