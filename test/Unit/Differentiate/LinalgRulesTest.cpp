//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

using namespace pixelfly_test;

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

TEST(LinalgRules, Matmul) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<3x4xf64>, %w: tensor<4x5xf64>, %c: tensor<3x5xf64>)
        -> tensor<3x5xf64> {
      %0 = linalg.matmul ins(%x, %w : tensor<3x4xf64>, tensor<4x5xf64>)
             outs(%c : tensor<3x5xf64>) -> tensor<3x5xf64>
      return %0 : tensor<3x5xf64>
    })"));
}

TEST(LinalgRules, MatmulWithTransposedWeight) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #x = affine_map<(m, n, k) -> (m, k)>
    #w = affine_map<(m, n, k) -> (n, k)>
    #y = affine_map<(m, n, k) -> (m, n)>
    func.func @f(%x: tensor<3x4xf64>, %w: tensor<5x4xf64>, %c: tensor<3x5xf64>)
        -> tensor<3x5xf64> {
      %0 = linalg.matmul indexing_maps = [#x, #w, #y]
             ins(%x, %w : tensor<3x4xf64>, tensor<5x4xf64>)
             outs(%c : tensor<3x5xf64>) -> tensor<3x5xf64>
      return %0 : tensor<3x5xf64>
    })"));
}

TEST(LinalgRules, MatmulOfAMatrixWithItself) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<4x4xf64>) -> tensor<4x4xf64> {
      %z = arith.constant dense<0.0> : tensor<4x4xf64>
      %0 = linalg.matmul ins(%x, %x : tensor<4x4xf64>, tensor<4x4xf64>)
             outs(%z : tensor<4x4xf64>) -> tensor<4x4xf64>
      return %0 : tensor<4x4xf64>
    })"));
}

TEST(LinalgRules, BatchMatmulMatvecVecmatDot) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%a: tensor<2x3x4xf64>, %b: tensor<2x4x3xf64>,
                 %m: tensor<3x4xf64>, %v: tensor<4xf64>, %u: tensor<3xf64>)
        -> (tensor<2x3x3xf64>, tensor<3xf64>, tensor<4xf64>, tensor<f64>) {
      %z0 = arith.constant dense<0.0> : tensor<2x3x3xf64>
      %z1 = arith.constant dense<0.0> : tensor<3xf64>
      %z2 = arith.constant dense<0.0> : tensor<4xf64>
      %z3 = arith.constant dense<0.0> : tensor<f64>
      %0 = linalg.batch_matmul
             ins(%a, %b : tensor<2x3x4xf64>, tensor<2x4x3xf64>)
             outs(%z0 : tensor<2x3x3xf64>) -> tensor<2x3x3xf64>
      %1 = linalg.matvec ins(%m, %v : tensor<3x4xf64>, tensor<4xf64>)
             outs(%z1 : tensor<3xf64>) -> tensor<3xf64>
      %2 = linalg.vecmat ins(%u, %m : tensor<3xf64>, tensor<3x4xf64>)
             outs(%z2 : tensor<4xf64>) -> tensor<4xf64>
      %3 = linalg.dot ins(%v, %2 : tensor<4xf64>, tensor<4xf64>)
             outs(%z3 : tensor<f64>) -> tensor<f64>
      return %0, %1, %2, %3
          : tensor<2x3x3xf64>, tensor<3xf64>, tensor<4xf64>, tensor<f64>
    })"));
}

TEST(LinalgRules, TokenMixing) {
  // y[b,o,c] = sum_t W[o,t] x[b,t,c]
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #w = affine_map<(b, o, c, t) -> (o, t)>
    #x = affine_map<(b, o, c, t) -> (b, t, c)>
    #y = affine_map<(b, o, c, t) -> (b, o, c)>
    func.func @f(%w: tensor<5x3xf64>, %x: tensor<2x3x4xf64>)
        -> tensor<2x5x4xf64> {
      %z = arith.constant dense<0.0> : tensor<2x5x4xf64>
      %0 = linalg.contract indexing_maps = [#w, #x, #y]
             ins(%w, %x : tensor<5x3xf64>, tensor<2x3x4xf64>)
             outs(%z : tensor<2x5x4xf64>) -> tensor<2x5x4xf64>
      return %0 : tensor<2x5x4xf64>
    })"));
}

TEST(LinalgRules, FilterOfAConvolution) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%k: tensor<3xf64>) -> tensor<5xf64> {
      %z = arith.constant dense<0.0> : tensor<5xf64>
      %x = arith.constant dense<[1.0, 2.0, -1.0, 0.5, 3.0, -2.0, 0.25]>
          : tensor<7xf64>
      %0 = linalg.conv_1d ins(%x, %k : tensor<7xf64>, tensor<3xf64>)
             outs(%z : tensor<5xf64>) -> tensor<5xf64>
      return %0 : tensor<5xf64>
    })"));
}

TEST(LinalgRules, ContractionInNarrowType) {
  GradientCheckOptions options;
  options.tolerance = 5e-2;
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #x = affine_map<(m, n, k) -> (m, k)>
    #w = affine_map<(m, n, k) -> (n, k)>
    #y = affine_map<(m, n, k) -> (m, n)>
    func.func @f(%x: tensor<3x4xf64>, %w: tensor<5x4xf64>) -> tensor<3x5xf64> {
      %z = arith.constant dense<0.0> : tensor<3x5xf64>
      %x32 = arith.truncf %x : tensor<3x4xf64> to tensor<3x4xf32>
      %w32 = arith.truncf %w : tensor<5x4xf64> to tensor<5x4xf32>
      %0 = linalg.matmul indexing_maps = [#x, #w, #y]
             ins(%x32, %w32 : tensor<3x4xf32>, tensor<5x4xf32>)
             outs(%z : tensor<3x5xf64>) -> tensor<3x5xf64>
      return %0 : tensor<3x5xf64>
    })",
                                        options));
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

TEST(LinalgRules, Reduce) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<3x4x2xf64>, %a: tensor<3x2xf64>, %m: tensor<4xf64>)
        -> (tensor<3x2xf64>, tensor<4xf64>) {
      %0 = linalg.reduce { arith.addf } ins(%x : tensor<3x4x2xf64>)
             outs(%a : tensor<3x2xf64>) dimensions = [1]
      %1 = linalg.reduce { arith.maximumf } ins(%x : tensor<3x4x2xf64>)
             outs(%m : tensor<4xf64>) dimensions = [0, 2]
      return %0, %1 : tensor<3x2xf64>, tensor<4xf64>
    })"));
}

TEST(LinalgRules, MaximumAndMinimumOfATerm) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #id = affine_map<(i, j) -> (i, j)>
    #j = affine_map<(i, j) -> (j)>
    #i = affine_map<(i, j) -> (i)>
    func.func @f(%x: tensor<3x5xf64>, %s: tensor<5xf64>, %a: tensor<3xf64>,
                 %b: tensor<3xf64>)
        -> (tensor<3xf64>, tensor<3xf64>) {
      %0:2 = linalg.generic {
        indexing_maps = [#id, #j, #i, #i],
        iterator_types = ["parallel", "reduction"]}
        ins(%x, %s : tensor<3x5xf64>, tensor<5xf64>)
        outs(%a, %b : tensor<3xf64>, tensor<3xf64>) {
      ^bb0(%in: f64, %scale: f64, %low: f64, %high: f64):
        %t = arith.mulf %in, %scale : f64
        %p = arith.minnumf %low, %t : f64
        %q = arith.maxnumf %t, %high : f64
        linalg.yield %p, %q : f64, f64
      } -> (tensor<3xf64>, tensor<3xf64>)
      return %0#0, %0#1 : tensor<3xf64>, tensor<3xf64>
    })"));
}

TEST(LinalgRules, MaximumWithItsIndex) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #id = affine_map<(i, j) -> (i, j)>
    #i = affine_map<(i, j) -> (i)>
    func.func @f(%x: tensor<3x5xf64>, %a: tensor<3xf64>) -> tensor<3xf64> {
      %b = arith.constant dense<0> : tensor<3xi32>
      %0:2 = linalg.generic {
        indexing_maps = [#id, #i, #i],
        iterator_types = ["parallel", "reduction"]}
        ins(%x : tensor<3x5xf64>) outs(%a, %b : tensor<3xf64>, tensor<3xi32>) {
      ^bb0(%in: f64, %max: f64, %position: i32):
        %j = linalg.index 1 : index
        %n = arith.index_cast %j : index to i32
        %c = arith.cmpf ogt, %in, %max : f64
        %p = arith.select %c, %in, %max : f64
        %q = arith.select %c, %n, %position : i32
        linalg.yield %p, %q : f64, i32
      } -> (tensor<3xf64>, tensor<3xi32>)
      return %0#0 : tensor<3xf64>
    })"));
}

TEST(LinalgRules, SumOfSeveralTermsAndDifference) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #id = affine_map<(i, j) -> (i, j)>
    #j = affine_map<(i, j) -> (j)>
    #i = affine_map<(i, j) -> (i)>
    func.func @f(%x: tensor<3x5xf64>, %s: tensor<5xf64>, %a: tensor<3xf64>)
        -> tensor<3xf64> {
      %0 = linalg.generic {
        indexing_maps = [#id, #j, #i],
        iterator_types = ["parallel", "reduction"]}
        ins(%x, %s : tensor<3x5xf64>, tensor<5xf64>)
        outs(%a : tensor<3xf64>) {
      ^bb0(%in: f64, %scale: f64, %out: f64):
        %t = arith.mulf %in, %scale : f64
        %e = math.exp %in : f64
        %p = arith.subf %out, %t : f64
        %q = arith.addf %e, %p : f64
        linalg.yield %q : f64
      } -> tensor<3xf64>
      return %0 : tensor<3xf64>
    })"));
}

TEST(LinalgRules, ReducedDimensionThatNoNeededOperandHas) {
  // Every x[i] counts once for each of the seven j.
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #ij = affine_map<(i, j) -> (i, j)>
    #i = affine_map<(i, j) -> (i)>
    #s = affine_map<(i, j) -> ()>
    func.func @f(%x: tensor<3xf64>, %y: tensor<3x7xf64>) -> tensor<f64> {
      %z = arith.constant dense<0.0> : tensor<f64>
      %0 = linalg.generic {
        indexing_maps = [#i, #ij, #s],
        iterator_types = ["reduction", "reduction"]}
        ins(%x, %y : tensor<3xf64>, tensor<3x7xf64>) outs(%z : tensor<f64>) {
      ^bb0(%a: f64, %b: f64, %out: f64):
        %e = arith.mulf %a, %a : f64
        %t = arith.addf %e, %b : f64
        %p = arith.addf %out, %t : f64
        linalg.yield %p : f64
      } -> tensor<f64>
      return %0 : tensor<f64>
    })"));
}

//===----------------------------------------------------------------------===//
// Elementwise ops and movement of data
//===----------------------------------------------------------------------===//

TEST(LinalgRules, NamedElementwise) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<3x4xf64>, %y: tensor<3x4xf64>) -> tensor<3x4xf64> {
      %e = tensor.empty() : tensor<3x4xf64>
      %0 = linalg.exp ins(%x : tensor<3x4xf64>)
             outs(%e : tensor<3x4xf64>) -> tensor<3x4xf64>
      %1 = linalg.mul ins(%0, %y : tensor<3x4xf64>, tensor<3x4xf64>)
             outs(%e : tensor<3x4xf64>) -> tensor<3x4xf64>
      %2 = linalg.elementwise kind=#linalg.elementwise_kind<tanh>
             ins(%1 : tensor<3x4xf64>)
             outs(%e : tensor<3x4xf64>) -> tensor<3x4xf64>
      %3 = linalg.map { arith.addf } ins(%2, %x : tensor<3x4xf64>, tensor<3x4xf64>)
             outs(%e : tensor<3x4xf64>)
      return %3 : tensor<3x4xf64>
    })"));
}

TEST(LinalgRules, TransposeBroadcastCopyFill) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<2x3x4xf64>, %v: tensor<3xf64>)
        -> (tensor<4x2x3xf64>, tensor<2x2xf64>) {
      %e = tensor.empty() : tensor<4x2x3xf64>
      %t = linalg.transpose ins(%x : tensor<2x3x4xf64>)
             outs(%e : tensor<4x2x3xf64>) permutation = [2, 0, 1]
      %b = linalg.broadcast ins(%v : tensor<3xf64>)
             outs(%e : tensor<4x2x3xf64>) dimensions = [0, 1]
      %c = linalg.copy ins(%b : tensor<4x2x3xf64>)
             outs(%e : tensor<4x2x3xf64>) -> tensor<4x2x3xf64>
      %p = arith.mulf %t, %c : tensor<4x2x3xf64>
      %i = arith.constant 1 : index
      %s = tensor.extract %v[%i] : tensor<3xf64>
      %e2 = tensor.empty() : tensor<2x2xf64>
      %f = linalg.fill ins(%s : f64) outs(%e2 : tensor<2x2xf64>)
             -> tensor<2x2xf64>
      return %p, %f : tensor<4x2x3xf64>, tensor<2x2xf64>
    })"));
}

TEST(LinalgRules, TransposingBodyWithIndex) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #in = affine_map<(i, j, k) -> (k, i, j)>
    #out = affine_map<(i, j, k) -> (j, k, i)>
    func.func @f(%x: tensor<4x2x3xf64>) -> tensor<3x4x2xf64> {
      %e = tensor.empty() : tensor<3x4x2xf64>
      %0 = linalg.generic {
        indexing_maps = [#in, #out],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%x : tensor<4x2x3xf64>) outs(%e : tensor<3x4x2xf64>) {
      ^bb0(%a: f64, %out: f64):
        %i = linalg.index 0 : index
        %j = linalg.index 1 : index
        %k = linalg.index 2 : index
        %c10 = arith.constant 10 : index
        %t = arith.muli %i, %c10 : index
        %u = arith.addi %t, %j : index
        %v = arith.muli %u, %c10 : index
        %w = arith.addi %v, %k : index
        %n = arith.index_cast %w : index to i32
        %s = arith.sitofp %n : i32 to f64
        %p = arith.mulf %a, %s : f64
        linalg.yield %p : f64
      } -> tensor<3x4x2xf64>
      return %0 : tensor<3x4x2xf64>
    })"));
}

TEST(LinalgRules, BroadcastOfAUnitDimension) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #id = affine_map<(i, j) -> (i, j)>
    #row = affine_map<(i, j) -> (0, j)>
    #one = affine_map<(i, j) -> (0, 0)>
    func.func @f(%x: tensor<3x4xf64>, %r: tensor<1x4xf64>, %s: tensor<1x1xf64>)
        -> tensor<3x4xf64> {
      %e = tensor.empty() : tensor<3x4xf64>
      %0 = linalg.generic {
        indexing_maps = [#id, #row, #one, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%x, %r, %s : tensor<3x4xf64>, tensor<1x4xf64>, tensor<1x1xf64>)
        outs(%e : tensor<3x4xf64>) {
      ^bb0(%a: f64, %b: f64, %c: f64, %out: f64):
        %p = arith.mulf %a, %b : f64
        %q = arith.divf %p, %c : f64
        linalg.yield %q : f64
      } -> tensor<3x4xf64>
      return %0 : tensor<3x4xf64>
    })",
                                        {0.5, 2.0}));
}

TEST(LinalgRules, InitReadByAnElementwiseOp) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #id = affine_map<(i) -> (i)>
    func.func @f(%x: tensor<4xf64>, %y: tensor<4xf64>)
        -> (tensor<4xf64>, tensor<4xf64>) {
      %0:2 = linalg.generic {
        indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
        ins(%x : tensor<4xf64>) outs(%y, %x : tensor<4xf64>, tensor<4xf64>) {
      ^bb0(%a: f64, %b: f64, %c: f64):
        %p = arith.mulf %a, %b : f64
        %q = arith.mulf %p, %c : f64
        %r = math.exp %b : f64
        linalg.yield %q, %r : f64, f64
      } -> (tensor<4xf64>, tensor<4xf64>)
      return %0#0, %0#1 : tensor<4xf64>, tensor<4xf64>
    })"));
}

//===----------------------------------------------------------------------===//
// Parts of networks
//===----------------------------------------------------------------------===//

TEST(LinalgRules, LayerNorm) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #id = affine_map<(i, j) -> (i, j)>
    #i = affine_map<(i, j) -> (i)>
    #j = affine_map<(i, j) -> (j)>
    func.func @f(%x: tensor<3x6xf64>, %g: tensor<6xf64>, %b: tensor<6xf64>)
        -> tensor<3x6xf64> {
      %z = arith.constant dense<0.0> : tensor<3xf64>
      %e = tensor.empty() : tensor<3x6xf64>
      %sum = linalg.reduce { arith.addf } ins(%x : tensor<3x6xf64>)
               outs(%z : tensor<3xf64>) dimensions = [1]
      %c = linalg.generic {
        indexing_maps = [#id, #i, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%x, %sum : tensor<3x6xf64>, tensor<3xf64>)
        outs(%e : tensor<3x6xf64>) {
      ^bb0(%a: f64, %s: f64, %out: f64):
        %n = arith.constant 6.0 : f64
        %m = arith.divf %s, %n : f64
        %d = arith.subf %a, %m : f64
        linalg.yield %d : f64
      } -> tensor<3x6xf64>
      %var = linalg.generic {
        indexing_maps = [#id, #i], iterator_types = ["parallel", "reduction"]}
        ins(%c : tensor<3x6xf64>) outs(%z : tensor<3xf64>) {
      ^bb0(%a: f64, %out: f64):
        %q = arith.mulf %a, %a : f64
        %s = arith.addf %q, %out : f64
        linalg.yield %s : f64
      } -> tensor<3xf64>
      %y = linalg.generic {
        indexing_maps = [#id, #i, #j, #j, #id],
        iterator_types = ["parallel", "parallel"]}
        ins(%c, %var, %g, %b
          : tensor<3x6xf64>, tensor<3xf64>, tensor<6xf64>, tensor<6xf64>)
        outs(%e : tensor<3x6xf64>) {
      ^bb0(%a: f64, %v: f64, %scale: f64, %shift: f64, %out: f64):
        %eps = arith.constant 1.0e-5 : f64
        %w = arith.addf %v, %eps : f64
        %r = math.rsqrt %w : f64
        %n = arith.mulf %a, %r : f64
        %p = arith.mulf %n, %scale : f64
        %q = arith.addf %p, %shift : f64
        linalg.yield %q : f64
      } -> tensor<3x6xf64>
      return %y : tensor<3x6xf64>
    })"));
}

TEST(LinalgRules, CrossEntropy) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #id = affine_map<(i, j) -> (i, j)>
    #i = affine_map<(i, j) -> (i)>
    #v = affine_map<(i) -> (i)>
    func.func @f(%x: tensor<3x4xf64>, %labels: tensor<3xi32>) -> tensor<3xf64> {
      %zero = arith.constant dense<0.0> : tensor<3xf64>
      %low = arith.constant dense<-1.0e300> : tensor<3xf64>
      %max = linalg.reduce { arith.maximumf } ins(%x : tensor<3x4xf64>)
               outs(%low : tensor<3xf64>) dimensions = [1]
      %sum = linalg.generic {
        indexing_maps = [#id, #i, #i],
        iterator_types = ["parallel", "reduction"]}
        ins(%x, %max : tensor<3x4xf64>, tensor<3xf64>)
        outs(%zero : tensor<3xf64>) {
      ^bb0(%a: f64, %m: f64, %out: f64):
        %d = arith.subf %a, %m : f64
        %e = math.exp %d : f64
        %s = arith.addf %out, %e : f64
        linalg.yield %s : f64
      } -> tensor<3xf64>
      %picked = linalg.generic {
        indexing_maps = [#id, #i, #i, #i],
        iterator_types = ["parallel", "reduction"]}
        ins(%x, %max, %labels : tensor<3x4xf64>, tensor<3xf64>, tensor<3xi32>)
        outs(%zero : tensor<3xf64>) {
      ^bb0(%a: f64, %m: f64, %label: i32, %out: f64):
        %j = linalg.index 1 : index
        %n = arith.index_cast %j : index to i32
        %c = arith.cmpi eq, %n, %label : i32
        %z = arith.constant 0.0 : f64
        %d = arith.subf %a, %m : f64
        %t = arith.select %c, %d, %z : f64
        %s = arith.addf %out, %t : f64
        linalg.yield %s : f64
      } -> tensor<3xf64>
      %e = tensor.empty() : tensor<3xf64>
      %loss = linalg.generic {
        indexing_maps = [#v, #v, #v], iterator_types = ["parallel"]}
        ins(%sum, %picked : tensor<3xf64>, tensor<3xf64>)
        outs(%e : tensor<3xf64>) {
      ^bb0(%s: f64, %p: f64, %out: f64):
        %l = math.log %s : f64
        %d = arith.subf %l, %p : f64
        linalg.yield %d : f64
      } -> tensor<3xf64>
      return %loss : tensor<3xf64>
    })"));
}

//===----------------------------------------------------------------------===//
// Reads at computed places
//===----------------------------------------------------------------------===//

// 12 ids of 4 rows: every row is read several times.
TEST(LinalgRules, EmbeddingLookup) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #ids = affine_map<(b, t, d) -> (b, t)>
    #rows = affine_map<(b, t, d) -> (b, t, d)>
    func.func @f(%table: tensor<4x5xf64>, %ids: tensor<3x4xi32>)
        -> tensor<3x4x5xf64> {
      %empty = tensor.empty() : tensor<3x4x5xf64>
      %0 = linalg.generic {
        indexing_maps = [#ids, #rows],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%ids : tensor<3x4xi32>) outs(%empty : tensor<3x4x5xf64>) {
      ^bb0(%id: i32, %out: f64):
        %row = arith.index_cast %id : i32 to index
        %column = linalg.index 2 : index
        %element = tensor.extract %table[%row, %column] : tensor<4x5xf64>
        linalg.yield %element : f64
      } -> tensor<3x4x5xf64>
      return %0 : tensor<3x4x5xf64>
    })"));
}

// The head multiplies with the table that the lookup reads.
TEST(LinalgRules, TiedEmbedding) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #ids = affine_map<(t, d) -> (t)>
    #rows = affine_map<(t, d) -> (t, d)>
    #x = affine_map<(m, n, k) -> (m, k)>
    #w = affine_map<(m, n, k) -> (n, k)>
    #y = affine_map<(m, n, k) -> (m, n)>
    func.func @f(%table: tensor<4x5xf64>, %ids: tensor<6xi32>)
        -> tensor<6x4xf64> {
      %empty = tensor.empty() : tensor<6x5xf64>
      %zeros = arith.constant dense<0.0> : tensor<6x4xf64>
      %0 = linalg.generic {
        indexing_maps = [#ids, #rows],
        iterator_types = ["parallel", "parallel"]}
        ins(%ids : tensor<6xi32>) outs(%empty : tensor<6x5xf64>) {
      ^bb0(%id: i32, %out: f64):
        %row = arith.index_cast %id : i32 to index
        %column = linalg.index 1 : index
        %element = tensor.extract %table[%row, %column] : tensor<4x5xf64>
        linalg.yield %element : f64
      } -> tensor<6x5xf64>
      %1 = linalg.matmul indexing_maps = [#x, #w, #y]
             ins(%0, %table : tensor<6x5xf64>, tensor<4x5xf64>)
             outs(%zeros : tensor<6x4xf64>) -> tensor<6x4xf64>
      return %1 : tensor<6x4xf64>
    })"));
}

// Two reads among other arithmetic, of which one is summed over.
TEST(LinalgRules, ReadsInALargerBody) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #ids = affine_map<(t, d) -> (t)>
    #x = affine_map<(t, d) -> (t, d)>
    #sum = affine_map<(t, d) -> (d)>
    func.func @f(%table: tensor<4x3xf64>, %positions: tensor<6x3xf64>,
                 %x: tensor<6x3xf64>, %ids: tensor<6xi32>)
        -> tensor<3xf64> {
      %zeros = arith.constant dense<0.0> : tensor<3xf64>
      %0 = linalg.generic {
        indexing_maps = [#ids, #x, #sum],
        iterator_types = ["reduction", "parallel"]}
        ins(%ids, %x : tensor<6xi32>, tensor<6x3xf64>)
        outs(%zeros : tensor<3xf64>) {
      ^bb0(%id: i32, %factor: f64, %out: f64):
        %row = arith.index_cast %id : i32 to index
        %token = linalg.index 0 : index
        %column = linalg.index 1 : index
        %a = tensor.extract %table[%row, %column] : tensor<4x3xf64>
        %b = tensor.extract %positions[%token, %column] : tensor<6x3xf64>
        %c = math.exp %a : f64
        %d = arith.mulf %c, %b : f64
        %e = arith.mulf %d, %factor : f64
        %s = arith.addf %out, %e : f64
        linalg.yield %s : f64
      } -> tensor<3xf64>
      return %0 : tensor<3xf64>
    })"));
}

// The column, too, is computed, and the result is transposed.
TEST(LinalgRules, LookupOfSingleElements) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #t = affine_map<(t, d) -> (t)>
    #transposed = affine_map<(t, d) -> (d, t)>
    func.func @f(%table: tensor<4x7xf64>, %ids: tensor<6xi32>)
        -> (tensor<2x6xf64>, tensor<7x6xf64>) {
      %empty0 = tensor.empty() : tensor<2x6xf64>
      %empty1 = tensor.empty() : tensor<7x6xf64>
      %0 = linalg.generic {
        indexing_maps = [#t, #transposed],
        iterator_types = ["parallel", "parallel"]}
        ins(%ids : tensor<6xi32>) outs(%empty0 : tensor<2x6xf64>) {
      ^bb0(%id: i32, %out: f64):
        %row = arith.index_cast %id : i32 to index
        %offset = linalg.index 1 : index
        %column = arith.addi %row, %offset : index
        %element = tensor.extract %table[%row, %column] : tensor<4x7xf64>
        linalg.yield %element : f64
      } -> tensor<2x6xf64>
      %1 = linalg.generic {
        indexing_maps = [#t, #transposed],
        iterator_types = ["parallel", "parallel"]}
        ins(%ids : tensor<6xi32>) outs(%empty1 : tensor<7x6xf64>) {
      ^bb0(%id: i32, %out: f64):
        %row = arith.index_cast %id : i32 to index
        %column = linalg.index 1 : index
        %element = tensor.extract %table[%row, %column] : tensor<4x7xf64>
        linalg.yield %element : f64
      } -> tensor<7x6xf64>
      return %0, %1 : tensor<2x6xf64>, tensor<7x6xf64>
    })"));
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

// Causal attention as a program writes it: scores, a mask by comparison of the
// positions, a softmax in steps, and the weighted sum of the values.
TEST(LinalgRules, CausalAttention) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #qs = affine_map<(h, i, j, d) -> (h, i, d)>
    #ks = affine_map<(h, i, j, d) -> (h, j, d)>
    #ss = affine_map<(h, i, j, d) -> (h, i, j)>
    #s = affine_map<(h, i, j) -> (h, i, j)>
    #row = affine_map<(h, i, j) -> (h, i)>
    func.func @f(%q: tensor<2x4x3xf64>, %k: tensor<2x4x3xf64>,
                 %v: tensor<2x4x3xf64>) -> tensor<2x4x3xf64> {
      %zero = arith.constant 0.0 : f64
      %scale = arith.constant 0.577 : f64
      %low = arith.constant -1.0e30 : f64
      %zeroScores = arith.constant dense<0.0> : tensor<2x4x4xf64>
      %zeroRows = arith.constant dense<0.0> : tensor<2x4xf64>
      %lowRows = arith.constant dense<-1.0e30> : tensor<2x4xf64>
      %zeroOut = arith.constant dense<0.0> : tensor<2x4x3xf64>
      %emptyScores = tensor.empty() : tensor<2x4x4xf64>
      %0 = linalg.contract indexing_maps = [#qs, #ks, #ss]
             ins(%q, %k : tensor<2x4x3xf64>, tensor<2x4x3xf64>)
             outs(%zeroScores : tensor<2x4x4xf64>) -> tensor<2x4x4xf64>
      %1 = linalg.generic {
        indexing_maps = [#s, #s],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%0 : tensor<2x4x4xf64>) outs(%emptyScores : tensor<2x4x4xf64>) {
      ^bb0(%score: f64, %out: f64):
        %i = linalg.index 1 : index
        %j = linalg.index 2 : index
        %seen = arith.cmpi sle, %j, %i : index
        %scaled = arith.mulf %score, %scale : f64
        %masked = arith.select %seen, %scaled, %low : f64
        linalg.yield %masked : f64
      } -> tensor<2x4x4xf64>
      %2 = linalg.reduce { arith.maximumf } ins(%1 : tensor<2x4x4xf64>)
             outs(%lowRows : tensor<2x4xf64>) dimensions = [2]
      %3 = linalg.generic {
        indexing_maps = [#s, #row, #s],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%1, %2 : tensor<2x4x4xf64>, tensor<2x4xf64>)
        outs(%emptyScores : tensor<2x4x4xf64>) {
      ^bb0(%score: f64, %max: f64, %out: f64):
        %shifted = arith.subf %score, %max : f64
        %exp = math.exp %shifted : f64
        linalg.yield %exp : f64
      } -> tensor<2x4x4xf64>
      %4 = linalg.reduce { arith.addf } ins(%3 : tensor<2x4x4xf64>)
             outs(%zeroRows : tensor<2x4xf64>) dimensions = [2]
      %5 = linalg.generic {
        indexing_maps = [#s, #row, #s],
        iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%3, %4 : tensor<2x4x4xf64>, tensor<2x4xf64>)
        outs(%emptyScores : tensor<2x4x4xf64>) {
      ^bb0(%exp: f64, %sum: f64, %out: f64):
        %p = arith.divf %exp, %sum : f64
        linalg.yield %p : f64
      } -> tensor<2x4x4xf64>
      %6 = linalg.batch_matmul
             ins(%5, %v : tensor<2x4x4xf64>, tensor<2x4x3xf64>)
             outs(%zeroOut : tensor<2x4x3xf64>) -> tensor<2x4x3xf64>
      return %6 : tensor<2x4x3xf64>
    })"));
}

TEST(LinalgRules, Softmax) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<2x5x3xf64>)
        -> (tensor<2x5x3xf64>, tensor<2x5x3xf64>) {
      %e = tensor.empty() : tensor<2x5x3xf64>
      %0 = linalg.softmax dimension(1)
             ins(%x : tensor<2x5x3xf64>) outs(%e : tensor<2x5x3xf64>)
             -> tensor<2x5x3xf64>
      %1 = linalg.softmax dimension(2)
             ins(%x : tensor<2x5x3xf64>) outs(%e : tensor<2x5x3xf64>)
             -> tensor<2x5x3xf64>
      return %0, %1 : tensor<2x5x3xf64>, tensor<2x5x3xf64>
    })"));
}

TEST(LinalgRules, ContractMmt4dAndBatches) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    #a = affine_map<(b, m, n, k) -> (m, b, k)>
    #b = affine_map<(b, m, n, k) -> (b, n, k)>
    #c = affine_map<(b, m, n, k) -> (b, m, n)>
    func.func @f(%x: tensor<3x2x4xf64>, %w: tensor<2x5x4xf64>,
                 %p: tensor<2x2x3x4xf64>, %q: tensor<3x2x2x4xf64>,
                 %m: tensor<2x4xf64>)
        -> (tensor<2x3x5xf64>, tensor<2x3x3x2xf64>, tensor<2x5xf64>,
            tensor<3x5xf64>) {
      %z0 = arith.constant dense<0.0> : tensor<2x3x5xf64>
      %z1 = arith.constant dense<0.0> : tensor<2x3x3x2xf64>
      %z2 = arith.constant dense<0.0> : tensor<2x5xf64>
      %z3 = arith.constant dense<0.0> : tensor<3x5xf64>
      %0 = linalg.contract indexing_maps = [#a, #b, #c]
             ins(%x, %w : tensor<3x2x4xf64>, tensor<2x5x4xf64>)
             outs(%z0 : tensor<2x3x5xf64>) -> tensor<2x3x5xf64>
      %1 = linalg.mmt4d
             ins(%p, %q : tensor<2x2x3x4xf64>, tensor<3x2x2x4xf64>)
             outs(%z1 : tensor<2x3x3x2xf64>) -> tensor<2x3x3x2xf64>
      %2 = linalg.batch_matvec
             ins(%w, %m : tensor<2x5x4xf64>, tensor<2x4xf64>)
             outs(%z2 : tensor<2x5xf64>) -> tensor<2x5xf64>
      %left = tensor.collapse_shape %x [[0], [1, 2]]
        : tensor<3x2x4xf64> into tensor<3x8xf64>
      %a = tensor.expand_shape %left [[0], [1, 2]] output_shape [3, 2, 4]
        : tensor<3x8xf64> into tensor<3x2x4xf64>
      %e = tensor.empty() : tensor<2x3x4xf64>
      %t = linalg.transpose ins(%a : tensor<3x2x4xf64>)
             outs(%e : tensor<2x3x4xf64>) permutation = [1, 0, 2]
      %ew = tensor.empty() : tensor<2x4x5xf64>
      %tw = linalg.transpose ins(%w : tensor<2x5x4xf64>)
              outs(%ew : tensor<2x4x5xf64>) permutation = [0, 2, 1]
      %3 = linalg.batch_reduce_matmul
             ins(%t, %tw : tensor<2x3x4xf64>, tensor<2x4x5xf64>)
             outs(%z3 : tensor<3x5xf64>) -> tensor<3x5xf64>
      return %0, %1, %2, %3 : tensor<2x3x5xf64>, tensor<2x3x3x2xf64>,
                              tensor<2x5xf64>, tensor<3x5xf64>
    })"));
}

TEST(LinalgRules, Map) {
  EXPECT_TRUE(gradientsMatchDifferences(R"(
    func.func @f(%x: tensor<3x4xf64>, %y: tensor<3x4xf64>)
        -> tensor<3x4xf64> {
      %e = tensor.empty() : tensor<3x4xf64>
      %0 = linalg.map ins(%x, %y : tensor<3x4xf64>, tensor<3x4xf64>)
             outs(%e : tensor<3x4xf64>)
        (%a: f64, %b: f64, %out: f64) {
          %p = arith.mulf %a, %b : f64
          %q = math.tanh %p : f64
          linalg.yield %q : f64
        }
      return %0 : tensor<3x4xf64>
    })"));
}
