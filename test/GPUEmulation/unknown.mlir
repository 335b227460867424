// What the emulator does not know is refused at the operation.

// RUN: pixelfly-gpu-emulate %s --verify-diagnostics

module attributes {gpu.container_module} {
  gpu.module @operation {
    llvm.func @kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      // expected-error@below {{the emulator does not know this operation}}
      nvvm.breakpoint
      llvm.return
    }
  }
  gpu.module @assembly {
    llvm.func @kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      // expected-error@below {{the emulator does not know this inline PTX: brkpt;}}
      llvm.inline_asm has_side_effects asm_dialect = att "brkpt;", "" : () -> ()
      llvm.return
    }
  }
  gpu.module @type {
    llvm.func @kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      // expected-error@below {{the emulator does not know type 'i7'}}
      %x = llvm.load %a : !llvm.ptr -> i7
      llvm.return
    }
  }
  gpu.module @function {
    llvm.func @__nv_unheard_of(f32) -> f32
    llvm.func @kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      %x = llvm.load %a : !llvm.ptr -> f32
      // expected-error@below {{the emulator knows no device function '__nv_unheard_of'}}
      %y = llvm.call @__nv_unheard_of(%x) : (f32) -> f32
      llvm.return
    }
  }
  gpu.module @shared {
    llvm.mlir.global external @dynamic() {addr_space = 3 : i32} : !llvm.array<0 x i8>
    // expected-error@below {{needs 300000 bytes of shared memory; no block gets more than 232448}}
    llvm.func @kernel(%a: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
  func.func @main(%a: memref<64xf32>) {
    %c1 = arith.constant 1 : index
    %bytes = arith.constant 300000 : i32
    gpu.launch_func @operation::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<64xf32>)
    gpu.launch_func @assembly::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<64xf32>)
    gpu.launch_func @type::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<64xf32>)
    gpu.launch_func @function::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%a : memref<64xf32>)
    gpu.launch_func @shared::@kernel blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) dynamic_shared_memory_size %bytes args(%a : memref<64xf32>)
    return
  }
}
