//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorBody.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::pixelfly;

bool VectorBody::canVectorize(std::string &reason) {
  for (Operation &inner : op.getBlock()->without_terminator()) {
    bool known = OpTrait::hasElementwiseMappableTraits(&inner) ||
                 isa<linalg::IndexOp>(inner) ||
                 inner.hasTrait<OpTrait::ConstantLike>();
    bool scalars = llvm::all_of(inner.getResultTypes(), [](Type type) {
      return type.isIntOrIndexOrFloat();
    });
    if (!known || !scalars || inner.getNumRegions() != 0) {
      reason = "contains '" + inner.getName().getStringRef().str() +
               "', which has no form on vectors";
      return false;
    }
    // The last vector of a row has dead lanes, which hold zeros.
    if (!isSpeculatable(&inner)) {
      reason = "contains '" + inner.getName().getStringRef().str() +
               "', which may trap on values that are not there";
      return false;
    }
  }
  return true;
}

int64_t VectorBody::getCost() {
  int64_t cost = 0;
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (isa<arith::DivFOp, math::SqrtOp, math::RsqrtOp>(inner))
      cost += 8;
    else if (isa<math::MathDialect>(inner.getDialect()) &&
             !isa<math::AbsFOp, math::FmaOp>(inner))
      cost += 16;
    else
      cost += 1;
  }
  return cost;
}

void VectorBody::setUniform(const llvm::DenseSet<Value> &uniformArguments,
                            std::optional<unsigned> vectorDim) {
  varying.clear();
  for (BlockArgument argument : op.getBlock()->getArguments())
    if (!uniformArguments.contains(argument))
      varying.insert(argument);
  for (Operation &inner : *op.getBlock()) {
    auto index = dyn_cast<linalg::IndexOp>(inner);
    bool varies = index && vectorDim && index.getDim() == *vectorDim;
    varies |= llvm::any_of(inner.getOperands(),
                           [&](Value value) { return !isUniform(value); });
    if (varies)
      varying.insert(inner.result_begin(), inner.result_end());
  }
}

bool VectorBody::isUniform(Value value) const {
  return !varying.contains(value);
}

void VectorBody::emitUniform(OpBuilder &builder, IRMapping &mapping,
                             llvm::function_ref<Value(unsigned)> indexOfDim) {
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (!llvm::all_of(inner.getResults(),
                      [&](Value value) { return isUniform(value); }))
      continue;
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      mapping.map(index.getResult(), indexOfDim(index.getDim()));
      continue;
    }
    builder.clone(inner, mapping);
  }
}

Value VectorBody::getVector(OpBuilder &builder, IRMapping &mapping,
                            Value value) {
  Value mapped = mapping.lookupOrDefault(value);
  if (isa<VectorType>(mapped.getType()))
    return mapped;
  return vector::BroadcastOp::create(
      builder, op.getLoc(), VectorType::get({lanes}, mapped.getType()), mapped);
}

SmallVector<Value>
VectorBody::emitVectors(OpBuilder &builder, IRMapping &mapping,
                        llvm::function_ref<Value(unsigned)> indexOfDim) {
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (llvm::all_of(inner.getResults(),
                     [&](Value value) { return isUniform(value); }))
      continue;
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      mapping.map(index.getResult(), indexOfDim(index.getDim()));
      continue;
    }
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(getVector(builder, mapping, operand));
    // One division for all lanes and a multiplication in the loop, where the
    // program allows the rounding (and the overflow of 1 / tiny) that this
    // costs.
    if (auto div = dyn_cast<arith::DivFOp>(inner);
        div && isUniform(div.getRhs()) &&
        bitEnumContainsAll(div.getFastmath(), arith::FastMathFlags::arcp)) {
      Value scalar = mapping.lookupOrDefault(div.getRhs());
      Value one = arith::ConstantOp::create(
          builder, div.getLoc(), builder.getFloatAttr(scalar.getType(), 1.0));
      Value inverse = arith::DivFOp::create(builder, div.getLoc(), one, scalar);
      Value splat = vector::BroadcastOp::create(builder, div.getLoc(),
                                                operands[0].getType(), inverse);
      mapping.map(div.getResult(),
                  arith::MulFOp::create(builder, div.getLoc(), operands[0],
                                        splat, div.getFastmathAttr())
                      .getResult());
      continue;
    }
    SmallVector<Type> types;
    for (Type type : inner.getResultTypes())
      types.push_back(VectorType::get({lanes}, type));
    Operation *vectorOp =
        builder.create(inner.getLoc(), inner.getName().getIdentifier(),
                       operands, types, inner.getAttrs());
    mapping.map(inner.getResults(), vectorOp->getResults());
  }
  SmallVector<Value> yielded;
  for (Value value : op.getBlock()->getTerminator()->getOperands())
    yielded.push_back(getVector(builder, mapping, value));
  return yielded;
}
