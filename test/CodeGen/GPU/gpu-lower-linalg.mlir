// RUN: pixelfly-opt %s --split-input-file --pixelfly-gpu-lower-linalg --canonicalize | FileCheck %s

#id2 = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
#row = affine_map<(d0, d1) -> (d0)>

// Four elements a thread; equal operations share the kernel. 64 * 512 elements
// are 8192 groups, 256 to a block.

// CHECK-LABEL: gpu.module @pixelfly_kernels
// CHECK:         gpu.func @elementwise_32768(%[[X:[a-z0-9]+]]: memref<32768xf32>, %[[Y:[a-z0-9]+]]: memref<32768xf32>) kernel
// CHECK-SAME:      known_block_size = array<i32: 256, 1, 1>
// CHECK:           %[[LOADED:.*]] = vector.load %[[X]][%[[FIRST:.*]]] {alignment = 16 : i64} : memref<32768xf32>, vector<4xf32>
// CHECK-COUNT-4:   arith.mulf
// CHECK:           vector.store %{{.*}}, %[[Y]][%[[FIRST]]] {alignment = 16 : i64}
// CHECK-NOT:     gpu.func
// CHECK-LABEL: func @squares(
// CHECK-NOT:     linalg
// CHECK:         gpu.launch_func @pixelfly_kernels::@elementwise_32768 blocks in (%c32, %c1, %c1) threads in (%c256, %c1, %c1)
// CHECK:         gpu.launch_func @pixelfly_kernels::@elementwise_32768
func.func @squares(%x: memref<64x512xf32>, %y: memref<64x512xf32>, %z: memref<64x512xf32>) {
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<64x512xf32>) outs(%y : memref<64x512xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#id2, #id2], iterator_types = ["parallel", "parallel"]}
      ins(%y : memref<64x512xf32>) outs(%z : memref<64x512xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

#id2 = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// A warp a row, and the sum by shuffles. The fill is not needed.

// CHECK-LABEL: gpu.module @pixelfly_kernels
// CHECK:         gpu.func @reduction_64x512
// CHECK:           vector.load {{.*}} : memref<32768xf32>, vector<4xf32>
// CHECK-COUNT-5:   gpu.shuffle xor
// CHECK-NOT:       gpu.barrier
// CHECK:           memref.store
// CHECK-LABEL: func @rows(
// CHECK-NOT:     linalg.fill
// CHECK:         gpu.launch_func @pixelfly_kernels::@reduction_64x512 blocks in (%c8, %c1, %c1)
// CHECK-NOT:     gpu.launch_func
func.func @rows(%x: memref<64x512xf32>, %y: memref<64xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<64xf32>)
  linalg.generic {indexing_maps = [#id2, #row], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<64x512xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

#id2 = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>

// Columns: 8 threads share one, 64 / 32 blocks, and the 4096 rows are shared by
// 32 times as many blocks. A second kernel adds the parts.

// CHECK-LABEL: gpu.module @pixelfly_kernels
// CHECK:         gpu.func @partial_sums_4096x64
// CHECK-SAME:      workgroup(%{{.*}} : memref<256xf32, #gpu.address_space<workgroup>>)
// CHECK:           gpu.barrier
// CHECK:         gpu.func @reduction_32x64
// CHECK-LABEL: func @columns(
// CHECK:         %[[PARTS:.*]] = memref.alloc() {alignment = 64 : i64} : memref<32x64xf32>
// CHECK:         gpu.launch_func @pixelfly_kernels::@partial_sums_4096x64 blocks in (%c64, %c1, %c1) threads in (%c256, %c1, %c1)
// CHECK:         gpu.launch_func @pixelfly_kernels::@reduction_32x64
func.func @columns(%x: memref<4096x64xf32>, %y: memref<64xf32>) {
  linalg.generic {indexing_maps = [#id2, #column], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<4096x64xf32>) outs(%y : memref<64xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %out, %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

#id1 = affine_map<(d0) -> (d0)>

// A loop that adds rows to those of a table: each thread runs it for a column.

// CHECK-LABEL: gpu.module @pixelfly_kernels
// CHECK:         gpu.func @loop_64
// CHECK:           %[[BLOCK:.*]] = gpu.block_id x
// CHECK:           scf.for
// CHECK:             memref.load %{{.*}} : memref<6xi32>
// CHECK:             arith.addf
// CHECK:             memref.store
// CHECK-LABEL: func @add_rows(
// CHECK-NOT:     scf.for
// CHECK:         gpu.launch_func @pixelfly_kernels::@loop_64 blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1)
func.func @add_rows(%places: memref<6xi32>, %x: memref<6x64xf32>, %table: memref<4x64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  scf.for %n = %c0 to %c6 step %c1 {
    %place = memref.load %places[%n] : memref<6xi32>
    %i = arith.index_cast %place : i32 to index
    %from = memref.subview %x[%n, 0] [1, 64] [1, 1] : memref<6x64xf32> to memref<64xf32, strided<[1], offset: ?>>
    %to = memref.subview %table[%i, 0] [1, 64] [1, 1] : memref<4x64xf32> to memref<64xf32, strided<[1], offset: ?>>
    linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
        ins(%from : memref<64xf32, strided<[1], offset: ?>>) outs(%to : memref<64xf32, strided<[1], offset: ?>>) {
    ^bb0(%in: f32, %out: f32):
      %0 = arith.addf %out, %in : f32
      linalg.yield %0 : f32
    }
  }
  return
}

// -----

// A constant of the host is written to a buffer by a kernel.

memref.global "private" constant @weights : memref<3xf32> = dense<[0.5, -1.25, 3.0]>

// CHECK-LABEL: gpu.module @pixelfly_kernels
// CHECK:         memref.global "private" constant @weights : memref<3xf32, #gpu.address_space<global>> = dense<[5.000000e-01, -1.250000e+00, 3.000000e+00]>
// CHECK:         gpu.func @constant_3
// CHECK:         gpu.func @elementwise_3
// CHECK-LABEL: func @constant(
// CHECK-NOT:     memref.get_global
// CHECK:         %[[BUFFER:.*]] = memref.alloc() {alignment = 64 : i64} : memref<3xf32>
// CHECK:         gpu.launch_func @pixelfly_kernels::@constant_3 {{.*}} args(%[[BUFFER]] : memref<3xf32>)
// CHECK:         gpu.launch_func @pixelfly_kernels::@elementwise_3 {{.*}} args(%[[BUFFER]] : memref<3xf32>, %{{.*}} : memref<3xf32>)
func.func @constant(%y: memref<3xf32>) {
  %0 = memref.get_global @weights : memref<3xf32>
  memref.copy %0, %y : memref<3xf32> to memref<3xf32>
  return
}

// -----

#id1 = affine_map<(d0) -> (d0)>

// Independent operations that stand together share a launch: the first has the
// first 4 blocks, the second the fifth. The third reads what the first writes.

// CHECK-LABEL: gpu.module @pixelfly_kernels
// CHECK:         gpu.func @elementwise_4096_and_1(
// CHECK:           %[[BLOCK:.*]] = gpu.block_id x
// CHECK:           arith.cmpi ult, %[[BLOCK]], %c4
// CHECK:           %[[OWN:.*]] = arith.subi %[[BLOCK]], %c4
// CHECK:           arith.cmpi ult, %[[OWN]], %c1
// CHECK:         gpu.func @elementwise_4096(
// CHECK-LABEL: func @together(
// CHECK:         gpu.launch_func @pixelfly_kernels::@elementwise_4096_and_1 blocks in (%c5, %c1, %c1)
// CHECK:         gpu.launch_func @pixelfly_kernels::@elementwise_4096 blocks in (%c4, %c1, %c1)
// CHECK-NOT:     gpu.launch_func
func.func @together(%x: memref<4096xf32>, %y: memref<4096xf32>, %p: memref<64xf32>, %q: memref<64xf32>, %z: memref<4096xf32>) {
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
      ins(%x : memref<4096xf32>) outs(%y : memref<4096xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
      ins(%p : memref<64xf32>) outs(%q : memref<64xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %in : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#id1, #id1], iterator_types = ["parallel"]}
      ins(%y : memref<4096xf32>) outs(%z : memref<4096xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.mulf %in, %in : f32
    linalg.yield %0 : f32
  }
  return
}
