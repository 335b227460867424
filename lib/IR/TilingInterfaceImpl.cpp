//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/TilingInterfaceImpl.h"

#include "PatternTile.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace mlir::pixelfly;

static OpFoldResult mixedSize(OpBuilder &builder, Location loc, Value value,
                              int64_t dimension) {
  if (isa<MemRefType>(value.getType()))
    return memref::getMixedSize(builder, loc, value, dimension);
  return tensor::getMixedSize(builder, loc, value, dimension);
}

/// A slice of unit strides.
static Operation *createSlice(OpBuilder &builder, Location loc, Value source,
                              ArrayRef<OpFoldResult> offsets,
                              ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
  if (isa<MemRefType>(source.getType()))
    return memref::SubViewOp::create(builder, loc, source, offsets, sizes,
                                     strides);
  return tensor::ExtractSliceOp::create(builder, loc, source, offsets, sizes,
                                        strides);
}

/// The blocks of the part of the pattern.
static Operation *createBlocksSlice(OpBuilder &builder, Location loc,
                                    Value blocks, const PatternTile &part) {
  OpFoldResult zero = builder.getIndexAttr(0),
               side = builder.getIndexAttr(part.pattern.getBlock());
  return createSlice(
      builder, loc, blocks, {part.block, zero, zero},
      {builder.getIndexAttr(part.pattern.getNumBlocks()), side, side});
}

/// The product `op` on other operands, some of them slices of its own, and on a
/// part of its pattern.
template <typename OpTy>
static TilingResult
createTile(OpBuilder &builder, OpTy op, ArrayRef<Value> operands,
           ArrayRef<Operation *> slices, BlockPatternAttrInterface pattern) {
  SmallVector<Type> resultTypes;
  if (op->getNumResults() == 1)
    resultTypes.push_back(operands.back().getType());
  auto tile = cast<OpTy>(clone(builder, op, resultTypes, operands));
  tile.setPatternAttr(pattern);
  return TilingResult{{tile},
                      llvm::to_vector_of<Value>(tile->getResults()),
                      llvm::to_vector(slices)};
}

/// The product `op` on slices of its operands.
template <typename OpTy>
static TilingResult createTile(OpBuilder &builder, OpTy op,
                               ArrayRef<Operation *> slices,
                               BlockPatternAttrInterface pattern) {
  SmallVector<Value> operands;
  for (Operation *slice : slices)
    operands.push_back(slice->getResult(0));
  return createTile(builder, op, operands, slices, pattern);
}

namespace {
/// What the models share: they differ in `tile`, which reports why a tile has
/// no pattern to a function.
template <typename ModelTy, typename OpTy>
struct ProductTiling : TilingInterface::ExternalModel<ModelTy, OpTy> {
  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &builder,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    return ModelTy::tile(cast<OpTy>(op), builder, offsets, sizes,
                         [&](const Twine &reason) { op->emitOpError(reason); });
  }

  // Whoever fuses a producer may do without: no diagnostics.
  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &builder, unsigned result,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    auto model = static_cast<const ModelTy *>(this);
    SmallVector<OpFoldResult> domainOffsets, domainSizes;
    if (failed(model->getIterationDomainTileFromResultTile(
            op, builder, result, offsets, sizes, domainOffsets, domainSizes)))
      return failure();
    return ModelTy::tile(cast<OpTy>(op), builder, domainOffsets, domainSizes,
                         [](const Twine &) {});
  }
};

/// Products whose iteration domain is that of their result: rows and columns of
/// an activation.
template <typename ModelTy, typename OpTy>
struct ActivationTiling : ProductTiling<ModelTy, OpTy> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *) const {
    return {utils::IteratorType::parallel, utils::IteratorType::parallel};
  }

  SmallVector<Range> getIterationDomain(Operation *op,
                                        OpBuilder &builder) const {
    auto product = cast<OpTy>(op);
    OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
    return {{zero, mixedSize(builder, op->getLoc(), product.getInit(), 0), one},
            {zero, builder.getIndexAttr(ModelTy::resultColumns(product)), one}};
  }

  LogicalResult getResultTilePosition(
      Operation *, OpBuilder &, unsigned, ArrayRef<OpFoldResult> offsets,
      ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
      SmallVector<OpFoldResult> &resultSizes) const {
    resultOffsets.assign(offsets.begin(), offsets.end());
    resultSizes.assign(sizes.begin(), sizes.end());
    return success();
  }

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *, OpBuilder &, unsigned, ArrayRef<OpFoldResult> offsets,
      ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &domainOffsets,
      SmallVectorImpl<OpFoldResult> &domainSizes) const {
    domainOffsets.assign(offsets.begin(), offsets.end());
    domainSizes.assign(sizes.begin(), sizes.end());
    return success();
  }
};

struct MatmulTiling : ActivationTiling<MatmulTiling, MatmulOp> {
  static int64_t resultColumns(MatmulOp op) {
    return op.getTransposed() ? op.getPattern().getCols()
                              : op.getPattern().getRows();
  }

  static FailureOr<TilingResult> tile(MatmulOp op, OpBuilder &builder,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Report report) {
    FailureOr<PatternTile> part =
        tilePattern(op, builder, op.getPattern(), resultColumns(op), offsets[1],
                    sizes[1], report);
    if (failed(part))
      return failure();
    bool transposed = op.getTransposed();
    int64_t inputColumns =
        transposed ? part->pattern.getRows() : part->pattern.getCols();
    Operation *input =
        createSlice(builder, op.getLoc(), op.getInput(),
                    {offsets[0], transposed ? part->row : part->col},
                    {sizes[0], builder.getIndexAttr(inputColumns)});
    Operation *blocks =
        createBlocksSlice(builder, op.getLoc(), op.getBlocks(), *part);
    Operation *init =
        createSlice(builder, op.getLoc(), op.getInit(), offsets, sizes);
    return createTile(builder, op, {input, blocks, init}, part->pattern);
  }
};

struct LinearTiling : ActivationTiling<LinearTiling, LinearOp> {
  static int64_t resultColumns(LinearOp op) {
    return op.getPattern().getRows();
  }

  static FailureOr<TilingResult> tile(LinearOp op, OpBuilder &builder,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Report report) {
    FailureOr<PatternTile> part =
        tilePattern(op, builder, op.getPattern(), resultColumns(op), offsets[1],
                    sizes[1], report);
    if (failed(part))
      return failure();
    if (op.getU() && part->pattern != op.getPattern()) {
      report("with a low-rank term can only be tiled over its rows: the term "
             "needs all columns of the input for every column of the result");
      return failure();
    }
    OpFoldResult inputColumns = builder.getIndexAttr(part->pattern.getCols());
    SmallVector<Operation *> slices = {
        createSlice(builder, op.getLoc(), op.getInput(),
                    {offsets[0], part->col}, {sizes[0], inputColumns}),
        createBlocksSlice(builder, op.getLoc(), op.getBlocks(), *part)};
    SmallVector<Value> operands = {slices[0]->getResult(0),
                                   slices[1]->getResult(0)};
    if (op.getU())
      operands.append({op.getU(), op.getV()});
    if (op.getGamma())
      operands.push_back(op.getGamma());
    if (op.getBias()) {
      slices.push_back(createSlice(builder, op.getLoc(), op.getBias(),
                                   offsets[1], sizes[1]));
      operands.push_back(slices.back()->getResult(0));
    }
    if (op.getGateWeight())
      operands.append({op.getGateWeight(), op.getGateBias()});
    slices.push_back(
        createSlice(builder, op.getLoc(), op.getInit(), offsets, sizes));
    operands.push_back(slices.back()->getResult(0));
    return createTile(builder, op, operands, slices, part->pattern);
  }
};

struct ButterflyTiling : ActivationTiling<ButterflyTiling, ButterflyMatmulOp> {
  static int64_t resultColumns(ButterflyMatmulOp op) {
    return op.getPattern().getRows();
  }

  static FailureOr<TilingResult> tile(ButterflyMatmulOp op, OpBuilder &builder,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Report report) {
    if (!isConstantIntValue(offsets[1], 0) ||
        !isConstantIntValue(sizes[1], resultColumns(op))) {
      report("can only be tiled over its rows: every factor has a pattern of "
             "its own");
      return failure();
    }
    Operation *input =
        createSlice(builder, op.getLoc(), op.getInput(), offsets, sizes);
    Operation *init =
        createSlice(builder, op.getLoc(), op.getInit(), offsets, sizes);
    SmallVector<Value> operands = llvm::to_vector(op->getOperands());
    operands.front() = input->getResult(0);
    operands.back() = init->getResult(0);
    return createTile(builder, op, operands, {input, init}, op.getPattern());
  }
};

struct SddmmTiling : ProductTiling<SddmmTiling, SddmmOp> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *) const {
    return {utils::IteratorType::parallel, utils::IteratorType::reduction};
  }

  SmallVector<Range> getIterationDomain(Operation *op,
                                        OpBuilder &builder) const {
    auto sddmm = cast<SddmmOp>(op);
    OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
    return {
        {zero, builder.getIndexAttr(sddmm.getPattern().getNumBlocks()), one},
        {zero, mixedSize(builder, op->getLoc(), sddmm.getLhs(), 0), one}};
  }

  static FailureOr<TilingResult> tile(SddmmOp op, OpBuilder &builder,
                                      ArrayRef<OpFoldResult> offsets,
                                      ArrayRef<OpFoldResult> sizes,
                                      Report report) {
    FailureOr<PatternTile> part = tilePattern(op, builder, op.getPattern(),
                                              op.getPattern().getNumBlocks(),
                                              offsets[0], sizes[0], report);
    if (failed(part))
      return failure();
    auto slice = [&](Value rows, OpFoldResult column, int64_t columns) {
      return createSlice(builder, op.getLoc(), rows, {offsets[1], column},
                         {sizes[1], builder.getIndexAttr(columns)});
    };
    Operation *lhs = slice(op.getLhs(), part->row, part->pattern.getRows());
    Operation *rhs = slice(op.getRhs(), part->col, part->pattern.getCols());
    part->block = offsets[0]; // the same without arithmetic
    Operation *init =
        createBlocksSlice(builder, op.getLoc(), op.getInit(), *part);
    return createTile(builder, op, {lhs, rhs, init}, part->pattern);
  }

  // A tile of blocks has whole blocks; tiles of rows all add to the same ones.
  LogicalResult
  getResultTilePosition(Operation *op, OpBuilder &builder, unsigned,
                        ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes,
                        SmallVector<OpFoldResult> &resultOffsets,
                        SmallVector<OpFoldResult> &resultSizes) const {
    int64_t side = cast<SddmmOp>(op).getPattern().getBlock();
    resultOffsets = {offsets[0], builder.getIndexAttr(0),
                     builder.getIndexAttr(0)};
    resultSizes = {sizes[0], builder.getIndexAttr(side),
                   builder.getIndexAttr(side)};
    return success();
  }

  LogicalResult getIterationDomainTileFromResultTile(
      Operation *op, OpBuilder &builder, unsigned,
      ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &domainOffsets,
      SmallVectorImpl<OpFoldResult> &domainSizes) const {
    int64_t side = cast<SddmmOp>(op).getPattern().getBlock();
    for (int dimension : {1, 2})
      if (!isConstantIntValue(offsets[dimension], 0) ||
          !isConstantIntValue(sizes[dimension], side))
        return failure(); // less than a whole block
    Range rows = getIterationDomain(op, builder)[1];
    domainOffsets.assign({offsets[0], rows.offset});
    domainSizes.assign({sizes[0], rows.size});
    return success();
  }
};
} // namespace

void pixelfly::registerTilingInterfaceModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, PixelflyDialect *) {
    context->loadDialect<affine::AffineDialect, memref::MemRefDialect,
                         tensor::TensorDialect>();
    MatmulOp::attachInterface<MatmulTiling>(*context);
    SddmmOp::attachInterface<SddmmTiling>(*context);
    LinearOp::attachInterface<LinearTiling>(*context);
    ButterflyMatmulOp::attachInterface<ButterflyTiling>(*context);
  });
}
