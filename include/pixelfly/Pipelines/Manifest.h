//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The manifest of an artifact: what the runtime has to know about a compiled
// model, as JSON. docs/Artifact.md describes every field.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_MANIFEST_H
#define PIXELFLY_PIPELINES_MANIFEST_H

#include "pixelfly/Model/ModelSchema.h"
#include "pixelfly/Sparsify/Report.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

namespace mlir::func {
class FuncOp;
}

namespace mlir::pixelfly {

/// One tensor that crosses the border: an argument or a result.
llvm::json::Object describeTensor(StringRef name, Type type);

/// The fields `batch`, `parameters`, `inputs` and `functions` (outputs of each
/// function, without its arena) of a module after Phase::TrainStep.
FailureOr<llvm::json::Object> describeTrainStep(ModuleOp module);

/// `optimizer` and `training`, from the model schema.
llvm::json::Object describeOptimizer(const TrainingSchema &training);
llvm::json::Object describeTraining(const TrainingSchema &training);

/// `report`: the sizes of the model and of each layer.
llvm::json::Object describeReport(const SparsifyReport &report);

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_MANIFEST_H
