// RUN: pixelfly-opt %s --split-input-file --pixelfly-cpu-lower-products \
// RUN:   --canonicalize --cse | FileCheck %s

// A dense layer, weight stored [out, in]: the weight is packed (transposed) once,
// before the tasks; each task packs its rows and runs the register tile.
// CHECK-LABEL: @dense_layer
// CHECK-SAME:    %[[X:.*]]: memref<192x128xf32>, %[[W:.*]]: memref<64x128xf32>, %[[Y:.*]]: memref<192x64xf32>
func.func @dense_layer(%x: memref<192x128xf32>, %w: memref<64x128xf32>,
                       %y: memref<192x64xf32>) {
  // The fill is gone: sums start from zero.
  // CHECK-NOT: linalg.fill
  // CHECK:     %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
  // CHECK:     %[[PACKED:.*]] = memref.alloc() {{.*}} : memref<2x128x32xf32>
  // CHECK:     scf.parallel
  // CHECK-COUNT-16: vector.load %[[W]]
  // CHECK-COUNT-64: vector.shuffle
  // CHECK-COUNT-16: vector.store %{{.*}}, %[[PACKED]]
  // CHECK:     scf.parallel
  // CHECK:       %[[ROWS:.*]] = memref.alloca() {{.*}} : memref<1x12x128xf32>
  // CHECK:       vector.load %[[X]]
  // CHECK:       vector.store %{{.*}}, %[[ROWS]]
  // CHECK:       %[[SUMS:.*]]:24 = scf.for {{.*}} iter_args(%[[SUM:[^ ]*]] = %[[ZERO]],
  // CHECK:         %[[B:.*]] = vector.load %[[PACKED]]
  // CHECK:         %[[A:.*]] = memref.load %[[ROWS]]
  // CHECK:         %[[ALL:.*]] = vector.broadcast %[[A]] : f32 to vector<16xf32>
  // CHECK:         vector.fma %[[ALL]], %[[B]], %[[SUM]] : vector<16xf32>
  // CHECK:       vector.store %[[SUMS]]#0, %[[Y]]
  // CHECK:     memref.dealloc %[[PACKED]]
  // CHECK-NOT: linalg.matmul
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<192x64xf32>)
  linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                       affine_map<(m, n, k) -> (n, k)>,
                       affine_map<(m, n, k) -> (m, n)>]
      {pixelfly.tile = #pixelfly.cpu_tile<rows = 12, columns = 32, panel = 12,
                                          reduction = 128>}
      ins(%x, %w : memref<192x128xf32>, memref<64x128xf32>)
      outs(%y : memref<192x64xf32>)
  return
}

// -----

// Sizes that no tile divides: the last columns are masked, the last rows are
// stored apart. No scalar is stored to the result.
// CHECK-LABEL: @remainders
// CHECK-SAME:    %[[Y:[^ ]*]]: memref<13x21xf32>)
func.func @remainders(%x: memref<13x7xf32>, %w: memref<7x21xf32>,
                      %y: memref<13x21xf32>) {
  // CHECK:     vector.constant_mask [5]
  // CHECK:     vector.maskedload %[[Y]]
  // CHECK:     vector.maskedstore %[[Y]]
  // CHECK-NOT: memref.store %{{.*}}, %[[Y]]
  linalg.matmul ins(%x, %w : memref<13x7xf32>, memref<7x21xf32>)
      outs(%y : memref<13x21xf32>)
  return
}

// -----

// A small product runs on one thread, with scratch memory that does not grow
// the stack in a loop.
// CHECK-LABEL: @small
func.func @small(%x: memref<16x16xf32>, %y: memref<16x16xf32>) {
  // CHECK-NOT: scf.parallel
  // CHECK-NOT: memref.alloca
  // CHECK:     %[[ROWS:.*]] = memref.alloc()
  // CHECK:     vector.fma
  // CHECK:     memref.dealloc %[[ROWS]]
  linalg.matmul ins(%x, %x : memref<16x16xf32>, memref<16x16xf32>)
      outs(%y : memref<16x16xf32>)
  return
}

// -----

// The buffer is read between the fill and the product: the fill stays, and the
// product adds to what it finds.
// CHECK-LABEL: @fill_is_seen
// CHECK-SAME:    %[[Y:[^ ]*]]: memref<16x16xf32>, %{{.*}}: memref<16x16xf32>)
func.func @fill_is_seen(%x: memref<16x16xf32>, %y: memref<16x16xf32>,
                        %z: memref<16x16xf32>) {
  // CHECK: linalg.fill
  // CHECK: memref.copy
  // CHECK: vector.load %[[Y]]
  // CHECK: vector.fma
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<16x16xf32>)
  memref.copy %y, %z : memref<16x16xf32> to memref<16x16xf32>
  linalg.matmul ins(%x, %x : memref<16x16xf32>, memref<16x16xf32>)
      outs(%y : memref<16x16xf32>)
  return
}
