//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/CostModel.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::pixelfly;

WorkCounts &WorkCounts::operator+=(const WorkCounts &other) {
  flops += other.flops;
  elements += other.elements;
  products += other.products;
  return *this;
}

WeightCounts WeightCounts::of(const LayerChoice &choice) {
  const FlatButterfly &pattern = *choice.pattern;
  return {pattern.rows, pattern.cols,
          pattern.numBlocks() * pattern.block * pattern.block, pattern.block,
          choice.rank};
}

static constexpr int64_t kElementBytes = 4;

/// How often a product fetches its blocks.
static double countFetches(ProductKind kind, int64_t vectors,
                           const WeightCounts &weight, const Target &target) {
  if (weight.nonzeros * kElementBytes <= target.l2Bytes / 2)
    return 1;
  // Bounds of a panel's rows: those of the CPU's kernels (TileChoice.cpp).
  auto panels = [&](int64_t elements, int64_t least, int64_t most) {
    int64_t fit = target.l2Bytes / 4 / (elements * kElementBytes);
    return std::max(1.0, double(vectors) /
                             double(std::clamp<int64_t>(fit, least, most)));
  };
  switch (kind) {
  case ProductKind::Forward:
    return panels(weight.cols, 12, 96);
  case ProductKind::InputGradient:
    return panels(weight.rows, 12, 96);
  case ProductKind::WeightGradient:
    // A dense one keeps a part of its result in registers to the end.
    return weight.block == 0 ? 1
                             : 2 * panels(weight.rows + weight.cols, 32, 192);
  }
  llvm_unreachable("all products are listed");
}

/// Touches of activations as accesses to memory.
static double countTouches(double touches, int64_t vectors, int64_t rows,
                           int64_t cols, const Target &target) {
  // Two activations, and their adjoints.
  bool stays =
      2 * vectors * (rows + cols) * kElementBytes <= target.l2Bytes / 2;
  return stays ? touches / 2 : touches;
}

WorkCounts mlir::pixelfly::countProduct(ProductKind kind, int64_t vectors,
                                        const WeightCounts &weight,
                                        const Target &target) {
  double emptyLanes = 1;
  if (weight.block > 0)
    emptyLanes = std::max(1.0, double(target.lanes(8 * kElementBytes)) /
                                   double(weight.block));
  double touches = kind == ProductKind::WeightGradient ? 3 : 1;
  return {2 * double(vectors) * double(weight.nonzeros) * emptyLanes,
          countTouches(touches, vectors, weight.rows, weight.cols, target) *
                  double(vectors) * double(weight.rows + weight.cols) +
              countFetches(kind, vectors, weight, target) *
                  double(weight.nonzeros),
          1};
}

WorkCounts mlir::pixelfly::countLayer(int64_t vectors,
                                      const WeightCounts &weight,
                                      const Target &target) {
  auto [rows, cols, nonzeros, block, rank, isGated] = weight;
  WorkCounts counts;
  for (ProductKind kind : {ProductKind::Forward, ProductKind::InputGradient,
                           ProductKind::WeightGradient}) {
    counts += countProduct(kind, vectors, weight, target);
    if (rank == 0)
      continue;
    counts +=
        countProduct(kind, vectors, WeightCounts::dense(rank, cols), target);
    counts +=
        countProduct(kind, vectors, WeightCounts::dense(rows, rank), target);
    if (isGated)
      counts +=
          countProduct(kind, vectors, WeightCounts::dense(1, cols), target);
  }
  double touch = countTouches(1, vectors, rows, cols, target);
  counts.elements += 4 * touch * double(vectors) * double(rows);
  if (rank > 0)
    counts.elements += 3 * touch * double(vectors) * double(rows + cols) +
                       (isGated ? 6 * touch * double(vectors) * double(rows)
                                : 2 * double(nonzeros + rank * rows));
  return counts;
}

CostModel::CostModel(const Target &target) : target(target) {
  const CostConstants &cost = target.cost;
  // Two multiply-add units a core at two gigahertz.
  double peak = target.peak("f32");
  if (peak <= 0)
    peak = 2 * 2 * 2e9 * double(target.lanes(32)) * double(target.cores);
  perFlop = cost.secondsPerFlop > 0 ? cost.secondsPerFlop : 1 / peak;
  double bandwidth = target.bandwidth > 0 ? target.bandwidth : 2e10;
  perElement = double(kElementBytes) *
               (cost.secondsPerAccess > 0
                    ? cost.secondsPerAccess / double(cost.accessBytes)
                    : 1 / bandwidth);
  perProduct = cost.secondsPerProduct;
}

double CostModel::seconds(const WorkCounts &counts) const {
  return perFlop * counts.flops + perElement * counts.elements +
         perProduct * counts.products;
}

double CostModel::layer(int64_t vectors, const WeightCounts &weight) const {
  return seconds(countLayer(vectors, weight, target));
}
