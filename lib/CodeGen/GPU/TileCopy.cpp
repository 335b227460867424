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
  int64_t perRow = layout.chunksPerRow(), perChunk = layout.elementsPerChunk();
  int64_t chunks = layout.rows * perRow;
  // A step of so many rows leaves the phase of the swizzle as it is.
  bool samePhase = threads % (8 * perRow) == 0;
  for (int64_t first = 0; first < chunks; first += threads) {
    Value id = samePhase ? thread : b.add(thread, first);
    int64_t rowConstant = samePhase ? first / perRow : 0;
    Value row = b.div(id, perRow), chunk = b.rem(id, perRow);
    auto copy = [&] {
      Value target = b.add(
          stage, layout.offset(b, row, rowConstant, chunk, 0, b.index(0)));
      Value inside;
      Value sourceRow = clamp(b, b.add(b.add(tile.row, row), rowConstant),
                              tile.rowEnd, 1, inside);
      Value sourceColumn = clamp(b, b.add(tile.column, b.mul(chunk, perChunk)),
                                 tile.columnEnd, perChunk, inside);
      // What is not inside is filled with zeros, and not read.
      Value elements =
          inside ? b.select(inside, b.index(perChunk), b.index(0)) : Value();
      SmallVector<Value> source = tile.leading;
      source.append({sourceRow, sourceColumn});
      nvgpu::DeviceAsyncCopyOp::create(
          b, nvgpu::DeviceAsyncTokenType::get(b.getContext()), shared, target,
          tile.memref, source, b.getIndexAttr(perChunk), elements,
          b.getUnitAttr());
    };
    if (chunks - first < threads)
      b.when(b.less(thread, b.index(chunks - first)), copy);
    else
      copy();
  }
}
