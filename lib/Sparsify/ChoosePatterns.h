//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the budget of a function to the choice for each of its layers.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_CHOOSEPATTERNS_H
#define PIXELFLY_LIB_SPARSIFY_CHOOSEPATTERNS_H

#include "pixelfly/Sparsify/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::pixelfly {

/// How many layers became what.
struct ChoiceCounts {
  int64_t chosen = 0;
  int64_t dense = 0; ///< asked for, but stay dense
};

/// Reports options that make no sense.
LogicalResult checkOptions(ModuleOp module,
                           const ChoosePatternsOptions &options);

/// Puts `pixelfly.choice` on the product of each layer that the options ask for
/// and that can become sparse, `pixelfly.budget` on the function, and a remark
/// at each layer: what it becomes, or why it stays dense. Fails with a
/// diagnostic, and changes nothing, if no choice is within the budget. Expects
/// options that `checkOptions` has passed.
FailureOr<ChoiceCounts> choosePatterns(func::FuncOp function,
                                       const ChoosePatternsOptions &options);

/// The function of that name in the module; fails with a diagnostic where it
/// has none with a body.
FailureOr<func::FuncOp> findFunction(ModuleOp module, StringRef name);

/// The settings of the module, `pixelfly.sparse`; null where it has none.
SparseAttr sparseSettings(ModuleOp module);

/// The options of a pass that has those of `ChoosePatterns`, for a module. One
/// that was not given is as the module's settings have it.
template <typename PassT>
ChoosePatternsOptions choiceOptionsOf(const PassT &pass, ModuleOp module) {
  ChoosePatternsOptions options;
  options.layers.assign(pass.layers.begin(), pass.layers.end());
  options.exclude.assign(pass.exclude.begin(), pass.exclude.end());
  options.type = pass.type;
  options.minElements = pass.minElements;
  options.maxElements = pass.maxElements;
  options.measure = pass.measure;
  options.density = pass.density;
  options.amount = pass.amount;
  options.split = pass.split;
  options.minBlock = pass.minBlock;
  options.block = pass.block;
  options.lowRankShare = pass.lowRankShare;
  options.mix = pass.mix;
  options.function = pass.function;
  options.requireSparse = pass.requireSparse;
  if (SparseAttr settings = sparseSettings(module)) {
    if (!pass.density.hasValue())
      options.density = settings.getDensity().getValueAsDouble();
    if (!pass.block.hasValue())
      options.block = settings.getBlock();
    if (!pass.lowRankShare.hasValue())
      options.lowRankShare = settings.getLowRankShare().getValueAsDouble();
    if (!pass.mix.hasValue())
      options.mix = settings.getMix();
  }
  return options;
}

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_CHOOSEPATTERNS_H
