//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the gradient is where there is no derivative.
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

using namespace pixelfly_test;

using Values = std::vector<double>;

TEST(Kinks, AbsoluteValueIsFlatAtZero) {
  std::vector<Array> gradients = evaluateGradients(
      R"(
    func.func @f(%x: tensor<3xf64>) -> tensor<3xf64> {
      %r = math.absf %x : tensor<3xf64>
      return %r : tensor<3xf64>
    })",
      {Array{{3}, {-2.0, 0.0, 2.0}}}, {Array{{3}, {1.0, 1.0, 1.0}}});
  ASSERT_EQ(gradients.size(), 1u);
  EXPECT_EQ(gradients[0].values, (Values{-1.0, 0.0, 1.0}));
}

TEST(Kinks, TheSecondOfTwoEqualArgumentsGetsTheAdjoint) {
  std::vector<Array> gradients = evaluateGradients(
      R"(
    func.func @f(%x: tensor<3xf64>, %y: tensor<3xf64>)
        -> (tensor<3xf64>, tensor<3xf64>) {
      %r = arith.maximumf %x, %y : tensor<3xf64>
      %s = arith.minimumf %x, %y : tensor<3xf64>
      return %r, %s : tensor<3xf64>, tensor<3xf64>
    })",
      {Array{{3}, {1.0, 0.0, -1.0}}, Array{{3}, {0.0, 0.0, 0.0}}},
      {Array{{3}, {10.0, 10.0, 10.0}}, Array{{3}, {1.0, 1.0, 1.0}}});
  ASSERT_EQ(gradients.size(), 2u);
  EXPECT_EQ(gradients[0].values, (Values{10.0, 0.0, 1.0}));
  EXPECT_EQ(gradients[1].values, (Values{1.0, 11.0, 10.0}));
}

TEST(Kinks, EveryElementThatIsTheMaximumGetsTheAdjoint) {
  std::vector<Array> gradients = evaluateGradients(
      R"(
    func.func @f(%x: tensor<4xf64>, %init: tensor<f64>) -> tensor<f64> {
      %r = linalg.reduce { arith.maximumf } ins(%x : tensor<4xf64>)
             outs(%init : tensor<f64>) dimensions = [0]
      return %r : tensor<f64>
    })",
      {Array{{4}, {3.0, 1.0, 3.0, 2.0}}, Array{{}, {0.0}}}, {Array{{}, {5.0}}});
  ASSERT_EQ(gradients.size(), 2u);
  EXPECT_EQ(gradients[0].values, (Values{5.0, 0.0, 5.0, 0.0}));
  EXPECT_EQ(gradients[1].values, (Values{0.0}));
}
