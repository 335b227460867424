// One planted fault a kernel: each is reported, with the kernel, the thread and
// the place, and nothing else is.

// RUN: pixelfly-gpu-emulate %s --verify-diagnostics

module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.mlir.global internal @shared() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<64 x f32>
    llvm.mlir.global internal constant @table(dense<[1.0, 2.0]> : tensor<2xf32>) {addr_space = 4 : i32} : !llvm.array<2 x f32>

    // One thread writes past the end of shared memory.
    llvm.func @shared_out_of_bounds(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %x = llvm.mlir.constant(1.0 : f32) : f32
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      %c2 = llvm.mlir.constant(2 : i32) : i32
      %i = llvm.mul %thread, %c2 : i32
      %p = llvm.getelementptr %base[%i] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      // 32 threads, stride 2: the last is inside, so start one further.
      %q = llvm.getelementptr %p[2] : (!llvm.ptr<3>) -> !llvm.ptr<3>, f32
      // expected-error@below {{kernel 'shared_out_of_bounds', block (0, 0, 0), thread (31, 0, 0): out of bounds: 4 bytes at shared address 0x500; the block has 256 bytes from 0x400}}
      llvm.store %x, %q : f32, !llvm.ptr<3>
      llvm.return
    }

    // The buffer has 63 floats.
    llvm.func @global_out_of_bounds(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %p = llvm.getelementptr %a[%thread] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %q = llvm.getelementptr %p[31] : (!llvm.ptr) -> !llvm.ptr, f32
      // expected-error@below {{thread (31, 0, 0): out of bounds: reads 8 bytes at offset 248 of argument 0, which has 252 bytes}}
      %x = llvm.load %q {alignment = 4 : i64} : !llvm.ptr -> vector<2xf32>
      llvm.return
    }

    llvm.func @local_out_of_bounds(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %c4 = llvm.mlir.constant(4 : i32) : i32
      %x = llvm.mlir.constant(1.0 : f32) : f32
      %local = llvm.alloca %c4 x f32 : (i32) -> !llvm.ptr
      %p = llvm.getelementptr %local[4] : (!llvm.ptr) -> !llvm.ptr, f32
      // expected-error@below {{out of bounds: 4 bytes at local address}}
      llvm.store %x, %p : f32, !llvm.ptr
      llvm.return
    }

    llvm.func @read_only(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %x = llvm.mlir.constant(1.0 : f32) : f32
      %table = llvm.mlir.addressof @table : !llvm.ptr<4>
      // expected-error@below {{read-only: writes 4 bytes at offset 0 of global variable 'table'}}
      llvm.store %x, %table : f32, !llvm.ptr<4>
      llvm.return
    }

    llvm.func @misaligned_vector(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %p = llvm.getelementptr %a[2] : (!llvm.ptr) -> !llvm.ptr, f32
      // expected-error@below {{misaligned: offset 8 of argument 0 is not a multiple of 16}}
      %x = llvm.load %p : !llvm.ptr -> vector<4xf32>
      llvm.return
    }

    // Rows of ldmatrix start at multiples of 16 bytes.
    llvm.func @misaligned_ldmatrix(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %zero = llvm.mlir.constant(0.0 : f32) : f32
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      %p = llvm.getelementptr %base[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      llvm.store %zero, %p : f32, !llvm.ptr<3>
      %q = llvm.getelementptr %p[32] : (!llvm.ptr<3>) -> !llvm.ptr<3>, f32
      llvm.store %zero, %q : f32, !llvm.ptr<3>
      nvvm.barrier0
      %c1 = llvm.mlir.constant(1 : i32) : i32
      %odd = llvm.and %thread, %c1 : i32
      %r = llvm.getelementptr %base[%odd] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      // expected-error@below {{thread (1, 0, 0): misaligned: shared address 0x404 is not a multiple of 16}}
      %words = nvvm.ldmatrix %r {num = 1 : i32, layout = #nvvm.mma_layout<row>, shape = #nvvm.ld_st_matrix_shape<m = 8, n = 8>, eltType = #nvvm.ld_st_matrix_elt_type<b16>} : (!llvm.ptr<3>) -> i32
      llvm.return
    }

    llvm.func @misaligned_copy(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %c0 = llvm.mlir.constant(0 : i32) : i32
      %first = llvm.icmp "eq" %thread, %c0 : i32
      llvm.cond_br %first, ^copy, ^end
    ^copy:
      %p = llvm.getelementptr %a[1] : (!llvm.ptr) -> !llvm.ptr, f32
      %global = llvm.addrspacecast %p : !llvm.ptr to !llvm.ptr<1>
      // expected-error@below {{misaligned: the source of a copy of 16 bytes is not a multiple of them}}
      nvvm.cp.async.shared.global %base, %global, 16, cache = cg : !llvm.ptr<3>, !llvm.ptr<1>
      llvm.br ^end
    ^end:
      llvm.return
    }

    // Each thread reads its own word, which nobody has written.
    llvm.func @uninitialized(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      %p = llvm.getelementptr %base[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      // expected-error@below {{thread (0, 0, 0): uninitialized: reads 4 bytes at shared address 0x400}}
      %x = llvm.load %p : !llvm.ptr<3> -> f32
      llvm.return
    }

    // Each thread reads its own copied bytes, after the wait for all groups but one.
    llvm.func @copy_not_waited_for(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      %p = llvm.getelementptr %base[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      %q = llvm.getelementptr %a[%thread] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %global = llvm.addrspacecast %q : !llvm.ptr to !llvm.ptr<1>
      // expected-note@below {{copy started by thread (0, 0, 0) here}}
      nvvm.cp.async.shared.global %p, %global, 4, cache = ca : !llvm.ptr<3>, !llvm.ptr<1>
      nvvm.cp.async.commit.group
      nvvm.cp.async.wait.group 1
      // expected-error@below {{thread (0, 0, 0): too early: reads 4 bytes at shared address 0x400 (byte 0 of the access), before the asynchronous copy to it has been waited for}}
      %x = llvm.load %p : !llvm.ptr<3> -> f32
      llvm.return
    }

    // The wait is there, but it only says that the thread's own copies are done.
    llvm.func @copy_without_barrier(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %c32 = llvm.mlir.constant(32 : i32) : i32
      %c0 = llvm.mlir.constant(0 : i32) : i32
      %writes = llvm.icmp "slt" %thread, %c32 : i32
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      %p = llvm.getelementptr %base[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      %q = llvm.getelementptr %a[%thread] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %global = llvm.addrspacecast %q : !llvm.ptr to !llvm.ptr<1>
      // expected-note@below {{other access, a write by thread (0, 0, 0)}}
      nvvm.cp.async.shared.global %p, %global, 4, cache = ca : !llvm.ptr<3>, !llvm.ptr<1>
      nvvm.cp.async.commit.group
      nvvm.cp.async.wait.group 0
      // expected-error@below {{thread (1, 0, 0): data race: reads 4 bytes at shared address 0x400 (byte 0 of the access), and no barrier orders this after the write by thread (0, 0, 0)}}
      %x = llvm.load %base : !llvm.ptr<3> -> f32
      llvm.return
    }

    // The second round of a loop overwrites what others may still read: the barrier
    // at the end of the loop is missing. A warp barrier orders within one warp only;
    // there are two here.
    llvm.func @overwritten_too_early(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %c32 = llvm.mlir.constant(32 : i32) : i32
      %c63 = llvm.mlir.constant(63 : i32) : i32
      %all = llvm.mlir.constant(-1 : i32) : i32
      %x = llvm.mlir.constant(1.0 : f32) : f32
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      %p = llvm.getelementptr %base[%thread] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      llvm.store %x, %p : f32, !llvm.ptr<3>
      nvvm.barrier0
      %other = llvm.xor %thread, %c32 : i32
      %q = llvm.getelementptr %base[%other] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, f32
      // expected-note@below {{other access, a read by thread (0, 0, 0)}}
      // expected-error@below {{thread (32, 0, 0): data race: reads 4 bytes at shared address 0x400 (byte 0 of the access), and no barrier orders this after the write by thread (0, 0, 0)}}
      %y = llvm.load %q : !llvm.ptr<3> -> f32
      nvvm.bar.warp.sync %all : i32
      // expected-note@below {{other access, a write by thread (0, 0, 0)}}
      // expected-error@below {{thread (32, 0, 0): data race: writes 4 bytes at shared address 0x480 (byte 0 of the access), and no barrier orders this after the read by thread (0, 0, 0)}}
      llvm.store %y, %p : f32, !llvm.ptr<3>
      llvm.return
    }

    // All blocks write the same word.
    llvm.func @block_race(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %x = llvm.mlir.constant(1.0 : f32) : f32
      %p = llvm.getelementptr %a[%thread] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      // expected-error@below {{block (1, 0, 0), thread (0, 0, 0): data race between blocks: writes 4 bytes at offset 0 of argument 0 (byte 0 of the access), which block (0, 0, 0) writes in the same launch}}
      // expected-note@below {{access of block (0, 0, 0), thread (0, 0, 0)}}
      llvm.store %x, %p : f32, !llvm.ptr
      llvm.return
    }

    // The lane that is read has left.
    llvm.func @shuffle_from_nobody(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %thread = nvvm.read.ptx.sreg.tid.x : i32
      %c16 = llvm.mlir.constant(16 : i32) : i32
      %c31 = llvm.mlir.constant(31 : i32) : i32
      %all = llvm.mlir.constant(-1 : i32) : i32
      %low = llvm.icmp "slt" %thread, %c16 : i32
      llvm.cond_br %low, ^shuffle, ^end
    ^shuffle:
      // expected-error@below {{thread (0, 0, 0): reads the value of lane 16, which does not take part}}
      %x = nvvm.shfl.sync bfly %all, %thread, %c16, %c31 : i32 -> i32
      llvm.br ^end
    ^end:
      llvm.return
    }

    llvm.func @no_mbarrier(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %base = llvm.mlir.addressof @shared : !llvm.ptr<3>
      // expected-error@below {{mbarrier: there is no initialized mbarrier object at this address}}
      %state = nvvm.mbarrier.arrive %base : !llvm.ptr<3> -> i64
      llvm.return
    }
  }

  func.func @main(%a: memref<63xf32>) {
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c32 = arith.constant 32 : index
    %c64 = arith.constant 64 : index
    gpu.launch_func @kernels::@shared_out_of_bounds blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@global_out_of_bounds blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@local_out_of_bounds blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@read_only blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@misaligned_vector blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@misaligned_ldmatrix blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@misaligned_copy blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@uninitialized blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@copy_not_waited_for blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@copy_without_barrier blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@overwritten_too_early blocks in (%c1, %c1, %c1) threads in (%c64, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@block_race blocks in (%c2, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@shuffle_from_nobody blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1) args(%a : memref<63xf32>)
    gpu.launch_func @kernels::@no_mbarrier blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<63xf32>)
    return
  }
}
