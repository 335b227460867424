//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rewrites that make patterns plainer without changing a number.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The flat butterfly with the nonzero blocks of `pattern`, or null if there is
/// none or it is one already.
static FlatButterflyAttr
getEquivalentButterfly(BlockPatternAttrInterface pattern) {
  const BlockMask *mask = nullptr;
  if (auto attr = dyn_cast<BlockMaskAttr>(pattern))
    mask = &attr.getBlockMask();
  else if (auto attr = dyn_cast<MaskRuleAttr>(pattern))
    mask = &attr.getBlockMask();
  if (!mask)
    return {};
  std::optional<FlatButterfly> flat =
      asFlatButterfly(*mask, pattern.getBlock());
  if (!flat)
    return {};
  return FlatButterflyAttr::get(pattern.getContext(), flat->rows, flat->cols,
                                flat->block, flat->radices, flat->factors);
}

/// Whether every block is nonzero, in the order of a dense matrix of blocks.
static bool isFullInOrder(BlockPatternAttrInterface pattern) {
  if (pattern.getNumBlocks() != pattern.getBlockRows() * pattern.getBlockCols())
    return false;
  auto flat = dyn_cast<FlatButterflyAttr>(pattern);
  return !flat || storesInOrder(flat.getPattern());
}

namespace {
/// A mask that is a flat butterfly with the same storage order becomes one.
template <typename OpTy> struct MaskToButterfly : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    FlatButterflyAttr flat = getEquivalentButterfly(op.getPattern());
    if (!flat || !storesInOrder(flat.getPattern()))
      return failure();
    rewriter.modifyOpInPlace(
        op, [&] { op.setPatternAttr(cast<BlockPatternAttrInterface>(flat)); });
    return success();
  }
};

/// With another storage order, where the blocks come out of a dense matrix.
template <typename OpTy> struct DenseToButterfly : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto fromDense = op.getBlocks().template getDefiningOp<FromDenseOp>();
    if (!fromDense || fromDense.getPattern() != op.getPattern())
      return failure();
    FlatButterflyAttr flat = getEquivalentButterfly(op.getPattern());
    if (!flat)
      return failure();
    auto pattern = cast<BlockPatternAttrInterface>(flat);
    Value blocks = FromDenseOp::create(rewriter, fromDense.getLoc(),
                                       fromDense.getDense(), pattern);
    rewriter.modifyOpInPlace(op, [&] {
      op.getBlocksMutable().set(blocks);
      op.setPatternAttr(pattern);
    });
    return success();
  }
};

/// A product with the blocks of M^T is the transposed product with those of M.
struct MatmulOfTranspose : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto fromDense = op.getBlocks().getDefiningOp<FromDenseOp>();
    if (!fromDense || fromDense.getPattern() != op.getPattern())
      return failure();
    auto transpose = fromDense.getDense().getDefiningOp<linalg::TransposeOp>();
    if (!transpose || transpose.getPermutation() != ArrayRef<int64_t>{1, 0})
      return failure();
    BlockPatternAttrInterface pattern = op.getPattern().getTransposed();
    Value blocks = FromDenseOp::create(rewriter, fromDense.getLoc(),
                                       transpose.getInput(), pattern);
    rewriter.modifyOpInPlace(op, [&] {
      op.getBlocksMutable().set(blocks);
      op.setPatternAttr(pattern);
      op.setTransposed(!op.getTransposed());
    });
    return success();
  }
};

/// A product on a full pattern is one of linalg.
struct FullMatmul : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || !isFullInOrder(op.getPattern()))
      return failure();
    Value dense = ToDenseOp::create(rewriter, op.getLoc(), op.getBlocks(),
                                    op.getPattern());
    SmallVector<Value> inputs = {op.getInput(), dense};
    if (op.getTransposed())
      rewriter.replaceOpWithNewOp<linalg::MatmulOp>(op, inputs, op.getInit());
    else
      rewriter.replaceOp(op, linalg::MatmulTransposeBOp::create(
                                 rewriter, op.getLoc(), inputs, op.getInit())
                                 ->getResults());
    return success();
  }
};

struct FullSddmm : OpRewritePattern<SddmmOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SddmmOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics() || !isFullInOrder(op.getPattern()))
      return failure();
    Location loc = op.getLoc();
    Value init =
        ToDenseOp::create(rewriter, loc, op.getInit(), op.getPattern());
    Value dense = linalg::MatmulTransposeAOp::create(
                      rewriter, loc, ValueRange{op.getLhs(), op.getRhs()}, init)
                      ->getResult(0);
    rewriter.replaceOpWithNewOp<FromDenseOp>(op, dense, op.getPattern());
    return success();
  }
};

/// The four dimensions of a matrix of blocks, and how a matrix and its blocks
/// group them.
struct FullShape {
  explicit FullShape(BlockPatternAttrInterface pattern)
      : blocksFirst{pattern.getBlockRows(), pattern.getBlockCols(),
                    pattern.getBlock(), pattern.getBlock()},
        rowsFirst{pattern.getBlockRows(), pattern.getBlock(),
                  pattern.getBlockCols(), pattern.getBlock()} {}

  SmallVector<int64_t> blocksFirst, rowsFirst;
  SmallVector<ReassociationIndices> ofBlocks = {{0, 1}, {2}, {3}};
  SmallVector<ReassociationIndices> ofMatrix = {{0, 1}, {2, 3}};
};

/// The blocks of a full pattern and the matrix are reshapes of each other, with
/// the two dimensions in the middle exchanged.
template <typename OpTy> struct FullConversion : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!isFullInOrder(op.getPattern()))
      return failure();
    constexpr bool toDense = std::is_same_v<OpTy, ToDenseOp>;
    Location loc = op.getLoc();
    FullShape shape(op.getPattern());
    Type element = op.getType().getElementType();
    Value source = op->getOperand(0);
    auto expanded = RankedTensorType::get(
        toDense ? shape.blocksFirst : shape.rowsFirst, element);
    // A source of dynamic shape gets the one the pattern says.
    auto sourceType = RankedTensorType::get(
        toDense ? ArrayRef<int64_t>{op.getPattern().getNumBlocks(),
                                    op.getPattern().getBlock(),
                                    op.getPattern().getBlock()}
                : ArrayRef<int64_t>{op.getPattern().getRows(),
                                    op.getPattern().getCols()},
        element);
    if (source.getType() != sourceType)
      source = tensor::CastOp::create(rewriter, loc, sourceType, source);
    Value blocks = tensor::ExpandShapeOp::create(
        rewriter, loc, expanded, source,
        toDense ? shape.ofBlocks : shape.ofMatrix);
    Value empty = tensor::EmptyOp::create(
        rewriter, loc, toDense ? shape.rowsFirst : shape.blocksFirst, element);
    Value exchanged = linalg::TransposeOp::create(rewriter, loc, blocks, empty,
                                                  ArrayRef<int64_t>{0, 2, 1, 3})
                          ->getResult(0);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, op.getType(), exchanged, toDense ? shape.ofMatrix : shape.ofBlocks);
    return success();
  }
};
} // namespace

void MatmulOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<MaskToButterfly<MatmulOp>, DenseToButterfly<MatmulOp>,
               MatmulOfTranspose, FullMatmul>(context);
}

void SddmmOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<MaskToButterfly<SddmmOp>, FullSddmm>(context);
}

void LinearOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<MaskToButterfly<LinearOp>, DenseToButterfly<LinearOp>>(context);
}

void ToDenseOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<MaskToButterfly<ToDenseOp>, DenseToButterfly<ToDenseOp>,
               FullConversion<ToDenseOp>>(context);
}

void FromDenseOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<MaskToButterfly<FromDenseOp>, FullConversion<FromDenseOp>>(
      context);
}
