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

ResultPart ResultPart::ofLane(DeviceBuilder &b, Value lane, Value warpRow,
                              Value warpColumn, int64_t rowTiles,
                              int64_t rowStep, int64_t columns) {
  return {b.add(warpRow, b.div(lane, 4)),
          b.add(warpColumn, b.mul(b.rem(lane, 4), 2)),
          rowTiles,
          rowStep,
          columns,
          /*counts=*/Value()};
}

void ResultPart::forEachPair(
    DeviceBuilder &b, function_ref<void(Value, Value, int64_t)> body) const {
  int64_t first = 0;
  for (int64_t rowTile = 0; rowTile < rowTiles; ++rowTile)
    for (int64_t columnTile = 0; columnTile < columns; columnTile += 8)
      for (int64_t half : {0, 8}) {
        body(b.add(row, rowTile * rowStep + half), b.add(column, columnTile),
             first);
        first += 2;
      }
}

/// Indices of an element of a tile in the whole matrix.
static SmallVector<Value> indicesOf(DeviceBuilder &b, const GlobalTile &tile,
                                    Value row, Value column) {
  SmallVector<Value> indices = tile.start;
  indices[tile.rowDim] = b.add(indices[tile.rowDim], row);
  indices[tile.columnDim] = b.add(indices[tile.columnDim], column);
  return indices;
}

/// Whether the element at `indices` exists; null if all do.
static Value exists(DeviceBuilder &b, const GlobalTile &tile,
                    ArrayRef<Value> indices) {
  Value inside;
  auto require = [&](Value index, std::optional<int64_t> end) {
    if (!end)
      return;
    Value below = b.less(index, b.index(*end));
    inside = inside ? b.createOrFold<arith::AndIOp>(inside, below) : below;
  };
  require(indices[tile.rowDim], tile.rowEnd);
  require(indices[tile.columnDim], tile.columnEnd);
  return inside;
}

/// How many of two adjacent results are read and written at once: both, unless
/// a row may begin or end between them.
static int64_t elementsAtOnce(const GlobalTile &tile) {
  auto type = cast<MemRefType>(tile.memref.getType());
  int64_t pairBytes = type.getElementTypeBitWidth() / 4;
  return pieceBytesOf(type, tile.columnDim) >= pairBytes ? 2 : 1;
}

static VectorType storedType(const GlobalTile &tile, int64_t elements) {
  return VectorType::get({elements}, tile.elementType());
}

/// Of `type`, where it is adjacent elements of a row.
static llvm::MaybeAlign alignmentOf(VectorType type) {
  return llvm::MaybeAlign(type.getNumElements() *
                          type.getElementTypeBitWidth() / 8);
}

/// Accumulators that begin with a row from column `first` on.
static SmallVector<Value> startFromRow(DeviceBuilder &b, const ResultPart &part,
                                       Value row, Value first) {
  SmallVector<Value> sums(part.accumulators());
  // The first row of all has each column's pair at four times its number.
  Type wide = b.getF32Type();
  part.forEachPair(b, [&](Value, Value column, int64_t pair) {
    int64_t position = pair % (part.columns / 2) / 4;
    Value key = sums[4 * position];
    if (!key) {
      for (int64_t i : {0, 1}) {
        Value value =
            memref::LoadOp::create(b, row, b.add(b.add(first, column), i));
        if (value.getType() != wide)
          value = arith::ExtFOp::create(b, wide, value);
        if (part.counts)
          value = b.select(part.counts, value, b.zero(wide));
        sums[pair + i] = value;
      }
      return;
    }
    for (int64_t i : {0, 1})
      sums[pair + i] = sums[4 * position + i];
  });
  return sums;
}

SmallVector<Value> pixelfly::startAccumulators(DeviceBuilder &b,
                                               const ResultPart &part,
                                               const ResultStart &start) {
  if (start.row)
    return startFromRow(b, part, start.row, start.column);
  SmallVector<Value> sums(part.accumulators(), b.zero(b.getF32Type()));
  const GlobalTile *result = start.result;
  if (!result)
    return sums;
  int64_t atOnce = elementsAtOnce(*result);
  VectorType stored = storedType(*result, atOnce);
  VectorType wide = stored.clone(b.getF32Type());
  auto load = [&](ValueRange indices) -> Value {
    Value values =
        vector::LoadOp::create(b, stored, result->memref, indices,
                               /*nontemporal=*/false, alignmentOf(stored));
    return stored == wide ? values : arith::ExtFOp::create(b, wide, values);
  };
  auto startAt = [&](Value row, Value column, int64_t first) {
    SmallVector<Value> indices = indicesOf(b, *result, row, column);
    // Warps that share terms add their sums: only the first may start from
    // here.
    Value counts = exists(b, *result, indices);
    if (part.counts)
      counts = counts ? b.createOrFold<arith::AndIOp>(counts, part.counts)
                      : part.counts;
    Value values;
    if (!counts) {
      values = load(indices);
    } else {
      auto branch = scf::IfOp::create(b, TypeRange(wide), counts, true);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      scf::YieldOp::create(b, load(indices));
      b.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(b, b.zero(wide));
      values = branch.getResult(0);
      b.setInsertionPointAfter(branch);
    }
    for (int64_t i = 0; i < atOnce; ++i)
      sums[first + i] = vector::ExtractOp::create(b, values, i);
  };
  part.forEachPair(b, [&](Value row, Value column, int64_t first) {
    for (int64_t i = 0; i < 2; i += atOnce)
      startAt(row, b.add(column, i), first + i);
  });
  return sums;
}

void pixelfly::storeAccumulators(DeviceBuilder &b, const ResultPart &part,
                                 const GlobalTile &result,
                                 ValueRange accumulators) {
  int64_t atOnce = elementsAtOnce(result);
  VectorType stored = storedType(result, atOnce);
  VectorType given = stored.clone(accumulators.front().getType());
  auto store = [&](Value row, Value column, ValueRange values) {
    SmallVector<Value> indices = indicesOf(b, result, row, column);
    b.when(exists(b, result, indices), [&] {
      Value vector = vector::FromElementsOp::create(b, given, values);
      if (stored != given)
        vector = arith::TruncFOp::create(b, stored, vector);
      vector::StoreOp::create(b, vector, result.memref, indices,
                              /*nontemporal=*/false, alignmentOf(stored));
    });
  };
  b.when(part.counts, [&] {
    part.forEachPair(b, [&](Value row, Value column, int64_t first) {
      for (int64_t i = 0; i < 2; i += atOnce)
        store(row, b.add(column, i), accumulators.slice(first + i, atOnce));
    });
  });
}
