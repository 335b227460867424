//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the layers of a function: weights and the products that read them.
// Looks only; ReplaceLayers.h changes.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_FINDLAYERS_H
#define PIXELFLY_LIB_SPARSIFY_FINDLAYERS_H

#include "MatchProduct.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>
#include <vector>

namespace mlir::pixelfly {

/// A weight and the products that read it.
struct Layer {
  /// The parameter's name without ".weight". Of given values the name of their
  /// location or global, or "constant" and a number.
  std::string name;
  /// What holds the weight: an argument, or everything in the function that
  /// gives the same given values.
  SmallVector<Value, 1> weights;
  /// What is said of the argument; null if the values are given.
  ParameterAttr parameter;
  /// The given values; null if the weight is an argument.
  ElementsAttr values;

  /// The weight is an argument that holds the blocks of a pattern: nothing is
  /// left to do.
  bool isSparse() const {
    return parameter && static_cast<bool>(parameter.getPattern());
  }
  BlockArgument getArgument() const {
    return cast<BlockArgument>(weights.front());
  }
  RankedTensorType getType() const {
    return cast<RankedTensorType>(weights.front().getType());
  }

  /// Why no pattern can take the weight's place, and the op at fault, if it is
  /// an op. Empty if one can; only then is what follows filled in.
  std::string whyDense;
  Operation *atFault = nullptr;

  /// All uses of the weight. All read the same matrix.
  std::vector<Product> products;
  int64_t rows = 0; ///< output features
  int64_t cols = 0; ///< input features

  /// Where to report: the op at fault, or the first product, or the weight.
  Location getLoc() const;
};

/// All layers of `function`: first those whose weight is an argument marked as
/// a parameter, in the order of the arguments, then those with given values
/// (constants and constant globals), in the order in which the function reads
/// them. A matrix or larger tensor is the weight of a layer if a product reads
/// it or if it is called "X.weight".
std::vector<Layer> findLayers(func::FuncOp function);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_FINDLAYERS_H
