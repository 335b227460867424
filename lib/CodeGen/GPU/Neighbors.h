//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which blocks a block row or block column meets, computed on the device.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_NEIGHBORS_H
#define PIXELFLY_LIB_CODEGEN_GPU_NEIGHBORS_H

#include "DeviceBuilder.h"

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// The nonzero blocks of a pattern, line by line: of each block row or, with
/// `byColumn`, of each block column.
///
/// For a flat butterfly everything is arithmetic on the line: an exclusive or
/// where all radices are two, digit arithmetic elsewhere; nothing is loaded.
/// For other patterns the answers stand in constant tables, globals of the
/// kernel's module.
class Neighbors {
public:
  Neighbors(BlockPatternAttrInterface pattern, bool byColumn,
            gpu::GPUModuleOp module);

  struct Block {
    Value other;    ///< its block column, or block row by column
    Value position; ///< its position in storage
  };
  /// One line, with what all its blocks have in common.
  class Line {
  public:
    /// Number of blocks; at least one in a butterfly.
    Value count() const { return blocks; }
    /// Block number `i`: along a row in storage order; along a column in the
    /// storage order of the transposed pattern.
    Block at(DeviceBuilder &b, Value i) const;

  private:
    friend class Neighbors;
    const Neighbors *neighbors;
    Value line, blocks, first;
  };
  Line line(DeviceBuilder &b, Value line) const;

  /// Block row and block column of the block at `position` in storage. Only for
  /// neighbours by row.
  std::pair<Value, Value> coordinates(DeviceBuilder &b, Value position) const;

private:
  Value load(DeviceBuilder &b, memref::GlobalOp table, Value at) const;
  /// The cell that `cell` meets in slot `slot`, and the slot in which that one
  /// meets `cell`.
  std::pair<Value, Value> neighborCell(DeviceBuilder &b,
                                       const FlatButterfly &butterfly,
                                       Value cell, Value slot) const;
  void makeTables(gpu::GPUModuleOp module);

  BlockPatternAttrInterface pattern;
  bool byColumn;
  /// Tables: the blocks of line i are entries [start[i], start[i+1]) of `other`
  /// and `position`; `lineOf` is the line of an entry.
  memref::GlobalOp start, other, position, lineOf;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_NEIGHBORS_H
