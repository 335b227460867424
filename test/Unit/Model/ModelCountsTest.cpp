//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parameters and multiply-adds, against the paper's Table 4 and by hand.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ModelCounts.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Model/ImportModel.h"
#include "pixelfly/Sparsify/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
OwningOpRef<ModuleOp> importShipped(StringRef name, MLIRContext &context,
                                    std::optional<int64_t> batch) {
  std::string path = (PIXELFLY_MODELS_DIR "/" + name + ".json").str();
  FailureOr<ModelSchema> schema = readModelSchema(path, &context);
  if (failed(schema))
    return nullptr;
  return importModel(*schema, &context, {batch});
}

/// In the paper's units: millions with two digits, thousands of millions with
/// two.
struct Table4 {
  long parameters, multiplyAdds;
  bool operator==(const Table4 &other) const {
    return parameters == other.parameters && multiplyAdds == other.multiplyAdds;
  }
};
std::ostream &operator<<(std::ostream &os, const Table4 &row) {
  return os << row.parameters / 100.0 << " M, " << row.multiplyAdds / 100.0
            << " G";
}
Table4 toTable4(ModelCounts counts) {
  return {std::lround(counts.parameters / 1e4),
          std::lround(counts.multiplyAdds / 1e7)};
}

Table4 countDense(StringRef name) {
  MLIRContext context;
  OwningOpRef<ModuleOp> module = importShipped(name, context, 1);
  EXPECT_TRUE(module);
  return module ? toTable4(countModel(*module)) : Table4{0, 0};
}

/// With exactly a quarter of the weights of the schema's layers, all of it
/// butterfly.
Table4 countSparse(StringRef name) {
  MLIRContext context;
  OwningOpRef<ModuleOp> module = importShipped(name, context, 1);
  EXPECT_TRUE(module);
  ScopedDiagnosticHandler silent(&context, [](Diagnostic &) {});
  SparsifyOptions options;
  options.density = 0.25;
  options.lowRankShare = 0.0;
  PassManager manager(&context);
  manager.addPass(createSparsify(options));
  if (!module || failed(manager.run(*module))) {
    ADD_FAILURE() << "cannot make " << name.str() << " sparse";
    return {0, 0};
  }
  return toTable4(countModel(*module));
}
} // namespace

TEST(ModelCounts, MixerOfThePaper) {
  EXPECT_EQ(countDense("mixer-s16"), (Table4{1853, 378}));
  EXPECT_EQ(countDense("mixer-b16"), (Table4{5988, 1260}));
}

TEST(ModelCounts, SparseMixerOfThePaper) {
  EXPECT_EQ(countSparse("mixer-s16"), (Table4{595, 131}));
  EXPECT_EQ(countSparse("mixer-b16"), (Table4{1741, 428}));
}

TEST(ModelCounts, VitOfThePaper) {
  EXPECT_EQ(countDense("vit-s16"), (Table4{4875, 989}));
  EXPECT_EQ(countDense("vit-b16"), (Table4{8657, 1756}));
}

TEST(ModelCounts, SparseVitOfThePaper) {
  EXPECT_EQ(countSparse("vit-s16"), (Table4{1690, 361}));
  EXPECT_EQ(countSparse("vit-b16"), (Table4{2818, 606}));
}

/// The published sizes, and the multiply-adds by hand: tokens times weights,
/// scores and weighted sums, and the head.
TEST(ModelCounts, Gpt2) {
  for (auto [name, parameters, width, blocks] :
       {std::tuple("gpt2-small", 124439808, 768, 12),
        {"gpt2-medium", 354823168, 1024, 24}}) {
    MLIRContext context;
    OwningOpRef<ModuleOp> module = importShipped(name, context, 1);
    ASSERT_TRUE(module);
    ModelCounts counts = countModel(*module);
    EXPECT_EQ(counts.parameters, parameters) << name;
    int64_t tokens = 1024, w = width;
    int64_t block = tokens * 12 * w * w + 2 * tokens * tokens * w;
    EXPECT_EQ(counts.multiplyAdds, blocks * block + tokens * w * 50257) << name;
  }
}

TEST(ModelCounts, DoNotDependOnTheBatch) {
  MLIRContext context;
  OwningOpRef<ModuleOp> one = importShipped("tiny-mixer", context, 1);
  OwningOpRef<ModuleOp> many = importShipped("tiny-mixer", context, 24);
  ASSERT_TRUE(one && many);
  EXPECT_EQ(countModel(*one).parameters, countModel(*many).parameters);
  EXPECT_EQ(countModel(*one).multiplyAdds, countModel(*many).multiplyAdds);
}

TEST(ModelCounts, MlpByHand) {
  MLIRContext context;
  OwningOpRef<ModuleOp> module = importShipped("fashion-mnist-mlp", context, 8);
  ASSERT_TRUE(module);
  ModelCounts counts = countModel(*module);
  int64_t weights = 784 * 512 + 512 * 512 + 512 * 10;
  EXPECT_EQ(counts.multiplyAdds, weights);
  EXPECT_EQ(counts.parameters, weights + 512 + 512 + 10);
}

// Two examples of three rows each: layer with rank 16, its products, and a
// gradient; elementwise work and sums do not count.
TEST(ModelCounts, PixelflyProducts) {
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
  ModelCounts counts = countModel(*module);
  int64_t blocks = 16 * 8 * 8, lowRank = (64 + 32) * 16;
  EXPECT_EQ(counts.parameters, blocks + lowRank + 1);
  EXPECT_EQ(counts.multiplyAdds, 6 * (3 * blocks + lowRank) / 2);
}

TEST(ModelCounts, NothingWithoutAModel) {
  MLIRContext context;
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  EXPECT_EQ(countModel(*module).parameters, 0);
  EXPECT_EQ(countModel(*module).multiplyAdds, 0);
}
