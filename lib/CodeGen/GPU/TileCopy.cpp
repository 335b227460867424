//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileCopy.h"

#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;

GlobalTile GlobalTile::ofMatrix(Value memref, ValueRange leading, Value row,
                                Value column, std::optional<int64_t> rowEnd) {
  SmallVector<Value> start(leading);
  start.append({row, column});
  unsigned rank = start.size();
  return {memref, start, rank - 2, rank - 1, rowEnd, std::nullopt};
}

int64_t pixelfly::pieceBytesOf(MemRefType type, unsigned columnDim) {
  SmallVector<int64_t> strides;
  int64_t offset;
  [[maybe_unused]] LogicalResult known =
      type.getStridesAndOffset(strides, offset);
  assert(succeeded(known) && "the layout is static");
  int64_t elementBytes = type.getElementTypeBitWidth() / 8;
  auto startsOnPiece = [&](int64_t bytes) {
    // A single element is a piece wherever it lies.
    int64_t elements = bytes / elementBytes;
    if (elements <= 1)
      return elements == 1;
    if (strides[columnDim] != 1 || offset % elements != 0)
      return false;
    for (auto [dim, stride] : llvm::enumerate(strides))
      if (dim != columnDim && type.getDimSize(dim) != 1 &&
          stride % elements != 0)
        return false;
    return type.getDimSize(columnDim) % elements == 0;
  };
  for (int64_t bytes : {kChunkBytes, kChunkBytes / 2, kChunkBytes / 4})
    if (startsOnPiece(bytes))
      return bytes;
  return 0;
}

/// `position`, or the last one before `end` where it is not below it; `inside`
/// then becomes false, too.
static Value clamp(DeviceBuilder &b, Value position, std::optional<int64_t> end,
                   int64_t step, Value &inside) {
  if (!end)
    return position;
  Value below = b.less(position, b.index(*end));
  inside = inside ? b.createOrFold<arith::AndIOp>(inside, below) : below;
  return b.minimum(position, b.index(*end - step));
}

void pixelfly::copyTileAsync(DeviceBuilder &b, const GlobalTile &tile,
                             const SharedLayout &layout, Value shared,
                             Value stage, Value thread, int64_t threads) {
  int64_t perPiece = tile.pieceBytes / layout.elementBytes;
  int64_t perRow = layout.columns / perPiece;
  int64_t pieces = layout.rows * perRow;
  int64_t piecesPerChunk = kChunkBytes / tile.pieceBytes;
  // Only copies of a whole chunk may leave out the first-level cache.
  UnitAttr bypassL1 = piecesPerChunk == 1 ? b.getUnitAttr() : UnitAttr();
  // A step of so many rows leaves the phase of the swizzle as it is.
  bool samePhase = threads % (8 * perRow) == 0;
  for (int64_t first = 0; first < pieces; first += threads) {
    Value id = samePhase ? thread : b.add(thread, first);
    int64_t rowConstant = samePhase ? first / perRow : 0;
    Value row = b.div(id, perRow), piece = b.rem(id, perRow);
    auto copy = [&] {
      Value target = layout.offset(b, row, rowConstant,
                                   b.div(piece, piecesPerChunk), 0, b.index(0));
      target = b.add(b.add(stage, target),
                     b.mul(b.rem(piece, piecesPerChunk), perPiece));
      Value inside;
      SmallVector<Value> source = tile.start;
      Value &sourceRow = source[tile.rowDim];
      sourceRow = clamp(b, b.add(b.add(sourceRow, row), rowConstant),
                        tile.rowEnd, 1, inside);
      Value &sourceColumn = source[tile.columnDim];
      sourceColumn = clamp(b, b.add(sourceColumn, b.mul(piece, perPiece)),
                           tile.columnEnd, perPiece, inside);
      // What is not inside is filled with zeros, and not read.
      Value elements =
          inside ? b.select(inside, b.index(perPiece), b.index(0)) : Value();
      nvgpu::DeviceAsyncCopyOp::create(
          b, nvgpu::DeviceAsyncTokenType::get(b.getContext()), shared, target,
          tile.memref, source, b.getIndexAttr(perPiece), elements, bypassL1);
    };
    if (pieces - first < threads)
      b.when(b.less(thread, b.index(pieces - first)), copy);
    else
      copy();
  }
}
