//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowerProductsMicroKernel.h"

using namespace mlir;
using namespace mlir::pixelfly;

RegisterTile RegisterTile::get(CPUTileAttr tile, Type elementType,
                               const Target &target) {
  int64_t lanes = target.lanes(elementType.getIntOrFloatBitWidth());
  while (tile.getColumns() % lanes != 0)
    lanes /= 2;
  return {tile.getRows(), tile.getColumns() / lanes,
          VectorType::get({lanes}, elementType)};
}

SmallVector<Value>
mlir::pixelfly::emitMultiplyAdd(KernelBuilder &b, const RegisterTile &tile,
                                int64_t terms, ValueRange accumulators,
                                function_ref<Value(Value, int64_t)> lhs,
                                function_ref<Value(Value, int64_t)> rhs,
                                function_ref<void(Value)> between) {
  constexpr int64_t kUnroll = kTermsPerIteration;
  auto step = [&](Value k, SmallVector<Value> sums) {
    SmallVector<Value> vectors;
    for (int64_t v = 0; v < tile.vectors; ++v)
      vectors.push_back(rhs(k, v));
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value scalar = vector::BroadcastOp::create(b, tile.vector, lhs(k, row));
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value &sum = sums[row * tile.vectors + v];
        sum = vector::FMAOp::create(b, scalar, vectors[v], sum);
      }
    }
    return sums;
  };
  SmallVector<Value> sums(accumulators);
  int64_t looped = terms / kUnroll * kUnroll;
  if (looped > kUnroll)
    sums = b.loop(looped, kUnroll, sums, [&](Value k, ValueRange carried) {
      if (between)
        between(b.div(k, kUnroll));
      SmallVector<Value> sums(carried);
      for (int64_t u = 0; u < kUnroll; ++u)
        sums = step(b.add(k, u), sums);
      return sums;
    });
  else
    looped = 0;
  for (int64_t k = looped; k < terms; ++k)
    sums = step(b.index(k), sums);
  return sums;
}

SmallVector<Value> ResultMatrix::masks(KernelBuilder &b,
                                       const RegisterTile &tile,
                                       Value column) const {
  SmallVector<Value> result;
  if (columns % tile.columns() == 0)
    return result;
  auto type = VectorType::get(tile.vector.getShape(), b.getI1Type());
  for (int64_t v = 0; v < tile.vectors; ++v) {
    Value left = b.sub(b.index(columns), b.add(column, v * tile.lanes()));
    result.push_back(vector::CreateMaskOp::create(b, type, left));
  }
  return result;
}

SmallVector<Value> ResultMatrix::load(KernelBuilder &b,
                                      const RegisterTile &tile, Value row,
                                      Value column) const {
  SmallVector<Value> vectorMasks = masks(b, tile, column), result;
  for (int64_t r = 0; r < tile.rows; ++r) {
    Value at_row = b.add(row, r);
    // Past the last row: read the last one again, it will not be stored.
    if (rows % tile.rows != 0)
      at_row = b.min(at_row, rows - 1);
    for (int64_t v = 0; v < tile.vectors; ++v) {
      SmallVector<Value> indices = at(at_row, b.add(column, v * tile.lanes()));
      if (vectorMasks.empty())
        result.push_back(
            vector::LoadOp::create(b, tile.vector, memref, indices));
      else
        result.push_back(vector::MaskedLoadOp::create(b, tile.vector, memref,
                                                      indices, vectorMasks[v],
                                                      b.zero(tile.vector)));
    }
  }
  return result;
}

void ResultMatrix::store(KernelBuilder &b, const RegisterTile &tile, Value row,
                         Value column, ValueRange accumulators) const {
  SmallVector<Value> vectorMasks = masks(b, tile, column);
  auto storeRows = [&](int64_t count) {
    for (int64_t r = 0; r < count; ++r)
      for (int64_t v = 0; v < tile.vectors; ++v) {
        Value value = accumulators[r * tile.vectors + v];
        SmallVector<Value> indices =
            at(b.add(row, r), b.add(column, v * tile.lanes()));
        if (vectorMasks.empty())
          vector::StoreOp::create(b, value, memref, indices);
        else
          vector::MaskedStoreOp::create(b, memref, indices, vectorMasks[v],
                                        value);
      }
  };
  int64_t rest = rows % tile.rows;
  if (rest == 0)
    return storeRows(tile.rows);
  // Only the last tile is cut, and always to the same number of rows.
  Value whole = b.compare(arith::CmpIPredicate::ule, row, rows - tile.rows);
  if (rows < tile.rows)
    return storeRows(rest);
  auto branch = scf::IfOp::create(b, whole, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(branch.thenYield());
  storeRows(tile.rows);
  b.setInsertionPoint(branch.elseYield());
  storeRows(rest);
}

SmallVector<Value> mlir::pixelfly::emitInitialAccumulators(
    KernelBuilder &b, const RegisterTile &tile, const ResultMatrix &result,
    bool startsFromZero, Value first, Value row, Value column) {
  if (!startsFromZero)
    return result.load(b, tile, row, column);
  SmallVector<Value> zeros(tile.rows * tile.vectors, b.zero(tile.vector));
  if (!first)
    return zeros;
  SmallVector<Type> types(zeros.size(), tile.vector);
  auto branch = scf::IfOp::create(b, types, first, /*addThenBlock=*/true,
                                  /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(branch.thenBlock());
  scf::YieldOp::create(b, zeros);
  b.setInsertionPointToEnd(branch.elseBlock());
  scf::YieldOp::create(b, result.load(b, tile, row, column));
  return llvm::to_vector_of<Value>(branch.getResults());
}
