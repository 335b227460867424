//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The layer whose two terms are mixed by a gate: numbers of the authors' layer,
// and central differences.
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

using namespace pixelfly_test;

namespace {
/// The numbers are of a 4 x 4 layer with blocks of one element. Here each of
/// them is the first element of a block of 8 x 8, everything else is zero.
constexpr int64_t kBlock = 8;

Array spread(const std::vector<double> &values) {
  Array array{{int64_t(values.size()) * kBlock}, {}};
  array.values.assign(values.size() * kBlock, 0.0);
  for (size_t i = 0; i < values.size(); ++i)
    array.values[i * kBlock] = values[i];
  return array;
}

Array spread(std::vector<int64_t> shape, const std::vector<double> &values) {
  Array array = spread(values);
  array.shape = std::move(shape);
  return array;
}

Array spreadBlocks(const std::vector<double> &values) {
  Array array{{int64_t(values.size()), kBlock, kBlock}, {}};
  array.values.assign(values.size() * kBlock * kBlock, 0.0);
  for (size_t i = 0; i < values.size(); ++i)
    array.values[i * kBlock * kBlock] = values[i];
  return array;
}

void expectSpread(const char *what, const Array &actual,
                  const std::vector<double> &expected, int64_t stride) {
  ASSERT_GE(int64_t(actual.values.size()),
            int64_t(expected.size() - 1) * stride + 1);
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(actual.values[i * stride], expected[i], 1e-8)
        << what << " " << i;
}
} // namespace

TEST(Gate, AuthorsNumbers) {
  // The last argument makes the layer's result visible as its gradient.
  const char *program = R"(
    #p = #pixelfly.flat_butterfly<rows = 32, cols = 32, block = 8,
                                  radices = [2, 2], factors = 1>
    func.func @f(%x: tensor<1x32xf64>, %w: tensor<8x8x8xf64>,
                 %u: tensor<32x1xf64>, %v: tensor<32x1xf64>,
                 %gate_weight: tensor<32xf64>, %gate_bias: tensor<f64>,
                 %bias: tensor<32xf64>, %probe: tensor<1x32xf64>)
        -> (tensor<1x32xf64>, tensor<1x32xf64>) {
      %e = tensor.empty() : tensor<1x32xf64>
      %0 = pixelfly.linear ins(%x, %w : tensor<1x32xf64>, tensor<8x8x8xf64>)
             low_rank(%u, %v : tensor<32x1xf64>, tensor<32x1xf64>)
             gate(%gate_weight, %gate_bias : tensor<32xf64>, tensor<f64>)
             bias(%bias : tensor<32xf64>)
             outs(%e : tensor<1x32xf64>) pattern #p -> tensor<1x32xf64>
      %1 = arith.mulf %0, %probe : tensor<1x32xf64>
      return %0, %1 : tensor<1x32xf64>, tensor<1x32xf64>
    })";
  Array ones{{1, 32}, std::vector<double>(32, 1.0)};
  Array zeros{{1, 32}, std::vector<double>(32, 0.0)};
  // Blocks in storage order: in a block row the diagonal block comes first.
  std::vector<Array> gradients = evaluateGradients(
      program,
      {spread({1, 32}, {1, 2, -1, .5}),
       spreadBlocks({.5, -1, .25, 2, 1, .5, 1.5, -.75}),
       spread({32, 1}, {1, .5, -1, 2}), spread({32, 1}, {.25, -.5, 1, .5}),
       spread({.1, .2, -.1, .3}), Array{{}, {.05}},
       spread({.01, .02, .03, .04}), zeros},
      {spread({1, 32}, {1, -1, .5, 2}), ones});
  ASSERT_EQ(gradients.size(), 8u);
  expectSpread("dx", gradients[0],
               {.126002968, -1.965347330, 2.548805640, 2.090732195}, kBlock);
  expectSpread("dB", gradients[1],
               {.310025519, .620051038, -.620051038, -.310025519, -.155012759,
                .077506380, .310025519, -.620051038},
               kBlock * kBlock);
  expectSpread("dU", gradients[2],
               {-1.034961722, 1.034961722, -.517480861, -2.069923443}, kBlock);
  expectSpread("dV", gradients[3],
               {2.759897925, 5.519795849, -2.759897925, 1.379948962}, kBlock);
  expectSpread("dw_g", gradients[4],
               {-.989332346, -1.978664693, .989332346, -.494666173}, kBlock);
  expectSpread("dc_g", gradients[5], {-.989332346}, 1);
  expectSpread("dbias", gradients[6], {1, -1, .5, 2}, kBlock);
  expectSpread("y", gradients[7], {-1.49, .277582936, .832442583, -1.564885165},
               kBlock);
}

TEST(Gate, CentralDifferences) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #tall = #pixelfly.flat_butterfly<rows = 48, cols = 24, block = 8,
                                     radices = [3], factors = 1>
    func.func @f(%x: tensor<3x24xf64>, %w: tensor<18x8x8xf64>,
                 %u: tensor<48x4xf64>, %v: tensor<24x4xf64>,
                 %gate_weight: tensor<24xf64>, %gate_bias: tensor<f64>)
        -> tensor<3x48xf64> {
      %e = tensor.empty() : tensor<3x48xf64>
      %0 = pixelfly.linear ins(%x, %w : tensor<3x24xf64>, tensor<18x8x8xf64>)
             low_rank(%u, %v : tensor<48x4xf64>, tensor<24x4xf64>)
             gate(%gate_weight, %gate_bias : tensor<24xf64>, tensor<f64>)
             outs(%e : tensor<3x48xf64>) pattern #tall -> tensor<3x48xf64>
      return %0 : tensor<3x48xf64>
    })"));
}
