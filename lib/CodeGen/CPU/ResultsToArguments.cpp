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

LogicalResult ResultsToArguments::convert(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("has several blocks, so its results cannot "
                                "become arguments");
  auto returnOp = cast<func::ReturnOp>(function.front().getTerminator());
  OpBuilder builder(returnOp);
  BitVector converted(function.getNumResults());
  SmallVector<Value> kept;
  for (auto [index, value] : llvm::enumerate(returnOp.getOperands())) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type || !type.hasStaticShape())
      return function.emitOpError("result #")
             << index << " of type " << value.getType()
             << " is not a buffer of static shape, so it cannot become an "
                "argument";
    converted.set(index);
    auto name =
        function.getResultAttrOfType<StringAttr>(index, kOutputAttrName);
    Value source = stripCasts(value);

    // The new value of a parameter or of state.
    if (!name) {
      if (index >= function.getNumArguments() ||
          cast<ShapedType>(function.getArgument(index).getType()).getShape() !=
              type.getShape())
        return function.emitOpError("result #")
               << index << " has no `" << kOutputAttrName
               << "` name, so it must be the new value of argument #" << index
               << ", but there is no such argument of type "
               << contiguous(type);
      Value argument = function.getArgument(index);
      if (source == argument) {
        ++numInPlace;
        continue;
      }
      memref::CopyOp::create(builder, returnOp.getLoc(), source, argument);
      ++numCopies;
      continue;
    }

    // A named output.
    unsigned position = function.getNumArguments();
    auto attrs =
        builder.getDictionaryAttr(builder.getNamedAttr(kOutputAttrName, name));
    if (failed(function.insertArgument(position, contiguous(type), attrs,
                                       value.getLoc())))
      return failure();
    Value argument = function.getArgument(position);
    auto alloc = source.getDefiningOp<memref::AllocOp>();
    if (alloc && alloc.getType() == argument.getType() &&
        alloc->getBlock() == &function.front()) {
      alloc.replaceAllUsesWith(argument);
      alloc.erase();
      continue;
    }
    memref::CopyOp::create(builder, returnOp.getLoc(), source, argument);
    ++numCopies;
  }
  returnOp.getOperandsMutable().clear();
  return function.eraseResults(converted);
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
