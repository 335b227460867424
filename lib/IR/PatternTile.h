//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of a pattern that a tile of a product works on.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_IR_PATTERNTILE_H
#define PIXELFLY_LIB_IR_PATTERNTILE_H

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// Receives the reason why something cannot be tiled as asked.
using Report = llvm::function_ref<void(const Twine &)>;

/// The part of a pattern that a tile works on.
struct PatternTile {
  BlockPatternAttrInterface pattern;
  /// First matrix row and column, first stored block.
  OpFoldResult row, col, block;
};

/// The part of the pattern for `size` from `offset` on of an iteration-domain
/// dimension that runs over `extent`: the rows or columns of the matrix, or the
/// stored blocks. Fails where the tile has no pattern or not the same as the
/// others, and says why through `report`.
FailureOr<PatternTile> tilePattern(Operation *op, OpBuilder &builder,
                                   BlockPatternAttrInterface pattern,
                                   int64_t extent, OpFoldResult offset,
                                   OpFoldResult size, Report report);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_IR_PATTERNTILE_H
