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
// An access fetches a run of adjacent elements; caches are not modelled but for
// what stays in the second-level one, so how often a product touches its operands
// is counted here.
// docs/performance.md compares predictions with measurements.
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

/// What is done, in the units of the model.
struct WorkCounts {
  double flops = 0; ///< floating-point operations; a multiply-add is two
  /// Elements of contiguous runs that are fetched or written.
  double elements = 0;
  double products = 0; ///< products that are started

  WorkCounts &operator+=(const WorkCounts &other);
};

/// A weight as the model sees it.
struct WeightCounts {
  int64_t rows = 0;     ///< output features, padded to blocks
  int64_t cols = 0;     ///< input features, padded to blocks
  int64_t nonzeros = 0; ///< stored elements
  int64_t block = 0;    ///< side of a block; 0: dense
  int64_t rank = 0;     ///< of the low-rank term beside it
  bool isGated = false; ///< a gate mixes the low-rank term in, not a scalar

  static WeightCounts dense(int64_t rows, int64_t cols) {
    return {rows, cols, rows * cols, 0, 0};
  }
  /// Expects a choice with a pattern.
  static WeightCounts of(const LayerChoice &choice);
};

/// Counts a product with a weight (its low-rank term apart) and `vectors`
/// inputs, all of f32.
///
/// * Every stored element meets every input. A block narrower than a vector
///   register leaves lanes of each multiply-add empty, and they take the same
///   time: half of 16 lanes with a block of 8.
/// * The forward product and the input gradient read the one activation and
///   write the other: packed panels of both stay in the cache while the blocks
///   of a panel are multiplied. The weight gradient sums over the vectors, so
///   both operands are copied block by block (read, written) and read again:
///   three touches of each. Where both activations and their adjoints fit into
///   half of the second-level cache every other touch finds them there.
/// * The stored elements are touched once: packed copies of them stay in the
///   cache. Where they take more than half of the second-level one, each panel
///   fetches them again; a panel has so many rows that its operands take a
///   quarter of that cache, at most 96. The weight gradient of a pattern, whose
///   panels are made in the same way, then reads and writes its result at each.
WorkCounts countProduct(ProductKind kind, int64_t vectors,
                        const WeightCounts &weight, const Target &target);

/// Counts a layer with bias in a training step:
///
/// * its three products; with a low-rank term six thin ones for the factors;
/// * four touches of the result or its adjoint for the bias: it is written
///   before the product adds to it, which fetches it as well, read by the
///   product, and its adjoint is summed;
/// * with a low-rank term three touches of the result and of the input's
///   adjoint, to which the thin products add (read, and written, which fetches
///   it as well), and two of the weights, which gamma scales, as it does their
///   adjoints;
/// * with a gate in place of gamma no touches of the weights, but three thin
///   products with the gate's weight and six touches of the result: both terms
///   and their adjoints are scaled row by row, and the gate's own adjoint reads
///   both terms again.
WorkCounts countLayer(int64_t vectors, const WeightCounts &weight,
                      const Target &target);

/// Predicts times on one target.
class CostModel {
public:
  /// Constants that the target has not been measured for come from its peak
  /// rate and its bandwidth, and where those are not known either from an
  /// ordinary core's, so that shares of a time still mean something.
  explicit CostModel(const Target &target);

  double seconds(const WorkCounts &counts) const;
  /// Seconds of a layer in one training step.
  double layer(int64_t vectors, const WeightCounts &weight) const;

private:
  Target target;
  double perFlop, perElement, perProduct;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_COSTMODEL_H
