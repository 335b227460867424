//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_RESULTSTOARGUMENTS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct ResultsToArguments
    : public pixelfly::impl::ResultsToArgumentsBase<ResultsToArguments> {
  void runOnOperation() override;

private:
  LogicalResult convert(func::FuncOp function);
  /// Gives the function a new last argument for the output `value`.
  LogicalResult addOutput(func::FuncOp function, Value value, StringAttr name);
  /// Sees that the new value of argument `index` is in its buffer at the end.
  LogicalResult returnInto(func::FuncOp function, unsigned index, Value value);
};
} // namespace

/// The value behind casts that change the type only.
static Value stripCasts(Value value) {
  while (auto cast = value.getDefiningOp<memref::CastOp>())
    value = cast.getSource();
  return value;
}

/// The new type of an output: the same memory, contiguous.
static MemRefType contiguous(MemRefType type) {
  return MemRefType::get(type.getShape(), type.getElementType());
}

/// The argument that `value` is (a view of), or null.
static BlockArgument getViewedArgument(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return dyn_cast<BlockArgument>(value);
}

LogicalResult ResultsToArguments::addOutput(func::FuncOp function, Value value,
                                            StringAttr name) {
  Builder builder(&getContext());
  MemRefType type = contiguous(cast<MemRefType>(value.getType()));
  unsigned position = function.getNumArguments();
  if (failed(function.insertArgument(
          position, type,
          builder.getDictionaryAttr(
              builder.getNamedAttr(kOutputAttrName, name)),
          value.getLoc())))
    return failure();
  Value argument = function.getArgument(position);
  Value source = stripCasts(value);
  auto alloc = source.getDefiningOp<memref::AllocOp>();
  if (alloc && alloc.getType() == type &&
      alloc->getBlock() == &function.front()) {
    alloc.replaceAllUsesWith(argument);
    alloc.erase();
    return success();
  }
  OpBuilder atEnd(function.front().getTerminator());
  memref::CopyOp::create(atEnd, value.getLoc(), source, argument);
  ++numCopies;
  return success();
}

LogicalResult ResultsToArguments::returnInto(func::FuncOp function,
                                             unsigned index, Value value) {
  auto type = cast<MemRefType>(value.getType());
  auto argumentType =
      index < function.getNumArguments()
          ? dyn_cast<MemRefType>(function.getArgument(index).getType())
          : MemRefType();
  if (!argumentType || contiguous(argumentType) != contiguous(type) ||
      function.getArgAttr(index, kOutputAttrName))
    return function.emitOpError("result #")
           << index << " has no `" << kOutputAttrName
           << "` name, so it must be the new value of argument #" << index
           << ", but there is no such argument of type " << contiguous(type);
  Value argument = function.getArgument(index);
  Value source = stripCasts(value);
  if (source == argument) {
    ++numInPlace;
    return success();
  }
  if (BlockArgument other = getViewedArgument(source))
    return function.emitOpError("result #")
           << index << " is the old value of argument #" << other.getArgNumber()
           << ", which may be overwritten before it is copied";
  OpBuilder atEnd(function.front().getTerminator());
  memref::CopyOp::create(atEnd, value.getLoc(), source, argument);
  ++numCopies;
  return success();
}

LogicalResult ResultsToArguments::convert(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has several blocks, so its results cannot "
                                "become arguments");
  auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
  // Outputs first: what they read must not have been overwritten.
  for (auto [index, value] : llvm::enumerate(returnOp.getOperands())) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type || !type.hasStaticShape())
      return function.emitOpError("result #")
             << index << " of type " << value.getType()
             << " is not a buffer of static shape, so it cannot become an "
                "argument";
    if (auto name =
            function.getResultAttrOfType<StringAttr>(index, kOutputAttrName))
      if (failed(addOutput(function, value, name)))
        return failure();
  }
  for (auto [index, value] : llvm::enumerate(returnOp.getOperands()))
    if (!function.getResultAttr(index, kOutputAttrName) &&
        failed(returnInto(function, index, value)))
      return failure();
  returnOp.getOperandsMutable().clear();
  return function.eraseResults(BitVector(function.getNumResults(), true));
}

void ResultsToArguments::runOnOperation() {
  SymbolTableCollection symbols;
  SymbolUserMap users(symbols, getOperation());
  for (func::FuncOp function : getOperation().getOps<func::FuncOp>()) {
    if (function.isExternal() || function.isPrivate() ||
        function.getNumResults() == 0)
      continue;
    if (!users.getUsers(function).empty()) {
      function.emitOpError("is called inside the module, so its results cannot "
                           "become arguments; make it private or inline it");
      return signalPassFailure();
    }
    if (failed(convert(function)))
      return signalPassFailure();
  }
}
