// Threads of a block exchange numbers through shared memory; blocks are apart.

// RUN: pixelfly-gpu-emulate %s --fill=index --print=0 | FileCheck %s
// RUN: pixelfly-gpu-emulate %s --fill=index --print=0 --schedule=reverse | FileCheck %s
// RUN: pixelfly-gpu-emulate %s --fill=index --print=0 --schedule=random --seed=7 | FileCheck %s
// RUN: pixelfly-gpu-emulate %s --reference=reference --tolerance=0 | FileCheck %s --check-prefix=COMPARE

// CHECK: 7 6 5 4 3 2 1 0
// CHECK-NEXT: 15 14 13 12 11 10 9 8
// CHECK-NEXT: 23 22 21 20 19 18 17 16

// COMPARE: argument 0: largest error 0 {{.*}}: equal within the tolerance

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @reverse(%a: memref<3x8xf32>)
        workgroup(%shared : memref<8xf32, #gpu.address_space<workgroup>>) kernel {
      %thread = gpu.thread_id x
      %block = gpu.block_id x
      %c7 = arith.constant 7 : index
      %mine = memref.load %a[%block, %thread] : memref<3x8xf32>
      memref.store %mine, %shared[%thread] : memref<8xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      %mirrored = arith.subi %c7, %thread : index
      %other = memref.load %shared[%mirrored] : memref<8xf32, #gpu.address_space<workgroup>>
      memref.store %other, %a[%block, %thread] : memref<3x8xf32>
      gpu.return
    }
  }
  func.func @main(%a: memref<3x8xf32>) {
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c8 = arith.constant 8 : index
    gpu.launch_func @kernels::@reverse blocks in (%c3, %c1, %c1)
        threads in (%c8, %c1, %c1) args(%a : memref<3x8xf32>)
    return
  }
  func.func @reference(%a: memref<3x8xf64>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %c7 = arith.constant 7 : index
    scf.for %i = %c0 to %c3 step %c1 {
      scf.for %j = %c0 to %c4 step %c1 {
        %k = arith.subi %c7, %j : index
        %x = memref.load %a[%i, %j] : memref<3x8xf64>
        %y = memref.load %a[%i, %k] : memref<3x8xf64>
        memref.store %y, %a[%i, %j] : memref<3x8xf64>
        memref.store %x, %a[%i, %k] : memref<3x8xf64>
      }
    }
    return
  }
}
