//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/GPU.h"

#include "Bufferization.h"

#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/CodeGen/GPU/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
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

  OpPassManager &operations = manager.nest<gpu::GPUModuleOp>();
  operations.addPass(createGPUExpandMath());
  // Addresses that do not change in a loop are computed before it.
  operations.addPass(createLoopInvariantCodeMotionPass());
  operations.addPass(createCanonicalizerPass());
  operations.addPass(createCSEPass());
  // Of the host, too: it has the runtime make tensor maps.
  manager.addPass(createConvertNVGPUToNVVMPass());
  OpPassManager &kernels = manager.nest<gpu::GPUModuleOp>();
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(createConvertVectorToLLVMPass());
  ConvertGpuOpsToNVVMOpsOptions toNVVM;
  toNVVM.useBarePtrCallConv = true;
  kernels.addPass(createConvertGpuOpsToNVVMOps(toNVVM));
  kernels.addPass(createGPUAnnotateBranches());
  kernels.addPass(createGPUReplaceLibdevice());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());

  // What has no intrinsic (wgmma, waits for mbarriers) becomes PTX. The
  // emulator reads it before.
  if (options.code != GPUCode::LLVM)
    kernels.addPass(createConvertNVVMToLLVMPass());
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

//===----------------------------------------------------------------------===//
// The whole step
//===----------------------------------------------------------------------===//

/// Operations on buffers become launches of kernels.
static void lowerToLaunches(OpPassManager &manager) {
  manager.addPass(createGPUChooseTiles());
  manager.addPass(createGPULowerProducts());
  // The host cannot read the memory of the device: not even a scalar.
  manager.addNestedPass<func::FuncOp>(createGPUBufferScalars());
  manager.addPass(createGPULowerLinalg());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  // Nothing must be left that the host would compute.
  manager.addNestedPass<func::FuncOp>(createGPUVerifyHost());
}

/// Launches become calls of the runtime; all else of the host is arithmetic on
/// addresses.
static void lowerHostToLLVM(OpPassManager &manager) {
  manager.addPass(memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  GpuToLLVMConversionPassOptions toLLVM;
  toLLVM.kernelBarePtrCallConv = true;
  manager.addPass(createGpuToLLVMConversionPass(toLLVM));
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void pixelfly::buildGPUArtifactPipeline(OpPassManager &manager,
                                        const GPUPipelineOptions &options) {
  // The runtime owns what it passes in; only what has a new value is written.
  manager.addNestedPass<func::FuncOp>(createProtectArguments());
  addBufferization(manager);
  manager.addPass(createResultsToArguments());
  manager.addPass(createCanonicalizerPass());
  lowerToLaunches(manager);
  // After the kernels, so that the partial sums of reductions are placed, too.
  manager.addNestedPass<func::FuncOp>(createPlanMemory());
  manager.addNestedPass<func::FuncOp>(createGPUChainLaunches());
  manager.addPass(createEmitEntryPoints());
  buildGPUToNVVMPipeline(manager, options);
  lowerHostToLLVM(manager);
}

void pixelfly::registerGPUPipelines() {
  PassPipelineRegistration<GPUPipelineOptions>(
      "pixelfly-gpu-to-nvvm",
      "Lower GPU kernels to the LLVM dialect, PTX or machine code",
      buildGPUToNVVMPipeline);
  PassPipelineRegistration<GPUPipelineOptions>(
      "pixelfly-gpu-artifact",
      "Lower a train step on tensors to GPU kernels, and a host side in the "
      "LLVM dialect with the C entry points of an artifact that only launches "
      "them, all buffers in one arena",
      buildGPUArtifactPipeline);
}
