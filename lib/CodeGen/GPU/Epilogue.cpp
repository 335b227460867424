//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Epilogue.h"

#include "pixelfly/IR/ZeroFill.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Whether the function's body is arithmetic on its input and on constants.
static bool isPureArithmetic(linalg::GenericOp op) {
  Block *body = op.getBody();
  if (!body->getArgument(1).use_empty())
    return false;
  for (Operation &inner : body->without_terminator()) {
    if (!isa<arith::ArithDialect, math::MathDialect>(inner.getDialect()) ||
        inner.getNumResults() != 1)
      return false;
    for (Value operand : inner.getOperands())
      if (operand.getParentBlock() != body &&
          !matchPattern(operand, m_Constant()))
        return false;
  }
  return body->getTerminator()->getOperand(0).getParentBlock() == body;
}

/// Whether every element of a buffer of rank 2 becomes one of another.
static bool isElementwise(linalg::GenericOp op, Value result) {
  if (op.getNumDpsInputs() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumLoops() != 2 || op.getNumParallelLoops() != 2 ||
      op.getDpsInputOperand(0)->get() != result ||
      op.getDpsInitOperand(0)->get() == result)
    return false;
  return llvm::all_of(op.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isIdentity(); });
}

/// Whether nothing reads `memref` after `op`: it is the block's own, and no
/// loop brings control back.
static bool isLastAccess(Operation *op, Value memref) {
  auto allocation = memref.getDefiningOp<memref::AllocOp>();
  if (!allocation || allocation->getBlock() != op->getBlock())
    return false;
  Operation *next = findNextAccess(op, memref);
  return !next || isa<memref::DeallocOp>(next);
}

Epilogue Epilogue::find(Operation *product, Value result,
                        ArrayRef<Value> operands) {
  auto type = dyn_cast<MemRefType>(result.getType());
  if (!type || type.getRank() != 2 || !type.getElementType().isF32())
    return {};
  auto op =
      dyn_cast_or_null<linalg::GenericOp>(findNextAccess(product, result));
  if (!op || !isElementwise(op, result) || !isPureArithmetic(op))
    return {};
  Value destination = op.getDpsInitOperand(0)->get();
  auto stored = dyn_cast<MemRefType>(destination.getType());
  if (!stored || !stored.getLayout().isIdentity() || !stored.hasStaticShape())
    return {};
  Type element = stored.getElementType();
  if (!element.isF32() && !element.isBF16() && !element.isF16())
    return {};
  for (Value operand : operands)
    if (mayBeWrittenBetween(product, op, operand))
      return {};
  return {op, !isLastAccess(op, result)};
}

Value Epilogue::destination() const {
  linalg::GenericOp generic = op;
  return generic.getDpsInitOperand(0)->get();
}

Attribute Epilogue::key(MLIRContext *context) const {
  Builder builder(context);
  linalg::GenericOp generic = op;
  if (!generic)
    return builder.getUnitAttr();
  // Operations with their attributes; operands by number, constants by value.
  SmallVector<Attribute> key{
      builder.getBoolAttr(keepsResult),
      TypeAttr::get(generic.getDpsInitOperand(0)->get().getType())};
  DenseMap<Value, int64_t> numbers;
  Block *body = generic.getBody();
  auto number = [&](Value value) {
    numbers.insert({value, int64_t(numbers.size())});
  };
  number(body->getArgument(0));
  auto operandsOf = [&](Operation &inner) {
    for (Value operand : inner.getOperands()) {
      Attribute constant;
      if (matchPattern(operand, m_Constant(&constant)))
        key.push_back(constant);
      else
        key.push_back(builder.getIndexAttr(numbers.at(operand)));
    }
  };
  for (Operation &inner : body->without_terminator()) {
    key.push_back(builder.getStringAttr(inner.getName().getStringRef()));
    key.push_back(inner.getAttrDictionary());
    key.push_back(TypeAttr::get(inner.getResult(0).getType()));
    operandsOf(inner);
    number(inner.getResult(0));
  }
  operandsOf(*body->getTerminator());
  return builder.getArrayAttr(key);
}

Value Epilogue::emit(DeviceBuilder &b, Value sum) const {
  linalg::GenericOp generic = op;
  Block *body = generic.getBody();
  IRMapping mapping;
  mapping.map(body->getArgument(0), sum);
  for (Operation &inner : body->without_terminator()) {
    for (Value operand : inner.getOperands())
      if (!mapping.contains(operand) && operand.getParentBlock() != body)
        mapping.map(operand, b.clone(*operand.getDefiningOp())->getResult(0));
    b.clone(inner, mapping);
  }
  return mapping.lookup(body->getTerminator()->getOperand(0));
}

void pixelfly::storeWithEpilogue(DeviceBuilder &b, const ResultPart &part,
                                 const GlobalTile &result,
                                 const Epilogue &epilogue, Value destination,
                                 ValueRange accumulators) {
  if (!epilogue || epilogue.keepsResult)
    storeAccumulators(b, part, result, accumulators);
  if (!epilogue)
    return;
  SmallVector<Value> values;
  for (Value sum : accumulators)
    values.push_back(epilogue.emit(b, sum));
  GlobalTile tile = result;
  tile.memref = destination;
  storeAccumulators(b, part, tile, values);
}
