// RUN: pixelfly-opt %s --pixelfly-gpu-expand-math | FileCheck %s

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @rsqrt
  // CHECK:         %[[ROOT:.*]] = math.sqrt %{{.*}} : f32
  // CHECK:         arith.divf %{{.*}}, %[[ROOT]]
  gpu.func @rsqrt(%x: memref<f32>) kernel {
    %0 = memref.load %x[] : memref<f32>
    %1 = math.rsqrt %0 : f32
    memref.store %1, %x[] : memref<f32>
    gpu.return
  }

  // No call of a library is left of what a train step needs.
  // CHECK-LABEL: gpu.func @polynomials
  // CHECK-NOT:     math.{{(erf|exp|tanh|log)}}
  // CHECK:         gpu.return
  gpu.func @polynomials(%x: memref<f32>) kernel {
    %0 = memref.load %x[] : memref<f32>
    %1 = math.erf %0 : f32
    %2 = math.exp %1 : f32
    %3 = math.tanh %2 : f32
    %4 = math.log %3 : f32
    memref.store %4, %x[] : memref<f32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @power_of_constant
  // CHECK-NOT:     math.powf
  // CHECK:         math.roundeven
  // CHECK:         arith.fptosi
  // CHECK:         gpu.return
  gpu.func @power_of_constant(%x: memref<f64>) kernel {
    %base = arith.constant 0.999 : f64
    %0 = memref.load %x[] : memref<f64>
    %1 = math.powf %base, %0 : f64
    memref.store %1, %x[] : memref<f64>
    gpu.return
  }

  // The base must be a positive constant.
  // CHECK-LABEL: gpu.func @power
  // CHECK:         math.powf
  // CHECK:         math.powf
  gpu.func @power(%x: memref<f64>) kernel {
    %negative = arith.constant -2.0 : f64
    %0 = memref.load %x[] : memref<f64>
    %1 = math.powf %0, %0 : f64
    %2 = math.powf %negative, %1 : f64
    memref.store %2, %x[] : memref<f64>
    gpu.return
  }
}
