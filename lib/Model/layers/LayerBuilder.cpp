//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every layer is made of: parameters, elementwise loops, reductions,
// reshapes.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::pixelfly;

LayerBuilder::LayerBuilder(ModuleOp module, int64_t batch)
    : builder(module.getLoc(), module.getContext()),
      fileLocation(module.getLoc()), batch(batch) {
  builder.setInsertionPointToEnd(module.getBody());
  setLayer("model");
  function =
      func::FuncOp::create(builder, "model", builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
}

Value LayerBuilder::addInput(StringRef name, ArrayRef<int64_t> shape,
                             Type elementType) {
  return inputs[name] =
             addArgument(function.getNumArguments(), shape, elementType,
                         {StringAttr::get(builder.getContext(), kInputAttrName),
                          builder.getStringAttr(name)});
}

Value LayerBuilder::addArgument(unsigned index, ArrayRef<int64_t> shape,
                                Type elementType, NamedAttribute attribute) {
  LogicalResult inserted = function.insertArgument(
      index, RankedTensorType::get(shape, elementType),
      builder.getDictionaryAttr(attribute), builder.getLoc());
  assert(succeeded(inserted) && "a function with a body takes any argument");
  (void)inserted;
  return function.getArgument(index);
}

void LayerBuilder::finish(Value loss, Value losses, Value logits) {
  setLayer("model");
  func::ReturnOp::create(builder, ValueRange{loss, losses, logits});
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(),
      TypeRange{loss.getType(), losses.getType(), logits.getType()}));
  StringRef names[] = {"loss", "losses", "logits"};
  for (auto [index, name] : llvm::enumerate(names))
    function.setResultAttr(index, kOutputAttrName, builder.getStringAttr(name));
}

void LayerBuilder::setLayer(const Twine &name) {
  builder.setLoc(NameLoc::get(builder.getStringAttr(name), fileLocation));
}

Value LayerBuilder::parameter(const Twine &name, ArrayRef<int64_t> shape,
                              InitAttr init, bool decay) {
  MLIRContext *context = builder.getContext();
  auto attr = ParameterAttr::get(context, builder.getStringAttr(name), init,
                                 decay, Attribute());
  return addArgument(numParameters++, shape, builder.getF32Type(),
                     builder.getNamedAttr(kParameterAttrName, attr));
}

Value LayerBuilder::scalar(double value) {
  return arith::ConstantOp::create(builder, builder.getF32FloatAttr(value));
}

Value LayerBuilder::filled(ArrayRef<int64_t> shape, double value) {
  Value empty = tensor::EmptyOp::create(builder, shape, builder.getF32Type());
  return linalg::FillOp::create(builder, scalar(value), empty).getResult(0);
}

Value LayerBuilder::elementwise(ArrayRef<int64_t> shape, ArrayRef<Read> reads,
                                ScalarBody body) {
  MLIRContext *context = builder.getContext();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (const Read &read : reads) {
    inputs.push_back(read.tensor);
    SmallVector<AffineExpr> indices =
        llvm::map_to_vector(read.loops, [&](int64_t loop) {
          return builder.getAffineDimExpr(loop);
        });
    maps.push_back(AffineMap::get(shape.size(), 0, indices, context));
  }
  maps.push_back(builder.getMultiDimIdentityMap(shape.size()));
  SmallVector<utils::IteratorType> iterators(shape.size(),
                                             utils::IteratorType::parallel);
  Value empty = tensor::EmptyOp::create(builder, shape, builder.getF32Type());
  return linalg::GenericOp::create(
             builder, empty.getType(), inputs, empty, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               ImplicitLocOpBuilder scalars(loc, nested);
               Value result = body(scalars, args.drop_back());
               linalg::YieldOp::create(scalars, result);
             })
      .getResult(0);
}

Value LayerBuilder::elementwise(ValueRange inputs, ScalarBody body) {
  ArrayRef<int64_t> shape = shapeOf(inputs.front());
  SmallVector<int64_t> loops =
      llvm::to_vector(llvm::seq<int64_t>(shape.size()));
  SmallVector<Read> reads;
  for (Value input : inputs)
    reads.push_back({input, loops});
  return elementwise(shape, reads, body);
}

Value LayerBuilder::reduce(Reduction kind, Value x, int64_t dim) {
  MLIRContext *context = builder.getContext();
  ArrayRef<int64_t> shape = shapeOf(x);
  SmallVector<int64_t> kept;
  SmallVector<AffineExpr> indices;
  SmallVector<utils::IteratorType> iterators(shape.size(),
                                             utils::IteratorType::parallel);
  iterators[dim] = utils::IteratorType::reduction;
  for (auto [index, size] : llvm::enumerate(shape))
    if (int64_t(index) != dim) {
      kept.push_back(size);
      indices.push_back(builder.getAffineDimExpr(index));
    }
  bool isSum = kind == Reduction::Sum;
  Value init =
      filled(kept, isSum ? 0.0 : -std::numeric_limits<double>::infinity());
  SmallVector<AffineMap> maps = {
      builder.getMultiDimIdentityMap(shape.size()),
      AffineMap::get(shape.size(), 0, indices, context)};
  return linalg::GenericOp::create(
             builder, init.getType(), x, init, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               Value next =
                   isSum ? arith::AddFOp::create(nested, loc, args[1], args[0])
                               .getResult()
                         : arith::MaximumFOp::create(nested, loc, args[1],
                                                     args[0])
                               .getResult();
               linalg::YieldOp::create(nested, loc, next);
             })
      .getResult(0);
}

Value LayerBuilder::contract(Value lhs, Value rhs, ArrayRef<int64_t> shape,
                             ArrayRef<AffineMap> maps,
                             ArrayRef<utils::IteratorType> iterators) {
  Value zero = zeros(shape);
  return linalg::GenericOp::create(
             builder, zero.getType(), ValueRange{lhs, rhs}, zero, maps,
             iterators,
             [](OpBuilder &nested, Location loc, ValueRange args) {
               Value term =
                   arith::MulFOp::create(nested, loc, args[0], args[1]);
               Value sum = arith::AddFOp::create(nested, loc, args[2], term);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}

Value LayerBuilder::collapse(Value x, ArrayRef<ReassociationIndices> groups) {
  return tensor::CollapseShapeOp::create(builder, x, groups);
}

Value LayerBuilder::expand(Value x, ArrayRef<int64_t> shape,
                           ArrayRef<ReassociationIndices> groups) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return tensor::ExpandShapeOp::create(builder, type, x, groups);
}

LinearInit LayerBuilder::torchInit(int64_t fanIn) {
  InitAttr init = InitAttr::get(builder.getContext(), InitKind::Uniform,
                                1.0 / std::sqrt(double(fanIn)));
  return {init, init};
}

LinearInit LayerBuilder::weightInit(InitKind kind, double scale) {
  MLIRContext *context = builder.getContext();
  return {InitAttr::get(context, kind, scale),
          InitAttr::get(context, InitKind::Constant, 0.0)};
}

LinearInit LayerBuilder::xavierInit(int64_t fanIn, int64_t fanOut,
                                    double biasDeviation) {
  MLIRContext *context = builder.getContext();
  InitKind biasKind = biasDeviation > 0 ? InitKind::Normal : InitKind::Constant;
  return {InitAttr::get(context, InitKind::Uniform,
                        std::sqrt(6.0 / double(fanIn + fanOut))),
          InitAttr::get(context, biasKind, biasDeviation)};
}
