//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The masks that have a name, each as the rule on its core.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/BlockMasks.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>

using namespace mlir::pixelfly;

BlockMask mlir::pixelfly::stretchMask(const BlockMask &core, int64_t rows,
                                      int64_t cols) {
  int64_t cells = core.blockRows();
  assert(cells == core.blockCols() && "the core is square");
  if (rows == cells && cols == cells)
    return core;
  auto first = [cells](int64_t index, int64_t extent) {
    return index * cells / extent;
  };
  auto last = [cells](int64_t index, int64_t extent) {
    return ((index + 1) * cells + extent - 1) / extent - 1;
  };
  return BlockMask(rows, cols, [&](int64_t row, int64_t col) {
    for (int64_t i = first(row, rows); i <= last(row, rows); ++i)
      for (int64_t j = first(col, cols); j <= last(col, cols); ++j)
        if (core.contains(i, j))
          return true;
    return false;
  });
}

/// The rule on the core of the smaller side, stretched.
static BlockMask onCore(int64_t rows, int64_t cols,
                        const std::function<bool(int64_t, int64_t)> &rule) {
  int64_t cells = std::min(rows, cols);
  return stretchMask(BlockMask(cells, cells, rule), rows, cols);
}

/// The rule of the flat butterfly of radix 2.
static bool meets(int64_t i, int64_t j, int64_t factors) {
  int64_t difference = i ^ j;
  return (difference & (difference - 1)) == 0 && difference >> factors == 0;
}

BlockMask mlir::pixelfly::denseMask(int64_t rows, int64_t cols) {
  return BlockMask(rows, cols, [](int64_t, int64_t) { return true; });
}

BlockMask mlir::pixelfly::blockDiagonalMask(int64_t rows, int64_t cols,
                                            int64_t groups) {
  return BlockMask(rows, cols, [&](int64_t row, int64_t col) {
    return row / (rows / groups) == col / (cols / groups);
  });
}

BlockMask mlir::pixelfly::localMask(int64_t rows, int64_t cols,
                                    int64_t window) {
  return onCore(rows, cols, [&](int64_t i, int64_t j) {
    return std::abs(i - j) <= window / 2;
  });
}

BlockMask mlir::pixelfly::globalMask(int64_t rows, int64_t cols,
                                     int64_t global) {
  return BlockMask(rows, cols, [&](int64_t row, int64_t col) {
    return row < global || col < global;
  });
}

BlockMask mlir::pixelfly::longformerMask(int64_t rows, int64_t cols,
                                         int64_t window, int64_t global) {
  return localMask(rows, cols, window)
      .unitedWith(globalMask(rows, cols, global));
}

BlockMask mlir::pixelfly::fixedMask(int64_t rows, int64_t cols, int64_t window,
                                    int64_t global) {
  int64_t cells = std::min(rows, cols);
  return onCore(rows, cols, [&](int64_t i, int64_t j) {
    // The last window may be short.
    int64_t end = std::min((j / window + 1) * window, cells);
    return i / window == j / window || j >= end - global;
  });
}

BlockMask mlir::pixelfly::butterflyGlobalMask(int64_t rows, int64_t cols,
                                              int64_t factors, int64_t global) {
  return onCore(rows, cols,
                [&](int64_t i, int64_t j) { return meets(i, j, factors); })
      .unitedWith(globalMask(rows, cols, global));
}

BlockMask mlir::pixelfly::stretchedButterflyMask(int64_t rows, int64_t cols,
                                                 int64_t cells, int64_t factors,
                                                 int64_t global) {
  BlockMask core(cells, cells,
                 [&](int64_t i, int64_t j) { return meets(i, j, factors); });
  return stretchMask(core, rows, cols)
      .unitedWith(globalMask(rows, cols, global));
}

BlockMask mlir::pixelfly::butterflyFactorMask(int64_t rows, int64_t cols,
                                              int64_t cells, int64_t stride,
                                              int64_t radix) {
  BlockMask core(cells, cells, [&](int64_t i, int64_t j) {
    return i % stride == j % stride &&
           i / (stride * radix) == j / (stride * radix);
  });
  return stretchMask(core, rows, cols);
}

/// A well-mixed function of 64 bits (the finaliser of SplitMix64).
static uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// Every block has a random number of its own; the smallest of a row win.
BlockMask mlir::pixelfly::randomMask(const BlockMask &taken, int64_t count,
                                     int64_t seed, bool causal) {
  std::vector<std::vector<int64_t>> chosen(taken.blockRows());
  for (int64_t row = 0; row < taken.blockRows(); ++row) {
    std::vector<std::pair<uint64_t, int64_t>> candidates;
    uint64_t ofRow = mix(mix(uint64_t(seed)) ^ uint64_t(row));
    for (int64_t col = 0; col < taken.blockCols(); ++col)
      if (!taken.contains(row, col) && !(causal && col > row))
        candidates.push_back({mix(ofRow ^ uint64_t(col)), col});
    std::sort(candidates.begin(), candidates.end());
    for (int64_t i = 0; i < std::min<int64_t>(count, candidates.size()); ++i)
      chosen[row].push_back(candidates[i].second);
  }
  return BlockMask(taken.blockRows(), taken.blockCols(),
                   [&](int64_t row, int64_t col) {
                     return std::find(chosen[row].begin(), chosen[row].end(),
                                      col) != chosen[row].end();
                   });
}
