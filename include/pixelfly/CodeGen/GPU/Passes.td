// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_CODEGEN_GPU_PASSES_TD
#define PIXELFLY_CODEGEN_GPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def GPUAssemble : Pass<"pixelfly-gpu-assemble", "::mlir::ModuleOp"> {
  let summary = "Assemble PTX for several chips into one fat binary";
  let description = [{
    Replaces the PTX of every `gpu.binary` by a fat binary: machine code for each
    of `chips`, and the PTX itself, from which the driver makes machine code for
    chips that have none. When it is loaded the driver takes what fits.

    Runs `ptxas` and `fatbinary` of the CUDA toolkit, which need neither GPU nor
    driver. They are taken from `$CUDA_ROOT/bin`, or if that is not set, from
    `PATH` or `/usr/local/cuda/bin`. What `ptxas` warns of becomes warnings: spilled
    registers, and tensor-core instructions that it must run one after the other.

    PTX of a chip with a letter (`sm_90a`) runs on that chip alone, so it is left
    out; `chips` must then be that chip. Other PTX is assembled for every chip
    from its own on.

    The attribute `pixelfly.gpu_code` on the module records what was made, for
    the manifest.

    Before:
    ```mlir
    gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80", features = "+ptx80">,
                         assembly = "// PTX ...">]
    ```
    After, with `chips=sm_80,sm_90`:
    ```mlir
    module attributes {pixelfly.gpu_code = {chips = ["sm_80", "sm_90"],
                       chips_driver = "13.0", ptx = "sm_80", ptx_driver = "12.0"}} {
      gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80", features = "+ptx80">,
                           "...">]
    }
    ```
  }];
  let options = [
    ListOption<"chips", "chips", "std::string",
               "Chips to make machine code for; default: the PTX's own">
  ];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
  let statistics = [
    Statistic<"numBinaries", "binaries", "Fat binaries made">,
    Statistic<"numBytes", "bytes", "Bytes of them">
  ];
}

def GPUBufferScalars : Pass<"pixelfly-gpu-buffer-scalars", "::mlir::func::FuncOp"> {
  let summary = "Compute scalars on the device";
  let description = [{
    A train step reads numbers from buffers (the learning rate, the norm of the
    gradient), computes with them, and passes the results to operations on
    buffers. Where the buffers lie in the memory of a GPU, the host cannot read
    them. This pass makes each straight run of such arithmetic one
    `linalg.generic` without loops; what others read goes through buffers of rank
    0.

    A scalar that something else than a linalg operation reads, and loads and
    stores at addresses that are not constants, are errors.

    Before:
    ```mlir
    %n = memref.load %norm[] : memref<f32>
    %s = arith.divf %one, %n : f32
    linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
      ins(%g : memref<8xf32>) outs(%y : memref<8xf32>) {
    ^bb0(%in: f32, %out: f32):
      %0 = arith.mulf %in, %s : f32
      linalg.yield %0 : f32
    }
    ```
    After:
    ```mlir
    %alloc = memref.alloc() : memref<f32>
    linalg.generic {indexing_maps = [#none, #none], iterator_types = []}
      ins(%norm : memref<f32>) outs(%alloc : memref<f32>) {
    ^bb0(%in: f32, %out: f32):
      %0 = arith.divf %one, %in : f32
      linalg.yield %0 : f32
    }
    linalg.generic {indexing_maps = [#row, #scalar, #row], iterator_types = ["parallel"]}
      ins(%g, %alloc : memref<8xf32>, memref<f32>) outs(%y : memref<8xf32>) {
    ^bb0(%in: f32, %s: f32, %out: f32):
      %0 = arith.mulf %in, %s : f32
      linalg.yield %0 : f32
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect"
  ];
  let statistics = [
    Statistic<"numGroups", "groups", "Runs of scalar arithmetic moved">,
    Statistic<"numReaders", "readers", "Operations that read a buffer instead of a scalar">
  ];
}

def GPUChainLaunches : Pass<"pixelfly-gpu-chain-launches", "::mlir::func::FuncOp"> {
  let summary = "Put all launches of a function on one stream";
  let description = [{
    Each launch waits for the one before it, and nobody waits for the last one:
    lowered to calls of the runtime, the function asks for a stream once, and
    launches on it, without a synchronisation. So it can be captured as a graph.

    Before:
    ```mlir
    gpu.launch_func @kernels::@a blocks in (...) threads in (...) args(...)
    gpu.launch_func @kernels::@b blocks in (...) threads in (...) args(...)
    ```
    After:
    ```mlir
    %0 = gpu.wait async
    %1 = gpu.launch_func async [%0] @kernels::@a blocks in (...) threads in (...) args(...)
    %2 = gpu.launch_func async [%1] @kernels::@b blocks in (...) threads in (...) args(...)
    ```
  }];
  let dependentDialects = ["::mlir::gpu::GPUDialect"];
  let statistics = [Statistic<"numLaunches", "launches", "Launches chained">];
}

def GPUAnnotateBranches : Pass<"pixelfly-gpu-annotate-branches", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Hand what is said of loops to the branches that LLVM knows";
  let description = [{
    An annotation of a loop (`llvm.loop_annotation` on `scf.for`: do not unroll)
    is copied to the loop's branch by upstream's conversions, under the name it
    had; the translation to LLVM IR reads the branch's own. For kernels whose
    control flow is LLVM's already.

    Before:
    ```mlir
    llvm.br ^bb1(%i : i64) {llvm.loop_annotation = #rolled}
    ```
    After:
    ```mlir
    llvm.br ^bb1(%i : i64) {loop_annotation = #rolled}
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def GPUChooseTiles : Pass<"pixelfly-gpu-choose-tiles", "::mlir::ModuleOp"> {
  let summary = "Choose the tile sizes of products on a GPU";
  let description = [{
    Writes `#pixelfly.gpu_tile` on every `pixelfly.matmul`, `pixelfly.sddmm` and
    linalg contraction on memrefs that has a GPU kernel and no GPU tile yet. The
    sizes follow from the shape, the pattern's block, and the module's description
    of the GPU (shared memory, multiprocessors); the lowering obeys them. Dense
    products get the tile for which the busiest multiprocessor has the least to
    do. Where the GPU has warp groups (its matrix unit multiplies 64 rows at once:
    sm_90a), products on patterns get tiles for them: `warps = [4 g, 1, 1]` for g
    groups. A product without a kernel gets none; `--pixelfly-gpu-lower-products` says
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

def GPUExpandMath : Pass<"pixelfly-gpu-expand-math", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Expand elementary functions in kernels";
  let description = [{
    In kernels, `exp`, `log`, `tanh`, `erf` and the like on f32 become the
    polynomials of the CPU's vectorised code, so that both give nearly the same
    numbers, and `rsqrt` a division by a square root. `math.powf` on f64 with a
    constant base, the bias correction of Adam, becomes an exponential in f64
    (relative error below 1e-13 where the result is a normal number).

    Before:
    ```mlir
    %0 = math.rsqrt %x : f32
    ```
    After:
    ```mlir
    %0 = math.sqrt %x : f32
    %1 = arith.divf %one, %0 : f32
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def GPULowerLinalg : Pass<"pixelfly-gpu-lower-linalg", "::mlir::ModuleOp"> {
  let summary = "Lower linalg operations to GPU kernels";
  let description = [{
    Replaces every linalg operation on memrefs, every `memref.copy` included, by
    the launch of a kernel in `gpu.module @pixelfly_kernels`; equal operations
    share a kernel. Memrefs must have static shapes and strides, lie in memory
    that the device reads, and begin at a multiple of 16 bytes.

    * Without reductions: neighbouring threads take neighbouring elements of the
      loop along which most operands are contiguous, 16 bytes each where all these
      operands allow it. Up to 16 operations that stand together and do not depend
      on each other (the updates of parameters) share a launch, with thread blocks
      of their own.
    * Reductions along contiguous memory (rows, or everything): a warp for each
      result, or a thread block if it has more than 1024 terms. Threads pass their
      sums by shuffles and through shared memory.
    * Other reductions (columns): neighbouring threads have neighbouring results;
      eight threads share the terms of one, and add their sums through shared
      memory.
    * Reductions with too few results to fill the GPU: several thread blocks
      leave their sums in a buffer, and a second kernel adds these.

    Which thread adds what is fixed, and there are no atomics: every result has
    the same bits in every run. A reduction whose body is not an associative
    combination of the result and a term, or is of another type than 32-bit
    numbers, is computed by one thread a result, in order.

    A `linalg.fill` with a constant that only gives a reduction its initial value
    is erased: the kernel starts from the constant. A contraction that gets here
    has no tensor-core kernel, and a remark says so.

    * A loop of the host around one elementwise operation (the gradient of a
      lookup adds rows to those of a table): each thread runs the loop for an
      element of the row, so that the order of the additions is the loop's.
    * A constant tensor (`memref.get_global`) is memory of the host: a kernel
      writes it to a buffer.

    What has no form as a kernel is an error at the operation. Scalars that the
    host computes must have been moved to the device
    (`--pixelfly-gpu-buffer-scalars`).

    Before:
    ```mlir
    linalg.generic {indexing_maps = [#rows, #rows], iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<64x512xf32>) outs(%y : memref<64x512xf32>) {
    ^bb0(%in: f32, %out: f32):
      %0 = arith.mulf %in, %in : f32
      linalg.yield %0 : f32
    }
    ```
    After, in outline:
    ```mlir
    gpu.module @pixelfly_kernels {
      gpu.func @elementwise_32768(%x: memref<32768xf32>, %y: memref<32768xf32>)
          kernel attributes {known_block_size = array<i32: 256, 1, 1>} {
        %group = ... // block * 256 + thread
        %first = arith.muli %group, %c4 : index
        %values = vector.load %x[%first] : memref<32768xf32>, vector<4xf32>
        ...
        vector.store %squares, %y[%first] : memref<32768xf32>, vector<4xf32>
        gpu.return
      }
    }
    %flat = memref.reinterpret_cast %x ... : memref<64x512xf32> to memref<32768xf32>
    ...
    gpu.launch_func @pixelfly_kernels::@elementwise_32768 blocks in (%c32, %c1, %c1)
      threads in (%c256, %c1, %c1) args(%flat : ..., %flat_0 : ...)
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"
  ];
  let statistics = [
    Statistic<"numElementwise", "elementwise", "Operations without reductions lowered">,
    Statistic<"numShared", "shared", "Operations in the launch of another one">,
    Statistic<"numReductions", "reductions", "Reductions lowered">,
    Statistic<"numLoops", "loops", "Loops lowered">,
    Statistic<"numConstants", "constants", "Constants written by kernels">,
    Statistic<"numKernels", "kernels", "Kernels made for them">,
    Statistic<"numFills", "fills", "Fills made unnecessary">
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

    Where the GPU has warp groups (sm_90a), `pixelfly.matmul` of 2-byte elements in
    blocks of 32 or more, and `pixelfly.sddmm` in blocks of 64 or more, become
    persistent kernels: one warp group fetches panels by TMA, handing them over
    with mbarriers, and one or two others multiply them with `wgmma`; the host has
    the runtime make tensor maps (`nvgpu.tma.create.descriptor`).

    Neighbours in a flat butterfly are arithmetic on the block row, an exclusive
    or where all radices are two; nothing is loaded. Other patterns get constant
    tables. A dense contraction, batched, transposed or summed over several loops,
    is the same loop over all its terms; rows that do not begin on 16 bytes are
    copied in pieces of 8 or 4.

    The schedule is static: no atomics, no work list. Every result is summed by
    one thread block in a fixed order, so it has the same bits in every run.

    What `--pixelfly-decompose-linear` made of a layer becomes one kernel again, if
    its operations stand as it left them: a row that is broadcast into the
    destination (the bias) is what the sums begin with, and a contraction that
    adds to the destination next (the low-rank term) is more panels of the same
    sums. A `linalg.generic` that then computes one element of another buffer from
    each f32 result, and nothing else, is the kernel's epilogue: a dense product
    takes one, too. The product's own result is written only if something else
    reads it. The kernel takes the place of the last of them.

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
    Statistic<"numFused", "fused", "Biases, low-rank terms and functions of results taken into a product's kernel">,
    Statistic<"numLeft", "left", "Products without a kernel">,
    Statistic<"numFills", "fills", "Fills with zero made unnecessary">
  ];
}

def GPUReplaceLibdevice : Pass<"pixelfly-gpu-replace-libdevice", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Replace calls of libdevice by instructions";
  let description = [{
    The lowering of the math dialect calls NVIDIA's libdevice for everything.
    Where the GPU has an instruction that rounds to nearest (square root, fused
    multiply-add, absolute value, rounding to integers) its intrinsic takes the
    place of the call, so that the kernels need no library.

    Before:
    ```mlir
    %0 = llvm.call @__nv_sqrtf(%x) : (f32) -> f32
    ```
    After:
    ```mlir
    %0 = llvm.intr.sqrt(%x) : (f32) -> f32
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numReplaced", "replaced", "Calls replaced">];
}

def GPUVerifyHost : Pass<"pixelfly-gpu-verify-host", "::mlir::func::FuncOp"> {
  let summary = "Check that the host only launches kernels";
  let description = [{
    The contract of the host's part of a GPU program: nothing but launches,
    allocations, views of buffers and constants is left in the function. Anything
    else would read or write memory of the device from the host, and is an error
    at the operation. It changes nothing.

    Example: a function with
    ```mlir
    %0 = memref.load %loss[] : memref<f32>
    ```
    fails with `error: 'memref.load' op is left on the host of a GPU program,
    which may only launch kernels: ...`.
  }];
}

#endif // PIXELFLY_CODEGEN_GPU_PASSES_TD
