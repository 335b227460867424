//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorLoops.h"

#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/CodeGen/Linalg/MathApproximations.h"
#include "pixelfly/Target/Target.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_VECTORIZEELEMENTWISE
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// Work below which starting threads costs more than it saves, in elements
/// times (operands + operations): about 3 microseconds of one core.
static constexpr int64_t kMinParallelWork = 1 << 17;

/// Parts into which a long reduction with few results is cut.
static constexpr int64_t kReductionParts = 32;

namespace {

struct VectorizeElementwise
    : public pixelfly::impl::VectorizeElementwiseBase<VectorizeElementwise> {
  using VectorizeElementwiseBase::VectorizeElementwiseBase;

  void runOnOperation() override;

private:
  /// Replaces the operation by loops over vectors; false with the `reason` if
  /// it has no such form.
  bool vectorize(linalg::LinalgOp op, std::string &reason);
  /// Cuts a long reduction with few results into parts that threads compute
  /// into a buffer, and emits the sum of the parts. False if it is not one.
  bool vectorizeInParts(linalg::LinalgOp op, const StridedNest &nest,
                        VectorPlan plan, ArrayRef<Operation *> combiners);

  int64_t vectorLanes = 0;
};

} // namespace

//===----------------------------------------------------------------------===//
// Choosing the vectorised loop
//===----------------------------------------------------------------------===//

/// For every output the operation that combines it with a new term, or failure
/// if some output is computed in another way.
static FailureOr<SmallVector<Operation *>> findCombiners(linalg::LinalgOp op) {
  SmallVector<Operation *> combiners;
  Operation *yield = op.getBlock()->getTerminator();
  for (auto [index, argument] : llvm::enumerate(op.getRegionOutputArgs())) {
    Operation *combiner = yield->getOperand(index).getDefiningOp();
    if (!combiner || combiner->getBlock() != op.getBlock() ||
        !argument.hasOneUse() || *argument.user_begin() != combiner ||
        !linalg::getCombinerOpKind(combiner) ||
        !arith::getNeutralElement(combiner))
      return failure();
    combiners.push_back(combiner);
  }
  return combiners;
}

/// Rough cycles of the whole nest with the lanes along `loop`, or nullopt where
/// that is not possible.
static std::optional<double> estimateCost(const StridedNest &nest,
                                          unsigned loop, int64_t lanes,
                                          int64_t bodyCost, bool canCombine) {
  bool along = nest.isReduction[loop];
  if (along && !canCombine)
    return std::nullopt;
  double cost = static_cast<double>(bodyCost) / 2;
  for (const StridedAccess *access : nest.getAccesses()) {
    int64_t stride = access->isScalar() ? 0 : access->strides[loop];
    if (stride == 1)
      cost += 1;
    else if (stride > 1)
      cost += lanes; // one cache line a lane
  }
  for (const StridedAccess &output : nest.outputs) {
    if ((output.strides[loop] == 0) != along)
      return std::nullopt;
    if (output.strides[loop] > 1)
      cost += lanes; // writing parts of lines costs more than reading them
  }
  int64_t vectors = llvm::divideCeil(nest.sizes[loop], lanes);
  double perRow = vectors * cost + (along ? 12 : 2);
  return perRow * nest.getNumIterations() / nest.sizes[loop];
}

static std::optional<unsigned> chooseVectorLoop(const StridedNest &nest,
                                                int64_t lanes, int64_t bodyCost,
                                                bool canCombine) {
  std::optional<unsigned> best;
  double bestCost = 0;
  // The innermost of equals: it tends to be contiguous.
  for (unsigned loop = nest.getNumLoops(); loop-- > 0;) {
    std::optional<double> cost =
        estimateCost(nest, loop, lanes, bodyCost, canCombine);
    if (cost && (!best || *cost < bestCost)) {
      best = loop;
      bestCost = *cost;
    }
  }
  return best;
}

//===----------------------------------------------------------------------===//
// Long reductions with few results
//===----------------------------------------------------------------------===//

/// A divisor of `size` near `kReductionParts`, or 1.
static int64_t choosePartCount(int64_t size) {
  for (int64_t distance = 0; distance < kReductionParts; ++distance)
    for (int64_t parts :
         {kReductionParts + distance, kReductionParts - distance})
      if (parts > 1 && size % parts == 0 && size / parts >= 4)
        return parts;
  return 1;
}

bool VectorizeElementwise::vectorizeInParts(linalg::LinalgOp op,
                                            const StridedNest &given,
                                            VectorPlan plan,
                                            ArrayRef<Operation *> combiners) {
  // The outermost reduction that can be cut; of the vectorised one whole
  // vectors must remain.
  std::optional<unsigned> cut;
  int64_t parts = 1;
  for (unsigned loop = 0; loop < given.getNumLoops() && !cut; ++loop) {
    if (!given.isReduction[loop])
      continue;
    parts = choosePartCount(given.sizes[loop]);
    if (parts > 1 && (loop != plan.vectorLoop ||
                      given.sizes[loop] / parts >= 4 * plan.lanes))
      cut = loop;
  }
  if (!cut)
    return false;

  StridedNest nest = given;
  nest.splitLoop(*cut, parts, /*outerIsReduction=*/false);
  // The part is the slowest dimension of each buffer of partial results, and
  // the slowest loop.
  if (plan.vectorLoop >= *cut)
    ++plan.vectorLoop;

  OpBuilder builder(op);
  Location loc = op.getLoc();
  SmallVector<Value> buffers;
  SmallVector<int64_t> shape = {parts};
  SmallVector<unsigned> parallelLoops;
  for (unsigned loop = 0; loop < nest.getNumLoops(); ++loop)
    if (!nest.isReduction[loop] && loop != *cut) {
      parallelLoops.push_back(loop);
      shape.push_back(nest.sizes[loop]);
    }
  for (StridedAccess &output : nest.outputs) {
    Value buffer = memref::AllocOp::create(
        builder, loc, MemRefType::get(shape, output.getElementType()),
        builder.getI64IntegerAttr(64));
    buffers.push_back(buffer);
    int64_t elements = 1;
    SmallVector<int64_t> strides(nest.getNumLoops(), 0);
    for (unsigned loop : llvm::reverse(parallelLoops)) {
      strides[loop] = elements;
      elements *= nest.sizes[loop];
    }
    strides[*cut] = elements;
    output.strides = strides;
    output.offset = 0;
    output.base = memref::ReinterpretCastOp::create(
        builder, loc,
        MemRefType::get({elements * parts}, output.getElementType()), buffer,
        OpFoldResult(builder.getIndexAttr(0)),
        ArrayRef<OpFoldResult>{builder.getIndexAttr(elements * parts)},
        ArrayRef<OpFoldResult>{builder.getIndexAttr(1)});
  }
  VectorBody body(op, plan.lanes);
  plan.parallel = true;
  VectorLoops loops(builder, op, nest, body, plan);
  SmallVector<Operation *> combinerList(combiners);
  if (nest.isReduction[plan.vectorLoop])
    loops.emitReductionAlong(combinerList, /*overwrite=*/true);
  else
    loops.emitReductionAcross(&combinerList);

  // Then the parts in their order, as an operation of its own.
  unsigned rank = shape.size();
  SmallVector<utils::IteratorType> kinds(rank, utils::IteratorType::parallel);
  kinds[0] = utils::IteratorType::reduction;
  for (auto [index, buffer] : llvm::enumerate(buffers)) {
    const StridedAccess &output = given.outputs[index];
    AffineExpr position = builder.getAffineConstantExpr(output.offset);
    for (auto [dim, loop] : llvm::enumerate(parallelLoops))
      position = position + builder.getAffineDimExpr(dim + 1) *
                                output.strides[loop > *cut ? loop - 1 : loop];
    Operation *combiner = combiners[index];
    Value accumulator = op.getRegionOutputArgs()[index];
    auto sum = linalg::GenericOp::create(
        builder, loc, ValueRange{buffer}, ValueRange{output.base},
        ArrayRef{AffineMap::getMultiDimIdentityMap(rank, builder.getContext()),
                 AffineMap::get(rank, 0, position)},
        kinds, [&](OpBuilder &nested, Location loc, ValueRange arguments) {
          IRMapping mapping;
          for (Value operand : combiner->getOperands())
            mapping.map(operand,
                        operand == accumulator ? arguments[1] : arguments[0]);
          Operation *combined = nested.clone(*combiner, mapping);
          linalg::YieldOp::create(nested, loc, combined->getResults());
        });
    memref::DeallocOp::create(builder, loc, buffer);
    std::string reason;
    if (!vectorize(sum, reason)) {
      // A sum of contiguous parts has a form on vectors.
      sum.emitOpError("adds up the parts of a reduction, but ") << reason;
      signalPassFailure();
    }
  }
  return true;
}

//===----------------------------------------------------------------------===//
// One operation
//===----------------------------------------------------------------------===//

bool VectorizeElementwise::vectorize(linalg::LinalgOp op, std::string &reason) {
  VectorBody body(op, vectorLanes);
  if (!body.canVectorize(reason))
    return false;
  OpBuilder builder(op);
  FailureOr<StridedNest> nest = buildStridedNest(builder, op, reason);
  if (failed(nest))
    return false;
  llvm::SmallBitVector readDims(nest->loopOfDim.size());
  op.getBlock()->walk(
      [&](linalg::IndexOp index) { readDims.set(index.getDim()); });
  nest->collapseLoops(readDims);
  if (nest->getNumLoops() == 0) {
    // A single element: one lane of a loop of one iteration.
    nest->sizes.push_back(1);
    nest->isReduction.push_back(false);
    for (StridedAccess *access : nest->getAccesses())
      access->strides.push_back(1);
  }

  FailureOr<SmallVector<Operation *>> combiners = findCombiners(op);
  std::optional<unsigned> vectorLoop = chooseVectorLoop(
      *nest, vectorLanes, body.getCost(), succeeded(combiners));
  if (!vectorLoop) {
    reason = "reduces in a way that has no form on vectors";
    return false;
  }
  VectorPlan plan;
  plan.lanes = vectorLanes;
  plan.vectorLoop = *vectorLoop;
  int64_t work = nest->getNumIterations() *
                 (body.getCost() + int64_t(nest->getAccesses().size()));
  bool insideParallel = op->getParentWithTrait<OpTrait::HasParallelRegion>();
  plan.parallel = parallel && !insideParallel && work >= kMinParallelWork;

  bool along = nest->isReduction[plan.vectorLoop];
  if (nest->hasReduction() && plan.parallel && succeeded(combiners)) {
    // Results per part: blocks of vectors, or single ones.
    int64_t results = nest->getNumParallelIterations();
    int64_t parts =
        along ? results : llvm::divideCeil(results, 8 * vectorLanes);
    if (parts < kReductionParts / 2 &&
        vectorizeInParts(op, *nest, plan, *combiners)) {
      op.erase();
      ++numVectorized;
      return true;
    }
  }
  VectorLoops loops(builder, op, *nest, body, plan);
  if (!nest->hasReduction())
    loops.emitElementwise();
  else if (along)
    loops.emitReductionAlong(*combiners, /*overwrite=*/false);
  else
    loops.emitReductionAcross(/*combiners=*/nullptr);
  op.erase();
  ++numVectorized;
  return true;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

void VectorizeElementwise::runOnOperation() {
  func::FuncOp function = getOperation();
  vectorLanes = lanes;
  if (lanes == 0) {
    FailureOr<Target> target = Target::get(function);
    if (failed(target))
      return signalPassFailure();
    vectorLanes = target->lanes(32);
  }
  if (!llvm::isPowerOf2_64(vectorLanes)) {
    function.emitOpError("cannot have vectors of ")
        << vectorLanes << " lanes; give a power of two";
    return signalPassFailure();
  }
  IRRewriter rewriter(&getContext());

  // Copies between buffers of known shape, too, are elementwise.
  function.walk([&](memref::CopyOp copy) {
    auto source = dyn_cast<MemRefType>(copy.getSource().getType());
    auto target = dyn_cast<MemRefType>(copy.getTarget().getType());
    if (!source || !target || !source.hasStaticShape() ||
        !target.hasStaticShape())
      return;
    rewriter.setInsertionPoint(copy);
    linalg::CopyOp::create(rewriter, copy.getLoc(), copy.getSource(),
                           copy.getTarget());
    rewriter.eraseOp(copy);
  });

  SmallVector<linalg::LinalgOp> ops;
  function.walk([&](linalg::LinalgOp op) {
    if (op.hasPureBufferSemantics())
      ops.push_back(op);
  });
  for (linalg::LinalgOp op : ops) {
    std::string reason;
    if (vectorize(op, reason))
      continue;
    if (remarks)
      op.emitRemark() << reason << ", so it runs as scalar loops";
    rewriter.setInsertionPoint(op);
    if (failed(linalg::linalgOpToLoops(rewriter, op))) {
      op.emitOpError("has no form as loops: ") << reason;
      return signalPassFailure();
    }
    rewriter.eraseOp(op);
    ++numScalar;
  }

  // Elementary functions on vectors: polynomials, never a call a lane.
  RewritePatternSet patterns(&getContext());
  populateFastMathFunctionPatterns(patterns);
  populateMathPolynomialApproximationPatterns(patterns);
  if (failed(applyPatternsGreedily(function, std::move(patterns)))) {
    function.emitOpError("approximating the elementary functions did not end");
    return signalPassFailure();
  }
}
