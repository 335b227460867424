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

/// A tile of a matrix in global memory. The matrix is the last two dimensions
/// of `memref`, at the `leading` indices of the others. Rows from `rowEnd` on
/// and columns from `columnEnd` on (a multiple of a chunk) do not exist and are
/// read as zeros; without an end the whole tile exists. The first row and
/// column do.
struct GlobalTile {
  Value memref;
  SmallVector<Value> leading;
  Value row, column;
  std::optional<int64_t> rowEnd, columnEnd;
};

/// Starts asynchronous copies (`cp.async`, 16 bytes each) of `tile` into
/// `shared` from element `stage` on, laid out as `layout`. All `threads`
/// threads of the block take part, consecutive ones copying consecutive chunks.
void copyTileAsync(DeviceBuilder &b, const GlobalTile &tile,
                   const SharedLayout &layout, Value shared, Value stage,
                   Value thread, int64_t threads);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_TILECOPY_H
