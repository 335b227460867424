// RUN: pixelfly-opt %s --pixelfly-gpu-replace-libdevice | FileCheck %s

gpu.module @kernels {
  // CHECK-NOT: @__nv_sqrtf
  // CHECK-NOT: @__nv_fma
  // CHECK:     llvm.func @__nv_expf(f32) -> f32
  llvm.func @__nv_sqrtf(f32) -> f32
  llvm.func @__nv_fma(f64, f64, f64) -> f64
  llvm.func @__nv_expf(f32) -> f32

  // CHECK-LABEL: llvm.func @f
  // CHECK-SAME:    (%[[X:.*]]: f32, %[[Y:.*]]: f64)
  // CHECK-NEXT:    llvm.intr.sqrt(%[[X]]) : (f32) -> f32
  // CHECK-NEXT:    llvm.intr.fma(%[[Y]], %[[Y]], %[[Y]]) : (f64, f64, f64) -> f64
  // CHECK-NEXT:    llvm.call @__nv_expf
  llvm.func @f(%x: f32, %y: f64) {
    %0 = llvm.call @__nv_sqrtf(%x) : (f32) -> f32
    %1 = llvm.call @__nv_fma(%y, %y, %y) : (f64, f64, f64) -> f64
    %2 = llvm.call @__nv_expf(%0) : (f32) -> f32
    llvm.return
  }
}
