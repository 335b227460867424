//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Softmax cross-entropy.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::pixelfly;

Value LayerBuilder::crossEntropy(Value logits, Value labels, double smoothing) {
  setLayer("loss");
  ArrayRef<int64_t> shape = shapeOf(logits);
  double classes = shape[1];

  // log softmax(z)[k] = s[k] - log(sum exp(s)) with s = z - max(z): no exponent
  // is positive and the sum is at least 1.
  Value largest = reduce(Reduction::Maximum, logits, /*dim=*/1);
  Value shifted =
      elementwise(shape, {{logits, {0, 1}}, {largest, {0}}},
                  [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                    return arith::SubFOp::create(b, args[0], args[1]);
                  });
  Value exponentials = elementwise(
      shifted, [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return math::ExpOp::create(b, args[0]);
      });
  Value total = reduce(Reduction::Sum, exponentials, /*dim=*/1);

  // What the target distribution takes of s; without smoothing, s[label].
  Value weighted = elementwise(
      shape, {{shifted, {0, 1}}, {labels, {0}}},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value column = linalg::IndexOp::create(b, 1);
        Value columnLabel =
            arith::IndexCastOp::create(b, b.getI32Type(), column);
        Value isTarget = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                               columnLabel, args[1]);
        auto constant = [&](double value) -> Value {
          return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
        };
        double off = smoothing / classes;
        if (off == 0.0)
          return arith::SelectOp::create(b, isTarget, args[0], constant(0.0));
        Value probability = arith::SelectOp::create(
            b, isTarget, constant(1.0 - smoothing + off), constant(off));
        return arith::MulFOp::create(b, args[0], probability);
      });
  Value picked = reduce(Reduction::Sum, weighted, /*dim=*/1);
  return elementwise({total, picked},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       Value log = math::LogOp::create(b, args[0]);
                       return arith::SubFOp::create(b, log, args[1]);
                     });
}
