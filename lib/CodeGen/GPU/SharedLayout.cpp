//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SharedLayout.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Chunks of a line: 128 bytes, every bank once.
static constexpr int64_t kChunksPerLine = 8;

int64_t SharedLayout::phase(int64_t row) const {
  int64_t line = row / (kChunksPerLine / chunksPerPanelRow());
  return (columnAccess ? line * 2 : line) & (chunksPerPanelRow() - 1);
}

int64_t SharedLayout::offset(int64_t row, int64_t column) const {
  int64_t chunk = column / elementsPerChunk();
  int64_t panel = chunk / chunksPerPanelRow();
  int64_t inPanel = (chunk % chunksPerPanelRow()) ^ phase(row);
  int64_t panelColumns = chunksPerPanelRow() * elementsPerChunk();
  return (panel * rows + row) * panelColumns + inPanel * elementsPerChunk() +
         column % elementsPerChunk();
}

Value SharedLayout::offset(DeviceBuilder &b, Value row, int64_t rowConstant,
                           Value chunk, int64_t chunkConstant,
                           Value lane) const {
  int64_t perPanel = chunksPerPanelRow();
  int64_t panelColumns = perPanel * elementsPerChunk();
  Value line = b.div(row, kChunksPerLine / perPanel);
  Value phase = b.bitAnd(columnAccess ? b.mul(line, 2) : line, perPanel - 1);
  Value inPanel = b.bitXor(b.bitXor(lane, phase), b.rem(chunk, perPanel));
  inPanel = b.bitXor(inPanel, chunkConstant % perPanel);
  Value panel = b.div(chunk, perPanel);
  Value start =
      b.add(b.mul(panel, rows * panelColumns), b.mul(row, panelColumns));
  Value offset = b.add(start, b.mul(inPanel, elementsPerChunk()));
  return b.add(offset,
               (chunkConstant / perPanel * rows + rowConstant) * panelColumns);
}
