//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The Pixelfly dialect: attributes, interfaces and operations.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_PIXELFLY_H
#define PIXELFLY_IR_PIXELFLY_H

#include "pixelfly/IR/MaskRule.h"
#include "pixelfly/IR/Pattern.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <optional>

#include "pixelfly/IR/PixelflyDialect.h.inc"

#include "pixelfly/IR/PixelflyAttrInterfaces.h.inc"

namespace mlir::pixelfly::detail {
struct BlockMaskAttrStorage;
struct MaskRuleAttrStorage;
} // namespace mlir::pixelfly::detail

#define GET_ATTRDEF_CLASSES
#include "pixelfly/IR/PixelflyAttributes.h.inc"

#include "pixelfly/IR/PixelflyOpInterfaces.h.inc"

#define GET_OP_CLASSES
#include "pixelfly/IR/PixelflyOps.h.inc"

namespace mlir::pixelfly {

/// Name of the function argument attribute that marks a trained parameter; its
/// value is a `ParameterAttr`.
inline constexpr llvm::StringLiteral kParameterAttrName = "pixelfly.parameter";

/// Name of the function argument attribute that names a batch input; its value
/// is a string such as "images" or "labels".
inline constexpr llvm::StringLiteral kInputAttrName = "pixelfly.input";

/// Name of the function argument attribute that marks what the optimizer keeps
/// for a parameter; its value is a string such as "first_moment".
inline constexpr llvm::StringLiteral kOptimizerStateAttrName =
    "pixelfly.optimizer_state";

/// Name of the function result attribute that names a result of the model:
/// "loss" (the scalar that training minimises), "losses" or "logits".
inline constexpr llvm::StringLiteral kOutputAttrName = "pixelfly.output";

/// Name of the discardable attribute on the product of a dense layer that holds
/// what the layer is to become; its value is a `LayerChoiceAttr`.
inline constexpr llvm::StringLiteral kChoiceAttrName = "pixelfly.choice";

/// Name of the discardable attribute on a function that records the budget of
/// its layers; its value is a `BudgetAttr`.
inline constexpr llvm::StringLiteral kBudgetAttrName = "pixelfly.budget";

/// Name of the discardable attribute on a product that holds its tile sizes;
/// its value is a `CPUTileAttr` or a `GPUTileAttr`.
inline constexpr llvm::StringLiteral kTileAttrName = "pixelfly.tile";

/// Name of the unit attribute on operations of the backward part that compute a
/// value of the forward part a second time, to save the memory it would take
/// until then. Without it the two would be merged as common subexpressions.
inline constexpr llvm::StringLiteral kRecomputedAttrName =
    "pixelfly.recomputed";

/// Names of the module attributes that hold what a model schema says beyond the
/// model: a `SparseAttr`, an `AdamWAttr` or `SGDAttr`, a `TrainingAttr`.
inline constexpr llvm::StringLiteral kSparseAttrName = "pixelfly.sparse";
inline constexpr llvm::StringLiteral kOptimizerAttrName = "pixelfly.optimizer";
inline constexpr llvm::StringLiteral kTrainingAttrName = "pixelfly.training";

/// Name of the module attribute that holds facts for the manifest which the IR
/// no longer shows; its value is a dictionary.
inline constexpr llvm::StringLiteral kManifestAttrName = "pixelfly.manifest";

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_PIXELFLY_H
