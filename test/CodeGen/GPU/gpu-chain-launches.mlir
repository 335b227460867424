// RUN: pixelfly-opt %s --pixelfly-gpu-chain-launches | FileCheck %s

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @a() kernel { gpu.return }
  }

  // CHECK-LABEL: func @two
  // CHECK:         %[[START:.*]] = gpu.wait async
  // CHECK-NEXT:    %[[FIRST:.*]] = gpu.launch_func async [%[[START]]] @kernels::@a
  // CHECK-NEXT:    gpu.launch_func async [%[[FIRST]]] @kernels::@a
  // CHECK-NEXT:    return
  func.func @two() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@a blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    gpu.launch_func @kernels::@a blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }

  // CHECK-LABEL: func @none
  // CHECK-NEXT:    return
  func.func @none() {
    return
  }
}
