//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/CPU.h"

#include "Bufferization.h"

#include "pixelfly/Pipelines/Passes.h"

#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/CodeGen/Linalg/Passes.h"
#include "pixelfly/Pipelines/Phases.h"
#include "pixelfly/Tile/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// The steps, in order
//===----------------------------------------------------------------------===//

/// Linalg and pixelfly operations on buffers become loops.
static void lowerToLoops(OpPassManager &manager,
                         const CPUPipelineOptions &options,
                         bool allowSlowProducts) {
  if (options.plainLoops) {
    manager.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
    return;
  }
  // Products become kernels around a register tile.
  LowerProductsOptions products;
  products.parallel = options.parallel;
  products.allowSlowProducts = allowSlowProducts;
  manager.addPass(createLowerProducts(products));
  // Everything else, in one pass over memory an operation.
  VectorizeElementwiseOptions elementwise;
  elementwise.parallel = options.parallel;
  manager.addNestedPass<func::FuncOp>(createVectorizeElementwise(elementwise));
  // Addresses that do not change in a loop are computed before it.
  manager.addPass(createLoopInvariantCodeMotionPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

/// Loops, vectors and buffers become the LLVM dialect.
static void lowerToLLVM(OpPassManager &manager,
                        const CPUPipelineOptions &options) {
  // memref.expand_shape, subview, ... become offset arithmetic.
  manager.addPass(memref::createExpandStridedMetadataPass());
  manager.addPass(createLowerAffinePass());
  if (options.parallel) {
    manager.addPass(createConvertSCFToOpenMPPass());
    // It wraps bodies in memref.alloca_scope, which cannot hold branches:
    // stack buffers move out (one a thread, not one an iteration).
    manager.addNestedPass<func::FuncOp>(createHoistStackBuffers());
  }
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addNestedPass<func::FuncOp>(arith::createArithExpandOpsPass());
  // What has an intrinsic becomes one; the rest (scalar erf, tanh, ...) calls
  // libm. Vectorised code has been approximated by polynomials before.
  manager.addPass(createConvertMathToLLVMPass());
  manager.addPass(createConvertMathToLibmPass());
  manager.addPass(createFinalizeMemRefToLLVMConversionPass());
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  if (options.parallel)
    manager.addPass(createConvertOpenMPToLLVMPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

//===----------------------------------------------------------------------===//
// The pipelines
//===----------------------------------------------------------------------===//

void pixelfly::buildToLLVMPipeline(OpPassManager &manager,
                                   const CPUPipelineOptions &options) {
  // Any pixelfly operation may come: layers become products, and what has no
  // kernel (as a reference: everything) becomes linalg.
  OpPassManager &function = manager.nest<func::FuncOp>();
  function.addPass(createDecomposeLinear());
  LowerToLinalgOptions toLinalg;
  toLinalg.keepProducts = !options.plainLoops;
  function.addPass(createLowerToLinalg(toLinalg));
  if (!options.plainLoops)
    function.addPass(createChooseTiles());
  addBufferization(manager);
  // Free what is no longer used: nothing here lives in an arena.
  bufferization::buildBufferDeallocationPipeline(manager);
  manager.addPass(createConvertBufferizationToMemRefPass());
  lowerToLoops(manager, options, /*allowSlowProducts=*/true);
  lowerToLLVM(manager, options);
  // The runner does not know our dialect.
  manager.addPass(createStripAttributes());
  // What no step has taken is an error here, not a surprise in the runner.
  manager.addPass(createVerifyPhase({Phase::CodeGen}));
}

void pixelfly::buildArtifactPipeline(OpPassManager &manager,
                                     const CPUPipelineOptions &options) {
  // The runtime owns what it passes in; only what has a new value is written.
  manager.addNestedPass<func::FuncOp>(createProtectArguments());
  addBufferization(manager);
  manager.addPass(createResultsToArguments());
  lowerToLoops(manager, options, options.allowSlowProducts);
  // The blocks of a network share their loops: less to compile.
  manager.addPass(createOutlineKernels());
  // After the kernels, so that the memory into which they pack is placed, too.
  manager.addNestedPass<func::FuncOp>(createPlanMemory());
  manager.addPass(createEmitEntryPoints());
  lowerToLLVM(manager, options);
}

void pixelfly::registerCPUPipelines() {
  PassPipelineRegistration<CPUPipelineOptions>(
      "pixelfly-to-llvm",
      "Lower functions of pixelfly and linalg operations on tensors to the "
      "LLVM dialect, to be run by mlir-runner",
      buildToLLVMPipeline);
  PassPipelineRegistration<CPUPipelineOptions>(
      "pixelfly-cpu-artifact",
      "Lower a train step on tensors to the LLVM dialect with the C entry "
      "points of an artifact, all buffers in one arena",
      buildArtifactPipeline);
}
