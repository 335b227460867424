//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Neighbors.h"

#include "pixelfly/IR/Pattern.h"

using namespace mlir;
using namespace mlir::pixelfly;

Neighbors::Neighbors(BlockPatternAttrInterface pattern, bool byColumn,
                     gpu::GPUModuleOp module)
    : pattern(pattern), byColumn(byColumn) {
  if (!isa<FlatButterflyAttr>(pattern))
    makeTables(module);
}

Neighbors::Line Neighbors::line(DeviceBuilder &b, Value at) const {
  Line line;
  line.neighbors = this;
  line.line = at;
  if (auto butterfly = dyn_cast<FlatButterflyAttr>(pattern)) {
    FlatButterfly numbers = butterfly.getPattern();
    line.blocks =
        b.index(byColumn ? numbers.blocksPerCol() : numbers.blocksPerRow());
    return line;
  }
  line.first = load(b, start, at);
  line.blocks = b.sub(load(b, start, b.add(at, 1)), line.first);
  return line;
}

Neighbors::Block Neighbors::Line::at(DeviceBuilder &b, Value i) const {
  const Neighbors &n = *neighbors;
  auto attribute = dyn_cast<FlatButterflyAttr>(n.pattern);
  if (!attribute) {
    Value entry = b.add(first, i);
    return {n.load(b, n.other, entry), n.load(b, n.position, entry)};
  }
  FlatButterfly butterfly = attribute.getPattern();
  // Seen from a column the core is the same, with the stretches swapped.
  int64_t lineStretch =
      n.byColumn ? butterfly.cellBlockCols() : butterfly.cellBlockRows();
  int64_t otherStretch =
      n.byColumn ? butterfly.cellBlockRows() : butterfly.cellBlockCols();
  Value slot = b.div(i, otherStretch), inOther = b.rem(i, otherStretch);
  auto [cell, backSlot] =
      n.neighborCell(b, butterfly, b.div(line, lineStretch), slot);
  Value other = b.add(b.mul(cell, otherStretch), inOther);
  Value row = n.byColumn ? other : line;
  Value inRow = n.byColumn ? b.add(b.mul(backSlot, butterfly.cellBlockCols()),
                                   b.rem(line, lineStretch))
                           : i;
  return {other, b.add(b.mul(row, butterfly.blocksPerRow()), inRow)};
}

std::pair<Value, Value> Neighbors::coordinates(DeviceBuilder &b,
                                               Value position) const {
  assert(!byColumn && "positions count along rows");
  auto attribute = dyn_cast<FlatButterflyAttr>(pattern);
  if (!attribute)
    return {load(b, lineOf, position), load(b, other, position)};
  int64_t perRow = attribute.getPattern().blocksPerRow();
  Value row = b.div(position, perRow);
  return {row, line(b, row).at(b, b.rem(position, perRow)).other};
}

std::pair<Value, Value> Neighbors::neighborCell(DeviceBuilder &b,
                                                const FlatButterfly &butterfly,
                                                Value cell, Value slot) const {
  ArrayRef<int64_t> radices =
      ArrayRef(butterfly.radices).take_front(butterfly.factors);
  if (llvm::all_of(radices, [](int64_t radix) { return radix == 2; })) {
    // Slot 0 is the cell itself, slot s flips bit s - 1.
    Value bit = b.createOrFold<arith::ShRUIOp>(
        b.createOrFold<arith::ShLIOp>(b.index(1), slot), b.index(1));
    return {b.bitXor(cell, bit), slot};
  }
  Value other = cell, back = slot;
  int64_t weight = 1, firstSlot = 1;
  for (int64_t radix : radices) {
    // Slots of a digit run over shifts 1, 2, ... modulo the radix; for slots
    // before this digit's the numbers mean nothing, and are not selected.
    Value digit = b.rem(b.div(cell, weight), radix);
    Value shift = b.sub(b.add(slot, 1), b.index(firstSlot));
    Value shifted = b.add(digit, shift);
    shifted = b.select(b.atLeast(shifted, radix),
                       b.sub(shifted, b.index(radix)), shifted);
    Value neighbor =
        b.add(b.sub(cell, b.mul(digit, weight)), b.mul(shifted, weight));
    Value isDigit = b.atLeast(slot, firstSlot);
    other = b.select(isDigit, neighbor, other);
    back =
        b.select(isDigit, b.sub(b.index(firstSlot - 1 + radix), shift), back);
    firstSlot += radix - 1;
    weight *= radix;
  }
  return {other, back};
}

Value Neighbors::load(DeviceBuilder &b, memref::GlobalOp table,
                      Value at) const {
  Value memref =
      memref::GetGlobalOp::create(b, table.getType(), table.getSymName());
  Value entry = memref::LoadOp::create(b, memref, at);
  return arith::IndexCastUIOp::create(b, b.getIndexType(), entry);
}

void Neighbors::makeTables(gpu::GPUModuleOp module) {
  SmallVector<int32_t> starts{0}, others, positions, linesOf;
  int64_t lines = byColumn ? pattern.getBlockCols() : pattern.getBlockRows();
  for (int64_t i = 0; i < lines; ++i) {
    for (int64_t met :
         byColumn ? pattern.getRowsOfColumn(i) : pattern.getColumnsOfRow(i)) {
      others.push_back(met);
      positions.push_back(byColumn ? *pattern.getPosition(met, i)
                                   : *pattern.getPosition(i, met));
      linesOf.push_back(i);
    }
    starts.push_back(others.size());
  }
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  SymbolTable symbols(module);
  auto global = gpu::AddressSpaceAttr::get(builder.getContext(),
                                           gpu::AddressSpace::Global);
  auto table = [&](StringRef name, ArrayRef<int32_t> values) {
    auto tensorType =
        RankedTensorType::get({int64_t(values.size())}, builder.getI32Type());
    auto op = memref::GlobalOp::create(
        builder, module.getLoc(), name, builder.getStringAttr("private"),
        MemRefType::get(tensorType.getShape(), builder.getI32Type(),
                        MemRefLayoutAttrInterface(), global),
        DenseElementsAttr::get(tensorType, values), /*constant=*/true,
        /*alignment=*/IntegerAttr());
    symbols.insert(op);
    return op;
  };
  start = table("line_starts", starts);
  other = table("neighbors", others);
  position = table("positions", positions);
  lineOf = table("lines", linesOf);
}
