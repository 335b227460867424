//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tokens: embeddings, positions, and the class token.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::pixelfly;

static SmallVector<OpFoldResult> indexAttrs(OpBuilder &builder,
                                            ArrayRef<int64_t> values) {
  return llvm::map_to_vector(values, [&](int64_t value) -> OpFoldResult {
    return builder.getIndexAttr(value);
  });
}

Value LayerBuilder::embeddingTable(StringRef name, int64_t rows, int64_t width,
                                   InitAttr init, bool decay) {
  setLayer(name);
  return parameter(name + ".weight", {rows, width}, init, decay);
}

Value LayerBuilder::lookUp(StringRef name, Value table, Value tokens) {
  setLayer(name);
  ArrayRef<int64_t> shape = shapeOf(tokens);
  return elementwise(
      {shape[0], shape[1], shapeOf(table)[1]}, {{tokens, {0, 1}}},
      [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
        Value row = arith::IndexCastOp::create(b, b.getIndexType(), args[0]);
        Value column = linalg::IndexOp::create(b, 2);
        return tensor::ExtractOp::create(b, table, ValueRange{row, column});
      });
}

Value LayerBuilder::prependToken(StringRef name, Value x, InitAttr init) {
  setLayer(name);
  ArrayRef<int64_t> shape = shapeOf(x);
  Value token = parameter(name, shape[2], init, /*decay=*/false);
  // Every place starts as the new token; the others then get their own.
  Value filled = elementwise(
      {shape[0], shape[1] + 1, shape[2]}, {{token, {2}}},
      [](ImplicitLocOpBuilder &, ValueRange args) -> Value { return args[0]; });
  return tensor::InsertSliceOp::create(
      builder, x, filled, indexAttrs(builder, {0, 1, 0}),
      indexAttrs(builder, shape), indexAttrs(builder, {1, 1, 1}));
}

Value LayerBuilder::addPositions(StringRef name, Value x, int64_t rows,
                                 InitAttr init) {
  setLayer(name);
  ArrayRef<int64_t> shape = shapeOf(x);
  Value table = parameter(name, {rows, shape[2]}, init, /*decay=*/false);
  if (rows != shape[1])
    table = tensor::ExtractSliceOp::create(
        builder, table, indexAttrs(builder, {0, 0}),
        indexAttrs(builder, {shape[1], shape[2]}), indexAttrs(builder, {1, 1}));
  return elementwise(shape, {{x, {0, 1, 2}}, {table, {1, 2}}},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       return arith::AddFOp::create(b, args[0], args[1]);
                     });
}

Value LayerBuilder::firstToken(Value x) {
  ArrayRef<int64_t> shape = shapeOf(x);
  auto type = RankedTensorType::get({shape[0], shape[2]}, builder.getF32Type());
  return tensor::ExtractSliceOp::create(
      builder, type, x, indexAttrs(builder, {0, 0, 0}),
      indexAttrs(builder, {shape[0], 1, shape[2]}),
      indexAttrs(builder, {1, 1, 1}));
}
