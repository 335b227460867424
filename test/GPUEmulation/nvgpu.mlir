// A product of one warp in upstream's dialects: asynchronous copies, ldmatrix and
// mma.sync of nvgpu, lowered by upstream's passes: here by the emulator, then by
// mlir-opt before it.

// RUN: pixelfly-gpu-emulate %s --reference=reference --statistics | FileCheck %s
// RUN: pixelfly-gpu-emulate %s --reference=reference --statistics --schedule=random --seed=3 | FileCheck %s
// RUN: mlir-opt %s --pass-pipeline="builtin.module(gpu.module(convert-nvgpu-to-nvvm,expand-strided-metadata,lower-affine,convert-scf-to-cf,convert-gpu-to-nvvm,convert-nvvm-to-llvm,reconcile-unrealized-casts))" \
// RUN:   | pixelfly-gpu-emulate --reference=reference --statistics | FileCheck %s

// CHECK-DAG: ldmatrix: 2
// CHECK-DAG: mma.sync: 1
// Rows of A are 32 bytes long: eight of them share four bank groups, twice each, in
// each of four matrices (one extra cycle); rows of B are 16 bytes and do not.
// CHECK: bank conflicts of matrix accesses: 4
// CHECK: argument 2: {{.*}} equal within the tolerance

#shared = #gpu.address_space<workgroup>
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @multiply(%a: memref<16x16xf16>, %b: memref<16x8xf16>, %d: memref<16x8xf32>)
        workgroup(%sa : memref<16x16xf16, #shared>, %sb : memref<16x8xf16, #shared>) kernel {
      %lane = gpu.thread_id x
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %c4 = arith.constant 4 : index
      %c8 = arith.constant 8 : index
      %c16 = arith.constant 16 : index
      %zeros = arith.constant dense<0.0> : vector<2x2xf32>
      // A has 32 pieces of 8, B 16.
      %row = arith.divui %lane, %c2 : index
      %half = arith.remui %lane, %c2 : index
      %column = arith.muli %half, %c8 : index
      %copyA = nvgpu.device_async_copy %a[%row, %column], %sa[%row, %column], 8 {bypassL1}
          : memref<16x16xf16> to memref<16x16xf16, #shared>
      %low = arith.cmpi ult, %lane, %c16 : index
      scf.if %low {
        %c0 = arith.constant 0 : index
        %copyB = nvgpu.device_async_copy %b[%lane, %c0], %sb[%lane, %c0], 8 {bypassL1}
            : memref<16x8xf16> to memref<16x8xf16, #shared>
      }
      %group = nvgpu.device_async_create_group
      nvgpu.device_async_wait %group {numGroups = 0 : i32}
      gpu.barrier
      // Lanes 0 to 15 give the rows of the left half of A, 16 to 31 of the right.
      %rowA = arith.remui %lane, %c16 : index
      %halfA = arith.divui %lane, %c16 : index
      %columnA = arith.muli %halfA, %c8 : index
      %fa = nvgpu.ldmatrix %sa[%rowA, %columnA] {numTiles = 4 : i32, transpose = false}
          : memref<16x16xf16, #shared> -> vector<4x2xf16>
      %c0 = arith.constant 0 : index
      %fb = nvgpu.ldmatrix %sb[%rowA, %c0] {numTiles = 2 : i32, transpose = true}
          : memref<16x8xf16, #shared> -> vector<2x2xf16>
      %fd = nvgpu.mma.sync (%fa, %fb, %zeros) {mmaShape = [16, 8, 16]}
          : (vector<4x2xf16>, vector<2x2xf16>, vector<2x2xf32>) -> vector<2x2xf32>
      %g = arith.divui %lane, %c4 : index
      %t = arith.remui %lane, %c4 : index
      %columnD = arith.muli %t, %c2 : index
      %lower = arith.addi %g, %c8 : index
      %upperD = vector.extract %fd[0] : vector<2xf32> from vector<2x2xf32>
      %lowerD = vector.extract %fd[1] : vector<2xf32> from vector<2x2xf32>
      vector.store %upperD, %d[%g, %columnD] : memref<16x8xf32>, vector<2xf32>
      vector.store %lowerD, %d[%lower, %columnD] : memref<16x8xf32>, vector<2xf32>
      gpu.return
    }
  }
  func.func @main(%a: memref<16x16xf16>, %b: memref<16x8xf16>, %d: memref<16x8xf32>) {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    gpu.launch_func @kernels::@multiply blocks in (%c1, %c1, %c1) threads in (%c32, %c1, %c1)
        args(%a : memref<16x16xf16>, %b : memref<16x8xf16>, %d : memref<16x8xf32>)
    return
  }
  func.func @reference(%a: memref<16x16xf64>, %b: memref<16x8xf64>, %d: memref<16x8xf64>) {
    %zero = arith.constant 0.0 : f64
    linalg.fill ins(%zero : f64) outs(%d : memref<16x8xf64>)
    linalg.matmul ins(%a, %b : memref<16x16xf64>, memref<16x8xf64>) outs(%d : memref<16x8xf64>)
    return
  }
}
