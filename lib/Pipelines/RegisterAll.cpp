//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/RegisterAll.h"

#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/CodeGen/GPU/Passes.h"
#include "pixelfly/CodeGen/Linalg/Passes.h"
#include "pixelfly/Differentiate/Differentiate.h"
#include "pixelfly/Differentiate/Passes.h"
#include "pixelfly/IR/BufferizableOpInterfaceImpl.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/TilingInterfaceImpl.h"
#include "pixelfly/Pipelines/CPU.h"
#include "pixelfly/Pipelines/GPU.h"
#include "pixelfly/Pipelines/Passes.h"
#include "pixelfly/Sparsify/Passes.h"
#include "pixelfly/Tile/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

using namespace mlir;

void pixelfly::registerPixelflyDialectAndModels(DialectRegistry &registry) {
  registry.insert<PixelflyDialect>();
  registerDifferentiableOpInterfaceModels(registry);
  registerBufferizableOpInterfaceModels(registry);
  registerTilingInterfaceModels(registry);
}

void pixelfly::registerAllDialectsAndModels(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllExtensions(registry);
  // Kernels become PTX within a pass.
  registerAllGPUToLLVMIRTranslations(registry);
  registerPixelflyDialectAndModels(registry);
}

void pixelfly::registerAllPassesAndPipelines() {
  registerPixelflySparsifyPasses();
  registerPixelflyDifferentiatePasses();
  registerPixelflyTilePasses();
  registerPixelflyCodeGenLinalgPasses();
  registerPixelflyCodeGenCPUPasses();
  registerPixelflyCodeGenGPUPasses();
  registerCPUPipelines();
  registerGPUPipelines();
  registerPixelflyPipelinesPasses();
}
