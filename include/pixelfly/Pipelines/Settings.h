//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a model schema says beyond the model, as attributes of the module: they
// travel with the IR, so that a module written after one phase is compiled on
// as the schema would have been.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_SETTINGS_H
#define PIXELFLY_PIPELINES_SETTINGS_H

#include "pixelfly/Model/ModelSchema.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

namespace mlir::pixelfly {

/// Writes `pixelfly.training`, `pixelfly.optimizer` and, if there are sparse
/// layers, `pixelfly.sparse` on the module.
void writeSettings(ModuleOp module, const TrainingSchema &training,
                   const std::optional<SparseSchema> &sparse);

/// How the module says it is trained: epochs, learning rate, schedule, clipping
/// and the optimizer. What it does not say is 1 epoch at a constant 1e-3 with
/// AdamW, weight decay 0.01, clipping at norm 1.
TrainingSchema readTraining(ModuleOp module);

/// Whether the module says how to train, and with which optimizer.
bool saysHowToTrain(ModuleOp module);

/// What the module says about its sparse layers, but for their names; nullopt
/// if it says nothing.
std::optional<SparseSchema> readSparse(ModuleOp module);

/// Writes facts for the manifest on the module, `pixelfly.manifest`, and reads
/// them back as they were; none where there is no such attribute.
void writeManifestFacts(ModuleOp module, const llvm::json::Object &facts);
llvm::json::Object readManifestFacts(ModuleOp module);

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_SETTINGS_H
