//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Activations, sums, norms and pooling.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;
using namespace mlir::pixelfly;

static Value constant(ImplicitLocOpBuilder &b, double value) {
  return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
}

Value LayerBuilder::gelu(Value x) {
  return elementwise(x, [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
    Value scaled =
        arith::MulFOp::create(b, args[0], constant(b, std::sqrt(0.5)));
    Value erf = math::ErfOp::create(b, scaled);
    Value gate = arith::AddFOp::create(b, erf, constant(b, 1.0));
    Value half = arith::MulFOp::create(b, args[0], constant(b, 0.5));
    return arith::MulFOp::create(b, half, gate);
  });
}

Value LayerBuilder::geluTanh(Value x) {
  return elementwise(x, [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
    Value square = arith::MulFOp::create(b, args[0], args[0]);
    Value scaled = arith::MulFOp::create(b, square, constant(b, 0.044715));
    Value factor = arith::AddFOp::create(b, scaled, constant(b, 1.0));
    Value sum = arith::MulFOp::create(b, args[0], factor);
    Value inner =
        arith::MulFOp::create(b, sum, constant(b, std::sqrt(2.0 / M_PI)));
    Value gate = arith::AddFOp::create(b, math::TanhOp::create(b, inner),
                                       constant(b, 1.0));
    Value half = arith::MulFOp::create(b, args[0], constant(b, 0.5));
    return arith::MulFOp::create(b, half, gate);
  });
}

Value LayerBuilder::relu(Value x) {
  return elementwise(x, [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
    return arith::MaximumFOp::create(b, args[0], constant(b, 0.0));
  });
}

Value LayerBuilder::add(Value x, Value y) {
  return elementwise({x, y},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::AddFOp::create(b, args[0], args[1]);
                     });
}

Value LayerBuilder::layerNorm(StringRef name, Value x, double epsilon) {
  setLayer(name);
  MLIRContext *context = builder.getContext();
  ArrayRef<int64_t> shape = shapeOf(x);
  int64_t last = shape.size() - 1;
  double inverseSize = 1.0 / double(shape[last]);
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(shape.size()));
  SmallVector<int64_t> rows(ArrayRef(all).drop_back());
  Value weight = parameter(name + ".weight", shape[last],
                           InitAttr::get(context, InitKind::Constant, 1.0),
                           /*decay=*/false);
  Value bias = parameter(name + ".bias", shape[last],
                         InitAttr::get(context, InitKind::Constant, 0.0),
                         /*decay=*/false);

  // The mean first, then the squares of what is left: the one-pass form with
  // the mean of the squares cancels badly in f32.
  Value mean = elementwise(
      reduce(Reduction::Sum, x, last),
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return arith::MulFOp::create(b, args[0], constant(b, inverseSize));
      });
  Value centered =
      elementwise(shape, {{x, all}, {mean, rows}},
                  [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                    return arith::SubFOp::create(b, args[0], args[1]);
                  });
  Value squares = elementwise(
      centered, [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        return arith::MulFOp::create(b, args[0], args[0]);
      });
  Value inverseDeviation = elementwise(
      reduce(Reduction::Sum, squares, last),
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value variance =
            arith::MulFOp::create(b, args[0], constant(b, inverseSize));
        Value positive =
            arith::AddFOp::create(b, variance, constant(b, epsilon));
        return math::RsqrtOp::create(b, positive);
      });
  return elementwise(shape,
                     {{centered, all},
                      {inverseDeviation, rows},
                      {weight, {last}},
                      {bias, {last}}},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       Value normal =
                           arith::MulFOp::create(b, args[0], args[1]);
                       Value scaled = arith::MulFOp::create(b, normal, args[2]);
                       return arith::AddFOp::create(b, scaled, args[3]);
                     });
}

Value LayerBuilder::averagePool(Value x) {
  setLayer("pool");
  double inverseSize = 1.0 / double(shapeOf(x)[1]);
  return elementwise(reduce(Reduction::Sum, x, /*dim=*/1),
                     [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::MulFOp::create(b, args[0],
                                                    constant(b, inverseSize));
                     });
}

Value LayerBuilder::mean(Value x) {
  double inverseSize =
      1.0 / double(cast<RankedTensorType>(x.getType()).getNumElements());
  while (!shapeOf(x).empty())
    x = reduce(Reduction::Sum, x, shapeOf(x).size() - 1);
  return elementwise(x, [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
    return arith::MulFOp::create(b, args[0], constant(b, inverseSize));
  });
}
