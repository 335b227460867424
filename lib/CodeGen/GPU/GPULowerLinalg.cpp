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
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/DenseSet.h"

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
  FailureOr<NestProgram> read(linalg::LinalgOp op);
  /// Lowers elementwise operations by one launch at the place of the last.
  LogicalResult lowerElementwise(ArrayRef<linalg::LinalgOp> group,
                                 KernelModule &kernels);
  LogicalResult lowerReduction(linalg::LinalgOp op, KernelModule &kernels);
  /// Lowers operations that stand in their order.
  LogicalResult lowerAll(ArrayRef<linalg::LinalgOp> ops, KernelModule &kernels);
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

FailureOr<NestProgram> GPULowerLinalg::read(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics())
    return op->emitOpError("is on tensors; bufferize before it becomes a GPU "
                           "kernel");
  ImplicitLocOpBuilder host(op->getLoc(), op);
  std::string reason;
  FailureOr<NestProgram> program = NestProgram::read(host, op, reason);
  if (failed(program))
    return op->emitOpError("cannot become a GPU kernel because it ") << reason;
  return program;
}

/// Erases the operation, and the fills whose constants its kernel has taken.
static int64_t eraseLowered(NestProgram &program) {
  for (linalg::FillOp fill : program.replacedFills)
    fill.erase();
  program.op.erase();
  return program.replacedFills.size();
}

LogicalResult GPULowerLinalg::lowerElementwise(ArrayRef<linalg::LinalgOp> group,
                                               KernelModule &kernels) {
  std::vector<NestProgram> programs;
  for (linalg::LinalgOp op : group) {
    FailureOr<NestProgram> program = read(op);
    if (failed(program))
      return failure();
    programs.push_back(std::move(*program));
  }
  linalg::LinalgOp last = group.back();
  ImplicitLocOpBuilder host(last->getLoc(), last);
  launchElementwise(host, kernels, programs);
  for (NestProgram &program : programs)
    numFills += eraseLowered(program);
  numElementwise += group.size();
  numShared += group.size() - 1;
  return success();
}

LogicalResult GPULowerLinalg::lowerReduction(linalg::LinalgOp op,
                                             KernelModule &kernels) {
  FailureOr<NestProgram> program = read(op);
  if (failed(program))
    return failure();
  ImplicitLocOpBuilder host(op->getLoc(), op);
  ReductionPlan plan = planReduction(*program);
  SmallVector<Value> partialSums, flat;
  if (plan.parts > 1) {
    SmallVector<int64_t> shape = {plan.parts};
    for (unsigned loop : plan.parallelLoops)
      shape.push_back(program->nest.sizes[loop]);
    for (const StridedAccess &output : program->nest.outputs)
      partialSums.push_back(memref::AllocOp::create(
          host, MemRefType::get(shape, output.getElementType()),
          host.getI64IntegerAttr(64)));
  }
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
  numFills += eraseLowered(*program);
  return success();
}

/// Operations that share a launch at most: their kernel holds the code of all.
static constexpr size_t kMostInLaunch = 16;

/// Operands that share a launch at most: half of the 4 KiB that a GPU has for
/// the arguments of a kernel.
static constexpr size_t kMostOperands = 256;

static Value rootOf(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return buffer;
}

namespace {
/// Elementwise operations one after the other that do not depend on each other.
class IndependentGroup {
public:
  /// Takes `op` in, or says that it cannot.
  bool add(linalg::LinalgOp op) {
    SmallVector<Value> reads, writes;
    for (OpOperand &operand : op->getOpOperands())
      if (isa<MemRefType>(operand.get().getType()))
        (op.isDpsInit(&operand) ? writes : reads)
            .push_back(rootOf(operand.get()));
    op.getBlock()->walk([&](memref::LoadOp load) {
      reads.push_back(rootOf(load.getMemRef()));
    });
    auto isIn = [](const llvm::SmallDenseSet<Value> &set) {
      return [&](Value buffer) { return set.contains(buffer); };
    };
    size_t operands = numOperands + reads.size() + writes.size();
    if (!ops.empty() &&
        (ops.size() == kMostInLaunch || operands > kMostOperands ||
         !follows(op) || llvm::any_of(reads, isIn(written)) ||
         llvm::any_of(writes, isIn(written)) ||
         llvm::any_of(writes, isIn(read))))
      return false;
    ops.push_back(op);
    numOperands = operands;
    read.insert(reads.begin(), reads.end());
    written.insert(writes.begin(), writes.end());
    return true;
  }

  ArrayRef<linalg::LinalgOp> getOps() const { return ops; }

private:
  /// Whether nothing that touches memory stands between the group and `op`.
  bool follows(linalg::LinalgOp op) {
    Operation *between = ops.back()->getNextNode();
    while (between && between != op &&
           (isMemoryEffectFree(between) || isa<memref::AllocOp>(between)))
      between = between->getNextNode();
    return between == op;
  }

  SmallVector<linalg::LinalgOp> ops;
  size_t numOperands = 0;
  llvm::SmallDenseSet<Value> read, written;
};
} // namespace

LogicalResult GPULowerLinalg::lowerAll(ArrayRef<linalg::LinalgOp> ops,
                                       KernelModule &kernels) {
  while (!ops.empty()) {
    linalg::LinalgOp first = ops.front();
    if (first.getNumReductionLoops() != 0) {
      if (failed(lowerReduction(first, kernels)))
        return failure();
      ops = ops.drop_front();
      continue;
    }
    IndependentGroup group;
    for (linalg::LinalgOp op : ops)
      if (op.getNumReductionLoops() != 0 || !group.add(op))
        break;
    ops = ops.drop_front(group.getOps().size());
    if (failed(lowerElementwise(group.getOps(), kernels)))
      return failure();
  }
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
    if (failed(lowerAll(ops, kernels)))
      return signalPassFailure();
    function.walk([&](linalg::FillOp fill) { fills.push_back(fill); });
    ops.clear();
    IRRewriter rewriter(&getContext());
    for (linalg::FillOp fill : fills) {
      rewriter.setInsertionPoint(fill);
      FailureOr<linalg::GenericOp> generic = linalg::generalizeNamedOp(
          rewriter, cast<linalg::LinalgOp>(fill.getOperation()));
      if (failed(generic)) {
        fill.emitOpError("has no form as linalg.generic");
        return signalPassFailure();
      }
      ops.push_back(*generic);
    }
    if (failed(lowerAll(ops, kernels)))
      return signalPassFailure();
  }
  numKernels += kernels.numKernels();
}
