// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_CODEGEN_GPU_PASSES_TD
#define PIXELFLY_CODEGEN_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def GPUChooseTiles : Pass<"pixelfly-gpu-choose-tiles", "::mlir::ModuleOp"> {
  let summary = "Choose the tile sizes of products on a GPU";
  let description = [{
    Writes `#pixelfly.gpu_tile` on every `pixelfly.matmul`, `pixelfly.sddmm` and
    linalg contraction on memrefs that has a GPU kernel and no GPU tile yet. The
    sizes follow from the shape, the pattern's block, and the module's description
    of the GPU (shared memory, multiprocessors); the lowering obeys them. Dense
    products get the tile for which the busiest multiprocessor has the least to
    do. A product without a kernel gets none; `--pixelfly-gpu-lower-products` says
    why.

    Before:
    ```mlir
    pixelfly.matmul ins(%x, %w : memref<512x1024xbf16>, memref<192x32x32xbf16>)
      outs(%y : memref<512x1024xf32>) pattern #p
    ```
    After, for 164 KiB of shared memory:
    ```mlir
    pixelfly.matmul ins(%x, %w : memref<512x1024xbf16>, memref<192x32x32xbf16>)
      outs(%y : memref<512x1024xf32>) pattern #p
      {pixelfly.tile = #pixelfly.gpu_tile<rows = 128, columns = 32,
         reduction = 32, stages = 4, warps = [4, 1, 1]>}
    ```
  }];
  let dependentDialects = ["::mlir::pixelfly::PixelflyDialect"];
  let statistics = [
    Statistic<"numChosen", "chosen", "Products that were given a tile">
  ];
}

def GPULowerProducts : Pass<"pixelfly-gpu-lower-products", "::mlir::ModuleOp"> {
  let summary = "Lower products to tensor-core kernels";
  let description = [{
    Replaces `pixelfly.matmul`, `pixelfly.sddmm` and linalg contractions on
    memrefs by launches of kernels that it puts into `gpu.module
    @pixelfly_kernels`; equal products share a kernel. Memrefs must lie in memory that the device reads, on 16 bytes.

    A thread block computes one tile of the result. Panels of both operands
    stream through shared memory, several under way at a time (`cp.async`); warps
    load fragments with `ldmatrix` and multiply them with `mma.sync`, bf16 and f16
    as they are, f32 rounded to tf32, all sums in f32. Tiles in shared memory are
    swizzled so that no access meets a bank twice. What lies outside of the
    matrices is filled with zeros by the copies themselves, so that any number of
    rows works.

    Neighbours in a flat butterfly are arithmetic on the block row, an exclusive
    or where all radices are two; nothing is loaded. Other patterns get constant
    tables. A dense contraction, batched, transposed or summed over several loops,
    is the same loop over all its terms; rows that do not begin on 16 bytes are
    copied in pieces of 8 or 4.

    The schedule is static: no atomics, no work list. Every result is summed by
    one thread block in a fixed order, so it has the same bits in every run.

    A `linalg.fill` with zero that gives the destination its contents is erased:
    the kernel then starts from zero. Products without a kernel (on tensors,
    blocks of 8, other element types, rows that do not begin at a multiple of 16
    bytes, or of 4 of a dense operand, tiles for which there is not enough shared memory) stay, with a remark
    that says why; so do contractions with one row, one column or one term.

    Before:
    ```mlir
    linalg.fill ins(%zero : f32) outs(%y : memref<512x1024xf32>)
    pixelfly.matmul ins(%x, %w : memref<512x1024xbf16>, memref<192x32x32xbf16>)
      outs(%y : memref<512x1024xf32>) pattern #p
    ```
    After, in outline:
    ```mlir
    gpu.module @pixelfly_kernels {
      gpu.func @matmul_bf16_32(%x: memref<512x1024xbf16>, %w: memref<192x32x32xbf16>,
                               %y: memref<512x1024xf32>)
          kernel attributes {known_block_size = array<i32: 128, 1, 1>} {
        %block_row = gpu.block_id x
        %left = memref.view %shared[%c0][] : ... to memref<16384xbf16, workgroup>
        // copies of the first three panels
        %sums:34 = scf.for %i = %c0 to %count step %c1 iter_args(...) {
          nvvm.cp.async.wait.group 2
          gpu.barrier
          %neighbor = arith.xori %block_row, %bit : index
          nvgpu.device_async_copy %x[...], %left[...], 8 ...   // panel %i + 3
          nvvm.cp.async.commit.group
          %a = nvgpu.ldmatrix %left[...] ... -> vector<4x2xbf16>
          %b = nvgpu.ldmatrix %right[...] ... -> vector<4x2xbf16>
          %d = nvvm.mma.sync A[...] B[...] C[...] ...
          ...
        }
        vector.store ..., %y[...]
        gpu.return
      }
    }
    gpu.launch_func @pixelfly_kernels::@matmul_bf16_32 blocks in (%c32, %c4, %c1)
      threads in (%c128, %c1, %c1) dynamic_shared_memory_size %c40960_i32
      args(%x : ..., %w : ..., %y : ...)
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::nvgpu::NVGPUDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::pixelfly::PixelflyDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
  let statistics = [
    Statistic<"numLowered", "lowered", "Products lowered to launches">,
    Statistic<"numKernels", "kernels", "Kernels made for them">,
    Statistic<"numLeft", "left", "Products without a kernel">,
    Statistic<"numFills", "fills", "Fills with zero made unnecessary">
  ];
}

#endif // PIXELFLY_CODEGEN_GPU_PASSES_TD
