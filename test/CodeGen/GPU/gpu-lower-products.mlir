// RUN: pixelfly-opt %s --split-input-file --pixelfly-gpu-lower-products \
// RUN:   --canonicalize --cse | FileCheck %s

#p = #pixelfly.flat_butterfly<rows = 256, cols = 256, block = 32,
                              radices = [2, 2, 2], factors = 3>

// Neighbours are exclusive ors of the block row: nothing but panels is loaded.
// Three panels are under way before the first is multiplied, then one more is
// started before each. Two fragments of 16 x 16 and two of 16 x 32 a step.
// CHECK-LABEL: gpu.func @matmul_bf16_32(
// CHECK-SAME:    %[[X:[^ ]*]]: memref<256x256xbf16>, %[[W:[^ ]*]]: memref<32x32x32xbf16>, %[[Y:[^ ]*]]: memref<256x256xf32>)
// CHECK-SAME:    known_block_size = array<i32: 128, 1, 1>
// CHECK-NOT:  memref.load
// CHECK-NOT:  vector.load
// CHECK-DAG:  %[[ROW:.*]] = gpu.block_id x
// CHECK-DAG:  %[[LEFT:.*]] = memref.view {{.*}} to memref<16384xbf16, #gpu.address_space<workgroup>>
// CHECK-DAG:  %[[RIGHT:.*]] = memref.view {{.*}} to memref<4096xbf16, #gpu.address_space<workgroup>>
// CHECK-COUNT-4: nvgpu.device_async_copy %[[X]]{{.*}} %[[LEFT]]{{.*}}, 8 {bypassL1}
// CHECK:      nvgpu.device_async_copy %[[W]]{{.*}} %[[RIGHT]]{{.*}}, 8 {bypassL1}
// CHECK-NEXT: nvvm.cp.async.commit.group
// CHECK:      arith.xori %[[ROW]], %c1
// CHECK:      nvvm.cp.async.commit.group
// CHECK:      arith.xori %[[ROW]], %c2
// CHECK:      nvvm.cp.async.commit.group
// CHECK-NEXT: %[[SUMS:.*]]:34 = scf.for %[[I:.*]] = %c0 to %c4
// CHECK-NEXT:   nvvm.cp.async.wait.group 2
// CHECK-NEXT:   gpu.barrier
// CHECK-NEXT:   %[[AHEAD:.*]] = arith.addi %[[I]], %c3
// CHECK-NEXT:   %[[EXISTS:.*]] = arith.cmpi ult, %[[AHEAD]], %c4
// CHECK-NEXT:   scf.if %[[EXISTS]] {
// CHECK-NEXT:     %[[POWER:.*]] = arith.shli %c1, %[[AHEAD]]
// CHECK-NEXT:     %[[BIT:.*]] = arith.shrui %[[POWER]], %c1
// CHECK-NEXT:     arith.xori %[[ROW]], %[[BIT]]
// CHECK-COUNT-5:  nvgpu.device_async_copy
// CHECK:        nvvm.cp.async.commit.group
// CHECK:        %[[A0:.*]] = nvgpu.ldmatrix %[[LEFT]][{{.*}}] {numTiles = 4 : i32, transpose = false} {{.*}} -> vector<4x2xbf16>
// CHECK:        %[[A1:.*]] = nvgpu.ldmatrix %[[LEFT]][{{.*}}] {numTiles = 4 : i32, transpose = false}
// CHECK:        nvgpu.ldmatrix %[[RIGHT]][{{.*}}] {numTiles = 4 : i32, transpose = false}
// CHECK-COUNT-4: nvvm.mma.sync {{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 16>
// CHECK:        nvgpu.ldmatrix %[[RIGHT]]
// CHECK-COUNT-4: nvvm.mma.sync
// CHECK-COUNT-2: nvgpu.ldmatrix %[[LEFT]]
// CHECK-COUNT-8: nvvm.mma.sync
// CHECK-NOT:    nvvm.mma.sync
// CHECK:        scf.yield
// CHECK:      vector.from_elements %[[SUMS]]#2, %[[SUMS]]#3 : vector<2xf32>
// CHECK-COUNT-16: vector.store {{.*}}, %[[Y]]
// CHECK-NOT:  vector.store

// The fill is gone; two equal products share the kernel.
// CHECK-LABEL: func.func @forward
// CHECK-NOT:   linalg.fill
// CHECK:       gpu.launch_func @pixelfly_kernels::@matmul_bf16_32 blocks in (%c8, %c2, %c1) threads in (%c128, %c1, %c1) dynamic_shared_memory_size %c40960_i32
// CHECK:       gpu.launch_func @pixelfly_kernels::@matmul_bf16_32
func.func @forward(%x: memref<256x256xbf16>, %w: memref<32x32x32xbf16>,
                   %y: memref<256x256xf32>, %z: memref<256x256xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<256x256xf32>)
  pixelfly.matmul ins(%x, %w : memref<256x256xbf16>, memref<32x32x32xbf16>)
      outs(%y : memref<256x256xf32>) pattern #p
      {pixelfly.tile = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 4, warps = [4, 1, 1]>}
  linalg.fill ins(%zero : f32) outs(%z : memref<256x256xf32>)
  pixelfly.matmul ins(%x, %w : memref<256x256xbf16>, memref<32x32x32xbf16>)
      outs(%z : memref<256x256xf32>) pattern #p
      {pixelfly.tile = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 4, warps = [4, 1, 1]>}
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 256, cols = 256, block = 32,
                              radices = [2, 2, 2], factors = 3>

// The transposed product reads the same blocks, through ldmatrix.trans; what it
// adds to is loaded first.
// CHECK-LABEL: gpu.func @matmul_transposed_f16_32(
// CHECK-SAME:    %[[X:[^ ]*]]: memref<256x256xf16>, %[[W:[^ ]*]]: memref<32x32x32xf16>, %[[Y:[^ ]*]]: memref<256x256xf16>)
// CHECK-COUNT-16: vector.load %[[Y]][{{.*}} : memref<256x256xf16>, vector<2xf16>
// CHECK:      scf.for
// CHECK:        nvgpu.ldmatrix {{.*}} transpose = false}
// CHECK:        nvgpu.ldmatrix {{.*}} transpose = false}
// CHECK:        nvgpu.ldmatrix {{.*}} transpose = true}
// CHECK:      arith.truncf {{.*}} : vector<2xf32> to vector<2xf16>
func.func @input_gradient(%dy: memref<256x256xf16>, %w: memref<32x32x32xf16>,
                          %dx: memref<256x256xf16>) {
  pixelfly.matmul transposed ins(%dy, %w : memref<256x256xf16>, memref<32x32x32xf16>)
      outs(%dx : memref<256x256xf16>) pattern #p
      {pixelfly.tile = #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 4, warps = [4, 1, 1]>}
  return
}

// -----

#p = #pixelfly.flat_butterfly<rows = 96, cols = 96, block = 16,
                              radices = [2, 3], factors = 2>

// A thread block a stored block. Four warps share the terms of a panel and add
// their sums in order through shared memory. The last panel is cut: 200 rows are
// not a multiple of 64, and copies read no element from beyond.
// CHECK-LABEL: gpu.func @sddmm_bf16_16(
// CHECK-SAME:    %[[DY:[^ ]*]]: memref<200x96xbf16>, %[[X:[^ ]*]]: memref<200x96xbf16>, %[[DW:[^ ]*]]: memref<24x16x16xf32>)
// CHECK:      scf.for
// CHECK:        %[[INSIDE:.*]] = arith.cmpi ult, %{{.*}}, %c200
// CHECK:        %[[ROW:.*]] = arith.minui %{{.*}}, %c199
// CHECK:        %[[ELEMENTS:.*]] = arith.select %[[INSIDE]], %c8, %c0
// CHECK:        nvgpu.device_async_copy %[[DY]][%[[ROW]], {{.*}}, 8, %[[ELEMENTS]] {bypassL1}
// CHECK:        nvgpu.ldmatrix {{.*}} transpose = true}
// CHECK:        nvgpu.ldmatrix {{.*}} transpose = true}
// CHECK-COUNT-2: nvvm.mma.sync
// CHECK-NOT:    nvvm.mma.sync
// CHECK:      gpu.barrier
// CHECK:      scf.if
// CHECK-COUNT-8: memref.store {{.*}} memref<768xf32, #gpu.address_space<workgroup>>
// CHECK:      gpu.barrier
// CHECK-COUNT-24: memref.load {{.*}} memref<768xf32, #gpu.address_space<workgroup>>
// CHECK:      scf.if
// CHECK:        vector.store {{.*}}, %[[DW]]
// CHECK-LABEL: func.func @weight_gradient
// CHECK:       gpu.launch_func @pixelfly_kernels::@sddmm_bf16_16 blocks in (%c24, %c1, %c1)
func.func @weight_gradient(%dy: memref<200x96xbf16>, %x: memref<200x96xbf16>,
                           %dw: memref<24x16x16xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%dw : memref<24x16x16xf32>)
  pixelfly.sddmm ins(%dy, %x : memref<200x96xbf16>, memref<200x96xbf16>)
      outs(%dw : memref<24x16x16xf32>) pattern #p
  return
}

// -----

#p = #pixelfly.block_mask<block = 32, mask = ["##.#", "....", "####", "..#."]>

// Any other pattern has its neighbours in constant tables; its rows may be uneven
// or empty. f32 is rounded to tf32.
// CHECK-DAG:   memref.global "private" constant @positions : memref<8xi32, #gpu.address_space<global>> = dense<[0, 1, 2, 3, 4, 5, 6, 7]>
// CHECK-DAG:   memref.global "private" constant @neighbors : memref<8xi32, #gpu.address_space<global>> = dense<[0, 1, 3, 0, 1, 2, 3, 2]>
// CHECK-DAG:   memref.global "private" constant @line_starts : memref<5xi32, #gpu.address_space<global>> = dense<[0, 3, 3, 7, 8]>
// CHECK-LABEL: gpu.func @matmul_f32_32(
// CHECK:         %[[STARTS:.*]] = memref.get_global @line_starts
// CHECK:         memref.load %[[STARTS]]
// CHECK:         memref.load %[[STARTS]]
// CHECK:         scf.for
// CHECK:           nvgpu.ldmatrix {{.*}} -> vector<4x1xf32>
// CHECK:           nvvm.convert.float.to.tf32 %{{.*}} {rnd = #nvvm.fp_rnd_mode<rna>}
// CHECK:           nvvm.mma.sync {{.*}} multiplicandAPtxType = #nvvm.mma_type<tf32>{{.*}} shape = #nvvm.shape<m = 16, n = 8, k = 8>
func.func @mask(%x: memref<64x128xf32>, %w: memref<8x32x32xf32>,
                %y: memref<64x128xf32>) {
  pixelfly.matmul ins(%x, %w : memref<64x128xf32>, memref<8x32x32xf32>)
      outs(%y : memref<64x128xf32>) pattern #p
  return
}
