//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The register tile: rows x vectors of accumulators that stay in registers
// while the reduction runs.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSMICROKERNEL_H
#define PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSMICROKERNEL_H

#include "LowerProductsBuilder.h"

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Target/Target.h"

#include <functional>

namespace mlir::pixelfly {

/// Shape of a register tile. Accumulator (row, v) is at `row * vectors + v`.
struct RegisterTile {
  int64_t rows, vectors;
  VectorType vector;

  int64_t lanes() const { return vector.getDimSize(0); }
  int64_t columns() const { return vectors * lanes(); }

  /// The register tile that `tile` asks for, in the widest vectors of `target`
  /// that divide its columns.
  static RegisterTile get(CPUTileAttr tile, Type elementType,
                          const Target &target);
};

/// Terms in an iteration of the loop over a reduction: enough to make the
/// loop's own instructions vanish.
inline constexpr int64_t kTermsPerIteration = 4;

/// accumulators += sum over k < terms of lhs(k, row) * rhs(k, vector), with
/// `lhs` giving a scalar and `rhs` a vector of the tile's type. `between` adds
/// to each iteration of the loop, given its number, below `terms /
/// kTermsPerIteration`; short sums have no loop.
SmallVector<Value>
emitMultiplyAdd(KernelBuilder &b, const RegisterTile &tile, int64_t terms,
                ValueRange accumulators,
                function_ref<Value(Value k, int64_t row)> lhs,
                function_ref<Value(Value k, int64_t vector)> rhs,
                function_ref<void(Value iteration)> between = nullptr);

/// Where register tiles begin and end: a `rows x columns` matrix inside a
/// memref whose columns are adjacent.
struct ResultMatrix {
  Value memref;
  int64_t rows, columns;
  /// Indices into `memref` of an element.
  std::function<SmallVector<Value>(Value row, Value column)> at;

  /// Accumulators that hold the part of the matrix at (`row`, `column`); beyond
  /// its edges they hold anything finite that it contains.
  SmallVector<Value> load(KernelBuilder &b, const RegisterTile &tile, Value row,
                          Value column) const;
  /// Writes the accumulators; nothing beyond the edges.
  void store(KernelBuilder &b, const RegisterTile &tile, Value row,
             Value column, ValueRange accumulators) const;

private:
  /// Masks of the tile's vectors at `column`; empty if tiles fit exactly.
  SmallVector<Value> masks(KernelBuilder &b, const RegisterTile &tile,
                           Value column) const;
};

/// Accumulators for the first terms of a sum: zeros where the result starts
/// from zero, else what the result holds. `first` tells at run time whether
/// these are the first terms; null if they always are.
SmallVector<Value> emitInitialAccumulators(KernelBuilder &b,
                                           const RegisterTile &tile,
                                           const ResultMatrix &result,
                                           bool startsFromZero, Value first,
                                           Value row, Value column);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSMICROKERNEL_H
