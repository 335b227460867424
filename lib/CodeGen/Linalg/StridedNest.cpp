//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/Linalg/StridedNest.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/SmallBitVector.h"

#include <numeric>

using namespace mlir;
using namespace mlir::pixelfly;

//===----------------------------------------------------------------------===//
// Arithmetic on loops
//===----------------------------------------------------------------------===//

int64_t StridedNest::getNumIterations() const {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t(1),
                         std::multiplies<int64_t>());
}

int64_t StridedNest::getNumParallelIterations() const {
  int64_t product = 1;
  for (auto [size, reduction] : llvm::zip_equal(sizes, isReduction))
    product *= reduction ? 1 : size;
  return product;
}

SmallVector<StridedAccess *> StridedNest::getAccesses() {
  SmallVector<StridedAccess *> accesses;
  for (auto *list : {&inputs, &outputs})
    for (StridedAccess &access : *list)
      accesses.push_back(&access);
  return accesses;
}

SmallVector<const StridedAccess *> StridedNest::getAccesses() const {
  SmallVector<const StridedAccess *> accesses;
  for (auto *list : {&inputs, &outputs})
    for (const StridedAccess &access : *list)
      accesses.push_back(&access);
  return accesses;
}

void StridedNest::dropLoop(unsigned loop) {
  sizes.erase(sizes.begin() + loop);
  isReduction.erase(isReduction.begin() + loop);
  for (StridedAccess *access : getAccesses())
    access->strides.erase(access->strides.begin() + loop);
  for (std::optional<unsigned> &mapped : loopOfDim) {
    if (!mapped)
      continue;
    if (*mapped == loop)
      mapped = std::nullopt;
    else if (*mapped > loop)
      --*mapped;
  }
}

void StridedNest::splitLoop(unsigned loop, int64_t outer,
                            bool outerIsReduction) {
  assert(sizes[loop] % outer == 0 && "the parts must be equal");
  int64_t inner = sizes[loop] / outer;
  sizes[loop] = inner;
  sizes.insert(sizes.begin() + loop, outer);
  isReduction.insert(isReduction.begin() + loop, outerIsReduction);
  for (StridedAccess *access : getAccesses())
    access->strides.insert(access->strides.begin() + loop,
                           access->strides[loop] * inner);
  for (std::optional<unsigned> &mapped : loopOfDim)
    if (mapped && *mapped >= loop)
      ++*mapped;
}

void StridedNest::collapseLoops(const llvm::SmallBitVector &keepDims) {
  for (unsigned loop = getNumLoops(); loop-- > 0;)
    if (sizes[loop] == 1)
      dropLoop(loop);

  auto isKept = [&](unsigned loop) {
    return llvm::any_of(keepDims.set_bits(), [&](unsigned dim) {
      return loopOfDim[dim] == std::optional<unsigned>(loop);
    });
  };
  for (unsigned inner = getNumLoops(); inner-- > 1;) {
    unsigned outer = inner - 1;
    bool oneStream = isReduction[outer] == isReduction[inner] &&
                     !isKept(outer) && !isKept(inner) &&
                     llvm::all_of(getAccesses(), [&](StridedAccess *access) {
                       return access->strides[outer] ==
                              access->strides[inner] * sizes[inner];
                     });
    if (!oneStream)
      continue;
    int64_t product = sizes[outer] * sizes[inner];
    sizes[inner] = product;
    // The outer loop keeps nothing: what it did, the inner one does.
    dropLoop(outer);
  }
}

//===----------------------------------------------------------------------===//
// From linalg
//===----------------------------------------------------------------------===//

/// Adds `factor * expr` to the strides and the offset of `access`, or fails if
/// the expression is not linear.
static LogicalResult accumulateLinear(AffineExpr expr, int64_t factor,
                                      StridedAccess &access) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    access.strides[dim.getPosition()] += factor;
    return success();
  }
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    access.offset += factor * constant.getValue();
    return success();
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return failure();
  if (binary.getKind() == AffineExprKind::Add)
    return success(
        succeeded(accumulateLinear(binary.getLHS(), factor, access)) &&
        succeeded(accumulateLinear(binary.getRHS(), factor, access)));
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (binary.getKind() == AffineExprKind::Mul && constant)
    return accumulateLinear(binary.getLHS(), factor * constant.getValue(),
                            access);
  return failure();
}

/// A one-dimensional buffer that starts at the first element of `buffer` and
/// reaches its last.
static Value flatten(OpBuilder &builder, Location loc, Value buffer,
                     ArrayRef<int64_t> strides, int64_t offset) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t extent = 1;
  for (auto [size, stride] : llvm::zip_equal(type.getShape(), strides))
    extent += (size - 1) * stride;
  bool identity = type.getLayout().isIdentity();
  if (identity && type.getRank() == 1)
    return buffer;

  MemRefLayoutAttrInterface layout;
  if (!identity)
    layout = StridedLayoutAttr::get(builder.getContext(), offset, {1});
  auto flatType = MemRefType::get({extent}, type.getElementType(), layout,
                                  type.getMemorySpace());
  OpFoldResult offsetValue = builder.getIndexAttr(offset);
  Value source = buffer;
  if (ShapedType::isDynamic(offset)) {
    auto metadata =
        memref::ExtractStridedMetadataOp::create(builder, loc, buffer);
    source = metadata.getBaseBuffer();
    offsetValue = metadata.getOffset();
  }
  return memref::ReinterpretCastOp::create(
      builder, loc, flatType, source, offsetValue,
      ArrayRef<OpFoldResult>{builder.getIndexAttr(extent)},
      ArrayRef<OpFoldResult>{builder.getIndexAttr(1)});
}

FailureOr<StridedNest> pixelfly::buildStridedNest(OpBuilder &builder,
                                                  linalg::LinalgOp op,
                                                  std::string &reason) {
  StridedNest nest;
  nest.sizes = op.getStaticLoopRanges();
  if (llvm::any_of(nest.sizes, ShapedType::isDynamic)) {
    reason = "has a dynamic shape";
    return failure();
  }
  if (llvm::is_contained(nest.sizes, 0)) {
    reason = "has no elements";
    return failure();
  }
  for (utils::IteratorType kind : op.getIteratorTypesArray())
    nest.isReduction.push_back(kind == utils::IteratorType::reduction);
  for (unsigned dim = 0; dim < nest.getNumLoops(); ++dim)
    nest.loopOfDim.push_back(dim);

  // Decide on every operand before anything is created.
  SmallVector<std::pair<SmallVector<int64_t>, int64_t>> layouts;
  SmallVector<StridedAccess> accesses;
  for (OpOperand &operand : op->getOpOperands()) {
    StridedAccess &access = accesses.emplace_back();
    auto &[memoryStrides, offset] = layouts.emplace_back();
    access.base = operand.get();
    access.strides.assign(nest.getNumLoops(), 0);
    if (!access.getElementType().isIntOrIndexOrFloat()) {
      reason = "has an operand whose elements are not plain numbers";
      return failure();
    }
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type)
      continue;
    if (failed(type.getStridesAndOffset(memoryStrides, offset)) ||
        llvm::any_of(memoryStrides, ShapedType::isDynamic)) {
      reason = "has an operand whose strides are not known at compile time";
      return failure();
    }
    if (type.getElementType().isInteger(1)) {
      reason = "has an operand of i1, which vectors store as bits and buffers "
               "as bytes";
      return failure();
    }
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [expr, stride] : llvm::zip_equal(map.getResults(), memoryStrides))
      if (failed(accumulateLinear(expr, stride, access))) {
        reason = "has an indexing map that is not linear";
        return failure();
      }
    if (llvm::any_of(access.strides, [](int64_t s) { return s < 0; })) {
      reason = "has an operand that runs backwards";
      return failure();
    }
  }
  for (auto [index, access] : llvm::enumerate(accesses)) {
    auto &[memoryStrides, offset] = layouts[index];
    if (!access.isScalar())
      access.base =
          flatten(builder, op.getLoc(), access.base, memoryStrides, offset);
    bool isInput = index < static_cast<size_t>(op.getNumDpsInputs());
    (isInput ? nest.inputs : nest.outputs).push_back(access);
  }
  return nest;
}
