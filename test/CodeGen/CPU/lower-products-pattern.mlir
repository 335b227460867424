// RUN: pixelfly-opt %s --split-input-file --pixelfly-cpu-lower-products \
// RUN:   --canonicalize --cse | FileCheck %s

#p = #pixelfly.flat_butterfly<rows = 256, cols = 256, block = 32,
                              radices = [2, 2, 2], factors = 2>

// The neighbours of a block row are exclusive ors; there is no table. Sums go
// through all blocks of the row before they are stored.
// CHECK-LABEL: @forward
// CHECK-NOT: memref.get_global
// CHECK:     memref.alloc() {{.*}} : memref<24x1x32x32xf32>
// CHECK:     scf.parallel
// CHECK-COUNT-64: vector.shuffle
// CHECK:     scf.parallel
// CHECK:       scf.for %[[LINE:.*]] =
// CHECK:         %[[SUMS0:.*]]:24 = scf.for
// CHECK:         arith.xori %[[LINE]], %c1
// CHECK:         %[[SUMS1:.*]]:24 = scf.for {{.*}} iter_args(%{{[^ ]*}} = %[[SUMS0]]#0,
// CHECK:         arith.xori %[[LINE]], %c2
// CHECK:         %[[SUMS2:.*]]:24 = scf.for {{.*}} iter_args(%{{[^ ]*}} = %[[SUMS1]]#0,
// CHECK:         vector.store %[[SUMS2]]#0
func.func @forward(%x: memref<192x256xf32>, %w: memref<24x32x32xf32>,
                   %y: memref<192x256xf32>) {
  pixelfly.matmul ins(%x, %w : memref<192x256xf32>, memref<24x32x32xf32>)
      outs(%y : memref<192x256xf32>) pattern #p
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 256, cols = 256, block = 32,
                              radices = [2, 2, 2], factors = 2>

// The transposed product reads the blocks where they are.
// CHECK-LABEL: @input_gradient
// CHECK-SAME:    %[[W:[^ ]*]]: memref<24x32x32xf32>, %{{.*}}: memref<192x256xf32>)
// CHECK-NOT: vector.shuffle
// CHECK-NOT: memref.alloc()
// CHECK:     scf.parallel
// CHECK:       %[[B:.*]] = vector.load %[[W]]
// CHECK:       vector.fma %{{.*}}, %[[B]]
func.func @input_gradient(%x: memref<192x256xf32>, %w: memref<24x32x32xf32>,
                          %y: memref<192x256xf32>) {
  pixelfly.matmul transposed
      ins(%x, %w : memref<192x256xf32>, memref<24x32x32xf32>)
      outs(%y : memref<192x256xf32>) pattern #p
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 256, cols = 256, block = 32,
                              radices = [2, 2, 2], factors = 2>

// The weight gradient: panels of rows one after the other, packed by all threads,
// then the block rows in parallel. The reduction itself is never split.
// CHECK-LABEL: @weight_gradient
// CHECK-SAME:    %[[DY:.*]]: memref<192x256xf32>, %[[X:.*]]: memref<192x256xf32>, %[[DW:.*]]: memref<24x32x32xf32>)
// CHECK:     %[[LHS:.*]] = memref.alloc() {{.*}} : memref<1x8x64x32xf32>
// CHECK:     %[[RHS:.*]] = memref.alloc() {{.*}} : memref<1x8x64x32xf32>
// CHECK:     scf.for
// CHECK:       scf.parallel
// CHECK:         vector.load %[[DY]]
// CHECK:         vector.store %{{.*}}, %[[LHS]]
// CHECK:         vector.load %[[X]]
// CHECK:         vector.store %{{.*}}, %[[RHS]]
// CHECK:       scf.parallel
// CHECK:         vector.fma
// CHECK:         vector.store %{{.*}}, %[[DW]]
func.func @weight_gradient(%dy: memref<192x256xf32>, %x: memref<192x256xf32>,
                           %dw: memref<24x32x32xf32>) {
  pixelfly.sddmm
      ins(%dy, %x : memref<192x256xf32>, memref<192x256xf32>)
      outs(%dw : memref<24x32x32xf32>) pattern #p
      {pixelfly.tile = #pixelfly.cpu_tile<rows = 8, columns = 32, panel = 64,
                                          reduction = 64>}
  return
}

// -----

#mixed = #pixelfly.flat_butterfly<rows = 96, cols = 96, block = 32,
                                  radices = [3], factors = 1>

// A digit that is no bit: its other values are counted, modulo the radix.
// CHECK-LABEL: @mixed_radix
// CHECK:     scf.for %[[LINE:.*]] = %c0 to %c3
// CHECK:         %[[DIGIT:.*]] = arith.remui %[[LINE]], %c3
// CHECK:         scf.for %[[SHIFT:[^ ]*]] = %c0 to %c2
// CHECK:         %[[SUM:.*]] = arith.addi %[[DIGIT]], %[[SHIFT]]
// CHECK:         %[[NEXT:.*]] = arith.addi %[[SUM]], %c1
// CHECK:         arith.remui %[[NEXT]], %c3
func.func @mixed_radix(%x: memref<96x96xf32>, %w: memref<9x32x32xf32>,
                       %y: memref<96x96xf32>) {
  pixelfly.matmul ins(%x, %w : memref<96x96xf32>, memref<9x32x32xf32>)
      outs(%y : memref<96x96xf32>) pattern #mixed
  return
}

// -----

// Any other pattern stands in constant tables: where each block row begins, its
// block columns, and where they are stored.
// CHECK-DAG: memref.global "private" constant @[[START:.*line_starts.*]] : memref<3xindex> = dense<[0, 2, 3]>
// CHECK-DAG: memref.global "private" constant @[[OTHER:.*neighbors.*]] : memref<3xindex> = dense<[0, 2, 1]>
// CHECK-LABEL: @table
// CHECK:     %[[STARTS:.*]] = memref.get_global @[[START]]
// CHECK:     memref.load %[[STARTS]]
// CHECK:     %[[OTHERS:.*]] = memref.get_global @[[OTHER]]
// CHECK:     memref.load %[[OTHERS]]
func.func @table(%x: memref<16x24xf32>, %w: memref<3x8x8xf32>,
                 %y: memref<16x16xf32>) {
  pixelfly.matmul ins(%x, %w : memref<16x24xf32>, memref<3x8x8xf32>)
      outs(%y : memref<16x16xf32>)
      pattern #pixelfly.block_mask<block = 8, mask = ["#.#", ".#."]>
  return
}

// -----

// A packed panel of 6 MiB does not go on the stacks of the threads: they pack
// and compute each panel together, in memory that they share.
#wide = #pixelfly.flat_butterfly<rows = 32, cols = 131072, block = 32,
                                 radices = [], factors = 0>
// CHECK-LABEL: @wide
// CHECK-NOT:     memref.alloca
// CHECK:         %[[PANEL:.*]] = memref.alloc() {{.*}} : memref<4096x12x32xf32>
// CHECK:         scf.for
// CHECK:           vector.store %{{.*}}, %[[PANEL]]
// CHECK:           scf.parallel
// CHECK:             memref.load %[[PANEL]]
// CHECK:             vector.fma
// CHECK:         memref.dealloc %[[PANEL]]
func.func @wide(%x: memref<24x131072xf32>, %w: memref<4096x32x32xf32>,
                %y: memref<24x32xf32>) {
  pixelfly.matmul ins(%x, %w : memref<24x131072xf32>, memref<4096x32x32xf32>)
      outs(%y : memref<24x32xf32>) pattern #wide
      {pixelfly.tile = #pixelfly.cpu_tile<rows = 12, columns = 16, panel = 12,
                                          reduction = 32>}
  return
}
