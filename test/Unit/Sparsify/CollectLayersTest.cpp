//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/Report.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
class CollectLayers : public ::testing::Test {
protected:
  CollectLayers() {
    context.loadDialect<PixelflyDialect, arith::ArithDialect, func::FuncDialect,
                        linalg::LinalgDialect, tensor::TensorDialect>();
  }
  MLIRContext context;
};
} // namespace

// Two layers on a batch of 4 with 2 rows each, one of them sparse, a norm and a
// product without a parameter. Every figure is worked out by hand.
static constexpr const char *kModel = R"mlir(
#p = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8,
                              radices = [2, 2], factors = 1>
func.func @model(
    %w1: tensor<16x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.weight", init = <uniform, 0.1 : f64>, decay = true,
      pattern = #p>},
    %u: tensor<64x8xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.u", init = <uniform, 0.1 : f64>, decay = true>},
    %v: tensor<32x8xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.v", init = <uniform, 0.1 : f64>, decay = true>},
    %gamma: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.gamma", init = <constant, 0.5 : f64>, decay = false>},
    %bias: tensor<64xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.bias", init = <constant, 0.0 : f64>, decay = false>},
    %norm: tensor<64xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "norm.weight", init = <constant, 1.0 : f64>, decay = false>},
    %w2: tensor<10x64xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "b.weight", init = <uniform, 0.1 : f64>, decay = true>},
    %x: tensor<4x2x32xf32> {pixelfly.input = "images"})
    -> (tensor<8x10xf32>, tensor<10x10xf32>) {
  %rows = tensor.collapse_shape %x [[0, 1], [2]]
    : tensor<4x2x32xf32> into tensor<8x32xf32>
  %e1 = tensor.empty() : tensor<8x64xf32>
  %h = pixelfly.linear
    ins(%rows, %w1 : tensor<8x32xf32>, tensor<16x8x8xf32>)
    low_rank(%u, %v, %gamma
      : tensor<64x8xf32>, tensor<32x8xf32>, tensor<f32>)
    bias(%bias : tensor<64xf32>) outs(%e1 : tensor<8x64xf32>) pattern #p
    -> tensor<8x64xf32>
  %e2 = tensor.empty() : tensor<8x10xf32>
  %y = linalg.matmul indexing_maps = [
      affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
      affine_map<(m, n, k) -> (m, n)>]
    ins(%h, %w2 : tensor<8x64xf32>, tensor<10x64xf32>)
    outs(%e2 : tensor<8x10xf32>) -> tensor<8x10xf32>
  %e3 = tensor.empty() : tensor<10x10xf32>
  %z = linalg.matmul indexing_maps = [
      affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
      affine_map<(m, n, k) -> (m, n)>]
    ins(%y, %y : tensor<8x10xf32>, tensor<8x10xf32>)
    outs(%e3 : tensor<10x10xf32>) -> tensor<10x10xf32>
  return %y, %z : tensor<8x10xf32>, tensor<10x10xf32>
}
)mlir";

TEST_F(CollectLayers, CountsLayersAndTotals) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(kModel, &context);
  ASSERT_TRUE(module);
  FailureOr<SparsifyReport> report = collectLayers(*module);
  ASSERT_TRUE(succeeded(report));
  ASSERT_EQ(report->layers.size(), 2u);

  const LayerReport &a = report->layers[0];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.rows, 64);
  EXPECT_EQ(a.cols, 32);
  EXPECT_EQ(a.numBlocks, 16);
  EXPECT_EQ(a.rank, 8);
  // 16 * 64 + 8 * 96 of 2048 elements.
  EXPECT_DOUBLE_EQ(a.density, 0.875);
  EXPECT_EQ(a.cost.parameters, 1024 + 768 + 1 + 64);
  EXPECT_EQ(a.cost.denseParameters, 2048 + 64);
  // Two rows for each example.
  EXPECT_EQ(a.cost.multiplyAdds, 2 * (1024 + 768));
  EXPECT_EQ(a.cost.denseMultiplyAdds, 2 * 2048);
  EXPECT_EQ(describeLayer(a),
            "64 x 32, block 8, 4 cells (2x2), 1 factor, rank 8, 16 blocks, "
            "density 0.8750, parameters 2112 -> 1857");

  const LayerReport &b = report->layers[1];
  EXPECT_EQ(b.name, "b");
  EXPECT_EQ(b.rows, 10);
  EXPECT_EQ(b.cols, 64);
  EXPECT_FALSE(b.pattern);
  EXPECT_EQ(b.density, 1);
  EXPECT_EQ(b.cost.parameters, 640);
  EXPECT_EQ(b.cost.multiplyAdds, 2 * 640);
  EXPECT_EQ(describeLayer(b), "10 x 64, dense, parameters 640");

  EXPECT_EQ(report->total.parameters, 1857 + 64 + 640);
  EXPECT_EQ(report->total.denseParameters, 2112 + 64 + 640);
  EXPECT_EQ(report->total.multiplyAdds, 2 * (1792 + 640) + 800 / 4);
  EXPECT_EQ(report->total.denseMultiplyAdds, 2 * (2048 + 640) + 800 / 4);
}

// A gate is one more product of each row, and its parameters are none of the
// dense layer's. The factors of a butterfly are one product each.
static constexpr const char *kGateAndFactors = R"mlir(
#p = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8,
                              radices = [2, 2], factors = 1>
#q = #pixelfly.flat_butterfly<rows = 64, cols = 64, block = 16,
                              radices = [2, 2], factors = 2>
func.func @model(
    %w: tensor<16x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.weight", init = <uniform, 0.1 : f64>, decay = true,
      pattern = #p>},
    %u: tensor<64x8xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.u", init = <uniform, 0.1 : f64>, decay = true>},
    %v: tensor<32x8xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.v", init = <uniform, 0.1 : f64>, decay = true>},
    %gw: tensor<32xf32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.gate_weight", init = <uniform, 0.1 : f64>, decay = true>},
    %gb: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<
      name = "a.gate_bias", init = <constant, 0.0 : f64>, decay = false>},
    %f0: tensor<8x16x16xf32>, %f1: tensor<8x16x16xf32>,
    %x: tensor<4x32xf32> {pixelfly.input = "x"})
    -> (tensor<4x64xf32>, tensor<4x64xf32>) {
  %e = tensor.empty() : tensor<4x64xf32>
  %y = pixelfly.linear
    ins(%x, %w : tensor<4x32xf32>, tensor<16x8x8xf32>)
    low_rank(%u, %v : tensor<64x8xf32>, tensor<32x8xf32>)
    gate(%gw, %gb : tensor<32xf32>, tensor<f32>)
    outs(%e : tensor<4x64xf32>) pattern #p -> tensor<4x64xf32>
  %z = pixelfly.butterfly_matmul ins(%y : tensor<4x64xf32>)
    factors(%f0, %f1 : tensor<8x16x16xf32>, tensor<8x16x16xf32>)
    outs(%e : tensor<4x64xf32>) pattern #q -> tensor<4x64xf32>
  return %y, %z : tensor<4x64xf32>, tensor<4x64xf32>
}
)mlir";

TEST_F(CollectLayers, CountsGatesAndButterflyFactors) {
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(kGateAndFactors, &context);
  ASSERT_TRUE(module);
  FailureOr<SparsifyReport> report = collectLayers(*module);
  ASSERT_TRUE(succeeded(report));
  ASSERT_EQ(report->layers.size(), 1u);
  const LayerReport &a = report->layers[0];
  EXPECT_EQ(a.op, "pixelfly.linear");
  EXPECT_EQ(a.rank, 8);
  EXPECT_EQ(a.cost.parameters, 1024 + 768 + 32 + 1);
  EXPECT_EQ(a.cost.denseParameters, 2048);
  EXPECT_EQ(a.cost.multiplyAdds, 1024 + 768 + 32);
  EXPECT_EQ(a.cost.denseMultiplyAdds, 2048);
  int64_t factors = 2 * 8 * 16 * 16;
  EXPECT_EQ(report->total.multiplyAdds, 1824 + factors);
  EXPECT_EQ(report->total.denseMultiplyAdds, 2048 + factors);
  EXPECT_GT(report->total.seconds, a.cost.seconds);
}

TEST_F(CollectLayers, FailsWithoutTheFunction) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(kModel, &context);
  ASSERT_TRUE(module);
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  EXPECT_TRUE(failed(collectLayers(*module, "other")));
  EXPECT_EQ(message, "there is no function 'other' with a body to report on");
}
