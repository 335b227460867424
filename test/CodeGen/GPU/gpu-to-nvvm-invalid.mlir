// Without the assembler, machine code is refused in words that say what to do;
// PTX needs no toolkit.
// RUN: env CUDA_ROOT=%t CUDA_HOME=%t CUDA_PATH=%t PATH= %obj_root/bin/pixelfly-opt %s --pixelfly-gpu-to-nvvm=code=ptx -o %t.mlir
// RUN: not env CUDA_ROOT=%t CUDA_HOME=%t CUDA_PATH=%t PATH= %obj_root/bin/pixelfly-opt %s --pixelfly-gpu-to-nvvm=code=cubin 2>&1 | FileCheck %s
// RUN: not pixelfly-opt %s --pixelfly-gpu-to-nvvm=code=elf 2>&1 | FileCheck %s --check-prefix=CODE

// CHECK: ptxas
// CODE: Cannot find option named 'elf'
gpu.module @kernels {
  gpu.func @nothing() kernel { gpu.return }
}
