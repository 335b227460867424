// RUN: pixelfly-opt %s --pass-pipeline='builtin.module(gpu.module(convert-scf-to-cf,convert-gpu-to-nvvm,pixelfly-gpu-annotate-branches))' \
// RUN:   | FileCheck %s

#unroll = #llvm.loop_unroll<disable = true>
#rolled = #llvm.loop_annotation<unroll = #unroll>

// The loop's annotation ends on its branch; the other loop has none.
// CHECK-LABEL: llvm.func @loops
// CHECK-COUNT-1: loop_annotation = #loop_annotation
// CHECK-NOT:     loop_annotation
gpu.module @kernels {
  gpu.func @loops(%memory: memref<8xf32>, %end: index) kernel {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %one = arith.constant 1.0 : f32
    scf.for %i = %c0 to %end step %c1 {
      memref.store %one, %memory[%i] : memref<8xf32>
    } {llvm.loop_annotation = #rolled}
    scf.for %i = %c0 to %end step %c1 {
      memref.store %one, %memory[%i] : memref<8xf32>
    }
    gpu.return
  }
}
