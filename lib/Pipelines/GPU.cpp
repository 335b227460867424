//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/GPU.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// PTX 8.0 is what CUDA 12.0 reads, and the first that knows all of sm_90a.
static constexpr StringLiteral kPTXFeature = "+ptx80";

void pixelfly::buildGPUToNVVMPipeline(OpPassManager &manager,
                                      const GPUPipelineOptions &options) {
  GpuNVVMAttachTargetOptions target;
  target.chip = options.chip;
  target.features = kPTXFeature.str();
  target.optLevel = 3;
  manager.addPass(createGpuNVVMAttachTarget(target));

  OpPassManager &kernels = manager.nest<gpu::GPUModuleOp>();
  // Addresses that do not change in a loop are computed before it.
  kernels.addPass(createLoopInvariantCodeMotionPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createConvertNVGPUToNVVMPass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(createConvertVectorToLLVMPass());
  ConvertGpuOpsToNVVMOpsOptions toNVVM;
  toNVVM.useBarePtrCallConv = true;
  kernels.addPass(createConvertGpuOpsToNVVMOps(toNVVM));
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());

  GpuModuleToBinaryPassOptions binary;
  switch (options.code) {
  case GPUCode::LLVM:
    return;
  case GPUCode::PTX:
    binary.compilationTarget = "isa";
    break;
  case GPUCode::Cubin:
    binary.compilationTarget = "bin";
    break;
  case GPUCode::Fatbin:
    binary.compilationTarget = "fatbin";
    break;
  }
  manager.addPass(createGpuModuleToBinaryPass(binary));
}

void pixelfly::registerGPUPipelines() {
  PassPipelineRegistration<GPUPipelineOptions>(
      "pixelfly-gpu-to-nvvm",
      "Lower GPU kernels to the LLVM dialect, PTX or machine code",
      buildGPUToNVVMPipeline);
}
