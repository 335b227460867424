//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestLaunches.h"

#include "pixelfly/CodeGen/GPU/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/Matchers.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPULOWERLINALG
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct GPULowerLinalg
    : public pixelfly::impl::GPULowerLinalgBase<GPULowerLinalg> {
  using GPULowerLinalgBase::GPULowerLinalgBase;

  void runOnOperation() override;

private:
  /// Makes copies and named operations generic ones.
  LogicalResult generalize(func::FuncOp function);
  LogicalResult lower(linalg::LinalgOp op, KernelModule &kernels);
  LogicalResult lowerLoop(scf::ForOp loop, KernelModule &kernels);
  /// Gives a constant of the host a buffer on the device.
  LogicalResult lowerConstant(memref::GetGlobalOp use, KernelModule &kernels);
  /// Adds the partial sums of several thread blocks to the outputs.
  LogicalResult addParts(ImplicitLocOpBuilder &host, KernelModule &kernels,
                         const NestProgram &program, const ReductionPlan &plan,
                         unsigned output, Value partialSums);
};
} // namespace

LogicalResult GPULowerLinalg::generalize(func::FuncOp function) {
  IRRewriter rewriter(&getContext());
  SmallVector<memref::CopyOp> copies;
  function.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
  for (memref::CopyOp copy : copies) {
    rewriter.setInsertionPoint(copy);
    if (copy.getSource() != copy.getTarget())
      linalg::CopyOp::create(rewriter, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    rewriter.eraseOp(copy);
  }
  SmallVector<linalg::LinalgOp> named;
  function.walk([&](linalg::LinalgOp op) {
    // Fills stay what they are until their readers have been seen.
    if (!isa<linalg::GenericOp, linalg::FillOp>(op.getOperation()))
      named.push_back(op);
  });
  for (linalg::LinalgOp op : named) {
    if (linalg::isaContractionOpInterface(op))
      op->emitRemark("becomes a kernel without tensor cores");
    rewriter.setInsertionPoint(op);
    if (failed(linalg::generalizeNamedOp(rewriter, op)))
      return op->emitOpError("has no form as linalg.generic, so it cannot "
                             "become a GPU kernel");
  }
  return success();
}

LogicalResult GPULowerLinalg::addParts(ImplicitLocOpBuilder &host,
                                       KernelModule &kernels,
                                       const NestProgram &program,
                                       const ReductionPlan &plan,
                                       unsigned output, Value partialSums) {
  const StridedAccess &access = program.nest.outputs[output];
  unsigned rank = plan.parallelLoops.size() + 1;
  AffineExpr place = host.getAffineConstantExpr(access.offset);
  for (auto [dim, loop] : llvm::enumerate(plan.parallelLoops))
    place = place + host.getAffineDimExpr(dim + 1) * access.strides[loop];
  SmallVector<utils::IteratorType> kinds(rank, utils::IteratorType::parallel);
  kinds[0] = utils::IteratorType::reduction;
  Operation *combiner = program.combiners[output];
  Value accumulator = program.op.getRegionOutputArgs()[output];
  auto sum = linalg::GenericOp::create(
      host, ValueRange{partialSums}, ValueRange{access.base},
      ArrayRef{host.getMultiDimIdentityMap(rank),
               AffineMap::get(rank, 0, place)},
      kinds, [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        IRMapping mapping;
        for (Value operand : combiner->getOperands())
          mapping.map(operand,
                      operand == accumulator ? arguments[1] : arguments[0]);
        Operation *combined = nested.clone(*combiner, mapping);
        linalg::YieldOp::create(nested, loc, combined->getResults());
      });
  std::string reason;
  FailureOr<NestProgram> parts = NestProgram::read(host, sum, reason);
  if (failed(parts))
    return sum.emitOpError("adds the parts of a reduction, but ") << reason;
  parts->initialValues = {program.initialValues[output]};
  ReductionPlan once = planReduction(*parts);
  once.parts = 1;
  launchReduction(host, kernels, *parts, once, {});
  sum.erase();
  return success();
}

LogicalResult GPULowerLinalg::lower(linalg::LinalgOp op,
                                    KernelModule &kernels) {
  ImplicitLocOpBuilder host(op->getLoc(), op);
  if (!op.hasPureBufferSemantics())
    return op->emitOpError("is on tensors; bufferize before it becomes a GPU "
                           "kernel");
  std::string reason;
  FailureOr<NestProgram> program = NestProgram::read(host, op, reason);
  if (failed(program))
    return op->emitOpError("cannot become a GPU kernel because it ") << reason;
  const StridedNest &nest = program->nest;
  if (!nest.hasReduction()) {
    launchElementwise(host, kernels, *program);
    ++numElementwise;
  } else {
    ReductionPlan plan = planReduction(*program);
    SmallVector<Value> partialSums;
    if (plan.parts > 1) {
      SmallVector<int64_t> shape = {plan.parts};
      for (unsigned loop : plan.parallelLoops)
        shape.push_back(nest.sizes[loop]);
      for (const StridedAccess &output : nest.outputs)
        partialSums.push_back(memref::AllocOp::create(
            host, MemRefType::get(shape, output.getElementType()),
            host.getI64IntegerAttr(64)));
    }
    SmallVector<Value> flat;
    for (Value buffer : partialSums) {
      auto type = cast<MemRefType>(buffer.getType());
      int64_t elements = type.getNumElements();
      flat.push_back(memref::ReinterpretCastOp::create(
          host, MemRefType::get({elements}, type.getElementType()), buffer,
          /*offset=*/int64_t(0), ArrayRef<int64_t>{elements},
          ArrayRef<int64_t>{1}));
    }
    launchReduction(host, kernels, *program, plan, flat);
    for (auto [output, buffer] : llvm::enumerate(partialSums))
      if (failed(addParts(host, kernels, *program, plan, output, buffer)))
        return failure();
    ++numReductions;
  }
  for (linalg::FillOp fill : program->replacedFills) {
    fill.erase();
    ++numFills;
  }
  op.erase();
  return success();
}

LogicalResult GPULowerLinalg::lowerLoop(scf::ForOp loop,
                                        KernelModule &kernels) {
  ImplicitLocOpBuilder host(loop.getLoc(), loop);
  std::string reason;
  if (failed(launchLoop(host, kernels, loop, reason)))
    return loop.emitOpError("cannot become a GPU kernel because it ") << reason;
  loop.erase();
  ++numLoops;
  return success();
}

LogicalResult GPULowerLinalg::lowerConstant(memref::GetGlobalOp use,
                                            KernelModule &kernels) {
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      use, use.getNameAttr());
  auto type = cast<MemRefType>(use.getType());
  if (!global || !global.getConstant() || !global.getConstantInitValue() ||
      !type.getElementType().isIntOrFloat())
    return use.emitOpError("is memory of the host with contents that are not "
                           "known at compile time; pass it as an argument");
  ImplicitLocOpBuilder host(use.getLoc(), use);
  Value buffer = memref::AllocOp::create(
      host, MemRefType::get(type.getShape(), type.getElementType()),
      host.getI64IntegerAttr(64));
  launchConstant(host, kernels, global, buffer);
  use.replaceAllUsesWith(buffer);
  use.erase();
  ++numConstants;
  return success();
}

void GPULowerLinalg::runOnOperation() {
  KernelModule kernels(getOperation());
  for (auto function : getOperation().getOps<func::FuncOp>()) {
    if (failed(generalize(function)))
      return signalPassFailure();
    for (auto use :
         llvm::make_early_inc_range(function.getOps<memref::GetGlobalOp>()))
      if (failed(lowerConstant(use, kernels)))
        return signalPassFailure();
    for (auto loop : llvm::make_early_inc_range(function.getOps<scf::ForOp>()))
      if (failed(lowerLoop(loop, kernels)))
        return signalPassFailure();
    SmallVector<linalg::LinalgOp> ops;
    SmallVector<linalg::FillOp> fills;
    function.walk([&](linalg::LinalgOp op) {
      if (!isa<linalg::FillOp>(op.getOperation()))
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops)
      if (failed(lower(op, kernels)))
        return signalPassFailure();
    function.walk([&](linalg::FillOp fill) { fills.push_back(fill); });
    IRRewriter rewriter(&getContext());
    for (linalg::FillOp fill : fills) {
      rewriter.setInsertionPoint(fill);
      FailureOr<linalg::GenericOp> generic = linalg::generalizeNamedOp(
          rewriter, cast<linalg::LinalgOp>(fill.getOperation()));
      if (failed(generic) || failed(lower(*generic, kernels)))
        return signalPassFailure();
    }
  }
  numKernels += kernels.numKernels();
}
