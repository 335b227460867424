// Without the toolkit the error says what is missing and where it was looked for.
//
// REQUIRES: ptxas
// RUN: pixelfly-opt %s --pixelfly-gpu-to-nvvm=code=ptx -o %t.mlir
// RUN: rm -rf %t.root && mkdir -p %t.root/bin
// RUN: not env CUDA_ROOT=%t.root pixelfly-opt %t.mlir --pixelfly-gpu-assemble 2>&1 | FileCheck %s -DTOOL=ptxas
// RUN: ln -s %ptxas %t.root/bin/ptxas
// RUN: not env CUDA_ROOT=%t.root pixelfly-opt %t.mlir --pixelfly-gpu-assemble 2>&1 | FileCheck %s -DTOOL=fatbinary
// CHECK: error: cannot make machine code for a GPU: [[TOOL]] of the CUDA toolkit is not in {{.*}}.root/bin, where CUDA_ROOT points; install the toolkit, or set CUDA_ROOT to where it is
gpu.module @kernels {
  gpu.func @nothing() kernel { gpu.return }
}
