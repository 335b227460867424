//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PatternIndexing.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
/// Writes arithmetic on indices (all of them nonnegative, so division rounds
/// down) as expressions. Trivial operands fold away.
struct Arithmetic {
  OpBuilder &builder;
  Location loc;

  Value constant(int64_t value) const {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value add(Value lhs, Value rhs) const {
    return arith::AddIOp::create(builder, loc, lhs, rhs);
  }
  Value sub(Value lhs, Value rhs) const {
    return arith::SubIOp::create(builder, loc, lhs, rhs);
  }
  Value mul(Value lhs, int64_t rhs) const {
    return rhs == 1 ? lhs
                    : arith::MulIOp::create(builder, loc, lhs, constant(rhs));
  }
  Value div(Value lhs, int64_t rhs) const {
    return rhs == 1 ? lhs
                    : arith::DivUIOp::create(builder, loc, lhs, constant(rhs));
  }
  Value rem(Value lhs, int64_t rhs) const {
    return rhs == 1 ? constant(0)
                    : arith::RemUIOp::create(builder, loc, lhs, constant(rhs));
  }
  Value compare(arith::CmpIPredicate predicate, Value lhs, Value rhs) const {
    return arith::CmpIOp::create(builder, loc, predicate, lhs, rhs);
  }
  Value both(Value lhs, Value rhs) const {
    return arith::AndIOp::create(builder, loc, lhs, rhs);
  }
  Value select(Value condition, Value lhs, Value rhs) const {
    return arith::SelectOp::create(builder, loc, condition, lhs, rhs);
  }
  Value loadIndex(Value table, ValueRange indices) const {
    Value entry = tensor::ExtractOp::create(builder, loc, table, indices);
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                      entry);
  }
};
} // namespace

static Value createTable(OpBuilder &builder, Location loc,
                         ArrayRef<int64_t> shape, ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(shape, builder.getI64Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, values));
}

PatternIndexing::PatternIndexing(OpBuilder &builder, Location loc,
                                 BlockPatternAttrInterface pattern)
    : pattern(pattern) {
  if (auto attr = dyn_cast<FlatButterflyAttr>(pattern)) {
    flat = attr.getPattern();
    return;
  }
  int64_t blockRows = pattern.getBlockRows(),
          blockCols = pattern.getBlockCols();
  SmallVector<int64_t> positionTable(blockRows * blockCols, -1), blockTable;
  for (int64_t row = 0; row < blockRows; ++row)
    for (int64_t col : pattern.getColumnsOfRow(row)) {
      positionTable[row * blockCols + col] = blockTable.size() / 2;
      blockTable.append({row, col});
    }
  positions = createTable(builder, loc, {blockRows, blockCols}, positionTable);
  blocks = createTable(builder, loc, {pattern.getNumBlocks(), 2}, blockTable);
}

PatternIndexing::Position PatternIndexing::position(OpBuilder &builder,
                                                    Location loc,
                                                    Value blockRow,
                                                    Value blockCol) const {
  if (flat)
    return flatPosition(builder, loc, blockRow, blockCol);
  Arithmetic a{builder, loc};
  Value entry = a.loadIndex(positions, {blockRow, blockCol});
  Value zero = a.constant(0);
  Value isNonzero = a.compare(arith::CmpIPredicate::sge, entry, zero);
  return {isNonzero, a.select(isNonzero, entry, zero)};
}

PatternIndexing::Block PatternIndexing::block(OpBuilder &builder, Location loc,
                                              Value position) const {
  if (flat)
    return flatBlock(builder, loc, position);
  Arithmetic a{builder, loc};
  return {a.loadIndex(blocks, {position, a.constant(0)}),
          a.loadIndex(blocks, {position, a.constant(1)})};
}

// Digit t of the two cells differs by `shift`, modulo the radix. The block is
// nonzero iff at most one of the first `factors` digits differs, and no other;
// its slot is then the sum over the digits of the slot that the digit's shift
// selects, since all but one of them are zero.
PatternIndexing::Position PatternIndexing::flatPosition(OpBuilder &builder,
                                                        Location loc,
                                                        Value blockRow,
                                                        Value blockCol) const {
  Arithmetic a{builder, loc};
  Value zero = a.constant(0);
  Value row = a.div(blockRow, flat->cellBlockRows());
  Value col = a.div(blockCol, flat->cellBlockCols());
  Value slot = zero, differing = zero;
  int64_t firstSlot = 1;
  for (int64_t t = 0; t < flat->factors; ++t) {
    int64_t radix = flat->radices[t];
    Value shift = a.rem(
        a.sub(a.add(a.rem(col, radix), a.constant(radix)), a.rem(row, radix)),
        radix);
    Value differs = a.compare(arith::CmpIPredicate::ne, shift, zero);
    slot = a.add(
        slot, a.select(differs, a.add(shift, a.constant(firstSlot - 1)), zero));
    differing = a.add(differing, a.select(differs, a.constant(1), zero));
    firstSlot += radix - 1;
    row = a.div(row, radix);
    col = a.div(col, radix);
  }
  // What is left of the cell indices are the digits that may not differ.
  Value isNonzero =
      a.both(a.compare(arith::CmpIPredicate::eq, row, col),
             a.compare(arith::CmpIPredicate::ule, differing, a.constant(1)));
  Value position = a.add(a.add(a.mul(blockRow, flat->blocksPerRow()),
                               a.mul(slot, flat->cellBlockCols())),
                         a.rem(blockCol, flat->cellBlockCols()));
  return {isNonzero, a.select(isNonzero, position, zero)};
}

// A slot selects one digit and the shift to add to it; the other digits stay.
PatternIndexing::Block PatternIndexing::flatBlock(OpBuilder &builder,
                                                  Location loc,
                                                  Value position) const {
  Arithmetic a{builder, loc};
  Value blockRow = a.div(position, flat->blocksPerRow());
  Value inRow = a.rem(position, flat->blocksPerRow());
  Value slot = a.div(inRow, flat->cellBlockCols());
  Value cell = a.div(blockRow, flat->cellBlockRows());
  Value neighbor = cell;
  int64_t firstSlot = 1, weight = 1;
  for (int64_t t = 0; t < flat->factors; ++t) {
    int64_t radix = flat->radices[t];
    Value selected = a.both(
        a.compare(arith::CmpIPredicate::uge, slot, a.constant(firstSlot)),
        a.compare(arith::CmpIPredicate::ult, slot,
                  a.constant(firstSlot + radix - 1)));
    Value shift = a.sub(slot, a.constant(firstSlot - 1));
    Value digit = a.rem(a.div(cell, weight), radix);
    Value shifted = a.rem(a.add(digit, shift), radix);
    Value change = a.mul(a.sub(shifted, digit), weight);
    neighbor = a.add(neighbor, a.select(selected, change, a.constant(0)));
    firstSlot += radix - 1;
    weight *= radix;
  }
  Value blockCol = a.add(a.mul(neighbor, flat->cellBlockCols()),
                         a.rem(inRow, flat->cellBlockCols()));
  return {blockRow, blockCol};
}
