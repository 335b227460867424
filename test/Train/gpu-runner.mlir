// The mgpu functions as a shared library, for mlir-runner. The double of the
// driver accepts the kernel and runs nothing; what is seen is the calls.
//
// DEFINE: %{run} = mlir-runner --entry-point-result=void --shared-libs=%obj_root/lib/libpixelfly_cuda_runtime.so -e main %t.mlir
// RUN: mlir-opt %s --gpu-module-to-binary=format=isa --gpu-to-llvm="use-bare-pointers-for-kernels=1" --convert-to-llvm --reconcile-unrealized-casts -o %t.mlir
// RUN: rm -f %t.log && %cuda PIXELFLY_CUDA_DOUBLE=log=%t.log %{run}
// RUN: FileCheck %s --input-file=%t.log
// CHECK: device 0
// CHECK-NEXT: load
// CHECK-NEXT: allocate 64
// CHECK-NEXT: tensor map 7: 8/4 2/1 swizzle 0
// CHECK-NEXT: allocate 32768
// CHECK-NEXT: upload 128
// CHECK-NEXT: launch touch 3x1x1 32x1x1 64
// CHECK-NEXT: run touch

// A failure ends the process: there is nobody to tell it to.
//
// RUN: %cuda PIXELFLY_CUDA_DOUBLE=fault=touch not %{run} 2>&1 | FileCheck %s --check-prefix=FAULT
// FAULT: error: cuMemFree failed on device 0 (Double, sm_90): CUDA_ERROR_ILLEGAL_ADDRESS
// RUN: %cuda PIXELFLY_CUDA_DOUBLE=devices=0 not %{run} 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: the NVIDIA driver finds no GPU
// RUN: env LD_LIBRARY_PATH=%t.none not %{run} 2>&1 | FileCheck %s --check-prefix=DRIVER
// DRIVER: error: there is no NVIDIA driver on this machine

module attributes {gpu.container_module} {
  gpu.module @kernels [#nvvm.target<chip = "sm_90", features = "+ptx80">] {
    llvm.func @touch(%buffer: !llvm.ptr, %map: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
      llvm.return
    }
  }
  llvm.func @mgpuTensorMapEncodeTiledMemref(i64, !llvm.ptr, i64, i64, i64, i64, i64, !llvm.ptr) -> !llvm.ptr
  func.func @main() {
    %grid = arith.constant 3 : index
    %threads = arith.constant 32 : index
    %one = arith.constant 1 : index
    %shared = arith.constant 64 : i32
    %start = gpu.wait async
    %buffer, %allocated = gpu.alloc async [%start] () : memref<2x8xf32>
    %map = func.call @describe(%buffer) : (memref<2x8xf32>) -> !llvm.ptr
    %launched = gpu.launch_func async [%allocated] @kernels::@touch blocks in (%grid, %one, %one) threads in (%threads, %one, %one)
        dynamic_shared_memory_size %shared args(%buffer : memref<2x8xf32>, %map : !llvm.ptr)
    %freed = gpu.dealloc async [%launched] %buffer : memref<2x8xf32>
    gpu.wait [%freed]
    return
  }
  // As nvgpu.tma.create.descriptor is lowered.
  func.func private @describe(%buffer: memref<2x8xf32>) -> !llvm.ptr {
    %descriptor = builtin.unrealized_conversion_cast %buffer : memref<2x8xf32>
        to !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>
    %zero = llvm.mlir.constant(0 : i64) : i64
    %one = llvm.mlir.constant(1 : i64) : i64
    %rank = llvm.mlir.constant(2 : i64) : i64
    %four = llvm.mlir.constant(4 : i64) : i64
    %f32 = llvm.mlir.constant(7 : i64) : i64
    %place = llvm.alloca %one x !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)> : (i64) -> !llvm.ptr
    llvm.store %descriptor, %place : !llvm.struct<(ptr, ptr, i64, array<2 x i64>, array<2 x i64>)>, !llvm.ptr
    %box = llvm.alloca %rank x i64 : (i64) -> !llvm.ptr
    llvm.store %one, %box : i64, !llvm.ptr
    %second = llvm.getelementptr %box[1] : (!llvm.ptr) -> !llvm.ptr, i64
    llvm.store %four, %second : i64, !llvm.ptr
    %map = llvm.call @mgpuTensorMapEncodeTiledMemref(%rank, %place, %f32, %zero, %zero, %zero, %zero, %box)
        : (i64, !llvm.ptr, i64, i64, i64, i64, i64, !llvm.ptr) -> !llvm.ptr
    return %map : !llvm.ptr
  }
}
