// RUN: pixelfly-opt %s --split-input-file --pixelfly-gpu-buffer-scalars | FileCheck %s

#row = affine_map<(d0) -> (d0)>

// A number that is loaded, computed with and read by an operation on buffers.

// CHECK-LABEL: func @clip(
// CHECK-SAME:    %[[NORM:[a-z0-9]+]]: memref<f32>, %[[X:[a-z0-9]+]]: memref<8xf32>
// CHECK-NOT:     memref.load
// CHECK:         %[[SCALE:.*]] = memref.alloc() {alignment = 64 : i64} : memref<f32>
// CHECK:         linalg.generic
// CHECK-SAME:      iterator_types = []
// CHECK-SAME:      ins(%[[NORM]] : memref<f32>) outs(%[[SCALE]] : memref<f32>)
// CHECK:           %[[DIVIDED:.*]] = arith.divf
// CHECK:           linalg.yield %[[DIVIDED]]
// CHECK:         linalg.generic
// CHECK-SAME:      ins(%[[X]], %[[SCALE]] : memref<8xf32>, memref<f32>)
// CHECK:         ^bb0(%[[IN:.*]]: f32, %[[S:.*]]: f32, %{{.*}}: f32):
// CHECK:           arith.mulf %[[IN]], %[[S]]
func.func @clip(%norm: memref<f32>, %x: memref<8xf32>, %y: memref<8xf32>) {
  %one = arith.constant 1.0 : f32
  %n = memref.load %norm[] : memref<f32>
  %s = arith.divf %one, %n : f32
  linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
      ins(%x : memref<8xf32>) outs(%y : memref<8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %s : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// What is stored and what is read later come from one operation; elements at
// constant places work like scalars.

// CHECK-LABEL: func @store(
// CHECK-SAME:    %[[A:[a-z0-9]+]]: memref<4xf32>, %[[B:[a-z0-9]+]]: memref<f32>
// CHECK:         linalg.generic
// CHECK-SAME:      ins(%[[A]] : memref<4xf32>) outs(%[[B]] : memref<f32>)
// CHECK-NEXT:    ^bb0(%[[IN:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[ROOT:.*]] = math.sqrt %[[IN]]
// CHECK-NEXT:      linalg.yield %[[ROOT]]
// CHECK-NOT:     memref.store
func.func @store(%a: memref<4xf32>, %b: memref<f32>) {
  %c2 = arith.constant 2 : index
  %0 = memref.load %a[%c2] : memref<4xf32>
  %1 = math.sqrt %0 : f32
  memref.store %1, %b[] : memref<f32>
  return
}

// -----

// An argument that nobody writes needs no copy.

// CHECK-LABEL: func @argument(
// CHECK-SAME:    %[[RATE:[a-z0-9]+]]: memref<f32>, %[[Y:[a-z0-9]+]]: memref<8xf32>
// CHECK-NOT:     memref.alloc
// CHECK:         linalg.generic
// CHECK-SAME:      ins(%[[RATE]] : memref<f32>) outs(%[[Y]] : memref<8xf32>)
func.func @argument(%rate: memref<f32>, %y: memref<8xf32>) {
  %0 = memref.load %rate[] : memref<f32>
  linalg.fill ins(%0 : f32) outs(%y : memref<8xf32>)
  return
}
