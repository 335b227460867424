//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

using namespace pixelfly_test;

TEST(TensorRules, ReshapesAndCasts) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<2x6xf64>) -> (tensor<2x3x2xf64>, tensor<12xf64>) {
      %0 = tensor.expand_shape %x [[0], [1, 2]] output_shape [2, 3, 2]
          : tensor<2x6xf64> into tensor<2x3x2xf64>
      %s = arith.mulf %0, %0 : tensor<2x3x2xf64>
      %1 = tensor.collapse_shape %x [[0, 1]]
          : tensor<2x6xf64> into tensor<12xf64>
      %2 = tensor.cast %1 : tensor<12xf64> to tensor<?xf64>
      %3 = arith.mulf %2, %2 : tensor<?xf64>
      %4 = tensor.cast %3 : tensor<?xf64> to tensor<12xf64>
      return %s, %4 : tensor<2x3x2xf64>, tensor<12xf64>
    })"));
}

TEST(TensorRules, ExtractSlice) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<6x5xf64>) -> tensor<2x3xf64> {
      %0 = tensor.extract_slice %x[1, 2] [2, 3] [2, 1]
          : tensor<6x5xf64> to tensor<2x3xf64>
      %1 = arith.mulf %0, %0 : tensor<2x3xf64>
      return %1 : tensor<2x3xf64>
    })"));
}

TEST(TensorRules, ExtractSliceThatDropsADimension) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<6x5xf64>) -> tensor<5xf64> {
      %0 = tensor.extract_slice %x[3, 0] [1, 5] [1, 1]
          : tensor<6x5xf64> to tensor<5xf64>
      %1 = arith.mulf %0, %0 : tensor<5xf64>
      return %1 : tensor<5xf64>
    })"));
}

TEST(TensorRules, InsertSlice) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<2x3xf64>, %y: tensor<6x5xf64>) -> tensor<6x5xf64> {
      %0 = tensor.insert_slice %x into %y[1, 2] [2, 3] [2, 1]
          : tensor<2x3xf64> into tensor<6x5xf64>
      %1 = arith.mulf %0, %0 : tensor<6x5xf64>
      return %1 : tensor<6x5xf64>
    })"));
}

TEST(TensorRules, Pad) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<2x3xf64>) -> tensor<5x4xf64> {
      %c = arith.constant 2.0 : f64
      %0 = tensor.pad %x low[1, 0] high[2, 1] {
      ^bb0(%i: index, %j: index):
        tensor.yield %c : f64
      } : tensor<2x3xf64> to tensor<5x4xf64>
      %1 = arith.mulf %0, %0 : tensor<5x4xf64>
      return %1 : tensor<5x4xf64>
    })"));
}

TEST(TensorRules, Concat) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<2x3xf64>, %y: tensor<2x1xf64>, %z: tensor<2x2xf64>)
        -> tensor<2x6xf64> {
      %0 = tensor.concat dim(1) %x, %y, %z
          : (tensor<2x3xf64>, tensor<2x1xf64>, tensor<2x2xf64>)
          -> tensor<2x6xf64>
      %1 = arith.mulf %0, %0 : tensor<2x6xf64>
      return %1 : tensor<2x6xf64>
    })"));
}

TEST(TensorRules, Elements) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<2x3xf64>) -> (tensor<2x2xf64>, tensor<2x3xf64>,
                                          tensor<4xf64>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %a = tensor.extract %x[%c0, %c1] : tensor<2x3xf64>
      %b = tensor.extract %x[%c1, %c2] : tensor<2x3xf64>
      %s = math.exp %a : f64
      %p = arith.mulf %a, %b : f64
      %0 = tensor.from_elements %a, %s, %p, %b : tensor<2x2xf64>
      %1 = tensor.insert %p into %x[%c1, %c1] : tensor<2x3xf64>
      %2 = tensor.splat %p : tensor<4xf64>
      return %0, %1, %2 : tensor<2x2xf64>, tensor<2x3xf64>, tensor<4xf64>
    })"));
}

TEST(TensorRules, GatherOfRows) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%table: tensor<4x3xf64>) -> tensor<2x2x3xf64> {
      %places = arith.constant dense<[[[2], [0]], [[2], [1]]]>
        : tensor<2x2x1xindex>
      %0 = tensor.gather %table[%places] gather_dims([0])
        : (tensor<4x3xf64>, tensor<2x2x1xindex>) -> tensor<2x2x3xf64>
      return %0 : tensor<2x2x3xf64>
    })"));
}

// Dimensions out of order, kept as units, and indices that are integers.
TEST(TensorRules, GatherOfSeveralDimensions) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%table: tensor<3x2x4xf64>)
        -> (tensor<3x1x2x1xf64>, tensor<3x2xf64>) {
      %places = arith.constant dense<[[0, 3], [2, 1], [0, 3]]>
        : tensor<3x2xi32>
      %0 = tensor.gather %table[%places] gather_dims([0, 2])
        : (tensor<3x2x4xf64>, tensor<3x2xi32>) -> tensor<3x1x2x1xf64>
      %1 = tensor.gather %table[%places] gather_dims([0, 2])
        : (tensor<3x2x4xf64>, tensor<3x2xi32>) -> tensor<3x2xf64>
      return %0, %1 : tensor<3x1x2x1xf64>, tensor<3x2xf64>
    })"));
}
