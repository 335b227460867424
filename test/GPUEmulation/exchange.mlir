// Warps exchange words, blocks add to one number, the host allocates and copies.

// RUN: pixelfly-gpu-emulate %s --reference=reference --tolerance=1e-6 | FileCheck %s
// RUN: pixelfly-gpu-emulate %s --reference=reference --tolerance=1e-6 --schedule=reverse | FileCheck %s
// CHECK: argument 1: {{.*}} equal within the tolerance

module attributes {gpu.container_module} {
  gpu.module @kernels {
    // Every warp sums 32 exponentials by shuffles; its first lane adds the sum.
    gpu.func @sum(%x: memref<4x64xf32>, %total: memref<1xf32>) kernel {
      %thread = gpu.thread_id x
      %block = gpu.block_id x
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c5 = arith.constant 5 : index
      %c32 = arith.constant 32 : index
      %value = memref.load %x[%block, %thread] : memref<4x64xf32>
      %exp = math.exp %value : f32
      %width = arith.constant 32 : i32
      %sum = scf.for %step = %c0 to %c5 step %c1 iter_args(%partial = %exp) -> f32 {
        %distance = arith.shli %c1, %step : index
        %offset = arith.index_cast %distance : index to i32
        %other, %valid = gpu.shuffle xor %partial, %offset, %width : f32
        %next = arith.addf %partial, %other : f32
        scf.yield %next : f32
      }
      %lane = arith.remui %thread, %c32 : index
      %first = arith.cmpi eq, %lane, %c0 : index
      scf.if %first {
        %old = memref.atomic_rmw addf %sum, %total[%c0] : (f32, memref<1xf32>) -> f32
      }
      gpu.return
    }
  }
  func.func @main(%x: memref<4x64xf32>, %total: memref<1xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant 0.0 : f32
    memref.store %zero, %total[%c0] : memref<1xf32>
    %copy = gpu.alloc () : memref<4x64xf32>
    gpu.memcpy %copy, %x : memref<4x64xf32>, memref<4x64xf32>
    gpu.launch_func @kernels::@sum blocks in (%c4, %c1, %c1) threads in (%c64, %c1, %c1)
        args(%copy : memref<4x64xf32>, %total : memref<1xf32>)
    gpu.dealloc %copy : memref<4x64xf32>
    return
  }
  func.func @reference(%x: memref<4x64xf64>, %total: memref<1xf64>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %c64 = arith.constant 64 : index
    %zero = arith.constant 0.0 : f64
    memref.store %zero, %total[%c0] : memref<1xf64>
    scf.for %i = %c0 to %c4 step %c1 {
      scf.for %j = %c0 to %c64 step %c1 {
        %value = memref.load %x[%i, %j] : memref<4x64xf64>
        %exp = math.exp %value : f64
        %old = memref.load %total[%c0] : memref<1xf64>
        %new = arith.addf %old, %exp : f64
        memref.store %new, %total[%c0] : memref<1xf64>
      }
    }
    return
  }
}
