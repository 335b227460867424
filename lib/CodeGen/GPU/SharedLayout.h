//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where the elements of a tile lie in shared memory: the swizzle that keeps
// every access of a kernel free of bank conflicts.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_SHAREDLAYOUT_H
#define PIXELFLY_LIB_CODEGEN_GPU_SHAREDLAYOUT_H

#include "DeviceBuilder.h"

namespace mlir::pixelfly {

/// Bytes of a chunk: what one thread copies at once and what one row of an
/// `ldmatrix` tile is.
inline constexpr int64_t kChunkBytes = 16;

/// A row-major tile of `rows x columns` elements in shared memory.
///
/// Shared memory has 32 banks of 4 bytes, so 128 bytes, a line, are accessed at
/// once. Rows longer than a line are cut into panels of one line's width,
/// stored one after the other; shorter rows share a line. Within a line chunk
/// `c` of row `r` lies at chunk `c xor phase(r)`, where the phase of
/// consecutive lines counts up: a column of eight chunks (one `ldmatrix` tile)
/// and a row of chunks (one copy) both meet every bank once. For rows of 32, 64
/// and 128 bytes this is the 32, 64 and 128 byte swizzle of the tensor memory
/// accelerator (PTX ISA, "Tensor swizzling modes"), so the same tiles can later
/// be filled by it.
///
/// `columnAccess` is for 4-byte elements that are read down the columns: no
/// `ldmatrix` transposes them, a warp reads 4 rows x 8 columns word by word.
/// The phase then counts in steps of two chunks, the width of such a read.
struct SharedLayout {
  int64_t rows;
  int64_t columns;      ///< a power of two, at least two chunks
  int64_t elementBytes; ///< 2 or 4
  bool columnAccess = false;

  int64_t size() const { return rows * columns; }
  int64_t bytes() const { return size() * elementBytes; }
  int64_t elementsPerChunk() const { return kChunkBytes / elementBytes; }
  int64_t chunksPerRow() const { return columns / elementsPerChunk(); }
  /// Chunks of a row in one panel: at most the eight of a line.
  int64_t chunksPerPanelRow() const {
    return std::min<int64_t>(chunksPerRow(), 8);
  }

  /// Position of element (`row`, `column`), counted in elements.
  int64_t offset(int64_t row, int64_t column) const;

  /// The same in code for the first element of a chunk, row `row + rowConstant`
  /// and chunk `chunk + chunkConstant + lane` of that row. `rowConstant` must
  /// be a multiple of 8 (4 with `columnAccess`), `lane` is 0 or 1, and adding
  /// the even `chunkConstant` must not carry into the bits of `chunk`. Then
  /// everything but the constants is the same for all tiles of a fragment loop.
  Value offset(DeviceBuilder &b, Value row, int64_t rowConstant, Value chunk,
               int64_t chunkConstant, Value lane) const;

private:
  int64_t phase(int64_t row) const;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_SHAREDLAYOUT_H
