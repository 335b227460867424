//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products with a weight, and their bias.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::pixelfly;

Value LayerBuilder::addBias(StringRef name, Value x, int64_t dim,
                            InitAttr init) {
  ArrayRef<int64_t> shape = shapeOf(x);
  Value bias = parameter(name + ".bias", shape[dim], init, /*decay=*/false);
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(shape.size()));
  return elementwise(shape, {{x, all}, {bias, {dim}}},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::AddFOp::create(b, args[0], args[1]);
                     });
}

Value LayerBuilder::linear(StringRef name, Value x, int64_t out,
                           LinearInit init) {
  setLayer(name);
  linearLayers.push_back(name.str());
  ArrayRef<int64_t> shape = shapeOf(x);
  Value weight =
      parameter(name + ".weight", {out, shape[1]}, init.weight, /*decay=*/true);
  Value product = tiedLinear(name, x, weight);
  return init.bias ? addBias(name, product, /*dim=*/1, init.bias) : product;
}

Value LayerBuilder::tiedLinear(StringRef name, Value x, Value weight) {
  setLayer(name);
  Value zero = zeros({shapeOf(x)[0], shapeOf(weight)[0]});
  return linalg::MatmulTransposeBOp::create(builder, builder.getLoc(),
                                            zero.getType(),
                                            ValueRange{x, weight}, zero)
      .getResult(0);
}

Value LayerBuilder::tokenLinear(StringRef name, Value x, int64_t out,
                                LinearInit init) {
  setLayer(name);
  linearLayers.push_back(name.str());
  ArrayRef<int64_t> shape = shapeOf(x);
  Value weight =
      parameter(name + ".weight", {out, shape[1]}, init.weight, /*decay=*/true);
  // Channels stay innermost on both sides, so nothing is transposed.
  AffineExpr b, o, c, t;
  bindDims(builder.getContext(), b, o, c, t);
  SmallVector<AffineMap> maps = AffineMap::inferFromExprList(
      {ArrayRef<AffineExpr>{o, t}, {b, t, c}, {b, o, c}}, builder.getContext());
  SmallVector<utils::IteratorType> iterators(4, utils::IteratorType::parallel);
  iterators.back() = utils::IteratorType::reduction;
  Value product =
      contract(weight, x, {shape[0], out, shape[2]}, maps, iterators);
  return addBias(name, product, /*dim=*/1, init.bias);
}
