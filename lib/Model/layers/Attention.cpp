//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense attention: scores, softmax, weighted sums of the values.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::pixelfly;

Value LayerBuilder::softmax(Value x) {
  ArrayRef<int64_t> shape = shapeOf(x);
  int64_t last = shape.size() - 1;
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(shape.size()));
  SmallVector<int64_t> rows(ArrayRef(all).drop_back());
  Value largest = reduce(Reduction::Maximum, x, last);
  Value exponentials =
      elementwise(shape, {{x, all}, {largest, rows}},
                  [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                    Value shifted = arith::SubFOp::create(b, args[0], args[1]);
                    return math::ExpOp::create(b, shifted);
                  });
  Value total = reduce(Reduction::Sum, exponentials, last);
  return elementwise(shape, {{exponentials, all}, {total, rows}},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::DivFOp::create(b, args[0], args[1]);
                     });
}

Value LayerBuilder::attention(StringRef name, Value q, Value k, Value v,
                              int64_t heads, bool causal) {
  setLayer(name);
  SmallVector<int64_t> shape(shapeOf(q));
  int64_t tokens = shape[1], channels = shape[2] / heads;
  auto splitHeads = [&](Value x) {
    return expand(x, {shape[0], tokens, heads, channels}, {{0}, {1}, {2, 3}});
  };
  q = splitHeads(q);
  k = splitHeads(k);
  v = splitHeads(v);

  // scores[b,h,i,j] = sum_c q[b,i,h,c] k[b,j,h,c]: nothing is transposed.
  AffineExpr b, h, i, j, c;
  bindDims(builder.getContext(), b, h, i, j, c);
  SmallVector<utils::IteratorType> iterators(5, utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  SmallVector<int64_t> square = {shape[0], heads, tokens, tokens};
  Value scores = contract(
      q, k, square,
      AffineMap::inferFromExprList(
          {ArrayRef<AffineExpr>{b, i, h, c}, {b, j, h, c}, {b, h, i, j}},
          builder.getContext()),
      iterators);

  scores = elementwise(
      scores, [&](ImplicitLocOpBuilder &nested, ValueRange args) -> Value {
        auto constant = [&](double value) -> Value {
          return arith::ConstantOp::create(nested,
                                           nested.getF32FloatAttr(value));
        };
        Value scaled = arith::MulFOp::create(
            nested, args[0], constant(1.0 / std::sqrt(double(channels))));
        if (!causal)
          return scaled;
        Value sees = arith::CmpIOp::create(nested, arith::CmpIPredicate::ule,
                                           linalg::IndexOp::create(nested, 3),
                                           linalg::IndexOp::create(nested, 2));
        return arith::SelectOp::create(
            nested, sees, scaled,
            constant(-std::numeric_limits<double>::infinity()));
      });
  Value weights = softmax(scores);

  // y[b,i,h,c] = sum_j weights[b,h,i,j] v[b,j,h,c].
  AffineExpr sum;
  bindDims(builder.getContext(), b, i, h, c, sum);
  Value y = contract(
      weights, v, {shape[0], tokens, heads, channels},
      AffineMap::inferFromExprList(
          {ArrayRef<AffineExpr>{b, h, i, sum}, {b, sum, h, c}, {b, i, h, c}},
          builder.getContext()),
      iterators);
  return collapse(y, {{0}, {1}, {2, 3}});
}
