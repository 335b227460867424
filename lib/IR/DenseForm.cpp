//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/DenseForm.h"

#include "PatternIndexing.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// A tensor whose elements `body` computes from their indices.
static Value
generate(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
         Type elementType,
         llvm::function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  Value empty = tensor::EmptyOp::create(builder, loc, shape, elementType);
  unsigned rank = shape.size();
  AffineMap identity =
      AffineMap::getMultiDimIdentityMap(rank, builder.getContext());
  SmallVector<utils::IteratorType> parallel(rank,
                                            utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, loc, empty.getType(), ValueRange(), empty, identity,
             parallel,
             [&](OpBuilder &b, Location l, ValueRange) {
               SmallVector<Value> indices;
               for (unsigned dimension = 0; dimension < rank; ++dimension)
                 indices.push_back(linalg::IndexOp::create(b, l, dimension));
               linalg::YieldOp::create(b, l, body(b, l, indices));
             })
      .getResult(0);
}

Value pixelfly::createDense(OpBuilder &builder, Location loc, Value blocks,
                            BlockPatternAttrInterface pattern) {
  Type elementType = getElementTypeOrSelf(blocks.getType());
  PatternIndexing indexing(builder, loc, pattern);
  Value side = arith::ConstantIndexOp::create(builder, loc, pattern.getBlock());
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(elementType));
  return generate(
      builder, loc, {pattern.getRows(), pattern.getCols()}, elementType,
      [&](OpBuilder &b, Location l, ValueRange at) -> Value {
        auto [isNonzero, position] =
            indexing.position(b, l, arith::DivUIOp::create(b, l, at[0], side),
                              arith::DivUIOp::create(b, l, at[1], side));
        Value row = arith::RemUIOp::create(b, l, at[0], side);
        Value col = arith::RemUIOp::create(b, l, at[1], side);
        Value element = tensor::ExtractOp::create(
            b, l, blocks, ValueRange{position, row, col});
        return arith::SelectOp::create(b, l, isNonzero, element, zero);
      });
}

Value pixelfly::createSampled(OpBuilder &builder, Location loc, Value dense,
                              BlockPatternAttrInterface pattern) {
  PatternIndexing indexing(builder, loc, pattern);
  Value side = arith::ConstantIndexOp::create(builder, loc, pattern.getBlock());
  return generate(
      builder, loc,
      {pattern.getNumBlocks(), pattern.getBlock(), pattern.getBlock()},
      getElementTypeOrSelf(dense.getType()),
      [&](OpBuilder &b, Location l, ValueRange at) -> Value {
        auto [blockRow, blockCol] = indexing.block(b, l, at[0]);
        Value row = arith::AddIOp::create(
            b, l, arith::MulIOp::create(b, l, blockRow, side), at[1]);
        Value col = arith::AddIOp::create(
            b, l, arith::MulIOp::create(b, l, blockCol, side), at[2]);
        return tensor::ExtractOp::create(b, l, dense, ValueRange{row, col});
      });
}
