//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the layers of a function: products with a trained weight. Looks only;
// ReplaceLayers.h changes.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_FINDLAYERS_H
#define PIXELFLY_LIB_SPARSIFY_FINDLAYERS_H

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <string>

namespace mlir::pixelfly {

/// A parameter "X.weight" and the product that reads it: layer "X".
struct Layer {
  std::string name;     ///< "X"
  BlockArgument weight; ///< the argument that carries the parameter
  ParameterAttr parameter;

  /// The weight holds the blocks of a pattern: nothing is left to do.
  bool isSparse() const { return static_cast<bool>(parameter.getPattern()); }

  /// The only op that reads the weight, or a transpose of it; null if there are
  /// several.
  Operation *consumer = nullptr;
  /// Why no pattern can take the weight's place. Empty if one can; only then is
  /// what follows filled in.
  std::string whyDense;

  /// result[l.., row] = sum over col of input[l.., col] * weight, into zeros;
  /// `l..` are any number of leading dimensions, at least one.
  linalg::LinalgOp product;
  /// Operands, not values: those may be results of layers replaced before.
  OpOperand *input = nullptr;
  int64_t rows = 0; ///< output features
  int64_t cols = 0; ///< input features
  /// Adds `bias` to every row of the product, which has no other use. Null if
  /// there is no such op.
  linalg::GenericOp biasAdd;
  OpOperand *bias = nullptr;

  /// Where to report: the consumer, or the argument if there is none.
  Location getLoc() const;
};

/// All layers of `function` in the order of its arguments. Vectors such as the
/// "X.weight" of a norm are not layers.
SmallVector<Layer> findLayers(func::FuncOp function);

/// The parameter with the given name, or null.
BlockArgument findParameter(func::FuncOp function, StringRef name);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_FINDLAYERS_H
