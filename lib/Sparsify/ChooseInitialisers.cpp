//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/ChooseInitialisers.h"

#include <cassert>
#include <cmath>

using namespace mlir::pixelfly;

/// Variance of an element of the given kind when its scale is 1.
static double unitVariance(InitKind kind) {
  switch (kind) {
  case InitKind::Constant:
    return 0;
  case InitKind::Uniform:
    return 1.0 / 3.0;
  case InitKind::Normal:
    return 1;
  case InitKind::TruncatedNormal: {
    // 1 - 2 c pdf(c) / (cdf(c) - cdf(-c)) at the cut c = 2.
    double cut = 2;
    double pdf = std::exp(-cut * cut / 2) / std::sqrt(2 * M_PI);
    return 1 - 2 * cut * pdf / std::erf(cut / std::sqrt(2.0));
  }
  case InitKind::SingularVectors:
    break;
  }
  assert(false && "the elements of this kind have no common variance");
  return 0;
}

double Initialiser::variance() const {
  return scale * scale * unitVariance(kind);
}

Initialiser Initialiser::withVariance(InitKind kind, double variance) {
  assert(kind != InitKind::Constant && "a constant has no variance to set");
  return {kind, std::sqrt(variance / unitVariance(kind))};
}

LayerInitialisers mlir::pixelfly::keepVariance(const Initialiser &dense,
                                               int64_t cols,
                                               int64_t nonzerosPerRow,
                                               int64_t rank) {
  assert((dense.kind != InitKind::Constant || dense.scale == 0) &&
         "a nonzero constant has no variance to keep");
  LayerInitialisers result;
  double outputVariance = dense.variance() * static_cast<double>(cols);
  double sparseFanIn = static_cast<double>(nonzerosPerRow);
  bool random = dense.kind != InitKind::Constant;
  if (rank == 0) {
    if (random)
      result.blocks =
          Initialiser::withVariance(dense.kind, outputVariance / sparseFanIn);
    return result;
  }

  double gamma = kInitialGamma;
  double partVariance = outputVariance / 2;
  result.gamma = {InitKind::Constant, gamma};
  result.v = Initialiser::withVariance(random ? dense.kind : InitKind::Uniform,
                                       1.0 / static_cast<double>(cols));
  if (random) {
    result.blocks = Initialiser::withVariance(
        dense.kind, partVariance / (gamma * gamma * sparseFanIn));
    result.u = Initialiser::withVariance(
        dense.kind,
        partVariance / ((1 - gamma) * (1 - gamma) * static_cast<double>(rank)));
  }
  return result;
}

LayerInitialisers mlir::pixelfly::followAuthors(InitRule rule,
                                                const LayerSizes &sizes) {
  constexpr double deviation = 0.02, gateBiasDeviation = 1e-6;
  auto inverseRoot = [](int64_t size) {
    return 1 / std::sqrt(static_cast<double>(size));
  };
  double spread = std::sqrt(static_cast<double>(sizes.storedCols) /
                            static_cast<double>(sizes.storedPerRow));
  // Of a dense draw with elements of this standard deviation.
  LayerInitialisers result;
  auto drawFactors = [&](double deviation) {
    result.u = {InitKind::SingularVectors, deviation, sizes.cols};
    result.v = {InitKind::SingularVectors, deviation, sizes.rows};
  };
  switch (rule) {
  case InitRule::KeepVariance:
    assert(false && "not a rule of the authors'");
    break;
  case InitRule::AuthorsDefault:
    result.blocks = {InitKind::Uniform, inverseRoot(sizes.storedPerRow)};
    if (sizes.rank > 0) {
      result.u = {InitKind::Uniform, inverseRoot(sizes.rank)};
      result.v = {InitKind::Uniform, inverseRoot(sizes.cols)};
    }
    result.gateWeight = {InitKind::Normal, deviation};
    break;
  case InitRule::AuthorsViT: {
    Initialiser dense{InitKind::TruncatedNormal, deviation};
    result.blocks = {dense.kind, deviation * spread};
    drawFactors(std::sqrt(dense.variance()));
    result.gateWeight = dense;
    break;
  }
  case InitRule::AuthorsMixer: {
    auto xavier = [](int64_t inputs, int64_t outputs) {
      return Initialiser{InitKind::Uniform,
                         std::sqrt(6 / static_cast<double>(inputs + outputs))};
    };
    result.blocks = {InitKind::Uniform,
                     xavier(sizes.storedCols, sizes.storedRows).scale * spread};
    drawFactors(std::sqrt(xavier(sizes.cols, sizes.rows).variance()));
    result.gateWeight = xavier(sizes.cols, 1);
    result.gateBias = {InitKind::Normal, gateBiasDeviation};
    break;
  }
  }
  result.gamma = {InitKind::Constant, kInitialGamma};
  return result;
}

LayerInitialisers mlir::pixelfly::chooseInitialisers(InitRule rule,
                                                     const Initialiser &dense,
                                                     const LayerSizes &sizes) {
  if (rule == InitRule::KeepVariance)
    return keepVariance(dense, sizes.cols, sizes.nonzerosPerRow, sizes.rank);
  return followAuthors(rule, sizes);
}
