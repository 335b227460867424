//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The product of butterfly factors: its value against dense products, its
// gradients against central differences.
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

#include <random>

using namespace pixelfly_test;

namespace {
/// Six cells of 8 x 8 with digits of radix 2 and 3.
constexpr int64_t kBlock = 8, kCells = 6, kSize = 48, kRows = 3;

std::string program(bool isResidual) {
  return std::string(R"(
    #p = #pixelfly.flat_butterfly<rows = 48, cols = 48, block = 8,
                                  radices = [2, 3], factors = 2>
    func.func @f(%x: tensor<3x48xf64>, %a: tensor<12x8x8xf64>,
                 %b: tensor<18x8x8xf64>, %lambda: tensor<f64>)
        -> tensor<3x48xf64> {
      %e = tensor.empty() : tensor<3x48xf64>
      %0 = pixelfly.butterfly_matmul ins(%x : tensor<3x48xf64>)
             factors(%a, %b : tensor<12x8x8xf64>, tensor<18x8x8xf64>))") +
         (isResidual ? " residual(%lambda : tensor<f64>)" : "") + R"(
             outs(%e : tensor<3x48xf64>) pattern #p -> tensor<3x48xf64>
      return %0 : tensor<3x48xf64>
    })";
}

/// The dense matrix of a factor: cells that agree in all digits but one, block
/// rows in order and ascending in a row.
std::vector<double> denseFactor(const Array &blocks, int64_t stride,
                                int64_t radix) {
  std::vector<double> dense(kSize * kSize);
  int64_t next = 0;
  for (int64_t row = 0; row < kCells; ++row)
    for (int64_t col = 0; col < kCells; ++col) {
      if (row % stride != col % stride ||
          row / (stride * radix) != col / (stride * radix))
        continue;
      for (int64_t i = 0; i < kBlock; ++i)
        for (int64_t j = 0; j < kBlock; ++j)
          dense[(row * kBlock + i) * kSize + col * kBlock + j] =
              blocks.values[next++];
    }
  EXPECT_EQ(next, int64_t(blocks.values.size()));
  return dense;
}

Array randomArray(std::vector<int64_t> shape, std::mt19937 &generator) {
  std::uniform_real_distribution<double> draw(-1, 1);
  Array array{shape, {}};
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  for (int64_t i = 0; i < size; ++i)
    array.values.push_back(draw(generator));
  return array;
}

void checkValue(bool isResidual) {
  // The result appears as the gradient of an argument that multiplies it.
  std::string text = program(isResidual);
  auto replace = [&](const std::string &from, const std::string &to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("%lambda: tensor<f64>)", "%lambda: tensor<f64>, "
                                   "%probe: tensor<3x48xf64>)");
  replace("return %0", "%1 = arith.mulf %0, %probe : tensor<3x48xf64>\n"
                       "return %1");
  std::mt19937 generator(7);
  Array x = randomArray({kRows, kSize}, generator),
        a = randomArray({12, kBlock, kBlock}, generator),
        b = randomArray({18, kBlock, kBlock}, generator);
  double lambda = .25;
  Array ones{{kRows, kSize}, std::vector<double>(kRows * kSize, 1.0)};
  std::vector<Array> gradients =
      evaluateGradients(text, {x, a, b, Array{{}, {lambda}}, ones}, {ones});
  ASSERT_EQ(gradients.size(), 5u);

  std::vector<double> rows = x.values;
  for (const std::vector<double> &factor :
       {denseFactor(a, 1, 2), denseFactor(b, 2, 3)}) {
    std::vector<double> next(rows.size());
    for (int64_t m = 0; m < kRows; ++m)
      for (int64_t i = 0; i < kSize; ++i) {
        double sum = 0;
        for (int64_t j = 0; j < kSize; ++j)
          sum += rows[m * kSize + j] * factor[i * kSize + j];
        next[m * kSize + i] =
            isResidual ? rows[m * kSize + i] + lambda * sum : sum;
      }
    rows = next;
  }
  for (size_t i = 0; i < rows.size(); ++i)
    EXPECT_NEAR(gradients[4].values[i], rows[i], 1e-12) << i;
}
} // namespace

TEST(Butterfly, ProductAgreesWithDense) { checkValue(/*isResidual=*/false); }
TEST(Butterfly, ResidualAgreesWithDense) { checkValue(/*isResidual=*/true); }

TEST(Butterfly, ProductGradients) {
  GradientCheckOptions options;
  options.samples = 60;
  EXPECT_TRUE(gradientsMatchDifferences(program(false), options));
}
TEST(Butterfly, ResidualGradients) {
  GradientCheckOptions options;
  options.samples = 60;
  EXPECT_TRUE(gradientsMatchDifferences(program(true), options));
}
