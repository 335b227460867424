//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles on their way from global to shared memory.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_TILECOPY_H
#define PIXELFLY_LIB_CODEGEN_GPU_TILECOPY_H

#include "SharedLayout.h"

#include <optional>

namespace mlir::pixelfly {

/// A tile in global memory: of a memref of any rank, the two dimensions that
/// are its rows and columns, from `start` on. Rows from `rowEnd` on and columns
/// from `columnEnd` on do not exist and are read as zeros; without an end the
/// whole tile exists. The first row and column do.
///
/// `pieceBytes` (4, 8 or 16) is how much of a row may be read at once: every
/// such piece, counted from index 0, is aligned to its size and lies in one row
/// on one side of `columnEnd`.
struct GlobalTile {
  Value memref;
  SmallVector<Value> start; ///< one index a dimension
  unsigned rowDim, columnDim;
  std::optional<int64_t> rowEnd, columnEnd;
  int64_t pieceBytes = kChunkBytes;

  /// A tile of the matrix in the last two dimensions, at the `leading` indices
  /// of the others.
  static GlobalTile ofMatrix(Value memref, ValueRange leading, Value row,
                             Value column, std::optional<int64_t> rowEnd);

  Type elementType() const {
    return cast<MemRefType>(memref.getType()).getElementType();
  }
};

/// The longest pieces, 16, 8 or 4 bytes, in which the rows of `type` can be
/// read along its dimension `columnDim`; 0 if it takes shorter ones. The memref
/// lies on 16 bytes; shape and layout are static.
int64_t pieceBytesOf(MemRefType type, unsigned columnDim);

/// Starts asynchronous copies (`cp.async`) of `tile` into `shared` from element
/// `stage` on, laid out as `layout`. All `threads` threads of the block take
/// part, consecutive ones copying consecutive pieces.
void copyTileAsync(DeviceBuilder &b, const GlobalTile &tile,
                   const SharedLayout &layout, Value shared, Value stage,
                   Value thread, int64_t threads);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_TILECOPY_H
