// Threads that wait for each other for ever: reported with every place at which
// some wait, and the emulation ends.

// RUN: not pixelfly-gpu-emulate %s --entry=barrier 2>&1 | FileCheck %s --check-prefix=BARRIER
// RUN: not pixelfly-gpu-emulate %s --entry=two_barriers 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: not pixelfly-gpu-emulate %s --entry=product 2>&1 | FileCheck %s --check-prefix=PRODUCT
// RUN: not pixelfly-gpu-emulate %s --entry=mbarrier 2>&1 | FileCheck %s --check-prefix=MBARRIER
// RUN: pixelfly-gpu-emulate %s --entry=named_barriers --fill=index --print=0 | FileCheck %s --check-prefix=NAMED

// BARRIER: divergence.mlir:[[#@LINE+14]]:7: error: kernel 'barrier_kernel', block (0, 0, 0), thread (0, 0, 0): barrier divergence: no thread of the block can go on; thread (0, 0, 0) waits at a barrier
// BARRIER: note: thread (16, 0, 0) has ended

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.mlir.global internal @shared() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<64 x f32>

    // The upper half of the warp does not come to the barrier.
    llvm.func @barrier_kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %c16 = llvm.mlir.constant(16 : i32) : i32
      %low = llvm.icmp "slt" %thread, %c16 : i32
      llvm.cond_br %low, ^wait, ^end
    ^wait:
      nvvm.barrier0
      llvm.br ^end
    ^end:
      llvm.return
    }

    // The lanes of one warp come to different barrier operations.
    // TWO: kernel 'two_barriers_kernel', {{.*}}: barrier divergence: other lanes of the warp wait at another barrier operation
    llvm.func @two_barriers_kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %c16 = llvm.mlir.constant(16 : i32) : i32
      %low = llvm.icmp "slt" %thread, %c16 : i32
      llvm.cond_br %low, ^wait, ^other
    ^wait:
      nvvm.barrier0
      llvm.br ^end
    ^other:
      nvvm.barrier0
      llvm.br ^end
    ^end:
      llvm.return
    }

    // PRODUCT: kernel 'product_kernel', {{.*}}: an instruction of the whole warp in a divergent warp
    // PRODUCT: note: thread (31, 0, 0) has ended
    llvm.func @product_kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %c31 = llvm.mlir.constant(31 : i32) : i32
      %one = llvm.mlir.constant(1 : i32) : i32
      %x = llvm.mlir.constant(0.0 : f32) : f32
      %low = llvm.icmp "slt" %thread, %c31 : i32
      llvm.cond_br %low, ^multiply, ^end
    ^multiply:
      %d = nvvm.mma.sync A[%one, %one, %one, %one] B[%one, %one] C[%x, %x, %x, %x]
          {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>,
           multiplicandAPtxType = #nvvm.mma_type<bf16>, multiplicandBPtxType = #nvvm.mma_type<bf16>,
           shape = #nvvm.shape<m = 16, n = 8, k = 16>}
          : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      llvm.br ^end
    ^end:
      llvm.return
    }

    // Two arrivals are expected, one comes.
    // MBARRIER: kernel 'mbarrier_kernel', {{.*}}: deadlock: no thread of the block can go on; thread (0, 0, 0) waits for phase 0 of the mbarrier at shared address 0x400
    llvm.func @mbarrier_kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %c2 = llvm.mlir.constant(2 : i32) : i32
      %c0 = llvm.mlir.constant(0 : i32) : i32
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      nvvm.mbarrier.init %base, %c2 : !llvm.ptr<3>, i32
      %state = nvvm.mbarrier.arrive %base : !llvm.ptr<3> -> i64
      nvvm.mbarrier.try_wait.parity %base, %c0, %c2 : !llvm.ptr<3>, i32, i32
      llvm.return
    }

    // Two halves of a block with a barrier each, and one that the first half passes
    // without waiting: no fault.
    // NAMED: 32 33 34 35
    llvm.func @named_barriers_kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %c1 = llvm.mlir.constant(1 : i32) : i32
      %c2 = llvm.mlir.constant(2 : i32) : i32
      %c31 = llvm.mlir.constant(31 : i32) : i32
      %c32 = llvm.mlir.constant(32 : i32) : i32
      %c64 = llvm.mlir.constant(64 : i32) : i32
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      %low = llvm.icmp "slt" %thread, %c32 : i32
      %from = llvm.getelementptr %a[%thread] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %p = llvm.getelementptr %base[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      %mirrored = llvm.xor %thread, %c32 : i32
      %q = llvm.getelementptr %base[%mirrored] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      llvm.cond_br %low, ^consumer, ^producer
    ^producer:
      %x = llvm.load %from : !llvm.ptr -> f32
      llvm.store %x, %p : f32, !llvm.ptr<3>
      nvvm.barrier.arrive id = %c2 number_of_threads = %c64
      nvvm.barrier id = %c1 number_of_threads = %c32
      llvm.br ^end
    ^consumer:
      nvvm.barrier id = %c2 number_of_threads = %c64
      %y = llvm.load %q : !llvm.ptr<3> -> f32
      llvm.store %y, %from : f32, !llvm.ptr
      llvm.br ^end
    ^end:
      llvm.return
    }
  }

  func.func @barrier(%a: memref<64xf32>) {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    gpu.launch_func @kernels::@barrier_kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<64xf32>)
    return
  }
  func.func @two_barriers(%a: memref<64xf32>) {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    gpu.launch_func @kernels::@two_barriers_kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<64xf32>)
    return
  }
  func.func @product(%a: memref<64xf32>) {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    gpu.launch_func @kernels::@product_kernel blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<64xf32>)
    return
  }
  func.func @mbarrier(%a: memref<64xf32>) {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@mbarrier_kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<64xf32>)
    return
  }
  func.func @named_barriers(%a: memref<64xf32>) {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    gpu.launch_func @kernels::@named_barriers_kernel blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<64xf32>)
    return
  }
}
