// The kernel of shared-memory.mlir without its barrier: the threads that run first
// read what nobody has written, the others race.

// RUN: pixelfly-gpu-emulate %s --verify-diagnostics

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @reverse(%a: memref<3x8xf32>)
        workgroup(%shared : memref<8xf32, #gpu.address_space<workgroup>>) kernel {
      %thread = gpu.thread_id x
      %block = gpu.block_id x
      %c7 = arith.constant 7 : index
      %mine = memref.load %a[%block, %thread] : memref<3x8xf32>
      // expected-error@below {{kernel 'reverse', block (0, 0, 0), thread (4, 0, 0): data race: writes 4 bytes at shared address 0x410 (byte 0 of the access), and no barrier orders this after the read by thread (3, 0, 0)}}
      // expected-note@below {{other access, a write by thread (3, 0, 0)}}
      memref.store %mine, %shared[%thread] : memref<8xf32, #gpu.address_space<workgroup>>
      %mirrored = arith.subi %c7, %thread : index
      // expected-error@below {{thread (0, 0, 0): uninitialized: reads 4 bytes at shared address 0x41c (byte 0 of the access), which nothing has written}}
      // expected-error@below {{thread (4, 0, 0): data race: reads 4 bytes at shared address 0x40c (byte 0 of the access), and no barrier orders this after the write by thread (3, 0, 0)}}
      // expected-note@below {{other access, a read by thread (3, 0, 0)}}
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
}
