//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileChoice.h"
#include "DenseProduct.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;
using llvm::formatv;

/// What the system keeps of a multiprocessor's shared memory for each thread
/// block (CUDA C++ Programming Guide, compute capabilities 8.x and 9.0).
static constexpr int64_t kReservedSharedBytes = 1024;
/// What kernels by mma.sync may lose to alignment: the conversion of
/// `gpu.dynamic_shared_memory` makes a static variable of it, behind which the
/// dynamic memory begins, on sm_90a at a multiple of this.
static constexpr int64_t kStaticSharedBytes = 1024;
/// Stages beyond which nothing is gained: enough to cover the latency of global
/// memory.
static constexpr int64_t kMostStages = 4;
/// The same where one thread block alone has to cover it.
static constexpr int64_t kMostGroupStages = 8;
/// Persistent thread blocks of one consumer that share a multiprocessor.
static constexpr int64_t kMostResidentBlocks = 2;

/// Shared memory of one of `blocks` thread blocks on a multiprocessor.
static int64_t sharedBytesOfBlock(const BlockShape &shape, const Target &target,
                                  int64_t blocks = 1) {
  return target.sharedBytes / blocks - kReservedSharedBytes -
         (shape.usesWarpGroups ? 0 : kStaticSharedBytes);
}

GPUTileAttr pixelfly::tileWithStages(BlockShape shape, int64_t rows,
                                     int64_t columns, int64_t reduction,
                                     ArrayRef<int64_t> warps,
                                     const Target &target) {
  MLIRContext *context = shape.elementType.getContext();
  auto tile = [&](int64_t stages) {
    return GPUTileAttr::get(context, rows, columns, reduction, stages, warps);
  };
  for (int64_t blocks : {2, 1})
    for (int64_t stages = kMostStages; stages >= 2; --stages) {
      shape.tile = tile(stages);
      if (shape.sharedBytes() <= sharedBytesOfBlock(shape, target, blocks))
        return shape.tile;
    }
  return tile(2);
}

GPUTileAttr pixelfly::tileWithPanels(const BlockShape &shape, int64_t rows,
                                     int64_t columns, int64_t reduction,
                                     ArrayRef<int64_t> warps,
                                     const Target &target) {
  GPUTileAttr tile =
      tileWithStages(shape, rows, columns, reduction, warps, target);
  int64_t least = 2 * warps[2] * mmaReduction(shape.elementType);
  if (tile.getStages() == 2 && reduction > least)
    tile = tileWithStages(shape, rows, columns, reduction / 2, warps, target);
  return tile;
}

int64_t pixelfly::residentBlocks(const BlockShape &shape,
                                 const Target &target) {
  int64_t perMultiprocessor = std::max<int64_t>(
      1, target.sharedBytes / (shape.sharedBytes() + kReservedSharedBytes));
  // A thread of several groups has as many registers as one thread block
  // leaves.
  if (shape.groups() > 1)
    perMultiprocessor = 1;
  return std::min(perMultiprocessor, kMostResidentBlocks);
}

/// Whether a product on a pattern is computed by warp groups: where the target
/// has them (its matrix unit multiplies 64 rows at once), if its tiles are as
/// large as theirs. They read operands down the columns in 2-byte elements
/// only.
static bool suitsWarpGroups(Operation *op, const BlockShape &shape,
                            const Target &target) {
  if (target.matrixTile[0] != kWgmmaRows || shape.elementBytes() != 2)
    return false;
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return matmul.getPattern().getBlock() >= 32;
  return cast<SddmmOp>(op).getPattern().getBlock() >= kWgmmaRows;
}

/// Of a tile of these sizes on warp groups: as many stages as there is room for
/// beside as many thread blocks on a multiprocessor as `blocks`.
static GPUTileAttr groupTile(BlockShape shape, int64_t rows, int64_t columns,
                             int64_t reduction, int64_t groups, int64_t blocks,
                             const Target &target) {
  for (int64_t stages = kMostGroupStages;; --stages) {
    shape.tile =
        GPUTileAttr::get(shape.elementType.getContext(), rows, columns,
                         reduction, stages, {groups * kWarpsOfGroup, 1, 1});
    if (stages == 2 ||
        shape.sharedBytes() <= sharedBytesOfBlock(shape, target, blocks))
      return shape.tile;
  }
}

/// Tiles on warp groups. As many rows as two consumers' registers take, unless
/// the multiprocessors would not all get some.
static GPUTileAttr chooseForGroups(Operation *op, const BlockShape &shape,
                                   const Target &target) {
  auto matmul = dyn_cast<MatmulOp>(op);
  if (!matmul) {
    // A block is what there is: of 64 rows for one consumer.
    int64_t block = cast<SddmmOp>(op).getPattern().getBlock();
    int64_t groups = block / kWgmmaRows;
    return groupTile(shape, block, block, kLineBytes / shape.elementBytes(),
                     groups, groups == 1 ? kMostResidentBlocks : 1, target);
  }
  int64_t block = matmul.getPattern().getBlock();
  int64_t rows = cast<ShapedType>(matmul.getInit().getType()).getDimSize(0);
  int64_t lines = matmul.getTransposed() ? matmul.getPattern().getBlockCols()
                                         : matmul.getPattern().getBlockRows();
  int64_t reduction = std::min(block, kLineBytes / shape.elementBytes());
  for (int64_t tileRows : {256, 128})
    if (lines * int64_t(divideCeil(rows, tileRows)) >= target.cores)
      return groupTile(shape, tileRows, block, reduction, 2, 1, target);
  return groupTile(shape, kWgmmaRows, block, reduction, 1, kMostResidentBlocks,
                   target);
}

static GPUTileAttr chooseForMatmul(MatmulOp op, const BlockShape &shape,
                                   const Target &target) {
  int64_t block = op.getPattern().getBlock();
  int64_t rows = cast<ShapedType>(op.getInit().getType()).getDimSize(0);
  int64_t lines = op.getTransposed() ? op.getPattern().getBlockCols()
                                     : op.getPattern().getBlockRows();
  // Smaller tiles when larger ones leave multiprocessors idle.
  int64_t tileRows = 128;
  if (rows <= 64 || lines * int64_t(divideCeil(rows, tileRows)) < target.cores)
    tileRows = 64;
  int64_t reduction = std::min(block, kLineBytes / shape.elementBytes());
  SmallVector<int64_t> warps;
  if (block == 128)
    warps = {tileRows / 64, 4, 1};
  else if (block == 64 && tileRows == 64)
    warps = {2, 2, 1};
  else
    warps = {tileRows / 32, 1, 1};
  return tileWithPanels(shape, tileRows, block, reduction, warps, target);
}

static GPUTileAttr chooseForSddmm(SddmmOp op, const BlockShape &shape,
                                  const Target &target) {
  int64_t block = op.getPattern().getBlock();
  int64_t terms = mmaReduction(shape.elementType);
  // A small block is one warp's work: warps share the terms.
  if (block <= 32)
    return tileWithStages(shape, block, block, 4 * terms, {1, 1, 4}, target);
  return tileWithStages(shape, block, block, 2 * terms, {2, block / 32, 1},
                        target);
}

/// What a tile must be besides what its own constraints and the shape say.
static std::string checkTile(Operation *op, const BlockShape &shape) {
  GPUTileAttr tile = shape.tile;
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    int64_t block = matmul.getPattern().getBlock();
    if (tile.getColumns() != block)
      return formatv("columns = {0} must be the block size {1}",
                     tile.getColumns(), block)
          .str();
    if (block % tile.getReduction() != 0)
      return formatv("reduction = {0} must divide the block size {1}",
                     tile.getReduction(), block)
          .str();
    return "";
  }
  int64_t block = cast<SddmmOp>(op).getPattern().getBlock();
  if (tile.getRows() != block || tile.getColumns() != block)
    return formatv("rows = {0} and columns = {1} must be the block size {2}",
                   tile.getRows(), tile.getColumns(), block)
        .str();
  return "";
}

/// Why an operand cannot be read or written by a kernel; empty if it can.
static std::string checkOperand(Value operand) {
  auto type = dyn_cast<MemRefType>(operand.getType());
  if (!type)
    return "it is on tensors; bufferize first";
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!type.hasStaticShape() ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(offset) ||
      llvm::any_of(strides, ShapedType::isDynamic))
    return formatv("{0} has a shape or layout that is not static", type).str();
  if (strides.back() != 1)
    return formatv("elements of a row of {0} are not adjacent", type).str();
  int64_t perChunk = kChunkBytes * 8 / type.getElementTypeBitWidth();
  strides.back() = offset;
  if (llvm::any_of(strides,
                   [&](int64_t stride) { return stride % perChunk != 0; }))
    return formatv("rows of {0} do not all begin at a multiple of {1} bytes",
                   type, kChunkBytes)
        .str();
  return "";
}

static std::string checkTypes(Type operand, Type result) {
  if (!operand.isBF16() && !operand.isF16() && !operand.isF32())
    return formatv("tensor cores take bf16, f16 and f32 (as tf32), not {0}",
                   operand)
        .str();
  if (!result.isF32() && result != operand)
    return formatv("its result must be f32 or {0}, not {1}", operand, result)
        .str();
  return "";
}

/// What the layouts of a product on a pattern say; nothing if there is no
/// kernel, for `reason`.
static std::optional<BlockShape> shapeOnPattern(Operation *op,
                                                std::string &reason) {
  for (Value operand : op->getOperands())
    if (reason = checkOperand(operand); !reason.empty())
      return std::nullopt;
  auto elementType = [&](unsigned operand) {
    return cast<MemRefType>(op->getOperand(operand).getType()).getElementType();
  };
  if (llvm::any_of(op->getOperandTypes(), [](Type type) {
        return cast<MemRefType>(type).getNumElements() == 0;
      })) {
    reason = "it has no terms to sum, or no result";
    return std::nullopt;
  }
  reason = checkTypes(elementType(0), elementType(2));
  if (!reason.empty())
    return std::nullopt;

  auto matmul = dyn_cast<MatmulOp>(op);
  auto pattern = matmul ? matmul.getPattern() : cast<SddmmOp>(op).getPattern();
  if (pattern.getBlock() < kMmaRows) {
    reason = formatv("its blocks of {0} are smaller than the {1} rows of a "
                     "tensor core's tile; choose a pattern with larger blocks",
                     pattern.getBlock(), kMmaRows)
                 .str();
    return std::nullopt;
  }

  BlockShape shape;
  shape.elementType = elementType(0);
  // In a stored block the terms of the forward product are adjacent; those of
  // the input gradient are the rows. The weight gradient sums over rows of
  // both.
  shape.leftReductionAlongRows = !matmul;
  shape.rightReductionAlongRows = !matmul || matmul.getTransposed();
  return shape;
}

static GPUTileAttr chooseTile(Operation *op,
                              const std::optional<DenseProduct> &dense,
                              const BlockShape &shape, const Target &target) {
  if (dense)
    return chooseForDense(*dense, shape, target);
  if (shape.usesWarpGroups)
    return chooseForGroups(op, shape, target);
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return chooseForMatmul(matmul, shape, target);
  return chooseForSddmm(cast<SddmmOp>(op), shape, target);
}

bool pixelfly::isMatrixProduct(Operation *op) {
  if (isa<MatmulOp, SddmmOp>(op))
    return true;
  // With nothing but sums it is a reduction.
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && linalgOp.getNumParallelLoops() != 0 &&
         linalg::isaContractionOpInterface(linalgOp);
}

std::optional<BlockShape> pixelfly::getBlockShape(Operation *op,
                                                  const Target &target,
                                                  std::string &reason) {
  assert(isMatrixProduct(op) && "has a kernel");
  std::optional<DenseProduct> dense;
  std::optional<BlockShape> found;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    dense = DenseProduct::get(linalgOp, reason);
    if (dense)
      found = dense->shapeWithoutTile();
  } else {
    found = shapeOnPattern(op, reason);
    if (found)
      found->usesWarpGroups = suitsWarpGroups(op, *found, target);
  }
  if (!found)
    return std::nullopt;
  BlockShape &shape = *found;
  if (Attribute tile = op->getAttr(kTileAttrName)) {
    shape.tile = dyn_cast<GPUTileAttr>(tile);
    if (!shape.tile) {
      reason = formatv("its {0} is {1}, not a #pixelfly.gpu_tile",
                       kTileAttrName, tile)
                   .str();
      return std::nullopt;
    }
  } else {
    shape.tile = chooseTile(op, dense, shape, target);
  }
  reason = dense ? "" : checkTile(op, shape);
  if (reason.empty())
    reason = shape.check();
  if (reason.empty() && dense)
    reason = dense->checkGrid(shape);
  if (!reason.empty()) {
    reason = formatv("of its tile {0}: {1}", shape.tile, reason).str();
    return std::nullopt;
  }
  if (shape.sharedBytes() > sharedBytesOfBlock(shape, target)) {
    reason = formatv("its tile {0} needs {1} bytes of shared memory, and a "
                     "thread block of {2} has {3}",
                     shape.tile, shape.sharedBytes(), target.name,
                     sharedBytesOfBlock(shape, target))
                 .str();
    return std::nullopt;
  }
  return shape;
}
