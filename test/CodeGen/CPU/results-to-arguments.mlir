// RUN: pixelfly-opt %s --pixelfly-results-to-arguments -split-input-file | FileCheck %s

// The new parameter already is the argument; the loss is written in place.
// CHECK-LABEL: func.func @step
// CHECK-SAME:    (%[[P:[a-z0-9]+]]: memref<8xf32>, %[[LOSS:[a-z0-9]+]]: memref<f32> {pixelfly.output = "loss"}) {
// CHECK-NOT:     memref.alloc
// CHECK:         memref.store %{{.*}}, %[[LOSS]][]
// CHECK-NOT:     memref.copy
// CHECK:         return{{$}}
func.func @step(%p: memref<8xf32>)
    -> (memref<8xf32>, memref<f32> {pixelfly.output = "loss"}) {
  %c0 = arith.constant 0 : index
  %loss = memref.alloc() : memref<f32>
  %x = memref.load %p[%c0] : memref<8xf32>
  memref.store %x, %loss[] : memref<f32>
  return %p, %loss : memref<8xf32>, memref<f32>
}

// -----

// A new value that lies elsewhere goes back into the argument.
// CHECK-LABEL: func.func @not_in_place
// CHECK-SAME:    (%[[P:[a-z0-9]+]]: memref<8xf32>) {
// CHECK:         %[[NEW:.*]] = memref.alloc()
// CHECK:         memref.copy %[[NEW]], %[[P]]
func.func @not_in_place(%p: memref<8xf32>) -> memref<8xf32> {
  %new = memref.alloc() : memref<8xf32>
  memref.copy %p, %new : memref<8xf32> to memref<8xf32>
  return %new : memref<8xf32>
}

// -----

// An output that is an input, or a view, is copied.
// CHECK-LABEL: func.func @output_is_input
// CHECK-SAME:    (%[[X:[a-z0-9]+]]: memref<8xf32>, %[[Y:[a-z0-9]+]]: memref<8xf32> {pixelfly.output = "y"}) {
// CHECK:         memref.copy %[[X]], %[[Y]]
func.func @output_is_input(%x: memref<8xf32>)
    -> (memref<8xf32> {pixelfly.output = "y"}) {
  return %x : memref<8xf32>
}

// -----

// An output is copied before its source gets a new value.
// CHECK-LABEL: func.func @output_first
// CHECK-SAME:    (%[[P:[a-z0-9]+]]: memref<8xf32>, %[[OLD:[a-z0-9]+]]: memref<8xf32> {pixelfly.output = "old"}) {
// CHECK:         memref.copy %[[P]], %[[OLD]]
// CHECK-NEXT:    memref.copy %{{.*}}, %[[P]]
func.func @output_first(%p: memref<8xf32>)
    -> (memref<8xf32>, memref<8xf32> {pixelfly.output = "old"}) {
  %new = memref.alloc() : memref<8xf32>
  return %new, %p : memref<8xf32>, memref<8xf32>
}

// -----

// Declines: private functions keep their results.
// CHECK-LABEL: func.func private @helper
// CHECK-SAME:    -> memref<8xf32>
func.func private @helper(%x: memref<8xf32>) -> memref<8xf32> {
  return %x : memref<8xf32>
}
