//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loops over the nonzero blocks that one block row or block column meets.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSPATTERN_H
#define PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSPATTERN_H

#include "LowerProductsBuilder.h"

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// Emits loops over the nonzero blocks of a block row (or, of the transposed
/// matrix, a block column). For a flat butterfly the neighbours are arithmetic
/// on the block row: an exclusive or where the digit is a bit, digit arithmetic
/// elsewhere; no tables. For other patterns they stand in constant tables.
class PatternNeighbors {
public:
  /// `byColumn`: over the blocks of block columns. Tables, where the pattern
  /// needs them, become globals of `module`.
  PatternNeighbors(BlockPatternAttrInterface pattern, bool byColumn,
                   ModuleOp module);

  using Body = function_ref<SmallVector<Value>(Value other, Value position,
                                               ValueRange carried)>;
  /// For each nonzero block of block row (column) `line`: its block column
  /// (row) `other` and its position in storage, in the pattern's storage order
  /// (of the transposed pattern for columns).
  SmallVector<Value> forEach(KernelBuilder &b, Value line, ValueRange carried,
                             Body body) const;

private:
  SmallVector<Value> forEachInButterfly(KernelBuilder &b,
                                        const FlatButterfly &pattern,
                                        Value line, ValueRange carried,
                                        Body body) const;
  void makeTables(ModuleOp module);

  BlockPatternAttrInterface pattern;
  bool byColumn;
  /// Tables: the blocks of line i are entries [start[i], start[i+1]).
  memref::GlobalOp start, other, position;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSPATTERN_H
