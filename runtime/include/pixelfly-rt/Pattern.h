//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The pattern of a sparse matrix as the manifest describes it. The compiler has
// built the pattern into the code; the runtime draws it.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_PATTERN_H
#define PIXELFLY_RT_PATTERN_H

#include "pixelfly-rt/Json.h"

#include <cstdint>
#include <vector>

namespace pixelfly::rt {

/// Which blocks of a sparse matrix there are: `#pixelfly.flat_butterfly`, or
/// any mask.
struct Pattern {
  int64_t rows = 0, cols = 0, block = 0;
  /// Of a flat butterfly.
  std::vector<int64_t> radices;
  int64_t factors = 0;
  /// Of a mask: the block columns of each block row, ascending. A butterfly has
  /// none.
  std::vector<std::vector<int64_t>> columnsOfRow;

  int64_t cells() const;
  int64_t blockRows() const { return rows / block; }
  int64_t blockCols() const { return cols / block; }
  /// Nonzero blocks: the first dimension of the tensor that holds them.
  int64_t numBlocks() const;
  double density() const;
  /// 0 if the block is on the diagonal of cells or in a mask, t + 1 if its
  /// cells differ in digit t alone and t < factors, -1 if the block is zero.
  int64_t factorOf(int64_t blockRow, int64_t blockCol) const;
  /// The block columns of a block row in the order in which its blocks lie in
  /// the tensor; those of row 0 come first, then those of row 1, ...
  std::vector<int64_t> storedColumns(int64_t blockRow) const;
};

/// Reads and checks the `pattern` of a parameter.
Pattern parsePattern(const JsonValue &value);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_PATTERN_H
