//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/GPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPUBUFFERSCALARS
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct GPUBufferScalars
    : public pixelfly::impl::GPUBufferScalarsBase<GPUBufferScalars> {
  using GPUBufferScalarsBase::GPUBufferScalarsBase;

  void runOnOperation() override;

private:
  /// Makes one operation on buffers of what `group` computes.
  LogicalResult outline(ArrayRef<Operation *> group);
  /// Lets `user` read `buffers` instead of the scalars in its body.
  LogicalResult readBuffers(Operation *user);

  /// The buffer of rank 0 that holds a scalar.
  DenseMap<Value, Value> bufferOf;
};
} // namespace

/// Arithmetic on scalars, and loads and stores of them.
static bool isScalarOp(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>() || op->getNumRegions() != 0)
    return false;
  if (isa<memref::LoadOp, memref::StoreOp>(op))
    return true;
  StringRef dialect = op->getName().getDialectNamespace();
  return (dialect == "arith" || dialect == "math") && isMemoryEffectFree(op) &&
         llvm::all_of(op->getResultTypes(),
                      [](Type type) { return type.isIntOrIndexOrFloat(); });
}

/// Indices that are all constants.
static std::optional<SmallVector<AffineExpr>>
constantPlace(Operation *op, ValueRange indices) {
  SmallVector<AffineExpr> place;
  for (Value index : indices) {
    APInt value;
    if (!matchPattern(index, m_ConstantInt(&value)))
      return std::nullopt;
    place.push_back(
        getAffineConstantExpr(value.getSExtValue(), op->getContext()));
  }
  return place;
}

static Value rootOf(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return buffer;
}

LogicalResult GPUBufferScalars::outline(ArrayRef<Operation *> group) {
  Operation *last = group.back();
  OpBuilder builder(last->getContext());
  builder.setInsertionPointAfter(last);
  Location loc = group.front()->getLoc();
  llvm::SmallPtrSet<Operation *, 16> inside(group.begin(), group.end());

  struct Operand {
    Value buffer;
    SmallVector<AffineExpr> place;
  };
  SmallVector<Operand> inputs, outputs;
  /// The scalars that the inputs and outputs are.
  SmallVector<Value> read, written;
  llvm::SetVector<Value> others;
  for (Operation *op : group) {
    if (auto load = dyn_cast<memref::LoadOp>(op)) {
      auto place = constantPlace(op, load.getIndices());
      if (!place)
        return op->emitOpError("reads memory of the device on the host, at an "
                               "address that is not a constant");
      inputs.push_back({load.getMemRef(), *place});
      read.push_back(load.getResult());
      continue;
    }
    if (auto store = dyn_cast<memref::StoreOp>(op)) {
      auto place = constantPlace(op, store.getIndices());
      if (!place)
        return op->emitOpError("writes memory of the device on the host, at an "
                               "address that is not a constant");
      outputs.push_back({store.getMemRef(), *place});
      written.push_back(store.getValue());
    }
    for (Value operand : op->getOperands())
      if (operand.getType().isIntOrIndexOrFloat() &&
          !inside.contains(operand.getDefiningOp()) &&
          !matchPattern(operand, m_Constant()) &&
          !(isa<memref::StoreOp>(op) && operand.getType().isIndex()))
        others.insert(operand);
  }
  // Scalars of earlier groups.
  for (Value other : others) {
    Value buffer = bufferOf.lookup(other);
    if (!buffer)
      return emitError(loc, "a scalar that is computed here is of a kind that "
                            "cannot be passed to a GPU kernel");
    inputs.push_back({buffer, {}});
    read.push_back(other);
  }
  // What others read later goes through a buffer.
  for (Operation *op : group)
    for (Value result : op->getResults()) {
      bool readLater = llvm::any_of(result.getUsers(), [&](Operation *user) {
        return !inside.contains(user);
      });
      if (!readLater)
        continue;
      if (auto load = dyn_cast<memref::LoadOp>(op)) {
        // It is in one already, unless that is written again.
        auto type = cast<MemRefType>(load.getMemRef().getType());
        auto argument = dyn_cast<BlockArgument>(rootOf(load.getMemRef()));
        bool written =
            argument && llvm::any_of(argument.getUsers(), [&](Operation *user) {
              return !isa<memref::LoadOp>(user);
            });
        if (type.getRank() == 0 && argument && !written) {
          bufferOf[result] = load.getMemRef();
          continue;
        }
      }
      Value buffer = memref::AllocOp::create(
          builder, loc, MemRefType::get({}, result.getType()),
          builder.getI64IntegerAttr(64));
      bufferOf[result] = buffer;
      outputs.push_back({buffer, {}});
      written.push_back(result);
    }
  if (outputs.empty())
    return success(); // nothing that anybody sees

  SmallVector<AffineMap> maps;
  SmallVector<Value> inputBuffers, outputBuffers;
  for (Operand &operand : inputs) {
    inputBuffers.push_back(operand.buffer);
    maps.push_back(AffineMap::get(0, 0, operand.place, &getContext()));
  }
  for (Operand &operand : outputs) {
    outputBuffers.push_back(operand.buffer);
    maps.push_back(AffineMap::get(0, 0, operand.place, &getContext()));
  }
  linalg::GenericOp::create(
      builder, loc, inputBuffers, outputBuffers, maps,
      ArrayRef<utils::IteratorType>{},
      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        IRMapping mapping;
        for (auto [value, argument] : llvm::zip(read, arguments))
          mapping.map(value, argument);
        for (Operation *op : group)
          if (!isa<memref::LoadOp, memref::StoreOp>(op))
            nested.clone(*op, mapping);
        linalg::YieldOp::create(nested, loc,
                                llvm::map_to_vector(written, [&](Value value) {
                                  return mapping.lookupOrDefault(value);
                                }));
      });
  ++numGroups;
  return success();
}

LogicalResult GPUBufferScalars::readBuffers(Operation *op) {
  auto user = dyn_cast<linalg::LinalgOp>(op);
  if (!user)
    return success();
  IRRewriter rewriter(op);
  auto find = [&](linalg::LinalgOp user) {
    llvm::SetVector<Value> scalars;
    for (OpOperand *operand : user.getDpsInputOperands())
      if (bufferOf.contains(operand->get()))
        scalars.insert(operand->get());
    user->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (bufferOf.contains(operand))
          scalars.insert(operand);
    });
    return scalars;
  };
  if (find(user).empty())
    return success();
  auto generic = dyn_cast<linalg::GenericOp>(op);
  if (!generic) {
    FailureOr<linalg::GenericOp> made =
        linalg::generalizeNamedOp(rewriter, user);
    if (failed(made))
      return op->emitOpError("reads a scalar and has no form as "
                             "linalg.generic");
    generic = *made;
  }
  rewriter.setInsertionPoint(generic);
  // Operands that are scalars become buffers, scalars of the body new operands.
  AffineMap scalarMap =
      AffineMap::get(generic.getNumLoops(), 0, {}, &getContext());
  SmallVector<Value> inputs(generic.getInputs());
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  for (auto [index, input] : llvm::enumerate(inputs))
    if (Value buffer = bufferOf.lookup(input)) {
      input = buffer;
      maps[index] = scalarMap;
    }
  Block *body = generic.getBlock();
  llvm::SetVector<Value> captured;
  body->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (bufferOf.contains(operand))
        captured.insert(operand);
  });
  for (Value scalar : captured) {
    unsigned position = inputs.size();
    inputs.push_back(bufferOf.lookup(scalar));
    maps.insert(maps.begin() + position, scalarMap);
    Value argument =
        body->insertArgument(position, scalar.getType(), generic.getLoc());
    scalar.replaceUsesWithIf(argument, [&](OpOperand &use) {
      return generic.getRegion().isAncestor(use.getOwner()->getParentRegion());
    });
  }
  auto replacement = linalg::GenericOp::create(
      rewriter, generic.getLoc(), TypeRange(), inputs, generic.getOutputs(),
      maps, generic.getIteratorTypesArray());
  replacement.getRegion().takeBody(generic.getRegion());
  generic.erase();
  ++numReaders;
  return success();
}

void GPUBufferScalars::runOnOperation() {
  func::FuncOp function = getOperation();
  if (function.isExternal())
    return;
  bufferOf.clear();
  if (!function.getBody().hasOneBlock()) {
    function.emitOpError("has several blocks; the host's part of a GPU program "
                         "is one straight line of launches");
    return signalPassFailure();
  }
  SmallVector<Operation *> group, done;
  llvm::SmallPtrSet<Value, 4> stored;
  auto close = [&]() -> LogicalResult {
    if (group.empty())
      return success();
    LogicalResult result = outline(group);
    llvm::append_range(done, group);
    group.clear();
    stored.clear();
    return result;
  };
  for (Operation &op :
       llvm::make_early_inc_range(function.front().without_terminator())) {
    if (isScalarOp(&op)) {
      // A group reads first and writes last.
      auto load = dyn_cast<memref::LoadOp>(op);
      if (load && stored.contains(rootOf(load.getMemRef())))
        if (failed(close()))
          return signalPassFailure();
      if (auto store = dyn_cast<memref::StoreOp>(op))
        stored.insert(rootOf(store.getMemRef()));
      group.push_back(&op);
      continue;
    }
    // What touches no memory does not come between.
    if (isMemoryEffectFree(&op) || isa<memref::AllocOp>(op))
      continue;
    if (failed(close()) || failed(readBuffers(&op)))
      return signalPassFailure();
  }
  if (failed(close()))
    return signalPassFailure();
  for (Operation *op : llvm::reverse(done)) {
    if (!op->use_empty()) {
      op->emitOpError("is a scalar that something else than a linalg operation "
                      "reads; a GPU program has none on the host");
      return signalPassFailure();
    }
    op->erase();
  }
}
