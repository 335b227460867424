//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/Phases.h"

#include "pixelfly/CodeGen/Linalg/Passes.h"
#include "pixelfly/Pipelines/CPU.h"
#include "pixelfly/Pipelines/GPU.h"
#include "pixelfly/Pipelines/Passes.h"
#include "pixelfly/Tile/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::pixelfly;

StringRef pixelfly::stringifyPhase(Phase phase) {
  switch (phase) {
  case Phase::Import:
    return "import";
  case Phase::Sparsify:
    return "sparsify";
  case Phase::Differentiate:
    return "differentiate";
  case Phase::TrainStep:
    return "train-step";
  case Phase::Tile:
    return "tile";
  case Phase::CodeGen:
    return "codegen";
  }
  llvm_unreachable("all phases are listed");
}

static void verifyPhase(OpPassManager &pm, Phase phase) {
  pm.addPass(createVerifyPhase({phase}));
}

void pixelfly::buildImportPhase(OpPassManager &pm) {
  // Programs from elsewhere call functions of their own; a layer and an adjoint
  // are of one function.
  pm.addPass(createInlinerPass(/*opPipelines=*/{},
                               /*defaultPipelineBuilder=*/nullptr));
  pm.addPass(createSymbolDCEPass());
  verifyPhase(pm, Phase::Import);
}

void pixelfly::buildSparsifyPhase(
    OpPassManager &pm, const std::optional<SparsifyOptions> &sparsify) {
  if (sparsify)
    pm.addPass(createSparsify(*sparsify));
  verifyPhase(pm, Phase::Sparsify);
}

void pixelfly::buildDifferentiatePhase(OpPassManager &pm) {
  // Adjoints repeat subexpressions of the forward part, and leave zeros and
  // unused values behind; clean before anything counts uses.
  pm.addPass(createDifferentiate());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  verifyPhase(pm, Phase::Differentiate);
}

void pixelfly::buildTrainStepPhase(OpPassManager &pm,
                                   const BuildTrainStepOptions &options) {
  pm.addPass(createBuildTrainStep(options));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  verifyPhase(pm, Phase::TrainStep);
}

void pixelfly::buildTilePhase(OpPassManager &pm,
                              std::optional<ProductType> productType,
                              TargetKind target) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  // A layer is three products and a bias; from here on they are what is tiled.
  function.addPass(createDecomposeLinear());
  // What is not a product is linalg from here on.
  LowerToLinalgOptions toLinalg;
  toLinalg.keepProducts = true;
  toLinalg.narrowProducts = target == TargetKind::GPU;
  function.addPass(createLowerToLinalg(toLinalg));
  // Before fusion, so that values are rounded where they are computed.
  if (productType)
    function.addPass(createMixedPrecision({*productType}));
  // One pass over memory for each chain of elementwise operations: memory
  // traffic is what bounds a sparse step. Equal computations first become one.
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  function.addPass(createFuseElementwise());
  // What the backward part still reads of the forward part takes memory until
  // then; what is cheap is computed again, and into its readers if it can.
  function.addPass(createRecompute());
  function.addPass(createFuseElementwise());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  // A GPU's kernels depend on the addresses, so their tiles wait for buffers.
  if (target == TargetKind::CPU)
    function.addPass(createChooseTiles());
  verifyPhase(pm, Phase::Tile);
}

void pixelfly::buildCodeGenPhase(OpPassManager &pm,
                                 const CPUPipelineOptions &options) {
  buildArtifactPipeline(pm, options);
  verifyPhase(pm, Phase::CodeGen);
}

void pixelfly::buildGPUCodeGenPhase(OpPassManager &pm,
                                    const GPUPipelineOptions &options) {
  buildGPUArtifactPipeline(pm, options);
  verifyPhase(pm, Phase::CodeGen);
}
