//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OperationSupport.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct OutlineKernels
    : public pixelfly::impl::OutlineKernelsBase<OutlineKernels> {
  void runOnOperation() override;

private:
  /// Replaces the loop by a call of a function that does the same.
  void outline(Operation *loop, SymbolTable &symbols);
  /// A kernel made before that equals this one, or null.
  func::FuncOp findEqual(func::FuncOp kernel);

  /// The kernels by a hash of what they do.
  DenseMap<size_t, SmallVector<func::FuncOp>> kernels;
};
} // namespace

/// Whether the operation is repeated inside a kernel rather than handed to it:
/// constants stay constants there.
static bool isRepeated(Operation *op) {
  return op && (op->hasTrait<OpTrait::ConstantLike>() ||
                isa<memref::GetGlobalOp>(op));
}

/// Loops that can move: they return nothing and allocate nothing from the heap,
/// which the memory plan of the function must see.
static bool canOutline(Operation *op) {
  if (!isa<scf::ForOp, scf::ParallelOp>(op) || op->getNumResults() != 0)
    return false;
  return !op->walk([](Operation *inner) {
              return isa<memref::AllocOp, memref::DeallocOp>(inner)
                         ? WalkResult::interrupt()
                         : WalkResult::advance();
            }).wasInterrupted();
}

static size_t hashKernel(func::FuncOp kernel) {
  llvm::hash_code hash = mlir::hash_value(Type(kernel.getFunctionType()));
  kernel.getBody().walk([&](Operation *op) {
    hash = llvm::hash_combine(hash, op->getName(), op->getNumOperands(),
                              op->getRawDictionaryAttrs());
  });
  return hash;
}

func::FuncOp OutlineKernels::findEqual(func::FuncOp kernel) {
  SmallVector<func::FuncOp> &candidates = kernels[hashKernel(kernel)];
  for (func::FuncOp candidate : candidates)
    if (candidate.getFunctionType() == kernel.getFunctionType() &&
        OperationEquivalence::isRegionEquivalentTo(
            &candidate.getBody(), &kernel.getBody(),
            OperationEquivalence::IgnoreLocations))
      return candidate;
  candidates.push_back(kernel);
  return {};
}

void OutlineKernels::outline(Operation *loop, SymbolTable &symbols) {
  // What the loop uses from outside, in the order of its first use, so that
  // equal loops have equal arguments.
  llvm::SetVector<Value> arguments;
  llvm::SetVector<Operation *> repeated;
  loop->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      if (loop->isProperAncestor(operand.getParentBlock()->getParentOp()) ||
          operand.getParentBlock()->getParentOp() == loop)
        continue;
      if (isRepeated(operand.getDefiningOp()))
        repeated.insert(operand.getDefiningOp());
      else
        arguments.insert(operand);
    }
  });

  Location loc = loop->getLoc();
  OpBuilder builder(loop);
  SmallVector<Type> types;
  for (Value argument : arguments)
    types.push_back(argument.getType());
  auto kernel = func::FuncOp::create(
      loc, "kernel", builder.getFunctionType(types, TypeRange()));
  kernel.setPrivate();
  kernel->setAttr(
      "llvm.linkage",
      LLVM::LinkageAttr::get(&getContext(), LLVM::linkage::Linkage::Internal));
  {
    OpBuilder::InsertionGuard guard(builder);
    Block *block = kernel.addEntryBlock();
    builder.setInsertionPointToStart(block);
    IRMapping mapping;
    mapping.map(arguments.getArrayRef(), block->getArguments());
    for (Operation *op : repeated)
      builder.clone(*op, mapping);
    builder.clone(*loop, mapping);
    func::ReturnOp::create(builder, loc);
  }
  ++numLoops;
  if (func::FuncOp equal = findEqual(kernel)) {
    kernel.erase();
    kernel = equal;
  } else {
    symbols.insert(kernel); // makes the name unique
    ++numKernels;
  }
  func::CallOp::create(builder, loc, kernel, arguments.getArrayRef());
  loop->erase();
}

void OutlineKernels::runOnOperation() {
  kernels.clear();
  SymbolTable symbols(getOperation());
  SmallVector<Operation *> loops;
  for (func::FuncOp function : getOperation().getOps<func::FuncOp>()) {
    if (function.isExternal() || function.isPrivate())
      continue;
    for (Operation &op : function.getOps())
      if (canOutline(&op))
        loops.push_back(&op);
  }
  for (Operation *loop : loops)
    outline(loop, symbols);
}
