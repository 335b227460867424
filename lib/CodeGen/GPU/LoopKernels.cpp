//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestLaunches.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

/// Small blocks: the threads of such a kernel have much to do each.
static constexpr int64_t kThreads = 64;

static Value rootOf(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return buffer;
}

/// The one linalg operation in the loop. Fails if threads that run the loop for
/// elements of their own could see each other's: if anything but this operation
/// reads what it writes, or at another element.
static FailureOr<linalg::LinalgOp> findBody(scf::ForOp loop,
                                            std::string &reason) {
  linalg::LinalgOp body;
  WalkResult result = loop.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
      if (body) {
        reason = "has several linalg operations inside";
        return WalkResult::interrupt();
      }
      body = linalgOp;
      return WalkResult::skip();
    }
    if (auto inner = dyn_cast<scf::ForOp>(op)) {
      if (inner.getNumResults() == 0)
        return WalkResult::advance();
      reason = "carries values from one iteration to the next";
      return WalkResult::interrupt();
    }
    if (isa<scf::YieldOp, memref::LoadOp>(op) || isMemoryEffectFree(op))
      return WalkResult::advance();
    reason = ("has a '" + op->getName().getStringRef() +
              "' inside, of which each thread would have to do a part")
                 .str();
    return WalkResult::interrupt();
  });
  if (result.wasInterrupted())
    return failure();
  if (!body) {
    reason = "has no linalg operation inside";
    return failure();
  }
  SmallVector<int64_t> sizes = body.getStaticLoopRanges();
  if (llvm::any_of(sizes, ShapedType::isDynamic) ||
      body.getNumParallelLoops() != body.getNumLoops() ||
      body.getNumDpsInits() != 1 ||
      !body.getMatchingIndexingMap(body.getDpsInitOperand(0)).isIdentity() ||
      !llvm::all_of(body.getIndexingMapsArray(), [](AffineMap map) {
        return map.isProjectedPermutation(/*allowZeroInResults=*/true);
      })) {
    reason = "has a linalg operation inside that is not elementwise on one "
             "output of static shape";
    return failure();
  }
  Value written = rootOf(body.getDpsInits()[0]);
  bool isRead = llvm::any_of(body.getDpsInputs(), [&](Value input) {
    return rootOf(input) == written;
  });
  loop.walk([&](memref::LoadOp load) {
    isRead |= rootOf(load.getMemRef()) == written;
  });
  if (isRead) {
    reason = "reads what it writes";
    return failure();
  }
  return body;
}

/// The element of the linalg operation that one thread computes.
static void emitElement(DeviceBuilder &b, linalg::LinalgOp op,
                        IRMapping &mapping, ArrayRef<Value> position) {
  auto place = [&](OpOperand &operand) {
    SmallVector<Value> indices;
    for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults()) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      indices.push_back(dim ? position[dim.getPosition()] : b.index(0));
    }
    return indices;
  };
  IRMapping inner = mapping;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = mapping.lookupOrDefault(operand.get());
    if (isa<MemRefType>(value.getType()))
      value = memref::LoadOp::create(b, value, place(operand));
    inner.map(op.getMatchingBlockArgument(&operand), value);
  }
  for (Operation &nested : op.getBlock()->without_terminator()) {
    if (auto index = dyn_cast<linalg::IndexOp>(nested))
      inner.map(index.getResult(), position[index.getDim()]);
    else
      b.clone(nested, inner);
  }
  OpOperand &output = *op.getDpsInitOperand(0);
  memref::StoreOp::create(
      b, inner.lookup(op.getBlock()->getTerminator()->getOperand(0)),
      mapping.lookupOrDefault(output.get()), place(output));
}

/// Repeats the loop in the kernel.
static void emitLoop(DeviceBuilder &b, scf::ForOp loop, IRMapping &mapping,
                     ArrayRef<Value> position) {
  scf::ForOp::create(
      b, mapping.lookup(loop.getLowerBound()),
      mapping.lookup(loop.getUpperBound()), mapping.lookup(loop.getStep()),
      ValueRange(),
      [&](OpBuilder &nested, Location, Value counter, ValueRange) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(nested.getInsertionBlock());
        mapping.map(loop.getInductionVar(), counter);
        for (Operation &op : loop.getBody()->without_terminator()) {
          if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
            emitElement(b, linalgOp, mapping, position);
          else if (auto inner = dyn_cast<scf::ForOp>(op))
            emitLoop(b, inner, mapping, position);
          else
            b.clone(op, mapping);
        }
        scf::YieldOp::create(b);
      });
}

LogicalResult pixelfly::launchLoop(ImplicitLocOpBuilder &host,
                                   KernelModule &kernels, scf::ForOp loop,
                                   std::string &reason) {
  FailureOr<linalg::LinalgOp> body = findBody(loop, reason);
  if (failed(body))
    return failure();
  // What the loop uses from outside: buffers, and constants, which it repeats.
  llvm::SetVector<Value> buffers;
  llvm::SetVector<Operation *> repeated;
  WalkResult result = loop->walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      Operation *defining = operand.getDefiningOp();
      if (loop.getRegion().isAncestor(operand.getParentRegion()))
        continue;
      if (defining && defining->hasTrait<OpTrait::ConstantLike>()) {
        repeated.insert(defining);
        continue;
      }
      auto type = dyn_cast<MemRefType>(operand.getType());
      if (!type || !type.hasStaticShape()) {
        reason = "reads a number that the host has computed";
        return WalkResult::interrupt();
      }
      buffers.insert(operand);
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();

  SmallVector<int64_t> sizes = body->getStaticLoopRanges();
  int64_t elements = std::accumulate(sizes.begin(), sizes.end(), int64_t(1),
                                     std::multiplies<int64_t>());
  int64_t threads =
      std::min<int64_t>(kThreads, llvm::alignTo(elements, kWarpSize));
  LaunchShape shape{{int64_t(divideCeil(elements, threads)), 1, 1}, threads, 0};
  // Loops are few: each has a kernel of its own.
  Attribute key =
      host.getStringAttr("loop " + std::to_string(kernels.numKernels()));
  kernels.launch(host, key, "loop_" + std::to_string(elements), shape,
                 buffers.getArrayRef(),
                 [&](DeviceBuilder &b, gpu::GPUModuleOp, ValueRange arguments) {
                   Value block = gpu::BlockIdOp::create(b, gpu::Dimension::x);
                   Value thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
                   Value element = b.add(b.mul(block, threads), thread);
                   Value inside;
                   if (elements % threads != 0)
                     inside = b.less(element, b.index(elements));
                   IRMapping mapping;
                   mapping.map(buffers.getArrayRef(), arguments);
                   for (Operation *op : repeated)
                     b.clone(*op, mapping);
                   b.when(inside, [&] {
                     emitLoop(b, loop, mapping, delinearize(b, element, sizes));
                   });
                 });
  return success();
}
