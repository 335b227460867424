//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/CostModel.h"

using namespace mlir;
using namespace mlir::pixelfly;

ProductCounts mlir::pixelfly::countProduct(ProductKind kind, int64_t vectors,
                                           int64_t rows, int64_t cols,
                                           int64_t nonzeros) {
  double touches = kind == ProductKind::WeightGradient ? 4 : 1;
  double activations = double(vectors) * double(rows + cols);
  return {2.0 * double(vectors) * double(nonzeros),
          touches * activations + double(nonzeros)};
}

CostModel::CostModel(const Target &target, int64_t elementBytes) {
  const CostConstants &cost = target.cost;
  // Two multiply-add units a core at two gigahertz.
  double peak = target.peak("f32");
  if (peak <= 0)
    peak = 2 * 2 * 2e9 * double(target.lanes(32)) * double(target.cores);
  perFlop = cost.secondsPerFlop > 0 ? cost.secondsPerFlop : 1 / peak;
  double bandwidth = target.bandwidth > 0 ? target.bandwidth : 2e10;
  perElement = double(elementBytes) *
               (cost.secondsPerAccess > 0
                    ? cost.secondsPerAccess / double(cost.accessBytes)
                    : 1 / bandwidth);
  perProduct = cost.secondsPerProduct;
}

double CostModel::seconds(const ProductCounts &counts,
                          int64_t numProducts) const {
  return perFlop * counts.flops + perElement * counts.elements +
         perProduct * double(numProducts);
}

double CostModel::seconds(ProductKind kind, int64_t vectors, int64_t rows,
                          int64_t cols, int64_t nonzeros) const {
  return seconds(countProduct(kind, vectors, rows, cols, nonzeros));
}

double CostModel::denseLayer(int64_t vectors, int64_t rows,
                             int64_t cols) const {
  return sparseLayer(vectors, rows, cols, rows * cols, 0);
}

double CostModel::sparseLayer(int64_t vectors,
                              const LayerChoice &choice) const {
  if (!choice.pattern)
    return 0;
  const FlatButterfly &pattern = *choice.pattern;
  return sparseLayer(vectors, pattern.rows, pattern.cols,
                     pattern.numBlocks() * pattern.block * pattern.block,
                     choice.rank);
}

double CostModel::sparseLayer(int64_t vectors, int64_t rows, int64_t cols,
                              int64_t nonzeros, int64_t rank) const {
  double sum = 0;
  for (ProductKind kind : {ProductKind::Forward, ProductKind::InputGradient,
                           ProductKind::WeightGradient}) {
    sum += seconds(kind, vectors, rows, cols, nonzeros);
    if (rank == 0)
      continue;
    sum += seconds(kind, vectors, rank, cols, rank * cols);
    sum += seconds(kind, vectors, rows, rank, rank * rows);
  }
  if (rank > 0) {
    // Two terms are read and the result is written, forward and backward.
    double mixed = 2 * 3 * double(vectors) * double(rows);
    sum += seconds({0, mixed}, /*numProducts=*/0);
  }
  return sum;
}
