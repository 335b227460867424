//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Contraction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Whether the body is `yield(add(out, mul(lhs, rhs)))` in floating point,
/// operands of each in any order, factors as they are or extended.
static bool isFloatMultiplyAdd(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  if (body->getNumArguments() != 3)
    return false;
  for (Operation &inner : *body)
    if (!isa<arith::AddFOp, arith::MulFOp, arith::ExtFOp, linalg::YieldOp>(
            inner))
      return false;
  auto add =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!add)
    return false;
  Value out = body->getArgument(2);
  Value product = add.getLhs() == out ? add.getRhs() : add.getLhs();
  auto multiply = product.getDefiningOp<arith::MulFOp>();
  if (!multiply || (add.getLhs() != out && add.getRhs() != out))
    return false;
  auto factor = [](Value value) {
    auto extension = value.getDefiningOp<arith::ExtFOp>();
    return extension ? extension.getIn() : value;
  };
  Value a = body->getArgument(0), b = body->getArgument(1);
  Value lhs = factor(multiply.getLhs()), rhs = factor(multiply.getRhs());
  return (lhs == a && rhs == b) || (lhs == b && rhs == a);
}

/// Why the element types are not among `types`; empty if they are.
static StringRef checkTypes(Type lhs, Type rhs, Type result,
                            Contraction::Types types) {
  if (types == Contraction::Types::Uniform) {
    if (lhs != result || rhs != result)
      return "the element types of its operands differ";
    if (!result.isF32() && !result.isF64())
      return "its element type is neither f32 nor f64";
    return "";
  }
  if (lhs != rhs)
    return "the element types of its operands differ";
  if (!lhs.isF32() && !lhs.isBF16() && !lhs.isF16())
    return "matrix units take bf16, f16 and f32 only";
  if (result != lhs && !result.isF32())
    return "its result has neither the operands' element type nor f32";
  return "";
}

/// Fills in an operand; `map` gives the loop of each of its dimensions.
static ContractionOperand getOperand(Value value, AffineMap map) {
  ContractionOperand operand;
  operand.value = value;
  auto type = cast<ShapedType>(value.getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (auto memref = dyn_cast<MemRefType>(type)) {
    if (failed(memref.getStridesAndOffset(strides, offset)))
      strides.assign(type.getRank(), ShapedType::kDynamic);
  }
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    if (type.getDimSize(dim) == 1)
      continue;
    operand.dims.push_back(dim);
    operand.loops.push_back(cast<AffineDimExpr>(expr).getPosition());
  }
  // Tensors have no strides: what they become after bufferization has its last
  // dimension adjacent.
  if (!operand.dims.empty() &&
      (strides.empty() || strides[operand.dims.back()] == 1))
    operand.contiguous = operand.loops.back();
  return operand;
}

/// Picks the kernel's loop out of `loops`: the contiguous one of either
/// operand, else the longest; -1 if there is none. The rest goes to `others`.
static int pickLoop(const Contraction &c, ArrayRef<unsigned> loops, int first,
                    int second, SmallVectorImpl<unsigned> &others) {
  int picked = -1;
  for (unsigned loop : loops)
    if (picked < 0 || c.extents[loop] > c.extents[picked])
      picked = loop;
  for (int wanted : {second, first})
    if (wanted >= 0 && llvm::is_contained(loops, unsigned(wanted)))
      picked = wanted;
  for (unsigned loop : loops)
    if (int(loop) != picked)
      others.push_back(loop);
  return picked;
}

FailureOr<Contraction> Contraction::get(linalg::LinalgOp op,
                                        std::string &reason, Types types) {
  auto decline = [&](const Twine &why) -> FailureOr<Contraction> {
    reason = why.str();
    return failure();
  };
  if (!linalg::isaContractionOpInterface(op))
    return decline("it is not a contraction");
  if (!isFloatMultiplyAdd(op))
    return decline("its body is not a floating-point multiply and add");
  if (op.hasDynamicShape())
    return decline("a shape is dynamic");

  Contraction c;
  c.extents = op.getStaticLoopRanges();
  if (llvm::is_contained(c.extents, 0))
    return decline("it is empty");
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  c.lhs = getOperand(op.getDpsInputOperand(0)->get(), maps[0]);
  c.rhs = getOperand(op.getDpsInputOperand(1)->get(), maps[1]);
  c.result = getOperand(op.getDpsInitOperand(0)->get(), maps[2]);
  c.elementType = getElementTypeOrSelf(c.result.value.getType());
  if (StringRef why = checkTypes(getElementTypeOrSelf(c.lhs.value.getType()),
                                 getElementTypeOrSelf(c.rhs.value.getType()),
                                 c.elementType, types);
      !why.empty())
    return decline(why);

  if (c.result.loops.empty())
    return decline("its result has one element: it is a reduction");
  if (c.result.contiguous < 0)
    return decline(
        "adjacent elements of its result are not adjacent in memory");
  // Columns, along which vectors go, belong to the right operand.
  if (!c.rhs.depends(c.result.contiguous))
    std::swap(c.lhs, c.rhs);
  if (c.lhs.depends(c.result.contiguous))
    return decline(
        "the innermost dimension of its result is a batch dimension");

  SmallVector<unsigned> rowLoops, columnLoops, reductionLoops;
  for (auto [index, extent] : llvm::enumerate(c.extents)) {
    unsigned loop = index;
    if (extent == 1)
      continue;
    bool left = c.lhs.depends(loop), right = c.rhs.depends(loop);
    if (c.result.depends(loop)) {
      if (left && right)
        c.outerParallel.push_back(loop);
      else if (left)
        rowLoops.push_back(loop);
      else if (right)
        columnLoops.push_back(loop);
      else
        return decline("a dimension of its result is in neither operand");
    } else if (left && right) {
      reductionLoops.push_back(loop);
    } else {
      return decline("it sums one operand alone");
    }
  }
  c.row = pickLoop(c, rowLoops, c.lhs.contiguous, -1, c.outerParallel);
  c.column = pickLoop(c, columnLoops, c.result.contiguous, -1, c.outerParallel);
  c.reduction = pickLoop(c, reductionLoops, c.lhs.contiguous, c.rhs.contiguous,
                         c.outerReduction);
  llvm::sort(c.outerParallel);
  return c;
}
