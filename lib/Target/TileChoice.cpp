//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Target/TileChoice.h"

#include "pixelfly/IR/Contraction.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

namespace {
/// A register tile: `rows` times `vectors` vectors of `lanes` elements.
struct RegisterTile {
  int64_t rows = 1, vectors = 1, lanes = 1;
  int64_t columns() const { return vectors * lanes; }

  /// Half cycles per step of the reduction: two multiply-adds or two loads
  /// start in a cycle (a load for each vector of the right operand, a broadcast
  /// load for each row of the left), and eight multiply-adds must be in flight
  /// to hide their latency.
  double cost() const {
    // Of equals, the one with fewer loads, and not too wide: the right
    // operand's part of a chunk grows with the columns.
    int64_t cycles = std::max<int64_t>({rows * vectors, rows + vectors, 8});
    return double(cycles) * (vectors > 2 ? 1.02 : 1.0) +
           0.1 * double(rows + vectors);
  }
};
} // namespace

/// The register tile that computes `rows x columns` elements in the least time.
/// Where `whole` is set a tile must divide both extents.
static RegisterTile chooseRegisterTile(int64_t rows, int64_t columns,
                                       int64_t elementBits, bool whole,
                                       const Target &target) {
  int64_t lanes = target.lanes(elementBits);
  while (lanes > 2 && lanes / 2 >= columns)
    lanes /= 2;
  RegisterTile best;
  best.lanes = lanes;
  double bestCost = -1;
  for (int64_t vectors = 1; vectors <= 4; ++vectors) {
    RegisterTile tile;
    tile.vectors = vectors;
    tile.lanes = lanes;
    if (vectors > 1 && tile.columns() - lanes >= columns)
      break;
    if (whole && columns % tile.columns() != 0)
      continue;
    for (tile.rows = 1; tile.rows <= rows; ++tile.rows) {
      // Accumulators, the vectors of the right operand, a broadcast, a spare.
      if ((tile.rows + 1) * vectors + 2 > target.vectorRegisters ||
          tile.rows > 24)
        break;
      if (whole && rows % tile.rows != 0)
        continue;
      double cost = tile.cost() * double(divideCeil(rows, tile.rows)) *
                    double(divideCeil(columns, tile.columns()));
      if (bestCost < 0 || cost < bestCost) {
        best = tile;
        bestCost = cost;
      }
    }
  }
  return best;
}

/// Terms per chunk of a reduction of `total` terms, at most `limit`: a divisor
/// of `total` if there is a fair one, so that no chunk is shorter than the
/// others.
static int64_t chooseChunk(int64_t total, int64_t limit) {
  if (total <= limit)
    return total;
  for (int64_t chunk = limit; chunk * 2 >= limit; --chunk)
    if (total % chunk == 0)
      return chunk;
  return limit;
}

/// Rows of a packed panel: a multiple of `tileRows` that keeps a panel of
/// `terms` terms per row in a quarter of the second-level cache and leaves
/// every core something to do.
static int64_t choosePanel(int64_t rows, int64_t tileRows, int64_t terms,
                           int64_t elementBytes, int64_t outerIterations,
                           const Target &target) {
  int64_t fit = target.l2Bytes / 4 / std::max<int64_t>(terms * elementBytes, 1);
  int64_t tiles = std::clamp<int64_t>(fit / tileRows, 1,
                                      std::max<int64_t>(96 / tileRows, 1));
  int64_t all = divideCeil(rows, tileRows);
  int64_t wanted = divideCeil(2 * target.cores, outerIterations);
  tiles = std::clamp<int64_t>(all / wanted, 1, tiles);
  // As even as possible.
  tiles = divideCeil(all, divideCeil(all, tiles));
  return tiles * tileRows;
}

/// Columns of the right operand that a chunk keeps in half the first-level
/// cache.
static int64_t chunkLimit(int64_t columns, int64_t elementBytes,
                          const Target &target) {
  return std::max<int64_t>(target.l1Bytes / 2 / (columns * elementBytes), 16);
}

static CPUTileAttr chooseForMatmul(MatmulOp op, const Target &target) {
  BlockPatternAttrInterface pattern = op.getPattern();
  int64_t bits = getElementTypeOrSelf(op.getInit()).getIntOrFloatBitWidth();
  int64_t rows = cast<ShapedType>(op.getInit().getType()).getDimSize(0);
  int64_t block = pattern.getBlock();
  int64_t terms = op.getTransposed() ? pattern.getRows() : pattern.getCols();
  // Tiles divide the block; any number of rows is good.
  RegisterTile tile;
  double bestCost = -1;
  for (int64_t columns = block; columns >= 8; columns /= 2) {
    RegisterTile candidate =
        chooseRegisterTile(rows, columns, bits, /*whole=*/false, target);
    if (columns % candidate.columns() != 0)
      continue;
    double cost = candidate.cost() * double(divideCeil(rows, candidate.rows)) *
                  double(block / candidate.columns());
    if (bestCost < 0 || cost < bestCost) {
      tile = candidate;
      bestCost = cost;
    }
  }
  // As long as all blocks stay in the second-level cache, a panel of one tile
  // is best: its input and output then take no room there. Else a panel must be
  // long enough to pay for reading the blocks again.
  int64_t blockBytes = pattern.getNumBlocks() * block * block * bits / 8;
  int64_t panel =
      blockBytes <= target.l2Bytes / 2
          ? tile.rows
          : choosePanel(rows, tile.rows, terms, bits / 8, 1, target);
  return CPUTileAttr::get(op.getContext(), tile.rows, tile.columns(), panel,
                          block);
}

static CPUTileAttr chooseForSddmm(SddmmOp op, const Target &target) {
  BlockPatternAttrInterface pattern = op.getPattern();
  int64_t bits = getElementTypeOrSelf(op.getInit()).getIntOrFloatBitWidth();
  int64_t rows = cast<ShapedType>(op.getLhs().getType()).getDimSize(0);
  int64_t block = pattern.getBlock();
  RegisterTile tile =
      chooseRegisterTile(block, block, bits, /*whole=*/true, target);
  // A chunk of one block of each operand in a third of the first-level cache;
  // both operands of a panel, packed and not, in half of the second-level one.
  int64_t rowBytes = (pattern.getRows() + pattern.getCols()) * bits / 8;
  int64_t fit = target.l2Bytes / 4 / rowBytes;
  int64_t chunk = chooseChunk(
      rows, std::clamp<int64_t>(target.l1Bytes / 3 / (block * bits / 8), 32,
                                std::clamp<int64_t>(fit, 32, 192)));
  int64_t chunks =
      std::clamp<int64_t>(fit / chunk, 1, std::max<int64_t>(rows / chunk, 1));
  return CPUTileAttr::get(op.getContext(), tile.rows, tile.columns(),
                          chunks * chunk, chunk);
}

static CPUTileAttr chooseForContraction(linalg::LinalgOp op,
                                        const Target &target,
                                        std::string &reason) {
  FailureOr<Contraction> c = Contraction::get(op, reason);
  if (failed(c))
    return {};
  int64_t bits = c->elementType.getIntOrFloatBitWidth();
  RegisterTile tile = chooseRegisterTile(c->rows(), c->columns(), bits,
                                         /*whole=*/false, target);
  int64_t chunk = chooseChunk(c->reductions(),
                              chunkLimit(tile.columns(), bits / 8, target));
  return CPUTileAttr::get(op.getContext(), tile.rows, tile.columns(),
                          choosePanel(c->rows(), tile.rows, c->reductions(),
                                      bits / 8, c->outerIterations(), target),
                          chunk);
}

/// Whether a given tile cuts the blocks and panels of a product on a pattern
/// into whole pieces, as the kernels take for granted.
static bool fitsPattern(Operation *op, CPUTileAttr tile) {
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return matmul.getPattern().getBlock() % tile.getColumns() == 0 &&
           tile.getPanel() % tile.getRows() == 0;
  if (auto sddmm = dyn_cast<SddmmOp>(op))
    return sddmm.getPattern().getBlock() % tile.getColumns() == 0 &&
           sddmm.getPattern().getBlock() % tile.getRows() == 0;
  return true;
}

CPUTileAttr mlir::pixelfly::getCPUTile(Operation *op, const Target &target,
                                       std::string &reason) {
  auto type = [&](Value value) { return cast<ShapedType>(value.getType()); };
  if (isa<MatmulOp, SddmmOp>(op)) {
    for (Value operand : op->getOperands()) {
      if (!type(operand).hasStaticShape()) {
        reason = "a shape is dynamic";
        return {};
      }
      if (type(operand).getNumElements() == 0) {
        reason = "it is empty";
        return {};
      }
      if (!type(operand).getElementType().isF32() &&
          !type(operand).getElementType().isF64()) {
        reason = "its element type is neither f32 nor f64";
        return {};
      }
      if (type(operand).getElementType() !=
          type(op->getOperand(0)).getElementType()) {
        reason = "the element types of its operands differ";
        return {};
      }
    }
  }
  if (auto tile = op->getAttrOfType<CPUTileAttr>(kTileAttrName)) {
    if (fitsPattern(op, tile))
      return tile;
    reason = "the tile it carries does not divide the blocks of its pattern";
    return {};
  }
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return chooseForMatmul(matmul, target);
  if (auto sddmm = dyn_cast<SddmmOp>(op))
    return chooseForSddmm(sddmm, target);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return chooseForContraction(linalgOp, target, reason);
  reason = "it is no product";
  return {};
}
