//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How long products take: the paper's first-order model (Appendix A),
//
//   T = Cost_mem * N_blockmem + Cost_flop * N_flop,
//
// over the measured constants of a target, plus a constant for each product.
// An access fetches a run of adjacent elements; caches are not modelled, so
// how often a product touches its operands is counted here.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_SPARSIFY_COSTMODEL_H
#define PIXELFLY_SPARSIFY_COSTMODEL_H

#include "pixelfly/Sparsify/ChoosePattern.h"
#include "pixelfly/Target/Target.h"

namespace mlir::pixelfly {

/// The products of a layer y = x W^T in a training step.
enum class ProductKind {
  Forward,        ///< y = x W^T
  InputGradient,  ///< dx = dy W
  WeightGradient, ///< dW = dy^T x on the pattern
};

/// What a product does, in the units of the model.
struct ProductCounts {
  double flops = 0; ///< floating-point operations; a multiply-add is two
  /// Elements of contiguous runs that are fetched or written.
  double elements = 0;
};

/// Counts a product with a weight of `rows x cols`, of which `nonzeros`
/// elements are stored, and `vectors` inputs.
///
/// The forward product and the input gradient read the one activation and write
/// the other: panels of both stay in the cache while the blocks of a panel are
/// multiplied. The weight gradient sums over the vectors, so both operands are
/// first copied transposed, block by block, and read again: four touches of
/// each. Every product reads or writes the stored elements once.
ProductCounts countProduct(ProductKind kind, int64_t vectors, int64_t rows,
                           int64_t cols, int64_t nonzeros);

/// Predicts times on one target.
class CostModel {
public:
  /// Constants that the target has not been measured for come from its peak
  /// rate and its bandwidth, and where those are not known either from an
  /// ordinary core's, so that shares of a time still mean something.
  explicit CostModel(const Target &target, int64_t elementBytes = 4);

  /// Seconds of `numProducts` products that do this together.
  double seconds(const ProductCounts &counts, int64_t numProducts = 1) const;
  double seconds(ProductKind kind, int64_t vectors, int64_t rows, int64_t cols,
                 int64_t nonzeros) const;

  /// Seconds of the three products of a dense layer in one training step.
  double denseLayer(int64_t vectors, int64_t rows, int64_t cols) const;
  /// The same of the layer with a pattern and a low-rank term: its three
  /// products, six thin ones for the two factors, and one pass over the result
  /// and one over its gradient to mix the terms. Without a pattern zero.
  double sparseLayer(int64_t vectors, const LayerChoice &choice) const;
  /// The same from counts, for patterns of any kind.
  double sparseLayer(int64_t vectors, int64_t rows, int64_t cols,
                     int64_t nonzeros, int64_t rank) const;

private:
  double perFlop, perElement, perProduct;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_COSTMODEL_H
