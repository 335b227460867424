//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FusedProduct.h"

#include "pixelfly/IR/ZeroFill.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Whether `op` writes its only input, a row, to every row of its result.
static bool broadcastsRow(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumParallelLoops() != 2 || op.getNumLoops() != 2)
    return false;
  MLIRContext *context = op.getContext();
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Block *body = op.getBody();
  return maps[0] == AffineMap::get(2, 0, getAffineDimExpr(1, context)) &&
         maps[1] == AffineMap::getMultiDimIdentityMap(2, context) &&
         body->getTerminator()->getOperand(0) == body->getArgument(0);
}

static bool isFloat(Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  return type &&
         (type.getElementType().isF32() || type.getElementType().isBF16() ||
          type.getElementType().isF16());
}

/// The row's broadcast that gives the matmul's destination its contents, if
/// nothing else sees them and the row is still the same at `last`.
static linalg::GenericOp findBias(MatmulOp matmul, Operation *last) {
  auto generic = dyn_cast_or_null<linalg::GenericOp>(
      findPreviousAccess(matmul, matmul.getInit()));
  if (!generic || !broadcastsRow(generic) ||
      generic.getDpsInitOperand(0)->get() != matmul.getInit())
    return {};
  Value row = generic.getDpsInputOperand(0)->get();
  if (!isFloat(row) || mayBeWrittenBetween(generic, last, row))
    return {};
  return generic;
}

/// The contraction that adds to the matmul's result next.
static std::optional<DenseProduct> findLowRank(MatmulOp matmul,
                                               const BlockShape &shape) {
  auto op = dyn_cast_or_null<linalg::LinalgOp>(
      findNextAccess(matmul, matmul.getInit()));
  if (!op || op.getNumDpsInits() != 1 ||
      op.getDpsInitOperand(0)->get() != matmul.getInit() ||
      !linalg::isaContractionOpInterface(op))
    return std::nullopt;
  for (OpOperand *input : op.getDpsInputOperands())
    if (input->get() == matmul.getInit())
      return std::nullopt;
  std::string reason;
  std::optional<DenseProduct> dense = DenseProduct::get(op, reason);
  if (!dense)
    return std::nullopt;
  const Contraction &c = dense->contraction;
  if (!c.outerParallel.empty() || !c.outerReduction.empty() ||
      cast<MemRefType>(c.lhs.value.getType()).getElementType() !=
          shape.elementType)
    return std::nullopt;
  for (Value read : {matmul.getInput(), matmul.getBlocks()})
    if (mayBeWrittenBetween(matmul, op, read))
      return std::nullopt;
  return dense;
}

/// Whether bulk copies can fetch the operands of the low-rank term: rows of
/// terms that begin on 16 bytes.
static bool suitsBulkCopies(const DenseProduct &lowRank) {
  const Contraction &c = lowRank.contraction;
  for (const ContractionOperand *operand : {&c.lhs, &c.rhs}) {
    auto type = cast<MemRefType>(operand->value.getType());
    if (type.getRank() != 2 || operand->dims.size() != 2 ||
        operand->contiguous != c.reduction ||
        operand->loops.back() != unsigned(c.reduction) ||
        pieceBytesOf(type, 1) != kChunkBytes)
      return false;
  }
  return true;
}

Operation *FusedProduct::last() const {
  linalg::GenericOp function = epilogue.op;
  if (function)
    return function;
  MatmulOp product = matmul;
  if (!lowRank)
    return product;
  linalg::LinalgOp term = lowRank->op;
  return term;
}

Value FusedProduct::biasRow() const {
  linalg::GenericOp broadcast = bias;
  return broadcast ? broadcast.getDpsInputOperand(0)->get() : Value();
}

BlockShape FusedProduct::lowRankShape(const BlockShape &shape) const {
  BlockShape own = lowRank->shapeWithoutTile();
  own.tile = shape.tile;
  own.usesWarpGroups = shape.usesWarpGroups;
  return own;
}

FusedProduct FusedProduct::get(MatmulOp matmul, const BlockShape &shape) {
  FusedProduct fused{matmul, findLowRank(matmul, shape), {}, {}, {}};
  if (fused.lowRank) {
    BlockShape own = fused.lowRankShape(shape);
    bool fits = own.check().empty() && own.sharedBytes() <= shape.sharedBytes();
    if (shape.usesWarpGroups)
      fits &= suitsBulkCopies(*fused.lowRank);
    if (!fits)
      fused.lowRank.reset();
  }
  SmallVector<Value> read{matmul.getInput(), matmul.getBlocks()};
  if (fused.lowRank) {
    read.push_back(fused.lowRank->contraction.lhs.value);
    read.push_back(fused.lowRank->contraction.rhs.value);
  }
  fused.epilogue = Epilogue::find(fused.last(), matmul.getInit(), read);
  fused.bias = findBias(matmul, fused.last());
  fused.fill = findZeroFill(matmul, matmul.getInit());
  // What the sums begin with is read from there.
  if (!fused.bias && !fused.fill)
    fused.epilogue.keepsResult = true;
  return fused;
}

void FusedProduct::eraseOthers() {
  if (epilogue)
    epilogue.op.erase();
  if (lowRank)
    lowRank->op.erase();
  if (bias)
    bias.erase();
  if (fill)
    fill.erase();
}
