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
