//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Differentiation rules of the tensor dialect: each op moves elements, and its
// adjoint moves them back, adding zeros where the op dropped some.
//
//===----------------------------------------------------------------------===//

#include "Rules.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// The adjoint of operand `i` from `d`, the adjoint of the result. Called only
// for operands of a differentiable type.
//===----------------------------------------------------------------------===//

static FailureOr<Value> rule(OpBuilder &b, tensor::ExpandShapeOp op, unsigned,
                             Value d) {
  return tensor::CollapseShapeOp::create(b, op.getLoc(), op.getSrcType(), d,
                                         op.getReassociationIndices())
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::CollapseShapeOp op, unsigned,
                             Value d) {
  return tensor::ExpandShapeOp::create(
             b, op.getLoc(), op.getSrcType(), d, op.getReassociationIndices(),
             tensor::getMixedSizes(b, op.getLoc(), op.getSrc()))
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::CastOp op, unsigned,
                             Value d) {
  if (!isa<RankedTensorType>(d.getType()))
    return op.emitOpError("has no differentiation rule for unranked tensors");
  return tensor::CastOp::create(b, op.getLoc(), op.getSource().getType(), d)
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::ExtractSliceOp op, unsigned,
                             Value d) {
  Value zeros = createZerosLike(b, op.getLoc(), op.getSource());
  return tensor::InsertSliceOp::create(b, op.getLoc(), d, zeros,
                                       op.getMixedOffsets(), op.getMixedSizes(),
                                       op.getMixedStrides())
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::InsertSliceOp op, unsigned i,
                             Value d) {
  if (i == 0)
    return tensor::ExtractSliceOp::create(
               b, op.getLoc(), op.getSourceType(), d, op.getMixedOffsets(),
               op.getMixedSizes(), op.getMixedStrides())
        .getResult();
  // What the slice overwrote had no influence.
  Value zeros = createZerosLike(b, op.getLoc(), op.getSource());
  return tensor::InsertSliceOp::create(b, op.getLoc(), zeros, d,
                                       op.getMixedOffsets(), op.getMixedSizes(),
                                       op.getMixedStrides())
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::PadOp op, unsigned i,
                             Value d) {
  SmallVector<OpFoldResult> strides(op.getSourceType().getRank(),
                                    b.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(
             b, op.getLoc(), op.getSourceType(), d, op.getMixedLowPad(),
             tensor::getMixedSizes(b, op.getLoc(), op.getSource()), strides)
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::ConcatOp op, unsigned i,
                             Value d) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getInputs()[i].getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), b.getIndexAttr(1));
  // The inputs before this one fill the dimension up to its offset.
  AffineExpr sum = b.getAffineConstantExpr(0);
  SmallVector<OpFoldResult> extents;
  for (Value before : op.getInputs().take_front(i)) {
    sum = sum + b.getAffineSymbolExpr(extents.size());
    extents.push_back(tensor::getMixedSize(b, loc, before, op.getDim()));
  }
  offsets[op.getDim()] = affine::makeComposedFoldedAffineApply(
      b, loc, AffineMap::get(0, extents.size(), sum), extents);
  return tensor::ExtractSliceOp::create(
             b, loc, type, d, offsets,
             tensor::getMixedSizes(b, loc, op.getInputs()[i]), strides)
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::ExtractOp op, unsigned,
                             Value d) {
  Value zeros = createZerosLike(b, op.getLoc(), op.getTensor());
  return tensor::InsertOp::create(b, op.getLoc(), d, zeros, op.getIndices())
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::InsertOp op, unsigned i,
                             Value d) {
  if (i == 0)
    return tensor::ExtractOp::create(b, op.getLoc(), d, op.getIndices())
        .getResult();
  Value zero = createZerosLike(b, op.getLoc(), op.getScalar());
  return tensor::InsertOp::create(b, op.getLoc(), zero, d, op.getIndices())
      .getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::FromElementsOp op,
                             unsigned i, Value d) {
  // Operand i is element i in row-major order.
  auto type = op.getType();
  SmallVector<Value> indices(type.getRank());
  for (int64_t dim = type.getRank() - 1, rest = i; dim >= 0; --dim) {
    indices[dim] = arith::ConstantIndexOp::create(b, op.getLoc(),
                                                  rest % type.getDimSize(dim));
    rest /= type.getDimSize(dim);
  }
  return tensor::ExtractOp::create(b, op.getLoc(), d, indices).getResult();
}

static FailureOr<Value> rule(OpBuilder &b, tensor::SplatOp op, unsigned,
                             Value d) {
  Location loc = op.getLoc();
  int64_t rank = op.getType().getRank();
  Value empty = tensor::EmptyOp::create(b, loc, ArrayRef<int64_t>{},
                                        op.getInput().getType());
  Value scalarZero = createZerosLike(b, loc, op.getInput());
  Value zero = linalg::FillOp::create(b, loc, scalarZero, empty).getResult(0);
  SmallVector<AffineMap> maps{b.getMultiDimIdentityMap(rank),
                              AffineMap::get(rank, 0, b.getContext())};
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::reduction);
  auto sum = linalg::GenericOp::create(
      b, loc, zero.getType(), d, zero, maps, iterators,
      [](OpBuilder &nested, Location loc, ValueRange args) {
        Value sum = arith::AddFOp::create(nested, loc, args[1], args[0]);
        linalg::YieldOp::create(nested, loc, sum);
      });
  return tensor::ExtractOp::create(b, loc, sum.getResult(0), ValueRange{})
      .getResult();
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

namespace {
template <typename OpTy>
struct TensorModel
    : public DifferentiableOpInterface::ExternalModel<TensorModel<OpTy>, OpTy> {
  LogicalResult emitAdjoint(Operation *op, OpBuilder &builder,
                            ArrayRef<Value> resultAdjoints,
                            ArrayRef<bool> needsAdjoint,
                            SmallVectorImpl<Value> &operandAdjoints) const {
    for (unsigned i = 0, e = op->getNumOperands(); i < e; ++i) {
      if (!needsAdjoint[i]) {
        operandAdjoints.push_back({});
        continue;
      }
      FailureOr<Value> adjoint =
          rule(builder, cast<OpTy>(op), i, resultAdjoints[0]);
      if (failed(adjoint))
        return failure();
      operandAdjoints.push_back(*adjoint);
    }
    return success();
  }
};

template <typename... Ops> void attach(MLIRContext *context) {
  (Ops::template attachInterface<TensorModel<Ops>>(*context), ...);
}
} // namespace

void pixelfly::registerTensorRules(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    context->loadDialect<linalg::LinalgDialect>();
    attach<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp,
           tensor::ExtractSliceOp, tensor::InsertSliceOp, tensor::PadOp,
           tensor::ConcatOp, tensor::ExtractOp, tensor::InsertOp,
           tensor::FromElementsOp, tensor::SplatOp>(context);
  });
}
