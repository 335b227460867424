//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/FitCostModel.h"

#include <gtest/gtest.h>

#include <random>

using namespace mlir::pixelfly;

static constexpr double kFlop = 6e-12, kElement = 7e-11, kProduct = 3e-6;

/// Times of products of all sizes on a machine with these constants, each off
/// by up to `noise` of itself.
static std::vector<Measurement> makeMeasurements(double flop, double element,
                                                 double product, double noise) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> error(-noise, noise);
  std::vector<Measurement> result;
  Target target;
  for (int64_t vectors : {16, 128, 1024})
    for (int64_t rows : {128, 512, 2048})
      for (int64_t part : {1, 4, 16})
        for (ProductKind kind :
             {ProductKind::Forward, ProductKind::InputGradient,
              ProductKind::WeightGradient}) {
          WorkCounts counts = countProduct(
              kind, vectors, {rows, 512, rows * 512 / part, 32}, target);
          double seconds = flop * counts.flops + element * counts.elements +
                           product * counts.products;
          result.push_back({counts, seconds * (1 + error(random))});
        }
  return result;
}

TEST(FitCostModel, RecoversTheConstants) {
  CostConstants fitted =
      fitCostConstants(makeMeasurements(kFlop, kElement, kProduct, 0));
  EXPECT_EQ(fitted.accessBytes, 64);
  EXPECT_NEAR(fitted.secondsPerFlop, kFlop, 1e-6 * kFlop);
  // Sixteen elements an access.
  EXPECT_NEAR(fitted.secondsPerAccess, 16 * kElement, 1e-6 * 16 * kElement);
  EXPECT_NEAR(fitted.secondsPerProduct, kProduct, 1e-6 * kProduct);
}

TEST(FitCostModel, RecoversTheConstantsFromNoisyTimes) {
  CostConstants fitted =
      fitCostConstants(makeMeasurements(kFlop, kElement, kProduct, 0.1));
  EXPECT_NEAR(fitted.secondsPerFlop, kFlop, 0.05 * kFlop);
  EXPECT_NEAR(fitted.secondsPerAccess, 16 * kElement, 0.2 * 16 * kElement);
  EXPECT_NEAR(fitted.secondsPerProduct, kProduct, 0.1 * kProduct);
}

// What is so fitted predicts times that the fit has not seen.
TEST(FitCostModel, PredictsWhatItHasNotSeen) {
  Target target;
  target.cost =
      fitCostConstants(makeMeasurements(kFlop, kElement, kProduct, 0.1));
  CostModel model(target);
  WeightCounts weight{768, 3072, 768 * 3072 / 8, 32, 64};
  WorkCounts counts = countLayer(300, weight, target);
  double truth = kFlop * counts.flops + kElement * counts.elements +
                 kProduct * counts.products;
  EXPECT_NEAR(model.layer(300, weight), truth, 0.05 * truth);
}

// Times that a negative constant would explain best: zero, and the others as
// good as they can be without it.
TEST(FitCostModel, NoConstantIsNegative) {
  CostConstants fitted =
      fitCostConstants(makeMeasurements(kFlop, kElement, -2e-8, 0));
  EXPECT_EQ(fitted.secondsPerProduct, 0);
  EXPECT_NEAR(fitted.secondsPerFlop, kFlop, 0.1 * kFlop);
  EXPECT_NEAR(fitted.secondsPerAccess, 16 * kElement, 0.1 * 16 * kElement);
}

// Only arithmetic was measured, twice the same.
TEST(FitCostModel, WhatWasNotMeasuredIsZero) {
  Measurement only{{1e9, 0, 0}, 0.5};
  CostConstants fitted = fitCostConstants({only, only});
  EXPECT_DOUBLE_EQ(fitted.secondsPerFlop, 5e-10);
  EXPECT_EQ(fitted.secondsPerAccess, 0);
  EXPECT_EQ(fitted.secondsPerProduct, 0);
}

// The errors that are least are relative: a time of a microsecond counts as
// much as one of a second.
TEST(FitCostModel, ErrorsAreRelative) {
  CostConstants fitted =
      fitCostConstants({{{1e3, 0, 0}, 1.2e-6}, {{1e9, 0, 0}, 0.8}});
  // The minimum of (1000 c / 1.2e-6 - 1)^2 + (1e9 c / 0.8 - 1)^2.
  double a = 1 / 1.2, b = 1 / 0.8;
  EXPECT_NEAR(fitted.secondsPerFlop, 1e-9 * (a + b) / (a * a + b * b), 1e-15);
}
