// RUN: pixelfly-opt %s --pixelfly-gpu-chain-launches --verify-diagnostics

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @a() kernel { gpu.return }
  }
  func.func @chained(%c1: index) {
    // expected-error @below {{has a stream already}}
    %token = gpu.launch_func async @kernels::@a blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1)
    return
  }
}
