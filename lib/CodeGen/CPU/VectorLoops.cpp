//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the loops of all kinds of nests have in common: access to operands, and
// the loops themselves.
//
//===----------------------------------------------------------------------===//

#include "VectorLoops.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Parts into which work is cut for the threads: enough that an uneven number
/// of threads has little to wait for, few enough that a part is worth starting.
static constexpr int64_t kParallelParts = 32;

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Value VectorLoops::constantIndex(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value VectorLoops::linearIndex(const StridedAccess &access) {
  AffineExpr expr = getAffineConstantExpr(access.offset, builder.getContext());
  SmallVector<OpFoldResult> operands;
  for (auto [loop, stride] : llvm::enumerate(access.strides)) {
    if (stride == 0)
      continue;
    expr = expr + builder.getAffineDimExpr(operands.size()) * stride;
    operands.push_back(ivs[loop]);
  }
  OpFoldResult index = affine::makeComposedFoldedAffineApply(
      builder, loc, AffineMap::get(operands.size(), 0, expr), operands);
  return getValueOrCreateConstantIndexOp(builder, loc, index);
}

Value VectorLoops::loadScalar(const StridedAccess &access) {
  if (access.isScalar())
    return access.base;
  return memref::LoadOp::create(builder, loc, access.base, linearIndex(access));
}

Value VectorLoops::allLanes() {
  return vector::ConstantMaskOp::create(
      builder, loc, vectorOf(builder.getI1Type()), ArrayRef{plan.lanes});
}

Value VectorLoops::firstLanes(int64_t count) {
  if (count == plan.lanes)
    return {};
  return vector::ConstantMaskOp::create(
      builder, loc, vectorOf(builder.getI1Type()), ArrayRef{count});
}

Value VectorLoops::laneOffsets(int64_t stride) {
  SmallVector<int32_t> offsets;
  for (int64_t lane = 0; lane < plan.lanes; ++lane)
    offsets.push_back(static_cast<int32_t>(lane * stride));
  return arith::ConstantOp::create(builder, loc,
                                   builder.getI32VectorAttr(offsets));
}

Value VectorLoops::loadVector(const StridedAccess &access, Value mask) {
  int64_t stride = access.strides[plan.vectorLoop];
  VectorType type = vectorOf(access.getElementType());
  Value index = linearIndex(access);
  if (stride == 1 && !mask)
    return vector::LoadOp::create(builder, loc, type, access.base, index);
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  if (stride == 1)
    return vector::MaskedLoadOp::create(builder, loc, type, access.base, index,
                                        mask, zero);
  return vector::GatherOp::create(builder, loc, type, access.base, index,
                                  laneOffsets(stride), mask ? mask : allLanes(),
                                  zero);
}

void VectorLoops::storeVector(const StridedAccess &access, Value value,
                              Value mask) {
  int64_t stride = access.strides[plan.vectorLoop];
  Value index = linearIndex(access);
  if (stride == 1 && !mask)
    vector::StoreOp::create(builder, loc, value, access.base, index);
  else if (stride == 1)
    vector::MaskedStoreOp::create(builder, loc, access.base, index, mask,
                                  value);
  else
    vector::ScatterOp::create(builder, loc, /*resultType=*/Type(), access.base,
                              index, laneOffsets(stride),
                              mask ? mask : allLanes(), value);
}

Value VectorLoops::indexOfDim(unsigned dim, bool vector) {
  std::optional<unsigned> loop = nest.loopOfDim[dim];
  if (!loop)
    return constantIndex(0);
  if (!vector || *loop != plan.vectorLoop)
    return ivs[*loop];
  VectorType type = vectorOf(builder.getIndexType());
  Value lanes = vector::StepOp::create(builder, loc, type);
  Value base = vector::BroadcastOp::create(builder, loc, type, ivs[*loop]);
  return arith::AddIOp::create(builder, loc, base, lanes);
}

//===----------------------------------------------------------------------===//
// The body
//===----------------------------------------------------------------------===//

void VectorLoops::setUniform() {
  llvm::DenseSet<Value> uniform;
  for (auto [index, input] : llvm::enumerate(nest.inputs))
    if (input.isScalar() || input.strides[plan.vectorLoop] == 0)
      uniform.insert(op.getBlock()->getArgument(index));
  std::optional<unsigned> vectorDim;
  for (auto [dim, loop] : llvm::enumerate(nest.loopOfDim))
    if (loop == std::optional<unsigned>(plan.vectorLoop))
      vectorDim = dim;
  body.setUniform(uniform, vectorDim);
}

IRMapping VectorLoops::emitUniform() {
  IRMapping mapping;
  for (auto [index, input] : llvm::enumerate(nest.inputs)) {
    BlockArgument argument = op.getBlock()->getArgument(index);
    bool uniform = input.isScalar() || input.strides[plan.vectorLoop] == 0;
    if (uniform && !argument.use_empty())
      mapping.map(argument, loadScalar(input));
  }
  body.emitUniform(builder, mapping, [&](unsigned dim) {
    return indexOfDim(dim, /*vector=*/false);
  });
  return mapping;
}

SmallVector<Value> VectorLoops::emitBody(const IRMapping &uniform,
                                         ValueRange accumulators, Value mask) {
  IRMapping mapping = uniform;
  auto arguments = op.getBlock()->getArguments();
  for (auto [index, input] : llvm::enumerate(nest.inputs))
    if (!mapping.contains(arguments[index]) && !arguments[index].use_empty())
      mapping.map(arguments[index], loadVector(input, mask));
  for (auto [index, output] : llvm::enumerate(nest.outputs)) {
    BlockArgument argument = arguments[nest.inputs.size() + index];
    if (!accumulators.empty())
      mapping.map(argument, accumulators[index]);
    else if (!argument.use_empty())
      mapping.map(argument, loadVector(output, mask));
  }
  return body.emitVectors(builder, mapping, [&](unsigned dim) {
    return indexOfDim(dim, /*vector=*/true);
  });
}

Value VectorLoops::neutralVector(Operation *combiner) {
  TypedAttr neutral = *arith::getNeutralElement(combiner);
  return arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(vectorOf(neutral.getType()),
                             ArrayRef<Attribute>(neutral)));
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

SmallVector<unsigned> VectorLoops::otherLoops(bool reductions) const {
  SmallVector<unsigned> loops;
  for (unsigned loop = 0; loop < nest.getNumLoops(); ++loop)
    if (loop != plan.vectorLoop && nest.isReduction[loop] == reductions)
      loops.push_back(loop);
  return loops;
}

std::optional<unsigned> VectorLoops::transposedLoop() const {
  for (const StridedAccess *access : nest.getAccesses()) {
    if (access->isScalar() || access->strides[plan.vectorLoop] <= 1)
      continue;
    for (unsigned loop : otherLoops(/*reductions=*/false))
      if (access->strides[loop] == 1)
        return loop;
  }
  return std::nullopt;
}

void VectorLoops::emitOuterLoops(ArrayRef<Range> ranges,
                                 llvm::function_ref<void()> emitBody) {
  // The shortest prefix with enough parts; inside it loops are sequential, so
  // that a thread walks through memory.
  size_t numParallel = 0;
  for (int64_t parts = 1;
       plan.parallel && numParallel < ranges.size() && parts < kParallelParts;
       ++numParallel)
    parts *= ranges[numParallel].getNumSteps();

  OpBuilder::InsertionGuard guard(builder);
  ArrayRef<Range> parallel = ranges.take_front(numParallel);
  if (!parallel.empty()) {
    SmallVector<Value> begins, ends, steps;
    for (const Range &range : parallel) {
      begins.push_back(constantIndex(range.begin));
      ends.push_back(constantIndex(range.end));
      steps.push_back(constantIndex(range.step));
    }
    auto loop = scf::ParallelOp::create(builder, loc, begins, ends, steps);
    builder.setInsertionPointToStart(loop.getBody());
    for (auto [range, iv] : llvm::zip_equal(parallel, loop.getInductionVars()))
      ivs[range.loop] = iv;
  }
  for (const Range &range : ranges.drop_front(numParallel)) {
    auto loop =
        scf::ForOp::create(builder, loc, constantIndex(range.begin),
                           constantIndex(range.end), constantIndex(range.step));
    builder.setInsertionPointToStart(loop.getBody());
    ivs[range.loop] = loop.getInductionVar();
  }
  emitBody();
}

SmallVector<Value> VectorLoops::emitCarryingLoops(
    ArrayRef<unsigned> loops, ValueRange values,
    llvm::function_ref<SmallVector<Value>(ValueRange)> emitBody) {
  if (loops.empty())
    return emitBody(values);
  auto loop = scf::ForOp::create(builder, loc, constantIndex(0),
                                 constantIndex(nest.sizes[loops.front()]),
                                 constantIndex(1), values);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  ivs[loops.front()] = loop.getInductionVar();
  SmallVector<Value> next =
      emitCarryingLoops(loops.drop_front(), loop.getRegionIterArgs(), emitBody);
  if (!values.empty())
    scf::YieldOp::create(builder, loc, next);
  return loop.getResults();
}

SmallVector<Value> VectorLoops::emitVectorLoop(
    Value begin, Value end, int64_t step, ValueRange values,
    llvm::function_ref<SmallVector<Value>(ValueRange)> emitBody) {
  auto loop =
      scf::ForOp::create(builder, loc, begin, end, constantIndex(step), values);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  ivs[plan.vectorLoop] = loop.getInductionVar();
  SmallVector<Value> next = emitBody(loop.getRegionIterArgs());
  if (!values.empty())
    scf::YieldOp::create(builder, loc, next);
  return loop.getResults();
}

//===----------------------------------------------------------------------===//
// Without reductions
//===----------------------------------------------------------------------===//

void VectorLoops::emitElementwise() {
  setUniform();
  const int64_t size = nest.sizes[plan.vectorLoop];
  const int64_t mainSize = size / plan.lanes * plan.lanes;
  std::optional<unsigned> innermost = transposedLoop();

  SmallVector<Range> outer;
  int64_t outerSteps = 1;
  for (unsigned loop : otherLoops(/*reductions=*/false)) {
    if (innermost && loop == *innermost)
      continue;
    outer.push_back({loop, 0, nest.sizes[loop], 1});
    outerSteps *= nest.sizes[loop];
  }

  // All iterations of one vector, at the current indices.
  auto emitPoint = [&](const IRMapping *uniform, Value mask) {
    IRMapping own = uniform ? *uniform : emitUniform();
    SmallVector<Value> results = emitBody(own, {}, mask);
    for (auto [output, result] : llvm::zip_equal(nest.outputs, results))
      storeVector(output, result, mask);
  };
  auto emitVectors = [&](Value begin, Value end) {
    IRMapping uniform;
    if (!innermost)
      uniform = emitUniform();
    emitVectorLoop(begin, end, plan.lanes, {}, [&](ValueRange) {
      if (!innermost) {
        emitPoint(&uniform, {});
      } else {
        emitCarryingLoops({*innermost}, {}, [&](ValueRange) {
          emitPoint(nullptr, {});
          return SmallVector<Value>();
        });
      }
      return SmallVector<Value>();
    });
  };
  auto emitTail = [&]() {
    ivs[plan.vectorLoop] = constantIndex(mainSize);
    Value mask = firstLanes(size - mainSize);
    SmallVector<unsigned> inner;
    if (innermost)
      inner.push_back(*innermost);
    emitCarryingLoops(inner, {}, [&](ValueRange) {
      emitPoint(nullptr, mask);
      return SmallVector<Value>();
    });
  };

  // Long rows and few of them: the row itself is cut.
  int64_t vectors = mainSize / plan.lanes;
  if (plan.parallel && outerSteps < kParallelParts && vectors >= 2) {
    int64_t parts = llvm::divideCeil(kParallelParts, outerSteps);
    int64_t chunk = llvm::divideCeil(vectors, parts) * plan.lanes;
    SmallVector<Range> cut = outer;
    cut.push_back({plan.vectorLoop, 0, mainSize, chunk});
    emitOuterLoops(cut, [&]() {
      Value begin = ivs[plan.vectorLoop];
      Value end =
          arith::AddIOp::create(builder, loc, begin, constantIndex(chunk));
      if (mainSize % chunk != 0)
        end =
            arith::MinSIOp::create(builder, loc, end, constantIndex(mainSize));
      emitVectors(begin, end);
    });
    if (mainSize != size)
      emitOuterLoops(outer, emitTail);
    return;
  }
  emitOuterLoops(outer, [&]() {
    if (mainSize > 0)
      emitVectors(constantIndex(0), constantIndex(mainSize));
    if (mainSize != size)
      emitTail();
  });
}
