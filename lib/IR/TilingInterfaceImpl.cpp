//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/TilingInterfaceImpl.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Whether `value` is known to be a multiple of `factor`: constants, induction
/// variables of loops that start and step by multiples, and affine functions.
static bool isKnownMultiple(OpFoldResult value, int64_t factor) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return *constant % factor == 0;
  auto dynamic = cast<Value>(value);
  if (auto apply = dynamic.getDefiningOp<affine::AffineApplyOp>())
    return apply.getAffineMap().getResult(0).isMultipleOf(factor);
  auto argument = dyn_cast<BlockArgument>(dynamic);
  if (!argument)
    return false;
  auto loop = dyn_cast<LoopLikeOpInterface>(argument.getOwner()->getParentOp());
  if (!loop)
    return false;
  auto variables = loop.getLoopInductionVars();
  auto starts = loop.getLoopLowerBounds();
  auto steps = loop.getLoopSteps();
  if (!variables || !starts || !steps)
    return false;
  for (auto [variable, start, step] : llvm::zip(*variables, *starts, *steps))
    if (variable == dynamic)
      return isKnownMultiple(start, factor) && isKnownMultiple(step, factor);
  return false;
}

namespace {
/// The part of a pattern that a tile works on.
struct PatternTile {
  BlockPatternAttrInterface pattern;
  /// First matrix row and column, first stored block.
  OpFoldResult row, col, block;
};
} // namespace

/// The part of the pattern for `size` from `offset` on of an iteration-domain
/// dimension that runs over `extent`: the rows or columns of the matrix, or the
/// stored blocks. Fails where the tile has no pattern or not the same as the
/// others, and says why through `report`.
static FailureOr<PatternTile>
tilePattern(Operation *op, OpBuilder &builder,
            BlockPatternAttrInterface pattern, int64_t extent,
            OpFoldResult offset, OpFoldResult size,
            llvm::function_ref<void(const Twine &)> report) {
  OpFoldResult zero = builder.getIndexAttr(0);
  if (isConstantIntValue(offset, 0) && isConstantIntValue(size, extent))
    return PatternTile{pattern, zero, zero, zero};

  auto attr = dyn_cast<FlatButterflyAttr>(pattern);
  if (!attr) {
    report("can only be tiled over its rows: the parts of a pattern without a "
           "rule have different patterns");
    return failure();
  }
  FlatButterfly flat = attr.getPattern();
  int64_t groups = flat.groups(), unit = extent / groups;
  std::optional<int64_t> staticSize = getConstantIntValue(size);
  if (!staticSize || *staticSize <= 0 || extent % *staticSize != 0 ||
      *staticSize % unit != 0) {
    report("tile over the pattern must have a static size that is a multiple "
           "of " +
           Twine(unit) +
           ", the extent of an independent group of cells, and "
           "divides " +
           Twine(extent));
    return failure();
  }
  if (!isKnownMultiple(offset, unit)) {
    report("tile over the pattern must start at a multiple of " + Twine(unit) +
           ", the extent of an independent group of cells");
    return failure();
  }

  FlatButterfly part = flat.ofGroups(*staticSize / unit);
  AffineExpr start = builder.getAffineDimExpr(0);
  auto scaled = [&](int64_t perGroup) {
    return affine::makeComposedFoldedAffineApply(
        builder, op->getLoc(), start.floorDiv(unit) * perGroup, {offset});
  };
  auto partAttr =
      FlatButterflyAttr::get(builder.getContext(), part.rows, part.cols,
                             part.block, part.radices, part.factors);
  return PatternTile{cast<BlockPatternAttrInterface>(partAttr),
                     scaled(flat.rows / groups), scaled(flat.cols / groups),
                     scaled(flat.numBlocks() / groups)};
}

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

/// The product `op` on slices of its operands and on a part of its pattern.
template <typename OpTy>
static TilingResult createTile(OpBuilder &builder, OpTy op,
                               ArrayRef<Operation *> slices,
                               BlockPatternAttrInterface pattern) {
  SmallVector<Value> operands;
  for (Operation *slice : slices)
    operands.push_back(slice->getResult(0));
  SmallVector<Type> resultTypes;
  if (op->getNumResults() == 1)
    resultTypes.push_back(operands.back().getType());
  auto tile = cast<OpTy>(clone(builder, op, resultTypes, operands));
  tile.setPatternAttr(pattern);
  return TilingResult{{tile},
                      llvm::to_vector_of<Value>(tile->getResults()),
                      llvm::to_vector(slices)};
}

namespace {
struct MatmulTiling
    : public TilingInterface::ExternalModel<MatmulTiling, MatmulOp> {
  SmallVector<utils::IteratorType> getLoopIteratorTypes(Operation *) const {
    return {utils::IteratorType::parallel, utils::IteratorType::parallel};
  }

  SmallVector<Range> getIterationDomain(Operation *op,
                                        OpBuilder &builder) const {
    OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
    Value init = cast<MatmulOp>(op).getInit();
    return {{zero, mixedSize(builder, op->getLoc(), init, 0), one},
            {zero, builder.getIndexAttr(resultColumns(op)), one}};
  }

  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &builder,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    return tile(op, builder, offsets, sizes,
                [&](const Twine &reason) { op->emitOpError(reason); });
  }

  // Whoever fuses a producer may do without: no diagnostics.
  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &builder, unsigned,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    return tile(op, builder, offsets, sizes, [](const Twine &) {});
  }

  FailureOr<TilingResult>
  tile(Operation *op, OpBuilder &builder, ArrayRef<OpFoldResult> offsets,
       ArrayRef<OpFoldResult> sizes,
       llvm::function_ref<void(const Twine &)> report) const {
    auto matmul = cast<MatmulOp>(op);
    FailureOr<PatternTile> part =
        tilePattern(op, builder, matmul.getPattern(), resultColumns(op),
                    offsets[1], sizes[1], report);
    if (failed(part))
      return failure();
    Location loc = op->getLoc();
    OpFoldResult zero = builder.getIndexAttr(0);
    auto index = [&](int64_t value) -> OpFoldResult {
      return builder.getIndexAttr(value);
    };
    BlockPatternAttrInterface pattern = part->pattern;
    bool transposed = matmul.getTransposed();
    Operation *input = createSlice(
        builder, loc, matmul.getInput(),
        {offsets[0], transposed ? part->row : part->col},
        {sizes[0], index(transposed ? pattern.getRows() : pattern.getCols())});
    Operation *blocks =
        createSlice(builder, loc, matmul.getBlocks(), {part->block, zero, zero},
                    {index(pattern.getNumBlocks()), index(pattern.getBlock()),
                     index(pattern.getBlock())});
    Operation *init =
        createSlice(builder, loc, matmul.getInit(), {offsets[0], offsets[1]},
                    {sizes[0], sizes[1]});
    return createTile(builder, matmul, {input, blocks, init}, pattern);
  }

  LogicalResult getResultTilePosition(
      Operation *, OpBuilder &, unsigned, ArrayRef<OpFoldResult> offsets,
      ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
      SmallVector<OpFoldResult> &resultSizes) const {
    resultOffsets.assign(offsets.begin(), offsets.end());
    resultSizes.assign(sizes.begin(), sizes.end());
    return success();
  }

  // The iteration domain is that of the result.
  LogicalResult getIterationDomainTileFromResultTile(
      Operation *, OpBuilder &, unsigned, ArrayRef<OpFoldResult> offsets,
      ArrayRef<OpFoldResult> sizes,
      SmallVectorImpl<OpFoldResult> &domainOffsets,
      SmallVectorImpl<OpFoldResult> &domainSizes) const {
    domainOffsets.assign(offsets.begin(), offsets.end());
    domainSizes.assign(sizes.begin(), sizes.end());
    return success();
  }

private:
  static int64_t resultColumns(Operation *op) {
    auto matmul = cast<MatmulOp>(op);
    return matmul.getTransposed() ? matmul.getPattern().getCols()
                                  : matmul.getPattern().getRows();
  }
};

struct SddmmTiling
    : public TilingInterface::ExternalModel<SddmmTiling, SddmmOp> {
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

  FailureOr<TilingResult>
  getTiledImplementation(Operation *op, OpBuilder &builder,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) const {
    return tile(op, builder, offsets, sizes,
                [&](const Twine &reason) { op->emitOpError(reason); });
  }

  // Whoever fuses a producer may do without: no diagnostics.
  FailureOr<TilingResult>
  generateResultTileValue(Operation *op, OpBuilder &builder, unsigned result,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) const {
    SmallVector<OpFoldResult> domainOffsets, domainSizes;
    if (failed(getIterationDomainTileFromResultTile(
            op, builder, result, offsets, sizes, domainOffsets, domainSizes)))
      return failure();
    return tile(op, builder, domainOffsets, domainSizes, [](const Twine &) {});
  }

  FailureOr<TilingResult>
  tile(Operation *op, OpBuilder &builder, ArrayRef<OpFoldResult> offsets,
       ArrayRef<OpFoldResult> sizes,
       llvm::function_ref<void(const Twine &)> report) const {
    auto sddmm = cast<SddmmOp>(op);
    FailureOr<PatternTile> part = tilePattern(op, builder, sddmm.getPattern(),
                                              sddmm.getPattern().getNumBlocks(),
                                              offsets[0], sizes[0], report);
    if (failed(part))
      return failure();
    Location loc = op->getLoc();
    auto index = [&](int64_t value) -> OpFoldResult {
      return builder.getIndexAttr(value);
    };
    BlockPatternAttrInterface pattern = part->pattern;
    Operation *lhs =
        createSlice(builder, loc, sddmm.getLhs(), {offsets[1], part->row},
                    {sizes[1], index(pattern.getRows())});
    Operation *rhs =
        createSlice(builder, loc, sddmm.getRhs(), {offsets[1], part->col},
                    {sizes[1], index(pattern.getCols())});
    Operation *init = createSlice(
        builder, loc, sddmm.getInit(), {offsets[0], index(0), index(0)},
        {sizes[0], index(pattern.getBlock()), index(pattern.getBlock())});
    return createTile(builder, sddmm, {lhs, rhs, init}, pattern);
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
  });
}
