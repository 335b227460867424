//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/ExpandComposites.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The places of one gathered dimension: the last dimension of the indices at
/// `position`.
static Value sliceIndices(OpBuilder &b, Location loc, Value indices,
                          int64_t position) {
  auto type = cast<RankedTensorType>(indices.getType());
  int64_t rank = type.getRank() - 1;
  SmallVector<OpFoldResult> offsets(rank + 1, b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank + 1, b.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes;
  for (int64_t extent : type.getShape().drop_back())
    sizes.push_back(b.getIndexAttr(extent));
  sizes.push_back(b.getIndexAttr(1));
  offsets.back() = b.getIndexAttr(position);
  return tensor::ExtractSliceOp::create(
      b, loc,
      RankedTensorType::get(type.getShape().drop_back(), type.getElementType()),
      indices, offsets, sizes, strides);
}

/// The generic in the place of a gather, or null if a shape is not static.
static Value expandGather(OpBuilder &b, tensor::GatherOp op) {
  RankedTensorType type = op.getResultType(), source = op.getSourceType();
  if (!type.hasStaticShape() || !source.hasStaticShape() ||
      !op.getIndicesType().hasStaticShape())
    return {};
  Location loc = op.getLoc();
  ArrayRef<int64_t> gathered = op.getGatherDims();
  int64_t batchRank = op.getIndicesType().getRank() - 1, rank = type.getRank();
  // The result has the gathered dimensions as units, or not at all.
  bool keepsUnits = rank == batchRank + source.getRank();

  SmallVector<Value> places;
  SmallVector<AffineMap> maps;
  SmallVector<AffineExpr> batch;
  for (int64_t i = 0; i < batchRank; ++i)
    batch.push_back(b.getAffineDimExpr(i));
  for (int64_t i = 0, e = gathered.size(); i < e; ++i) {
    places.push_back(sliceIndices(b, loc, op.getIndices(), i));
    maps.push_back(AffineMap::get(rank, 0, batch, b.getContext()));
  }
  maps.push_back(b.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  Value empty = tensor::EmptyOp::create(b, loc, type, ValueRange());
  return linalg::GenericOp::create(
             b, loc, type, places, empty, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               SmallVector<Value> indices;
               int64_t loop = batchRank;
               for (int64_t dim = 0; dim < source.getRank(); ++dim) {
                 const auto *found = llvm::find(gathered, dim);
                 if (found == gathered.end()) {
                   indices.push_back(
                       linalg::IndexOp::create(nested, loc, loop++));
                   continue;
                 }
                 Value place = args[found - gathered.begin()];
                 if (!place.getType().isIndex())
                   place = arith::IndexCastOp::create(
                       nested, loc, nested.getIndexType(), place);
                 indices.push_back(place);
                 loop += keepsUnits;
               }
               Value element = tensor::ExtractOp::create(
                   nested, loc, op.getSource(), indices);
               linalg::YieldOp::create(nested, loc, element);
             })
      .getResult(0);
}

void mlir::pixelfly::expandComposites(Operation *root) {
  IRRewriter rewriter(root->getContext());
  SmallVector<Operation *> found;
  root->walk([&](Operation *op) {
    if (isa<linalg::AggregatedOpInterface, tensor::GatherOp>(op))
      found.push_back(op);
  });
  for (Operation *op : found) {
    rewriter.setInsertionPoint(op);
    if (auto gather = dyn_cast<tensor::GatherOp>(op)) {
      if (Value generic = expandGather(rewriter, gather))
        rewriter.replaceOp(op, generic);
      continue;
    }
    if (op->getNumResults() == 0)
      continue;
    FailureOr<SmallVector<Value>> parts =
        cast<linalg::AggregatedOpInterface>(op).decomposeOperation(rewriter);
    if (succeeded(parts))
      rewriter.replaceOp(op, *parts);
  }
}
