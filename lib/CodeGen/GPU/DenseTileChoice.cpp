//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiles of dense products: unlike on a pattern, no block says how large they
// are.
//
//===----------------------------------------------------------------------===//

#include "DenseProduct.h"
#include "TileChoice.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

namespace {
struct Candidate {
  int64_t rows, columns;
  std::array<int64_t, 3> warps;
};
} // namespace

/// From the largest to the smallest; where the result is small, warps share the
/// terms.
static constexpr Candidate kCandidates[] = {
    {128, 128, {2, 4, 1}}, {128, 64, {4, 1, 1}}, {64, 128, {2, 2, 1}},
    {64, 64, {2, 2, 1}},   {128, 32, {4, 1, 1}}, {64, 32, {2, 1, 1}},
    {32, 64, {1, 2, 1}},   {32, 32, {1, 1, 4}},  {16, 16, {1, 1, 4}},
};

/// Time that a result takes, in multiply-adds: every multiprocessor computes
/// one tile after the other, padding included. What a tile loads counts as so
/// many multiply-adds a row and column as make tiles of 128 x 128 a quarter
/// slower than nothing but multiplying.
static double timeOf(const DenseProduct &product, const Candidate &candidate,
                     const Target &target) {
  const Contraction &c = product.contraction;
  constexpr int64_t perRowAndColumn = 16;
  int64_t tiles = c.outerIterations() * divideCeil(c.rows(), candidate.rows) *
                  divideCeil(c.columns(), candidate.columns);
  int64_t ofTile = candidate.rows * candidate.columns +
                   perRowAndColumn * (candidate.rows + candidate.columns);
  return double(divideCeil(tiles, target.cores)) * ofTile;
}

GPUTileAttr pixelfly::chooseForDense(const DenseProduct &product,
                                     const BlockShape &shape,
                                     const Target &target) {
  const Candidate *best = nullptr;
  double bestTime = 0;
  for (const Candidate &candidate : kCandidates) {
    double time = timeOf(product, candidate, target);
    if (!best || time < bestTime) {
      best = &candidate;
      bestTime = time;
    }
  }
  // A panel is a line of shared memory, or as long as the sum; at least one
  // step of every warp, and two steps.
  int64_t terms = product.contraction.reductions();
  int64_t least =
      std::max<int64_t>(2, best->warps[2]) * mmaReduction(shape.elementType);
  int64_t most = std::max<int64_t>(kLineBytes / shape.elementBytes(), least);
  int64_t reduction =
      std::clamp<int64_t>(llvm::PowerOf2Ceil(terms), least, most);
  return tileWithPanels(shape, best->rows, best->columns, reduction,
                        best->warps, target);
}
