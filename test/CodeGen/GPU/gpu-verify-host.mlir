// RUN: pixelfly-opt %s --split-input-file --pixelfly-gpu-verify-host --verify-diagnostics | FileCheck %s

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @a(%x: memref<4xf32>) kernel { gpu.return }
  }
  // Buffers and where they lie: all that the host may know.
  // CHECK-LABEL: func @launches
  func.func @launches(%x: memref<2x4xf32>) {
    %c1 = arith.constant 1 : index
    %0 = memref.collapse_shape %x [[0, 1]] : memref<2x4xf32> into memref<8xf32>
    %1 = memref.subview %0[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
    %2 = memref.cast %1 : memref<4xf32, strided<[1]>> to memref<4xf32>
    %3 = memref.alloc() : memref<4xf32>
    gpu.launch_func @kernels::@a blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%2 : memref<4xf32>)
    memref.dealloc %3 : memref<4xf32>
    return
  }
}

// -----

func.func @load(%loss: memref<f32>, %x: memref<4xf32>) {
  // expected-error @below {{'memref.load' op is left on the host of a GPU program, which may only launch kernels}}
  %0 = memref.load %loss[] : memref<f32>
  return
}

// -----

func.func @copy(%x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @below {{'memref.copy' op is left on the host}}
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}

// -----

func.func @product(%x: memref<64x64xf32>, %w: memref<16x8x8xf32>, %y: memref<64x64xf32>) {
  // expected-error @below {{'pixelfly.matmul' op is left on the host}}
  pixelfly.matmul ins(%x, %w : memref<64x64xf32>, memref<16x8x8xf32>) outs(%y : memref<64x64xf32>)
    pattern #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 8, radices = [2, 2, 2], factors = 1>
  return
}
