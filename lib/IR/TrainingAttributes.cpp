//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attributes of a module about its training: verification of their values and
// of where they stand.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/IR/BuiltinOps.h"

#include <cmath>

using namespace mlir;
using namespace mlir::pixelfly;
using EmitError = llvm::function_ref<InFlightDiagnostic()>;

// Written so that a value that is not a number fails.
static bool isShare(FloatAttr value) {
  return value.getValueAsDouble() >= 0 && value.getValueAsDouble() < 1;
}
static bool isFiniteNotNegative(FloatAttr value) {
  return value.getValueAsDouble() >= 0 && value.getValueAsDouble() < HUGE_VAL;
}
static bool isFinitePositive(FloatAttr value) {
  return value.getValueAsDouble() > 0 && value.getValueAsDouble() < HUGE_VAL;
}

/// The error that `name` breaks a constraint.
static LogicalResult fail(EmitError emitError, StringRef constraint,
                          StringRef name, StringRef range, FloatAttr value) {
  return emitError() << "(" << constraint << ") " << name << " must be "
                     << range << ", but is " << value.getValueAsDouble();
}

LogicalResult TrainingAttr::verify(EmitError emitError, FloatAttr learningRate,
                                   int64_t epochs, FloatAttr warmupEpochs,
                                   Schedule) {
  if (!isFinitePositive(learningRate))
    return fail(emitError, "C1", "learning_rate", "finite and positive",
                learningRate);
  if (epochs < 1)
    return emitError() << "(C2) epochs must be at least 1, but is " << epochs;
  double warmup = warmupEpochs.getValueAsDouble();
  if (!(warmup >= 0 && warmup <= static_cast<double>(epochs)))
    return fail(emitError, "C3", "warmup_epochs", "between 0 and epochs",
                warmupEpochs);
  return success();
}

LogicalResult AdamWAttr::verify(EmitError emitError, FloatAttr beta1,
                                FloatAttr beta2, FloatAttr epsilon,
                                FloatAttr weightDecay, FloatAttr clipNorm) {
  if (!isShare(beta1))
    return fail(emitError, "C1", "beta1", "in [0, 1)", beta1);
  if (!isShare(beta2))
    return fail(emitError, "C1", "beta2", "in [0, 1)", beta2);
  if (!isFinitePositive(epsilon))
    return fail(emitError, "C2", "epsilon", "finite and positive", epsilon);
  if (!isFiniteNotNegative(weightDecay))
    return fail(emitError, "C3", "weight_decay", "finite and not negative",
                weightDecay);
  if (!isFiniteNotNegative(clipNorm))
    return fail(emitError, "C4", "clip_norm", "finite and not negative",
                clipNorm);
  return success();
}

LogicalResult SGDAttr::verify(EmitError emitError, FloatAttr momentum,
                              FloatAttr weightDecay, FloatAttr clipNorm) {
  if (!isShare(momentum))
    return fail(emitError, "C1", "momentum", "in [0, 1)", momentum);
  if (!isFiniteNotNegative(weightDecay))
    return fail(emitError, "C2", "weight_decay", "finite and not negative",
                weightDecay);
  if (!isFiniteNotNegative(clipNorm))
    return fail(emitError, "C3", "clip_norm", "finite and not negative",
                clipNorm);
  return success();
}

LogicalResult SparseAttr::verify(EmitError emitError, FloatAttr density,
                                 int64_t block, FloatAttr lowRankShare,
                                 LayerMix, InitRule) {
  if (!(density.getValueAsDouble() > 0 && density.getValueAsDouble() <= 1))
    return fail(emitError, "C1", "density", "in (0, 1]", density);
  // A layer of one block has every supported block size as its pattern.
  if (!FlatButterfly{block, block, block, {}, 0}.check().empty())
    return emitError()
           << "(C2) block must be one of 8, 16, 32, 64, 128, but is " << block;
  if (!isShare(lowRankShare))
    return fail(emitError, "C3", "low_rank_share", "in [0, 1)", lowRankShare);
  return success();
}

/// Whether `value` is what belongs under the name `key`; `expected` says what
/// does. True of names that are checked elsewhere.
static bool isExpected(StringRef key, Attribute value, StringRef &expected) {
  if (key == kTrainingAttrName) {
    expected = "a #pixelfly.training attribute";
    return isa<TrainingAttr>(value);
  }
  if (key == kOptimizerAttrName) {
    expected = "a #pixelfly.adamw or #pixelfly.sgd attribute";
    return isa<AdamWAttr, SGDAttr>(value);
  }
  if (key == kSparseAttrName) {
    expected = "a #pixelfly.sparse attribute";
    return isa<SparseAttr>(value);
  }
  if (key == kManifestAttrName) {
    expected = "a dictionary";
    return isa<DictionaryAttr>(value);
  }
  return true;
}

/// What this version does not know would change nothing without a word.
static LogicalResult verifyIsKnown(Operation *op, StringRef key) {
  static constexpr StringRef onModule[] = {
      "pixelfly.model",        "pixelfly.sparsify", kSparseAttrName,
      kOptimizerAttrName,      kTrainingAttrName,   kManifestAttrName,
      "pixelfly.entry_points", "pixelfly.gpu_code"};
  static constexpr StringRef onOthers[] = {kChoiceAttrName, kBudgetAttrName,
                                           kTileAttrName, kRecomputedAttrName,
                                           "pixelfly.arena_bytes"};
  static constexpr StringRef onArguments[] = {kParameterAttrName,
                                              kInputAttrName, kOutputAttrName,
                                              kOptimizerStateAttrName};
  bool isModule = isa<ModuleOp>(op);
  ArrayRef<StringRef> known =
      isModule ? ArrayRef(onModule) : ArrayRef(onOthers);
  if (llvm::is_contained(known, key))
    return success();
  if (llvm::is_contained(onModule, key))
    return op->emitError("'") << key << "' belongs on the module";
  if (llvm::is_contained(onArguments, key))
    return op->emitError("'")
           << key << "' belongs on an argument or result of a function";
  InFlightDiagnostic error = op->emitError("unknown ")
                             << (isModule ? "module " : "operation ")
                             << "attribute '" << key << "'; known are ";
  llvm::interleaveComma(known, error,
                        [&](StringRef name) { error << "'" << name << "'"; });
  return error << "; correct the name, or take the version of pixelfly that "
                  "wrote it";
}

LogicalResult PixelflyDialect::verifyOperationAttribute(Operation *op,
                                                        NamedAttribute attr) {
  StringRef key = attr.getName().getValue(), expected;
  bool valid = isExpected(key, attr.getValue(), expected);
  if (expected.empty())
    return verifyIsKnown(op, key);
  if (!isa<ModuleOp>(op))
    return op->emitError("'") << key << "' belongs on the module";
  if (!valid)
    return op->emitError("'")
           << key << "' must be " << expected << ", but is " << attr.getValue();
  return success();
}
