//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/ArenaPlan.h"
#include "pixelfly/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/DataLayoutInterfaces.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_PLANMEMORY
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {

/// A vector register and a cache line, in bytes.
constexpr int64_t kArenaAlignment = 64;

struct PlanMemory : public pixelfly::impl::PlanMemoryBase<PlanMemory> {
  using PlanMemoryBase::PlanMemoryBase;

  void runOnOperation() override;

private:
  /// The allocations of the function, or failure if one cannot be placed.
  FailureOr<SmallVector<memref::AllocOp>> collectAllocations();
  /// First and last operation of the function's body that touches each of the
  /// allocations, directly or through a view.
  SmallVector<BufferLifetime>
  computeLifetimes(ArrayRef<memref::AllocOp> allocations);
  /// Replaces the allocations by views of a new last argument.
  LogicalResult placeInArena(ArrayRef<memref::AllocOp> allocations,
                             const ArenaPlan &plan);
};

} // namespace

FailureOr<SmallVector<memref::AllocOp>> PlanMemory::collectAllocations() {
  SmallVector<memref::AllocOp> allocations;
  WalkResult result = getOperation().walk([&](memref::AllocOp alloc) {
    if (!alloc.getType().hasStaticShape() ||
        !alloc.getType().getLayout().isIdentity()) {
      alloc.emitOpError("has a size or a layout that is not known at compile "
                        "time, so it cannot be placed in the arena; give the "
                        "function static shapes");
      return WalkResult::interrupt();
    }
    if (alloc->getParentWithTrait<OpTrait::HasParallelRegion>()) {
      alloc.emitOpError("is inside a parallel loop, where each iteration needs "
                        "memory of its own; allocate it on the stack "
                        "(memref.alloca) or before the loop");
      return WalkResult::interrupt();
    }
    allocations.push_back(alloc);
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return allocations;
}

SmallVector<BufferLifetime>
PlanMemory::computeLifetimes(ArrayRef<memref::AllocOp> allocations) {
  Block &body = getOperation().getBody().front();
  DenseMap<Operation *, int64_t> step;
  for (Operation &op : body)
    step[&op] = step.size();
  int64_t lastStep = body.getOperations().size() - 1;

  BufferViewFlowAnalysis views(getOperation());
  SmallVector<BufferLifetime> lifetimes;
  for (memref::AllocOp alloc : allocations) {
    DataLayout layout = DataLayout::closest(alloc);
    MemRefType type = alloc.getType();
    int64_t bytes = type.getNumElements() *
                    layout.getTypeSize(type.getElementType()).getFixedValue();
    BufferLifetime lifetime{bytes, lastStep, 0};
    for (Value view : views.resolve(alloc))
      for (Operation *user : view.getUsers()) {
        // Making a view touches nothing; its users do.
        if (isa<ViewLikeOpInterface>(user) || isa<memref::DeallocOp>(user))
          continue;
        int64_t at = step.lookup(body.findAncestorOpInBlock(*user));
        lifetime.first = std::min(lifetime.first, at);
        lifetime.last = std::max(lifetime.last, at);
        // A buffer that leaves the sight of the analysis may live on.
        bool escapes = isa<memref::ExtractAlignedPointerAsIndexOp>(user) ||
                       (isa<CallOpInterface>(user) &&
                        llvm::any_of(user->getResultTypes(),
                                     llvm::IsaPred<BaseMemRefType>));
        if (escapes)
          lifetime.last = lastStep;
      }
    if (lifetime.first > lifetime.last) // never used
      lifetime.first = lifetime.last;
    lifetimes.push_back(lifetime);
  }
  return lifetimes;
}

LogicalResult PlanMemory::placeInArena(ArrayRef<memref::AllocOp> allocations,
                                       const ArenaPlan &plan) {
  func::FuncOp function = getOperation();
  OpBuilder builder(function.getContext());
  auto arenaType = MemRefType::get({plan.totalBytes}, builder.getI8Type());
  unsigned position = function.getNumArguments();
  if (failed(
          function.insertArgument(position, arenaType, {}, function.getLoc())))
    return function.emitOpError("cannot take the arena as its last argument");
  Value arena = function.getArgument(position);
  for (auto [index, offset] : llvm::enumerate(plan.offsets)) {
    memref::AllocOp alloc = allocations[index];
    builder.setInsertionPoint(alloc);
    Value byteShift =
        arith::ConstantIndexOp::create(builder, alloc.getLoc(), offset);
    Value view =
        memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(), arena,
                               byteShift, /*sizes=*/ValueRange{});
    for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
      if (isa<memref::DeallocOp>(user))
        user->erase();
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }
  function->setAttr(kArenaBytesAttrName,
                    builder.getI64IntegerAttr(plan.totalBytes));
  return success();
}

void PlanMemory::runOnOperation() {
  func::FuncOp function = getOperation();
  if (function.isExternal() || function.isPrivate())
    return;
  if (!function.getBody().hasOneBlock()) {
    function.emitOpError("has several blocks; the arena is planned along one "
                         "straight line of operations, so lower control flow "
                         "(scf) to branches later");
    return signalPassFailure();
  }
  FailureOr<SmallVector<memref::AllocOp>> allocations = collectAllocations();
  if (failed(allocations))
    return signalPassFailure();
  if (allocations->empty())
    return;
  SmallVector<BufferLifetime> lifetimes = computeLifetimes(*allocations);
  ArenaPlan plan =
      planArena({lifetimes.begin(), lifetimes.end()}, kArenaAlignment);
  if (failed(placeInArena(*allocations, plan)))
    return signalPassFailure();

  numBuffers += allocations->size();
  arenaBytes += plan.totalBytes;
  lowerBoundBytes += plan.lowerBound;
  if (remarks)
    function.emitRemark() << "arena of " << plan.totalBytes << " bytes for "
                          << allocations->size() << " buffers; at most "
                          << plan.lowerBound << " bytes are alive at once";
}
