//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ResultTile.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Indices of an element of a tile in the whole matrix.
static SmallVector<Value> indicesOf(DeviceBuilder &b, const GlobalTile &tile,
                                    Value row, Value column) {
  SmallVector<Value> indices = tile.leading;
  indices.append({b.add(tile.row, row), b.add(tile.column, column)});
  return indices;
}

/// Whether both elements of a pair exist; null if all do.
static Value exists(DeviceBuilder &b, const GlobalTile &tile,
                    ArrayRef<Value> indices) {
  Value inside;
  auto require = [&](Value index, std::optional<int64_t> end) {
    if (!end)
      return;
    Value below = b.less(index, b.index(*end));
    inside = inside ? b.createOrFold<arith::AndIOp>(inside, below) : below;
  };
  require(indices[indices.size() - 2], tile.rowEnd);
  require(indices.back(), tile.columnEnd);
  return inside;
}

/// Pairs begin at even columns of rows that begin at 16 bytes.
static llvm::MaybeAlign pairAlignment(VectorType pair) {
  return llvm::MaybeAlign(pair.getElementTypeBitWidth() / 4);
}

static VectorType pairOf(const GlobalTile &tile) {
  return VectorType::get(
      {2}, cast<MemRefType>(tile.memref.getType()).getElementType());
}

SmallVector<Value> pixelfly::startAccumulators(DeviceBuilder &b,
                                               const MainLoop &loop,
                                               const BlockShape &shape,
                                               const GlobalTile *result) {
  SmallVector<Value> sums(shape.accumulators(), b.zero(b.getF32Type()));
  if (!result)
    return sums;
  VectorType stored = pairOf(*result), wide = stored.clone(b.getF32Type());
  auto load = [&](ValueRange indices) -> Value {
    Value pair =
        vector::LoadOp::create(b, stored, result->memref, indices,
                               /*nontemporal=*/false, pairAlignment(stored));
    return stored == wide ? pair : arith::ExtFOp::create(b, wide, pair);
  };
  loop.forEachPair(b, [&](Value row, Value column, int64_t first) {
    SmallVector<Value> indices = indicesOf(b, *result, row, column);
    // Warps that share terms add their sums: only the first may start from
    // here.
    Value counts = exists(b, *result, indices);
    if (shape.tile.getWarps()[2] > 1) {
      Value isFirst = b.less(loop.place().reductionWarp, b.index(1));
      counts =
          counts ? b.createOrFold<arith::AndIOp>(counts, isFirst) : isFirst;
    }
    Value pair;
    if (!counts) {
      pair = load(indices);
    } else {
      auto branch = scf::IfOp::create(b, TypeRange(wide), counts, true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, load(indices));
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, b.zero(wide));
      pair = branch.getResult(0);
      b.setInsertionPointAfter(branch);
    }
    for (int64_t i : {0, 1})
      sums[first + i] = vector::ExtractOp::create(b, pair, i);
  });
  return sums;
}

void pixelfly::storeAccumulators(DeviceBuilder &b, const MainLoop &loop,
                                 const BlockShape &shape,
                                 const GlobalTile &result,
                                 ValueRange accumulators) {
  VectorType stored = pairOf(result), wide = stored.clone(b.getF32Type());
  Value writes;
  if (shape.tile.getWarps()[2] > 1)
    writes = b.less(loop.place().reductionWarp, b.index(1));
  b.when(writes, [&] {
    loop.forEachPair(b, [&](Value row, Value column, int64_t first) {
      SmallVector<Value> indices = indicesOf(b, result, row, column);
      b.when(exists(b, result, indices), [&] {
        Value pair = vector::FromElementsOp::create(
            b, wide, accumulators.slice(first, 2));
        if (stored != wide)
          pair = arith::TruncFOp::create(b, stored, pair);
        vector::StoreOp::create(b, pair, result.memref, indices,
                                /*nontemporal=*/false, pairAlignment(stored));
      });
    });
  });
}
