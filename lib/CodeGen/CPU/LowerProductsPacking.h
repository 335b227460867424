//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Copies of operands in the order in which the micro-kernel reads them, so that
// it runs over adjacent memory whatever the layout and the strides of the
// source.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSPACKING_H
#define PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSPACKING_H

#include "LowerProductsMicroKernel.h"

namespace mlir::pixelfly {

/// A matrix to be packed, a view of an operand: `free` is its row (left
/// operand) or column (right operand), `k` its position in the reduction.
struct PackSource {
  enum class Adjacent { Free, Reduction, Neither };

  Value memref;
  std::function<SmallVector<Value>(Value free, Value k)> at;
  Adjacent adjacent; ///< which of the two runs over adjacent memory
};

/// Copies `length` adjacent elements in vectors of `lanes` and, at the end,
/// smaller ones. `from` and `to` give the indices of an offset.
void emitCopy(KernelBuilder &b, int64_t length, int64_t lanes, Value source,
              function_ref<SmallVector<Value>(Value)> from, Value target,
              function_ref<SmallVector<Value>(Value)> to);

/// Rows of a matrix that will be packed next. Reading them would stall, since
/// they are in memory, or in a cache far away; so kernels prefetch them, a
/// share a call, spread over their reduction: a core has few buffers for lines
/// on their way, and a burst of prefetches would wait for them.
struct PrefetchedRows {
  Value memref;  ///< rank 2
  int64_t rows;  ///< rows that are prefetched
  int64_t calls; ///< calls over which they are spread

  /// Emits the address of share `call` of the rows from `firstRow` on. The
  /// function returned emits the prefetches of a part, numbered below `parts`.
  std::function<void(Value part)> share(KernelBuilder &b, Value firstRow,
                                        Value call, int64_t parts) const;
};

/// A packed left operand: `rows` rows (padded to whole register tiles) of
/// `chunks * terms` terms.
///
/// * By rows, `chunks x rows x terms`, when the reduction is adjacent in the
///   source (or nothing is).
/// * By terms, `rows/tile.rows x (chunks*terms) x tile.rows`, when its rows
/// are.
///
/// Either way packing copies vectors and the kernel broadcasts scalars.
struct PackedRows {
  RegisterTile tile;
  int64_t rows, chunks, terms;
  bool byTerms;
  Value memref = {}; ///< the packed copy, leading dimensions first
  SmallVector<Value> leading = {}; ///< indices of the leading dimensions

  static bool packsByTerms(const PackSource &source) {
    return source.adjacent == PackSource::Adjacent::Free;
  }
  /// Shape of the packed copy without leading dimensions.
  SmallVector<int64_t> shape() const;

  /// Packs rows `[firstRow, firstRow + count)` of `source` to rows from `toRow`
  /// on, `count` (a multiple of the tile) being known at run time; reads no row
  /// past `lastRow`. Terms begin at `firstTerm`; `chunkCount` chunks are
  /// packed.
  void emitPack(KernelBuilder &b, const PackSource &source, Value firstRow,
                Value toRow, Value count, int64_t lastRow, Value firstTerm,
                Value chunkCount) const;

  /// The scalar (row + r, k) of chunk `chunk`; `row` is a multiple of the tile.
  Value load(KernelBuilder &b, Value chunk, Value row, int64_t r,
             Value k) const;
};

/// A packed right operand: `tiles x terms x tile.columns()`. Columns past the
/// last are zero or copies of it.
struct PackedColumns {
  RegisterTile tile;
  int64_t columns, terms;
  Value memref = {};
  SmallVector<Value> leading = {};

  int64_t tiles() const {
    return (columns + tile.columns() - 1) / tile.columns();
  }
  /// Terms that fit in the buffer: transposing writes whole vectors of terms.
  int64_t paddedTerms() const {
    return (terms + tile.lanes() - 1) / tile.lanes() * tile.lanes();
  }
  /// Shape of the packed copy without leading dimensions.
  SmallVector<int64_t> shape() const {
    return {tiles(), paddedTerms(), tile.columns()};
  }

  /// Packs tile `sourceTile` of `source`, its terms from `firstTerm` on, to
  /// tile `toTile`.
  void emitPack(KernelBuilder &b, const PackSource &source, Value sourceTile,
                Value toTile, Value firstTerm) const;

  /// Packs term `sourceTerm` of tile `sourceTile` to term `toTerm` of `toTile`,
  /// of a source whose columns are adjacent.
  void emitPackTerm(KernelBuilder &b, const PackSource &source,
                    Value sourceTile, Value toTile, Value sourceTerm,
                    Value toTerm) const;

  /// Vector `v` of term `k` in tile `tileIndex`.
  Value load(KernelBuilder &b, Value tileIndex, Value k, int64_t v) const;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSPACKING_H
