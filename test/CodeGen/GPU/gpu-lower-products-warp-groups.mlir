// RUN: pixelfly-opt %s --pixelfly-gpu-lower-products --canonicalize --cse | FileCheck %s

#p = #pixelfly.flat_butterfly<rows = 256, cols = 256, block = 64, radices = [2, 2], factors = 2>

// A persistent kernel: one thread fetches panel after panel, two groups multiply.
// CHECK:       llvm.mlir.global external @shared_memory() {addr_space = 3 : i32, alignment = 1024 : i64}
// CHECK-LABEL: gpu.func @matmul_bf16_64(
// CHECK-SAME:    %{{[a-z0-9]+}}: memref<2048x256xbf16>, %[[X:[a-z0-9]+]]: !llvm.ptr, %{{[a-z0-9]+}}: memref<12x64x64xbf16>, %[[W:[a-z0-9]+]]: !llvm.ptr, %[[Y:[a-z0-9]+]]: memref<2048x256xbf16>)
// CHECK-SAME:    nvvm.minctasm = 1
// CHECK:         nvvm.shfl.sync
// CHECK:         nvvm.fence.mbarrier.init
// CHECK:         gpu.barrier
// CHECK:         nvvm.setmaxregister decrease 40
// CHECK:         scf.if
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:               arith.xori
// CHECK:               nvvm.mbarrier.try_wait.parity %[[EMPTY:[0-9]+]],
// CHECK:               nvvm.mbarrier.arrive.expect_tx %[[FULL:[0-9]+]], %c40960_i32
// CHECK:               nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %[[X]], %[[FULL]], box
// CHECK:               nvvm.cp.async.bulk.tensor.shared.cluster.global %{{.*}}, %[[W]], %[[FULL]], box
// CHECK:         } else {
// CHECK:           nvvm.setmaxregister increase 232
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:               nvvm.mbarrier.try_wait.parity
// CHECK:               nvvm.wgmma.fence.aligned
// CHECK-COUNT-8:       nvvm.wgmma.mma_async
// CHECK-NOT:           nvvm.wgmma.mma_async
// CHECK:               nvvm.wgmma.commit.group.sync.aligned
// CHECK:               nvvm.mbarrier.arrive
// CHECK:             vector.store {{.*}} vector<2xbf16>
// The host has the runtime make tensor maps: 256 rows of 64 elements, one block.
// CHECK-LABEL: func.func @forward
// CHECK:         %[[XMAP:.*]] = nvgpu.tma.create.descriptor %{{.*}} box[%c256, %c64]
// CHECK-SAME:      swizzle = swizzle_128b
// CHECK:         %[[XP:.*]] = builtin.unrealized_conversion_cast %[[XMAP]] : {{.*}} to !llvm.ptr
// CHECK:         nvgpu.tma.create.descriptor %{{.*}} box[%c1, %c64, %c64]
// CHECK:         gpu.launch_func @pixelfly_kernels::@matmul_bf16_64 blocks in (%c4, %c1, %c1) threads in (%c384, %c1, %c1)
// CHECK-SAME:      args(%{{.*}} : memref<2048x256xbf16>, %[[XP]] : !llvm.ptr
module attributes {dlti.target_system_spec = #dlti.target_system_spec<"GPU" = #dlti.target_device_spec<
    "shared_memory_size_in_bytes" = 233472 : i64, "num_cores" = 4 : i64, "matrix_tile" = array<i64: 64, 256, 16>>>} {
func.func @forward(%x: memref<2048x256xbf16>, %w: memref<12x64x64xbf16>, %y: memref<2048x256xbf16>) {
  %zero = arith.constant 0.0 : bf16
  linalg.fill ins(%zero : bf16) outs(%y : memref<2048x256xbf16>)
  pixelfly.matmul ins(%x, %w : memref<2048x256xbf16>, memref<12x64x64xbf16>) outs(%y : memref<2048x256xbf16>) pattern #p
  return
}
}
