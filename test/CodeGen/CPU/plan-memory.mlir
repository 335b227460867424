// RUN: pixelfly-opt %s -allow-unregistered-dialect --pixelfly-plan-memory -split-input-file | FileCheck %s
// RUN: pixelfly-opt %s -allow-unregistered-dialect --pixelfly-plan-memory=remarks -split-input-file \
// RUN:   -verify-diagnostics -o /dev/null

// Two buffers that never meet share their bytes.
// CHECK-LABEL: func.func @reuse
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<32xf32>
// CHECK-SAME:    %[[ARENA:[a-z0-9]+]]: memref<192xi8>) attributes {pixelfly.arena_bytes = 192 : i64}
// CHECK-NOT:     memref.alloc
// expected-remark @+1 {{arena of 192 bytes for 3 buffers; at most 192 bytes are alive at once}}
func.func @reuse(%x: memref<32xf32>) {
  // CHECK: %[[FIRST:.*]] = arith.constant [[AT:[0-9]+]] : index
  // CHECK: memref.view %[[ARENA]][%[[FIRST]]][] : memref<192xi8> to memref<32xf32>
  %a = memref.alloc() : memref<32xf32>
  %b = memref.alloc() : memref<16xf32>
  // CHECK: %[[THIRD:.*]] = arith.constant [[AT]] : index
  // CHECK: memref.view %[[ARENA]][%[[THIRD]]][] : memref<192xi8> to memref<32xf32>
  %c = memref.alloc() : memref<32xf32>
  memref.copy %x, %a : memref<32xf32> to memref<32xf32>
  "test.use"(%a, %b) : (memref<32xf32>, memref<16xf32>) -> ()
  "test.use"(%b, %c) : (memref<16xf32>, memref<32xf32>) -> ()
  memref.copy %c, %x : memref<32xf32> to memref<32xf32>
  return
}

// -----

// A buffer lives as long as its views are used.
// CHECK-LABEL: func.func @views
// CHECK-SAME:    memref<256xi8>
// expected-remark @+1 {{arena of 256 bytes}}
func.func @views(%x: memref<32xf32>) {
  %a = memref.alloc() : memref<32xf32>
  %rows = memref.expand_shape %a [[0, 1]] output_shape [4, 8]
      : memref<32xf32> into memref<4x8xf32>
  %row = memref.subview %rows[1, 0] [1, 8] [1, 1]
      : memref<4x8xf32> to memref<1x8xf32, strided<[8, 1], offset: 8>>
  "test.use"(%a) : (memref<32xf32>) -> ()
  %b = memref.alloc() : memref<32xf32>
  "test.use"(%b) : (memref<32xf32>) -> ()
  "test.use"(%row) : (memref<1x8xf32, strided<[8, 1], offset: 8>>) -> ()
  return
}

// -----

// A loop is one operation: what is used in it lives during all of it, and what
// is allocated in it is allocated once.
// CHECK-LABEL: func.func @loop
// CHECK-SAME:    memref<256xi8>
// CHECK:         scf.for
// CHECK-NOT:       memref.alloc
// CHECK:           memref.view
// expected-remark @+1 {{arena of 256 bytes for 2 buffers}}
func.func @loop() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %a = memref.alloc() : memref<32xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    "test.use"(%a) : (memref<32xf32>) -> ()
    %b = memref.alloc() : memref<32xf32>
    "test.use"(%b) : (memref<32xf32>) -> ()
    memref.dealloc %b : memref<32xf32>
  }
  return
}

// -----

// No buffers, no arena.
// CHECK-LABEL: func.func @nothing
// CHECK-SAME:    (%{{[a-z0-9]+}}: memref<4xf32>) {
func.func @nothing(%x: memref<4xf32>) {
  return
}

// -----

// The callers of a private function know nothing of an arena.
// CHECK-LABEL: func.func private @private_function()
// CHECK:         memref.alloc
func.func private @private_function() {
  %a = memref.alloc() : memref<4xf32>
  "test.use"(%a) : (memref<4xf32>) -> ()
  return
}
