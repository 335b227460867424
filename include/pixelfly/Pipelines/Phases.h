//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes of each phase. The page to read first is lib/Pipelines/Phases.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_PHASES_H
#define PIXELFLY_PIPELINES_PHASES_H

#include "pixelfly/Pipelines/CPU.h"
#include "pixelfly/Pipelines/GPU.h"
#include "pixelfly/Pipelines/Phase.h"

#include "pixelfly/Differentiate/Passes.h"
#include "pixelfly/Sparsify/Passes.h"
#include "pixelfly/Target/Target.h"
#include "pixelfly/Tile/ProductType.h"

#include <optional>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::pixelfly {

/// One short function per phase; each appends the passes that lead from the
/// phase before it to it. Reasons stand beside the steps.
void buildImportPhase(OpPassManager &pm);
/// `sparsify` absent: every layer stays dense.
void buildSparsifyPhase(OpPassManager &pm,
                        const std::optional<SparsifyOptions> &sparsify);
void buildDifferentiatePhase(OpPassManager &pm);
void buildTrainStepPhase(OpPassManager &pm,
                         const BuildTrainStepOptions &options);
/// `productType` absent: the operands of products keep their type.
/// The kernels of a GPU choose their tiles later.
void buildTilePhase(OpPassManager &pm, std::optional<ProductType> productType,
                    TargetKind target = TargetKind::CPU);
void buildCodeGenPhase(OpPassManager &pm, const CPUPipelineOptions &options);
/// The same phase for a GPU; `options.code` must not be GPUCode::LLVM.
void buildGPUCodeGenPhase(OpPassManager &pm, const GPUPipelineOptions &options);

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_PHASES_H
