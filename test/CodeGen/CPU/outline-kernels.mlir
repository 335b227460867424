// RUN: pixelfly-opt %s --pixelfly-outline-kernels -split-input-file | FileCheck %s

// Equal loops on other buffers share one function; constants stay inside.
// CHECK-LABEL: func.func @equal_loops
// CHECK-SAME:    (%[[A:[a-z0-9]+]]: memref<8xf32>, %[[B:[a-z0-9]+]]: memref<8xf32>)
// CHECK-NOT:     scf.for
// CHECK:         call @[[KERNEL:.*]](%[[A]]) : (memref<8xf32>) -> ()
// CHECK-NEXT:    call @[[KERNEL]](%[[B]]) : (memref<8xf32>) -> ()
// CHECK:       func.func private @[[KERNEL]](%[[X:[a-z0-9]+]]: memref<8xf32>)
// CHECK-SAME:    llvm.linkage = #llvm.linkage<internal>
// CHECK:         %[[ZERO:.*]] = arith.constant 0.0
// CHECK:         scf.for
// CHECK:           memref.store %[[ZERO]], %[[X]]
// CHECK-NOT:   func.func private
func.func @equal_loops(%a: memref<8xf32>, %b: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %zero, %a[%i] : memref<8xf32>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %zero, %b[%i] : memref<8xf32>
  }
  return
}

// -----

// Loops that differ in a constant do not.
// CHECK-LABEL: func.func @other_constant
// CHECK:         call @[[FIRST:.*]](
// CHECK-NOT:     call @[[FIRST]](
// CHECK:         call @
func.func @other_constant(%a: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %zero, %a[%i] : memref<8xf32>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %one, %a[%i] : memref<8xf32>
  }
  return
}

// -----

// The same buffers the other way round are other arguments.
// CHECK-LABEL: func.func @swapped
// CHECK-SAME:    (%[[A:[a-z0-9]+]]: memref<8xf32>, %[[B:[a-z0-9]+]]: memref<8xf32>)
// CHECK:         call @[[KERNEL:.*]](%[[A]], %[[B]])
// CHECK-NEXT:    call @[[KERNEL]](%[[B]], %[[A]])
func.func @swapped(%a: memref<8xf32>, %b: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.for %i = %c0 to %c8 step %c1 {
    %x = memref.load %a[%i] : memref<8xf32>
    memref.store %x, %b[%i] : memref<8xf32>
  }
  scf.for %i = %c0 to %c8 step %c1 {
    %x = memref.load %b[%i] : memref<8xf32>
    memref.store %x, %a[%i] : memref<8xf32>
  }
  return
}

// -----

// Declines: a loop that returns a value, and one that allocates.
// CHECK-LABEL: func.func @declines
// CHECK:         scf.for
// CHECK:         scf.for
// CHECK-NOT:   func.func private
func.func @declines(%a: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %sum = scf.for %i = %c0 to %c8 step %c1 iter_args(%s = %zero) -> f32 {
    %x = memref.load %a[%i] : memref<8xf32>
    %next = arith.addf %s, %x : f32
    scf.yield %next : f32
  }
  memref.store %sum, %a[%c0] : memref<8xf32>
  scf.for %i = %c0 to %c8 step %c1 {
    %own = memref.alloc() : memref<8xf32>
    memref.store %zero, %own[%i] : memref<8xf32>
    memref.dealloc %own : memref<8xf32>
  }
  return
}
