//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowerProductsPattern.h"

using namespace mlir;
using namespace mlir::pixelfly;

PatternNeighbors::PatternNeighbors(BlockPatternAttrInterface pattern,
                                   bool byColumn, ModuleOp module)
    : pattern(pattern), byColumn(byColumn) {
  if (!isa<FlatButterflyAttr>(pattern))
    makeTables(module);
}

SmallVector<Value> PatternNeighbors::forEach(KernelBuilder &b, Value line,
                                             ValueRange carried,
                                             Body body) const {
  if (auto butterfly = dyn_cast<FlatButterflyAttr>(pattern))
    return forEachInButterfly(b, butterfly.getPattern(), line, carried, body);
  auto entry = [&](memref::GlobalOp table, Value at) -> Value {
    Value memref =
        memref::GetGlobalOp::create(b, table.getType(), table.getSymName());
    return memref::LoadOp::create(b, memref, at);
  };
  Value first = entry(start, line);
  Value count = b.sub(entry(start, b.add(line, 1)), first);
  return b.loop(count, 1, carried, [&](Value i, ValueRange values) {
    Value at = b.add(first, i);
    return body(entry(other, at), entry(position, at), values);
  });
}

SmallVector<Value>
PatternNeighbors::forEachInButterfly(KernelBuilder &b,
                                     const FlatButterfly &pattern, Value line,
                                     ValueRange carried, Body body) const {
  // Seen from a column the core is the same, with the stretches swapped.
  int64_t lineStretch =
      byColumn ? pattern.cellBlockCols() : pattern.cellBlockRows();
  int64_t otherStretch =
      byColumn ? pattern.cellBlockRows() : pattern.cellBlockCols();
  Value cell = b.div(line, lineStretch);
  Value inCell = b.rem(line, lineStretch);

  // The blocks in which `line` meets cell `neighbor`; `slot` is the slot of
  // that cell in the block row's own order.
  auto visitCell = [&](Value neighbor, Value slot, ValueRange values) {
    auto visit = [&](Value i, ValueRange values) {
      Value otherLine = b.add(b.mul(neighbor, otherStretch), i);
      Value blockRow = byColumn ? otherLine : line;
      Value columnInCell = byColumn ? inCell : i;
      Value position = b.add(b.add(b.mul(blockRow, pattern.blocksPerRow()),
                                   b.mul(slot, pattern.cellBlockCols())),
                             columnInCell);
      return body(otherLine, position, values);
    };
    if (otherStretch == 1)
      return visit(b.index(0), values);
    return b.loop(otherStretch, 1, values, visit);
  };

  SmallVector<Value> values = visitCell(cell, b.index(0), carried);
  int64_t weight = 1, firstSlot = 1;
  for (int64_t factor = 0; factor < pattern.factors; ++factor) {
    int64_t radix = pattern.radices[factor];
    if (radix == 2) {
      Value neighbor;
      if (llvm::isPowerOf2_64(weight)) {
        neighbor = b.createOrFold<arith::XOrIOp>(cell, b.index(weight));
      } else {
        // digit 0: + weight; digit 1: - weight.
        Value digit = b.rem(b.div(cell, weight), 2);
        neighbor = b.sub(b.add(cell, weight), b.mul(digit, 2 * weight));
      }
      values = visitCell(neighbor, b.index(firstSlot), values);
    } else {
      Value digit = b.rem(b.div(cell, weight), radix);
      Value without = b.sub(cell, b.mul(digit, weight));
      values = b.loop(radix - 1, 1, values, [&](Value i, ValueRange inner) {
        Value shifted = b.rem(b.add(b.add(digit, i), 1), radix);
        Value neighbor = b.add(without, b.mul(shifted, weight));
        // Slots of a digit run over shifts 1, 2, ...; the block that lies at
        // shift s for the column lies at shift radix - s for its row.
        Value slot = byColumn ? b.sub(b.index(firstSlot + radix - 2), i)
                              : b.add(i, firstSlot);
        return visitCell(neighbor, slot, inner);
      });
    }
    firstSlot += radix - 1;
    weight *= radix;
  }
  return values;
}

void PatternNeighbors::makeTables(ModuleOp module) {
  SmallVector<int64_t> starts{0}, others, positions;
  int64_t lines = byColumn ? pattern.getBlockCols() : pattern.getBlockRows();
  for (int64_t line = 0; line < lines; ++line) {
    for (int64_t met : byColumn ? pattern.getRowsOfColumn(line)
                                : pattern.getColumnsOfRow(line)) {
      others.push_back(met);
      positions.push_back(byColumn ? *pattern.getPosition(met, line)
                                   : *pattern.getPosition(line, met));
    }
    starts.push_back(others.size());
  }
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  SymbolTable symbols(module);
  auto table = [&](StringRef name, ArrayRef<int64_t> values) {
    auto tensorType =
        RankedTensorType::get({int64_t(values.size())}, builder.getIndexType());
    auto global = memref::GlobalOp::create(
        builder, module.getLoc(), name, builder.getStringAttr("private"),
        MemRefType::get(tensorType.getShape(), builder.getIndexType()),
        DenseElementsAttr::get(tensorType, values), /*constant=*/true,
        /*alignment=*/IntegerAttr());
    symbols.insert(global);
    return global;
  };
  start = table("pixelfly_line_starts", starts);
  other = table("pixelfly_neighbors", others);
  position = table("pixelfly_positions", positions);
}
