//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockShape.h"
#include "Fragments.h"
#include "TensorMaps.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::formatv;

int64_t BlockShape::threads() const {
  ArrayRef<int64_t> warps = tile.getWarps();
  return warps[0] * warps[1] * warps[2] * kWarpSize +
         (usesWarpGroups ? kGroupThreads : 0);
}

static SharedLayout layoutOf(int64_t outer, int64_t reduction,
                             int64_t elementBytes, bool reductionAlongRows) {
  if (!reductionAlongRows)
    return {outer, reduction, elementBytes, /*columnAccess=*/false};
  // ldmatrix transposes elements of two bytes only.
  return {reduction, outer, elementBytes, /*columnAccess=*/elementBytes == 4};
}

SharedLayout BlockShape::leftLayout() const {
  return layoutOf(tile.getRows(), tile.getReduction(), elementBytes(),
                  leftReductionAlongRows);
}

SharedLayout BlockShape::rightLayout() const {
  return layoutOf(tile.getColumns(), tile.getReduction(), elementBytes(),
                  rightReductionAlongRows);
}

int64_t BlockShape::sharedBytes() const {
  int64_t panels =
      tile.getStages() * (leftLayout().bytes() + rightLayout().bytes());
  if (usesWarpGroups)
    return panels + tile.getStages() * 2 * kBarrierBytes;
  int64_t slabs = (tile.getWarps()[2] - 1) * tile.getRows() *
                  tile.getColumns() * int64_t(sizeof(float));
  return std::max(panels, slabs);
}

/// The same for warp groups.
static std::string checkGroups(const BlockShape &shape) {
  ArrayRef<int64_t> warps = shape.tile.getWarps();
  if (warps[0] % kWarpsOfGroup != 0 || warps[1] != 1 || warps[2] != 1)
    return formatv("its warps must be groups of {0} along the rows",
                   kWarpsOfGroup)
        .str();
  if (shape.tile.getRows() % (shape.groups() * kWgmmaRows) != 0)
    return formatv("each of its {0} warp groups must have a multiple of {1} "
                   "rows",
                   shape.groups(), kWgmmaRows)
        .str();
  // The most that an instruction and a box of a bulk copy take.
  if (shape.tile.getColumns() % 8 != 0 || shape.tile.getColumns() > 256 ||
      shape.tile.getRows() > 256)
    return "its rows and columns must be at most 256, its columns a multiple "
           "of 8";
  if (shape.tile.getReduction() % kWgmmaReduction != 0)
    return formatv("its reduction must be a multiple of {0}", kWgmmaReduction)
        .str();
  int64_t most = kBoxRowBytes / shape.elementBytes();
  for (auto [layout, alongRows] :
       {std::pair(shape.leftLayout(), shape.leftReductionAlongRows),
        std::pair(shape.rightLayout(), shape.rightReductionAlongRows)})
    if (!alongRows && layout.columns > most)
      return formatv("its reduction must be at most {0}, a row of a swizzled "
                     "tile",
                     most)
          .str();
  return "";
}

std::string BlockShape::check() const {
  ArrayRef<int64_t> warps = tile.getWarps();
  if (usesWarpGroups)
    if (std::string problem = checkGroups(*this); !problem.empty())
      return problem;
  if (tile.getRows() % (warps[0] * kMmaRows) != 0)
    return formatv(
               "each of its {0} warps along rows = {1} must have a multiple "
               "of {2}",
               warps[0], tile.getRows(), kMmaRows)
        .str();
  if (tile.getColumns() % (warps[1] * kFragmentColumns) != 0)
    return formatv("each of its {0} warps along columns = {1} must have a "
                   "multiple of {2}",
                   warps[1], tile.getColumns(), kFragmentColumns)
        .str();
  int64_t terms = mmaReduction(elementType);
  if (tile.getReduction() % (warps[2] * terms) != 0)
    return formatv("each of its {0} warps along reduction = {1} must have a "
                   "multiple of {2}",
                   warps[2], tile.getReduction(), terms)
        .str();
  // Threads: the hardware's limit. Accumulators: beyond, they are spilled.
  if (threads() > 1024)
    return formatv("it has {0} threads, and a thread block at most 1024",
                   threads())
        .str();
  if (accumulators() > 128)
    return formatv("it has {0} accumulators a thread, and more than 128 do not "
                   "stay in registers",
                   accumulators())
        .str();
  for (int64_t extent : {warpRows(), warpColumns(), warpReduction(),
                         leftLayout().columns, rightLayout().columns})
    if (!llvm::isPowerOf2_64(extent))
      return formatv(
                 "the swizzle needs extents that are powers of two, but one "
                 "of a warp's part or of a tile in shared memory is {0}",
                 extent)
          .str();
  return "";
}
