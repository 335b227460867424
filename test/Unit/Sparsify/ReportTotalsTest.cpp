//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The totals of a report: what whole models cost, counted by hand.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ImportModel.h"
#include "pixelfly/Sparsify/Report.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::pixelfly;

static OwningOpRef<ModuleOp> importShipped(StringRef name, MLIRContext &context,
                                           std::optional<int64_t> batch) {
  std::string path = (PIXELFLY_MODELS_DIR "/" + name + ".json").str();
  FailureOr<ModelSchema> schema = readModelSchema(path, &context);
  if (failed(schema))
    return nullptr;
  return importModel(*schema, &context, {batch});
}

static Cost totalOf(ModuleOp module) {
  FailureOr<SparsifyReport> report = collectLayers(module);
  EXPECT_TRUE(succeeded(report));
  return succeeded(report) ? report->total : Cost();
}

/// The published sizes, and the multiply-adds by hand: tokens times weights,
/// scores and weighted sums, and the head.
TEST(ReportTotals, Gpt2) {
  for (auto [name, parameters, width, blocks] :
       {std::tuple("gpt2-small", 124439808, 768, 12),
        {"gpt2-medium", 354823168, 1024, 24}}) {
    MLIRContext context;
    OwningOpRef<ModuleOp> module = importShipped(name, context, 1);
    ASSERT_TRUE(module);
    Cost counts = totalOf(*module);
    EXPECT_EQ(counts.parameters, parameters) << name;
    int64_t tokens = 1024, w = width;
    int64_t block = tokens * 12 * w * w + 2 * tokens * tokens * w;
    EXPECT_EQ(counts.multiplyAdds, blocks * block + tokens * w * 50257) << name;
  }
}

TEST(ReportTotals, DoNotDependOnTheBatch) {
  MLIRContext context;
  OwningOpRef<ModuleOp> one = importShipped("tiny-mixer", context, 1);
  OwningOpRef<ModuleOp> many = importShipped("tiny-mixer", context, 24);
  ASSERT_TRUE(one && many);
  EXPECT_EQ(totalOf(*one).parameters, totalOf(*many).parameters);
  EXPECT_EQ(totalOf(*one).multiplyAdds, totalOf(*many).multiplyAdds);
}

TEST(ReportTotals, MlpByHand) {
  MLIRContext context;
  OwningOpRef<ModuleOp> module = importShipped("fashion-mnist-mlp", context, 8);
  ASSERT_TRUE(module);
  Cost counts = totalOf(*module);
  int64_t weights = 784 * 512 + 512 * 512 + 512 * 10;
  EXPECT_EQ(counts.multiplyAdds, weights);
  EXPECT_EQ(counts.parameters, weights + 512 + 512 + 10);
}

// Two examples of three rows each: layer with rank 16, its products, and a
// gradient; elementwise work and sums do not count.
TEST(ReportTotals, PixelflyProducts) {
  MLIRContext context;
  context.loadDialect<func::FuncDialect, linalg::LinalgDialect,
                      arith::ArithDialect, PixelflyDialect>();
  constexpr StringLiteral source = R"mlir(
#p = #pixelfly.flat_butterfly<rows = 64, cols = 32, block = 8, radices = [2, 2], factors = 1>
#w = #pixelfly.init<uniform, 0.1 : f64>
#all = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @model(
    %w: tensor<16x8x8xf32> {pixelfly.parameter = #pixelfly.parameter<name = "w", init = #w, decay = true, pattern = #p>},
    %u: tensor<64x16xf32> {pixelfly.parameter = #pixelfly.parameter<name = "u", init = #w, decay = true>},
    %v: tensor<32x16xf32> {pixelfly.parameter = #pixelfly.parameter<name = "v", init = #w, decay = true>},
    %g: tensor<f32> {pixelfly.parameter = #pixelfly.parameter<name = "g", init = #w, decay = false>},
    %x: tensor<6x32xf32>, %y: tensor<6x64xf32>, %dw: tensor<16x8x8xf32>, %sums: tensor<6xf32>,
    %labels: tensor<2xi32> {pixelfly.input = "labels"}) {
  %0 = pixelfly.linear ins(%x, %w : tensor<6x32xf32>, tensor<16x8x8xf32>)
         low_rank(%u, %v, %g : tensor<64x16xf32>, tensor<32x16xf32>, tensor<f32>)
         outs(%y : tensor<6x64xf32>) pattern #p -> tensor<6x64xf32>
  %1 = pixelfly.matmul ins(%x, %w : tensor<6x32xf32>, tensor<16x8x8xf32>)
         outs(%y : tensor<6x64xf32>) pattern #p -> tensor<6x64xf32>
  %2 = pixelfly.sddmm ins(%y, %x : tensor<6x64xf32>, tensor<6x32xf32>)
         outs(%dw : tensor<16x8x8xf32>) pattern #p -> tensor<16x8x8xf32>
  %3 = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
         ins(%x : tensor<6x32xf32>) outs(%sums : tensor<6xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<6xf32>
  return
})mlir";
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(source, &context);
  ASSERT_TRUE(module);
  Cost counts = totalOf(*module);
  int64_t blocks = 16 * 8 * 8, lowRank = (64 + 32) * 16;
  EXPECT_EQ(counts.parameters, blocks + lowRank + 1);
  EXPECT_EQ(counts.multiplyAdds, 6 * (3 * blocks + lowRank) / 2);
}
