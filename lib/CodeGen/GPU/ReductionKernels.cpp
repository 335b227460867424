//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestLaunches.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

static constexpr int64_t kThreads = 256;

/// Thread blocks below which a reduction is shared by more of them: half the
/// multiprocessors of an A100 or H100.
static constexpr int64_t kFewBlocks = 64;

/// Thread blocks to aim for then.
static constexpr int64_t kManyBlocks = 256;

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

/// What neighbouring threads along `loop` cost the memory: one transaction for
/// a contiguous operand, many for one with a stride.
static int64_t costAlong(const StridedNest &nest, unsigned loop) {
  int64_t cost = 0;
  for (const StridedAccess *access : nest.getAccesses())
    if (!access->isScalar() && access->strides[loop] != 0)
      cost += access->strides[loop] == 1 ? 1 : 8;
  return cost;
}

/// Sums pass between threads by shuffles of 32-bit registers.
static bool canShare(const NestProgram &program) {
  return !program.combiners.empty() &&
         llvm::all_of(program.nest.outputs, [](const StridedAccess &output) {
           Type type = output.getElementType();
           return type.isIntOrFloat() && type.getIntOrFloatBitWidth() == 32;
         });
}

ReductionPlan pixelfly::planReduction(const NestProgram &program) {
  const StridedNest &nest = program.nest;
  ReductionPlan plan;
  for (unsigned loop = 0; loop < nest.getNumLoops(); ++loop) {
    bool reduction = nest.isReduction[loop];
    (reduction ? plan.reductionLoops : plan.parallelLoops).push_back(loop);
    (reduction ? plan.terms : plan.outputs) *= nest.sizes[loop];
  }
  auto moveCheapestLast = [&](SmallVector<unsigned> &loops) -> int64_t {
    if (loops.empty())
      return 0;
    // The innermost of equals.
    auto *cheapest = std::prev(loops.end());
    for (auto *it = loops.end(); it-- != loops.begin();)
      if (costAlong(nest, *it) < costAlong(nest, *cheapest))
        cheapest = it;
    std::rotate(cheapest, std::next(cheapest), loops.end());
    return costAlong(nest, loops.back());
  };
  int64_t acrossCost = moveCheapestLast(plan.parallelLoops);
  int64_t alongCost = moveCheapestLast(plan.reductionLoops);
  if (!canShare(program))
    return plan;

  bool along = plan.terms >= kWarpSize &&
               (plan.outputs < kWarpSize || alongCost <= acrossCost);
  if (along) {
    plan.teamSize = plan.terms <= 1024 ? kWarpSize : kThreads;
    int64_t width = chooseVectorWidth(nest, plan.reductionLoops.back());
    if (plan.terms >= plan.teamSize * width)
      plan.vector = width;
    int64_t blocks = divideCeil(plan.outputs * plan.teamSize, kThreads);
    if (blocks < kFewBlocks)
      plan.parts = std::clamp<int64_t>(plan.terms / (16 * kThreads), 1,
                                       divideCeil(kManyBlocks, blocks));
    if (plan.parts > 1)
      plan.teamSize = kThreads;
    return plan;
  }
  if (plan.terms < kWarpSize)
    return plan;
  plan.termThreads = kThreads / kWarpSize;
  int64_t blocks = divideCeil(plan.outputs, kWarpSize);
  if (blocks < kFewBlocks)
    plan.parts = std::clamp<int64_t>(plan.terms / (16 * plan.termThreads), 1,
                                     divideCeil(kManyBlocks, blocks));
  return plan;
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

namespace {
class ReductionKernel {
public:
  ReductionKernel(DeviceBuilder &b, const NestProgram &program,
                  const ReductionPlan &plan, const LaunchShape &shape,
                  ValueRange arguments)
      : b(b), program(program), plan(plan), shape(shape),
        kernel(b, program, arguments) {}

  /// Threads beside each other with outputs of their own.
  static int64_t outputsPerBlock(const ReductionPlan &plan, int64_t threads) {
    return threads / (plan.teamSize * plan.termThreads);
  }

  void emit(ValueRange partialSums);

private:
  void emitSerial();
  void emitShared(ValueRange partialSums);
  /// Whether one thread computes the whole output, in order.
  bool isSerial() const {
    return plan.teamSize == 1 && plan.termThreads == 1 && plan.parts == 1;
  }
  void findPlace();
  void findPositions();
  SmallVector<Value> addTerms();
  /// Adds the sums of the threads that share an output; complete in the
  /// threads for which `leader` holds.
  void addThreads(SmallVector<Value> &sums);
  SmallVector<Value> addShuffled(ValueRange sums);
  /// Adds `count` sums that lie `stride` apart in shared memory.
  void addShared(SmallVector<Value> &sums, Value storing, Value place,
                 int64_t elements, int64_t count, int64_t stride);

  DeviceBuilder &b;
  const NestProgram &program;
  const ReductionPlan &plan;
  const LaunchShape &shape;
  NestKernel kernel;

  Value thread, part, output, inside;
  /// The thread's place among those that share the output.
  Value member;
  /// Which of the block's outputs it is.
  Value slot;
  Value leader; ///< null: every thread
  SmallVector<Value> positions;
};
} // namespace

void ReductionKernel::findPlace() {
  int64_t perBlock = outputsPerBlock(plan, shape.threads);
  int64_t outputBlocks = divideCeil(plan.outputs, perBlock);
  Value block = gpu::BlockIdOp::create(b, gpu::Dimension::x);
  thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
  if (plan.parts > 1) {
    SmallVector<Value> place =
        delinearize(b, block, {plan.parts, outputBlocks});
    part = place[0];
    block = place[1];
  }
  if (plan.teamSize > 1) {
    slot = b.div(thread, plan.teamSize);
    member = b.rem(thread, plan.teamSize);
  } else {
    slot = b.rem(thread, perBlock);
    member = b.div(thread, perBlock);
  }
  if (plan.teamSize * plan.termThreads > 1)
    leader = b.createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, member,
                                           b.index(0));
  output = b.add(b.mul(block, perBlock), slot);
  if (plan.outputs % perBlock != 0)
    inside = b.less(output, b.index(plan.outputs));
}

void ReductionKernel::findPositions() {
  positions.resize(program.nest.getNumLoops());
  SmallVector<int64_t> sizes;
  for (unsigned loop : plan.parallelLoops)
    sizes.push_back(program.nest.sizes[loop]);
  for (auto [loop, position] :
       llvm::zip_equal(plan.parallelLoops, delinearize(b, output, sizes)))
    positions[loop] = position;
  // Of the outputs nothing moves along the reductions.
  for (unsigned loop : plan.reductionLoops)
    positions[loop] = b.index(0);
}

SmallVector<Value> ReductionKernel::addTerms() {
  unsigned numOutputs = program.nest.outputs.size();
  SmallVector<Value> start;
  for (unsigned index = 0; index < numOutputs; ++index)
    start.push_back(isSerial() ? kernel.initialValue(index, positions)
                               : kernel.neutral(index));
  SmallVector<int64_t> sizes;
  for (unsigned loop : plan.reductionLoops)
    sizes.push_back(program.nest.sizes[loop]);
  unsigned innermost = plan.reductionLoops.back();

  Value first = b.mul(member, plan.vector), end = b.index(plan.terms);
  if (plan.parts > 1) {
    int64_t share =
        llvm::alignTo(divideCeil(plan.terms, plan.parts), plan.vector);
    Value from = b.mul(part, share);
    first = b.add(first, from);
    end = b.minimum(b.add(from, share), end);
  }
  Value step = b.index(plan.teamSize * plan.termThreads * plan.vector);
  auto loop = scf::ForOp::create(
      b, first, end, step, start,
      [&](OpBuilder &nested, Location, Value term, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToEnd(nested.getInsertionBlock());
        SmallVector<Value> place = positions;
        for (auto [loop, position] :
             llvm::zip_equal(plan.reductionLoops, delinearize(b, term, sizes)))
          place[loop] = position;
        SmallVector<SmallVector<Value>> places;
        for (int64_t i = 0; i < plan.vector; ++i) {
          places.push_back(place);
          places.back()[innermost] = b.add(place[innermost], i);
        }
        SmallVector<SmallVector<Value>> inputs;
        for (auto [argument, access] : llvm::zip_equal(
                 program.op.getRegionInputArgs(), program.nest.inputs))
          inputs.push_back(argument.use_empty()
                               ? SmallVector<Value>(plan.vector, nullptr)
                               : kernel.loadGroup(access, innermost, places));
        auto sums = llvm::to_vector_of<Value>(carried);
        for (int64_t i = 0; i < plan.vector; ++i)
          sums = kernel.evaluate(
              places[i],
              llvm::map_to_vector(
                  inputs,
                  [&](const SmallVector<Value> &group) { return group[i]; }),
              sums);
        scf::YieldOp::create(b, sums);
      });
  return llvm::to_vector_of<Value>(loop.getResults());
}

SmallVector<Value> ReductionKernel::addShuffled(ValueRange sums) {
  auto added = llvm::to_vector_of<Value>(sums);
  for (int32_t distance = kWarpSize / 2; distance > 0; distance /= 2)
    for (auto [index, sum] : llvm::enumerate(added)) {
      auto shuffle = gpu::ShuffleOp::create(
          b, sum, distance, int32_t(kWarpSize), gpu::ShuffleMode::XOR);
      sum = kernel.combine(index, sum, shuffle.getShuffleResult());
    }
  return added;
}

void ReductionKernel::addShared(SmallVector<Value> &sums, Value storing,
                                Value place, int64_t elements, int64_t count,
                                int64_t stride) {
  auto function = cast<gpu::GPUFuncOp>(b.getInsertionBlock()->getParentOp());
  SmallVector<Value> shared;
  for (Value sum : sums)
    shared.push_back(function.addWorkgroupAttribution(
        MemRefType::get({elements}, sum.getType(), MemRefLayoutAttrInterface(),
                        gpu::AddressSpaceAttr::get(
                            b.getContext(), gpu::AddressSpace::Workgroup)),
        b.getLoc()));
  b.when(storing, [&] {
    for (auto [sum, buffer] : llvm::zip_equal(sums, shared))
      memref::StoreOp::create(b, sum, buffer, place);
  });
  gpu::BarrierOp::create(b);
  // Everyone reads; only what the leaders get is complete.
  for (auto [index, buffer] : llvm::enumerate(shared)) {
    sums[index] = memref::LoadOp::create(b, buffer, slot);
    for (int64_t i = 1; i < count; ++i)
      sums[index] = kernel.combine(
          index, sums[index],
          memref::LoadOp::create(b, buffer, b.add(slot, i * stride)));
  }
}

void ReductionKernel::addThreads(SmallVector<Value> &sums) {
  if (plan.teamSize > 1) {
    sums = addShuffled(sums);
    if (plan.teamSize > kWarpSize) {
      int64_t warps = plan.teamSize / kWarpSize;
      Value isFirst = b.createOrFold<arith::CmpIOp>(
          arith::CmpIPredicate::eq, b.rem(member, kWarpSize), b.index(0));
      addShared(sums, isFirst, b.div(member, kWarpSize), warps, warps, 1);
    }
  } else if (plan.termThreads > 1) {
    int64_t outputs = outputsPerBlock(plan, shape.threads);
    addShared(sums, nullptr, thread, shape.threads, plan.termThreads, outputs);
  }
}

void ReductionKernel::emitSerial() {
  b.when(inside, [&] {
    findPositions();
    for (auto [access, sum] : llvm::zip_equal(program.nest.outputs, addTerms()))
      kernel.store(access, positions, sum);
  });
}

void ReductionKernel::emitShared(ValueRange partialSums) {
  // Threads beyond the last output compute it once more, and store nothing: all
  // arrive at the barriers.
  if (inside)
    output = b.minimum(output, b.index(plan.outputs - 1));
  findPositions();
  SmallVector<Value> sums = addTerms();
  addThreads(sums);
  Value storing = leader;
  if (inside)
    storing = leader ? b.createOrFold<arith::AndIOp>(leader, inside) : inside;
  b.when(storing, [&] {
    for (auto [index, sum] : llvm::enumerate(sums)) {
      if (plan.parts > 1)
        memref::StoreOp::create(b, sum, partialSums[index],
                                b.add(b.mul(part, plan.outputs), output));
      else
        kernel.store(
            program.nest.outputs[index], positions,
            kernel.combine(index, kernel.initialValue(index, positions), sum));
    }
  });
}

void ReductionKernel::emit(ValueRange partialSums) {
  findPlace();
  if (isSerial())
    emitSerial();
  else
    emitShared(partialSums);
}

void pixelfly::launchReduction(ImplicitLocOpBuilder &host,
                               KernelModule &kernels,
                               const NestProgram &program,
                               const ReductionPlan &plan,
                               ValueRange partialSums) {
  int64_t threads = kThreads;
  if (plan.teamSize == kWarpSize)
    threads = std::min(kThreads, plan.outputs * kWarpSize);
  else if (plan.teamSize == 1 && plan.termThreads == 1)
    threads =
        std::min<int64_t>(kThreads / 2, llvm::alignTo(plan.outputs, kWarpSize));
  int64_t perBlock = ReductionKernel::outputsPerBlock(plan, threads);
  LaunchShape shape{
      {int64_t(divideCeil(plan.outputs, perBlock)) * plan.parts, 1, 1},
      threads,
      0};
  SmallVector<Value> operands = program.operands();
  size_t numBuffers = operands.size();
  llvm::append_range(operands, partialSums);
  StringRef form = plan.parts > 1 ? "partial_sums" : "reduction";
  kernels.launch(host, program.key(form), program.name(form), shape, operands,
                 [&](DeviceBuilder &b, gpu::GPUModuleOp, ValueRange arguments) {
                   // Shared buffers will be arguments, too, and move these.
                   auto partial = llvm::to_vector_of<Value>(
                       arguments.drop_front(numBuffers));
                   ReductionKernel(b, program, plan, shape,
                                   arguments.take_front(numBuffers))
                       .emit(partial);
                 });
}
