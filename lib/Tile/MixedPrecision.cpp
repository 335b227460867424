//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Contraction.h"
#include "pixelfly/Tile/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_MIXEDPRECISION
#include "pixelfly/Tile/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

static bool isMatrixProduct(Operation *op) {
  if (isa<MatmulOp, SddmmOp>(op))
    return true;
  auto contraction = dyn_cast<linalg::LinalgOp>(op);
  if (!contraction || !linalg::isaContractionOpInterface(contraction))
    return false;
  std::string reason;
  FailureOr<Contraction> product = Contraction::get(contraction, reason);
  return succeeded(product) && product->row >= 0 && product->column >= 0;
}

static bool isF32Tensor(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}

/// The inputs of `op` if it is a product of f32 tensors with two of them.
static SmallVector<OpOperand *> getInputs(Operation *op) {
  auto destination = dyn_cast<DestinationStyleOpInterface>(op);
  if (!destination || !isMatrixProduct(op) ||
      !llvm::all_of(op->getOperands(), isF32Tensor))
    return {};
  return destination.getDpsInputOperands();
}

/// The scalars that the body reads are now narrow; widen them again, so that it
/// computes what it did.
static void widenArguments(OpBuilder &builder, linalg::LinalgOp op) {
  OpBuilder::InsertionGuard guard(builder);
  Block *body = op.getBlock();
  builder.setInsertionPointToStart(body);
  for (OpOperand *input : op.getDpsInputOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(input);
    Type wide = argument.getType();
    argument.setType(getElementTypeOrSelf(input->get().getType()));
    auto extended = arith::ExtFOp::create(builder, op.getLoc(), wide, argument);
    argument.replaceAllUsesExcept(extended, extended);
  }
}

namespace {
struct MixedPrecision
    : public pixelfly::impl::MixedPrecisionBase<MixedPrecision> {
  using MixedPrecisionBase::MixedPrecisionBase;

  void runOnOperation() override {
    SmallVector<Operation *> products;
    getOperation().walk([&](Operation *op) {
      if (!getInputs(op).empty())
        products.push_back(op);
    });
    IRRewriter builder(&getContext());
    narrow = type == ProductType::BF16 ? Type(builder.getBF16Type())
                                       : Type(builder.getF16Type());
    for (Operation *op : products) {
      for (OpOperand *input : getInputs(op))
        input->set(getNarrowed(builder, input->get()));
      if (auto contraction = dyn_cast<linalg::LinalgOp>(op))
        widenArguments(builder, contraction);
      ++numNarrowed;
    }
    casts.clear();
  }

private:
  /// `value` rounded, right after its definition so that every product that
  /// reads it finds the same cast.
  Value getNarrowed(OpBuilder &builder, Value value) {
    Value &cast = casts[value];
    if (cast)
      return cast;
    builder.setInsertionPointAfterValue(value);
    Location loc = value.getLoc();
    auto wide = mlir::cast<RankedTensorType>(value.getType());
    Value empty = tensor::EmptyOp::create(
        builder, loc, tensor::getMixedSizes(builder, loc, value), narrow);
    AffineMap identity = builder.getMultiDimIdentityMap(wide.getRank());
    SmallVector<utils::IteratorType> parallel(wide.getRank(),
                                              utils::IteratorType::parallel);
    cast =
        linalg::GenericOp::create(
            builder, loc, empty.getType(), value, empty,
            ArrayRef<AffineMap>{identity, identity}, parallel,
            [&](OpBuilder &b, Location l, ValueRange args) {
              linalg::YieldOp::create(
                  b, l,
                  arith::TruncFOp::create(b, l, narrow, args[0]).getResult());
            })
            .getResult(0);
    ++numCasts;
    return cast;
  }

  Type narrow;
  DenseMap<Value, Value> casts;
};
} // namespace
