//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorView.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::pixelfly;

int64_t mlir::pixelfly::numValues(ArrayRef<Digit> digits) {
  int64_t count = 1;
  for (Digit digit : digits)
    count *= digit.extent;
  return count;
}

void mlir::pixelfly::appendDigits(Digits &digits, ArrayRef<Digit> more) {
  for (Digit digit : more) {
    if (!digits.empty() &&
        digits.back().stride == digit.stride * digit.extent) {
      digits.back() = {digit.stride, digits.back().extent * digit.extent};
      continue;
    }
    digits.push_back(digit);
  }
}

/// Takes the `extent` least significant values off the index. Fails where they
/// would cut a digit into parts that are no digits.
static LogicalResult splitOff(Digits &digits, int64_t extent, Digits &low) {
  Digits reversed;
  while (extent > 1) {
    if (digits.empty())
      return failure();
    Digit &last = digits.back();
    if (extent % last.extent == 0) {
      extent /= last.extent;
      reversed.push_back(last);
      digits.pop_back();
      continue;
    }
    if (last.extent % extent != 0)
      return failure();
    reversed.push_back({last.stride, extent});
    last = {last.stride * extent, last.extent / extent};
    extent = 1;
  }
  low.assign(reversed.rbegin(), reversed.rend());
  return success();
}

TensorView TensorView::identity(RankedTensorType type) {
  assert(type.hasStaticShape() && "a view is of a static tensor");
  TensorView view;
  view.dims.resize(type.getRank());
  int64_t stride = 1;
  for (int64_t i = type.getRank() - 1; i >= 0; --i) {
    if (type.getDimSize(i) > 1)
      view.dims[i].push_back({stride, type.getDimSize(i)});
    stride *= type.getDimSize(i);
  }
  return view;
}

/// The input of a generic that yields it, converted or not.
static bool yieldsInput(linalg::GenericOp generic) {
  if (generic.getNumDpsInputs() != 1 || generic->getNumResults() != 1 ||
      !generic.hasPureTensorSemantics() ||
      generic.getNumParallelLoops() != generic.getNumLoops())
    return false;
  // Every operation of the body converts what the one before it gave.
  Value value = generic.getBody()->getArgument(0);
  for (Operation &op : generic.getBody()->without_terminator()) {
    if (!isa<arith::ExtFOp, arith::TruncFOp>(op) || op.getOperand(0) != value)
      return false;
    value = op.getResult(0);
  }
  return generic.getBody()->getTerminator()->getOperand(0) == value;
}

OpOperand *mlir::pixelfly::rearrangedOperand(Operation *op) {
  if (op->getNumResults() != 1)
    return nullptr; // Also what works on buffers.
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return yieldsInput(generic) ? generic.getDpsInputOperand(0) : nullptr;
  if (isa<linalg::TransposeOp, linalg::BroadcastOp, tensor::CollapseShapeOp,
          tensor::ExpandShapeOp, tensor::CastOp, arith::ExtFOp,
          arith::TruncFOp>(op))
    return &op->getOpOperand(0);
  return nullptr;
}

/// The view of a structured operation's result, given its input's.
static std::optional<SmallVector<Digits>>
throughMaps(ArrayRef<Digits> dims, AffineMap inputMap, AffineMap resultMap,
            ArrayRef<int64_t> resultShape) {
  if (!resultMap.isPermutation())
    return std::nullopt;
  SmallVector<const Digits *> ofLoop(inputMap.getNumDims(), nullptr);
  for (auto [expr, digits] : llvm::zip_equal(inputMap.getResults(), dims)) {
    // A unit dimension may be read at a constant.
    if (auto loop = dyn_cast<AffineDimExpr>(expr)) {
      if (ofLoop[loop.getPosition()])
        return std::nullopt; // A diagonal.
      ofLoop[loop.getPosition()] = &digits;
    } else if (!digits.empty() || !isa<AffineConstantExpr>(expr)) {
      return std::nullopt;
    }
  }
  SmallVector<Digits> result(resultShape.size());
  for (auto [i, extent] : llvm::enumerate(resultShape)) {
    if (const Digits *digits = ofLoop[resultMap.getDimPosition(i)])
      result[i] = *digits;
    else if (extent > 1)
      result[i].push_back({0, extent});
  }
  return result;
}

/// Whether the static sizes of the type are those of the dimensions.
static bool isShapeOf(RankedTensorType type, ArrayRef<Digits> dims) {
  return type.getRank() == static_cast<int64_t>(dims.size()) &&
         llvm::all_of(llvm::enumerate(dims), [&](auto dim) {
           return type.isDynamicDim(dim.index()) ||
                  type.getDimSize(dim.index()) == numValues(dim.value());
         });
}

std::optional<TensorView> TensorView::through(Operation *op) const {
  OpOperand *operand = rearrangedOperand(op);
  if (!operand)
    return std::nullopt;
  // A cast to a dynamic type forgets sizes, which the view knows.
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (isa<tensor::CastOp>(op)) {
    if (type && !isShapeOf(type, dims))
      return std::nullopt;
    return *this;
  }
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  TensorView view;
  view.casts = casts;
  if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    auto dims = throughMaps(
        this->dims, structured.getMatchingIndexingMap(operand),
        structured.getMatchingIndexingMap(structured.getDpsInitOperand(0)),
        type.getShape());
    if (!dims)
      return std::nullopt;
    view.dims = std::move(*dims);
  } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    for (ArrayRef<int64_t> group : collapse.getReassociationIndices()) {
      Digits &digits = view.dims.emplace_back();
      for (int64_t dim : group)
        appendDigits(digits, this->dims[dim]);
    }
    view.dims.resize(type.getRank());
  } else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    view.dims.resize(type.getRank());
    for (auto [dim, group] :
         llvm::enumerate(expand.getReassociationIndices())) {
      Digits rest = this->dims[dim];
      for (int64_t part : llvm::reverse(group))
        if (failed(splitOff(rest, type.getDimSize(part), view.dims[part])))
          return std::nullopt;
    }
  } else {
    view.dims = this->dims;
  }
  // Conversions inside a generic's body count one by one.
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    for (Operation &inner : generic.getBody()->without_terminator())
      view.casts.push_back(inner.getResult(0).getType());
  } else if (isa<arith::ExtFOp, arith::TruncFOp>(op)) {
    view.casts.push_back(type.getElementType());
  }
  return view;
}
