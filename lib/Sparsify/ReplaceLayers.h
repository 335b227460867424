//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Puts `pixelfly.linear` in the place of dense layers.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_REPLACELAYERS_H
#define PIXELFLY_LIB_SPARSIFY_REPLACELAYERS_H

#include "FindLayers.h"

#include "mlir/IR/SymbolTable.h"

#include <vector>

namespace mlir::pixelfly {

/// A layer, what it becomes, and every argument that changes its type with it.
struct Replacement {
  Layer layer;
  LayerChoiceAttr choice;
  InitRule init = InitRule::KeepVariance; ///< how its parameters start
  /// The layer's weight, and the arguments that callers of the function, and
  /// their callers in turn, pass on as this weight.
  SmallVector<BlockArgument> weights;
  /// The given values of the weight in its own order; empty for an argument.
  /// The pattern is a flat butterfly if there are any.
  std::vector<double> values;
};

/// What the names of the arguments that a layer with a low-rank term adds
/// behind its weight end in.
ArrayRef<StringRef> addedParameters(LayerMix mix);

/// Fills in `weights`: none if the values are given. Returns why the callers
/// cannot be changed, or an empty string. Only looks.
std::string traceWeight(const Layer &layer, const SymbolUserMap &users,
                        SmallVectorImpl<BlockArgument> &weights);

/// Changes functions, calls and products. `replacements` must be traced;
/// nothing can fail, so no function is left half converted.
void replaceLayers(ArrayRef<Replacement> replacements,
                   const SymbolUserMap &users);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_REPLACELAYERS_H
