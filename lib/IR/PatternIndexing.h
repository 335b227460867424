//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The arithmetic of block patterns as IR: where a block is stored, and which
// block is stored somewhere. For `#pixelfly.flat_butterfly` it is computed with
// arith operations; for any other pattern it is read from a constant table.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_IR_PATTERNINDEXING_H
#define PIXELFLY_LIB_IR_PATTERNINDEXING_H

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// Emits IR that maps between blocks of the grid and positions in storage.
/// Everything is of type `index` unless said otherwise.
class PatternIndexing {
public:
  /// Emits what does not depend on a block (tables) at the insertion point of
  /// `builder`.
  PatternIndexing(OpBuilder &builder, Location loc,
                  BlockPatternAttrInterface pattern);

  /// Where a block is stored.
  struct Position {
    Value isNonzero; ///< i1: whether the block is on the pattern
    Value position;  ///< position in storage; 0 where the block is zero
  };
  Position position(OpBuilder &builder, Location loc, Value blockRow,
                    Value blockCol) const;

  /// Which block is stored at a position.
  struct Block {
    Value row, col; ///< block row and block column
  };
  Block block(OpBuilder &builder, Location loc, Value position) const;

private:
  Position flatPosition(OpBuilder &builder, Location loc, Value blockRow,
                        Value blockCol) const;
  Block flatBlock(OpBuilder &builder, Location loc, Value position) const;

  BlockPatternAttrInterface pattern;
  /// Set if the pattern is a flat butterfly.
  std::optional<FlatButterfly> flat;
  /// Otherwise: position of each block of the grid, -1 for zero blocks, and row
  /// and column of each stored block. Tensors of i64.
  Value positions, blocks;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_IR_PATTERNINDEXING_H
