//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

using namespace pixelfly_test;

// Square core and stretched, radix 2 and 3.
static const char *const kPatterns = R"(
  #wide = #pixelfly.flat_butterfly<rows = 16, cols = 32, block = 8,
                                   radices = [2], factors = 1>
  #tall = #pixelfly.flat_butterfly<rows = 48, cols = 24, block = 8,
                                   radices = [3], factors = 1>
)";

TEST(PixelflyRules, Matmul) {
  EXPECT_TRUE(gradientsMatchDifferences(std::string(kPatterns) + R"(
    func.func @f(%x: tensor<3x32xf64>, %w: tensor<8x8x8xf64>,
                 %c: tensor<3x16xf64>) -> tensor<3x16xf64> {
      %0 = pixelfly.matmul ins(%x, %w : tensor<3x32xf64>, tensor<8x8x8xf64>)
             outs(%c : tensor<3x16xf64>) pattern #wide -> tensor<3x16xf64>
      return %0 : tensor<3x16xf64>
    })"));
}

TEST(PixelflyRules, MatmulTransposed) {
  EXPECT_TRUE(gradientsMatchDifferences(std::string(kPatterns) + R"(
    func.func @f(%x: tensor<2x48xf64>, %w: tensor<18x8x8xf64>,
                 %c: tensor<2x24xf64>) -> tensor<2x24xf64> {
      %0 = pixelfly.matmul transposed
             ins(%x, %w : tensor<2x48xf64>, tensor<18x8x8xf64>)
             outs(%c : tensor<2x24xf64>) pattern #tall -> tensor<2x24xf64>
      return %0 : tensor<2x24xf64>
    })"));
}

TEST(PixelflyRules, Sddmm) {
  EXPECT_TRUE(gradientsMatchDifferences(std::string(kPatterns) + R"(
    func.func @f(%l: tensor<3x16xf64>, %r: tensor<3x32xf64>,
                 %c: tensor<8x8x8xf64>) -> tensor<8x8x8xf64> {
      %0 = pixelfly.sddmm ins(%l, %r : tensor<3x16xf64>, tensor<3x32xf64>)
             outs(%c : tensor<8x8x8xf64>) pattern #wide -> tensor<8x8x8xf64>
      return %0 : tensor<8x8x8xf64>
    })"));
}

TEST(PixelflyRules, ToDenseAndFromDense) {
  EXPECT_TRUE(gradientsMatchDifferences(std::string(kPatterns) + R"(
    func.func @f(%w: tensor<8x8x8xf64>, %d: tensor<16x32xf64>)
        -> (tensor<16x32xf64>, tensor<8x8x8xf64>) {
      %0 = pixelfly.to_dense %w : tensor<8x8x8xf64>
          pattern #wide -> tensor<16x32xf64>
      %1 = arith.mulf %0, %d : tensor<16x32xf64>
      %2 = pixelfly.from_dense %d : tensor<16x32xf64>
          pattern #wide -> tensor<8x8x8xf64>
      %3 = arith.mulf %2, %w : tensor<8x8x8xf64>
      return %1, %3 : tensor<16x32xf64>, tensor<8x8x8xf64>
    })"));
}

TEST(PixelflyRules, Linear) {
  EXPECT_TRUE(gradientsMatchDifferences(std::string(kPatterns) + R"(
    func.func @f(%x: tensor<3x32xf64>, %w: tensor<8x8x8xf64>,
                 %u: tensor<16x4xf64>, %v: tensor<32x4xf64>,
                 %gamma: tensor<f64>, %bias: tensor<16xf64>)
        -> tensor<3x16xf64> {
      %e = tensor.empty() : tensor<3x16xf64>
      %0 = pixelfly.linear ins(%x, %w : tensor<3x32xf64>, tensor<8x8x8xf64>)
             low_rank(%u, %v, %gamma
               : tensor<16x4xf64>, tensor<32x4xf64>, tensor<f64>)
             bias(%bias : tensor<16xf64>)
             outs(%e : tensor<3x16xf64>) pattern #wide -> tensor<3x16xf64>
      return %0 : tensor<3x16xf64>
    })"));
}

TEST(PixelflyRules, LinearWithoutOptionalTerms) {
  EXPECT_TRUE(gradientsMatchDifferences(std::string(kPatterns) + R"(
    func.func @f(%x: tensor<2x24xf64>, %w: tensor<18x8x8xf64>,
                 %u: tensor<48x4xf64>, %v: tensor<24x4xf64>,
                 %gamma: tensor<f64>)
        -> (tensor<2x48xf64>, tensor<2x48xf64>) {
      %e = tensor.empty() : tensor<2x48xf64>
      %0 = pixelfly.linear ins(%x, %w : tensor<2x24xf64>, tensor<18x8x8xf64>)
             outs(%e : tensor<2x48xf64>) pattern #tall -> tensor<2x48xf64>
      %1 = pixelfly.linear ins(%x, %w : tensor<2x24xf64>, tensor<18x8x8xf64>)
             low_rank(%u, %v, %gamma
               : tensor<48x4xf64>, tensor<24x4xf64>, tensor<f64>)
             outs(%0 : tensor<2x48xf64>) pattern #tall -> tensor<2x48xf64>
      return %0, %1 : tensor<2x48xf64>, tensor<2x48xf64>
    })"));
}
