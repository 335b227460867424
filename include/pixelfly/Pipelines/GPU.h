//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The way from a train step to GPU kernels, and from these to machine code.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_GPU_H
#define PIXELFLY_PIPELINES_GPU_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::pixelfly {

/// What the kernels of a module become.
enum class GPUCode {
  LLVM,   ///< the LLVM dialect with the intrinsics of NVVM
  PTX,    ///< assembly in a gpu.binary
  Cubin,  ///< machine code of the chip in a gpu.binary; needs ptxas
  Fatbin, ///< machine code and assembly in a gpu.binary; needs the CUDA toolkit
};

/// Options of the GPU pipeline.
struct GPUPipelineOptions : public PassPipelineOptions<GPUPipelineOptions> {
  PassOptions::Option<std::string> chip{
      *this, "chip",
      llvm::cl::desc(
          "Processor that the code is for, as NVPTX calls it: sm_80, "
          "sm_90a, ..."),
      llvm::cl::init("sm_80")};
  PassOptions::Option<GPUCode> code{
      *this, "code", llvm::cl::desc("What the kernels become"),
      llvm::cl::init(GPUCode::PTX),
      llvm::cl::values(
          clEnumValN(GPUCode::LLVM, "llvm",
                     "LLVM dialect with the intrinsics of NVVM"),
          clEnumValN(GPUCode::PTX, "ptx", "Assembly in a gpu.binary"),
          clEnumValN(GPUCode::Cubin, "cubin",
                     "Machine code in a gpu.binary; needs ptxas"),
          clEnumValN(GPUCode::Fatbin, "fatbin",
                     "Machine code and assembly in a gpu.binary; needs ptxas "
                     "and fatbinary"))};
};

/// Lowers the `gpu.module`s of a module (kernels in gpu, nvgpu, nvvm, scf,
/// arith, memref and vector operations) to the LLVM dialect, and that to
/// `code`. A kernel's memrefs become bare pointers to their first element, in
/// order: it is launched with one pointer an operand. Everything outside of the
/// `gpu.module`s stays, the launches too.
void buildGPUToNVVMPipeline(OpPassManager &manager,
                            const GPUPipelineOptions &options);

/// Lowers `@train_step` and `@evaluate` on tensors (after Phase::Tile) to
/// kernels, which become `code`, and to C entry points in the LLVM dialect
/// (`pf_train_step`, `pf_evaluate`; runtime/include/pixelfly-rt/abi.h). All
/// addresses that these take are memory of the device, the arena too; they hold
/// nothing but address arithmetic and launches on one stream, which they ask the
/// runtime for (`mgpuStreamCreate`) and never wait for. Launches stay
/// `gpu.launch_func <%stream>` on bare pointers: the translation to LLVM IR
/// makes calls of `mgpuLaunchKernel` of them. The module attribute
/// `pixelfly.entry_points` says what the functions take.
void buildGPUArtifactPipeline(OpPassManager &manager,
                              const GPUPipelineOptions &options);

/// Registers `--pixelfly-gpu-to-nvvm` and `--pixelfly-gpu-artifact`.
void registerGPUPipelines();

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_GPU_H
