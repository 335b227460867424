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

/// Threads of a block: enough to fill a multiprocessor with eight blocks.
static constexpr int64_t kThreads = 256;

/// The loop along which most operands are contiguous, stores counting double:
/// neighbouring threads take neighbouring elements of it.
static unsigned chooseContiguousLoop(const StridedNest &nest) {
  unsigned best = nest.getNumLoops() - 1;
  int64_t bestScore = -1;
  for (unsigned loop = nest.getNumLoops(); loop-- > 0;) {
    int64_t score = 0;
    for (const StridedAccess &input : nest.inputs)
      score += !input.isScalar() && input.strides[loop] == 1;
    for (const StridedAccess &output : nest.outputs)
      score += 2 * (output.strides[loop] == 1);
    // The innermost of equals.
    if (score > bestScore) {
      best = loop;
      bestScore = score;
    }
  }
  return best;
}

namespace {
/// The elements that one thread computes.
class ElementGroup {
public:
  ElementGroup(DeviceBuilder &b, const NestProgram &program, unsigned loop,
               int64_t width, ValueRange arguments)
      : b(b), program(program), kernel(b, program, arguments), loop(loop),
        width(width) {}

  void emit(SmallVector<Value> first);

private:
  /// The group's elements of an operand.
  SmallVector<Value> load(const StridedAccess &access,
                          ArrayRef<SmallVector<Value>> positions) {
    return kernel.loadGroup(access, loop, positions);
  }
  void store(const StridedAccess &access,
             ArrayRef<SmallVector<Value>> positions, ValueRange values);

  DeviceBuilder &b;
  const NestProgram &program;
  NestKernel kernel;
  unsigned loop;
  int64_t width;
};
} // namespace

void ElementGroup::store(const StridedAccess &access,
                         ArrayRef<SmallVector<Value>> positions,
                         ValueRange values) {
  if (width == 1 || access.strides[loop] != 1) {
    for (auto [place, value] : llvm::zip_equal(positions, values))
      kernel.store(access, place, value);
    return;
  }
  auto type = VectorType::get({width}, access.getElementType());
  Value vector = vector::FromElementsOp::create(b, type, values);
  vector::StoreOp::create(b, vector, kernel.buffer(access),
                          kernel.address(access, positions[0]),
                          /*nontemporal=*/false, vectorAlignment(type));
}

void ElementGroup::emit(SmallVector<Value> first) {
  SmallVector<SmallVector<Value>> positions;
  for (int64_t i = 0; i < width; ++i) {
    SmallVector<Value> &place = positions.emplace_back(first);
    place[loop] = b.add(first[loop], i);
  }
  SmallVector<SmallVector<Value>> inputs, outputs;
  for (auto [argument, access] :
       llvm::zip_equal(program.op.getRegionInputArgs(), program.nest.inputs))
    inputs.push_back(argument.use_empty() ? SmallVector<Value>(width, nullptr)
                                          : load(access, positions));
  for (auto [index, argument] :
       llvm::enumerate(program.op.getRegionOutputArgs())) {
    if (argument.use_empty())
      outputs.push_back(SmallVector<Value>(width, nullptr));
    else if (program.initialValues[index])
      outputs.push_back(
          SmallVector<Value>(width, kernel.initialValue(index, positions[0])));
    else
      outputs.push_back(load(program.nest.outputs[index], positions));
  }
  SmallVector<SmallVector<Value>> results(program.nest.outputs.size());
  for (int64_t i = 0; i < width; ++i) {
    auto elementOf = [&](ArrayRef<SmallVector<Value>> operands) {
      return llvm::map_to_vector(
          operands, [&](const SmallVector<Value> &group) { return group[i]; });
    };
    SmallVector<Value> yielded =
        kernel.evaluate(positions[i], elementOf(inputs), elementOf(outputs));
    for (auto [result, value] : llvm::zip_equal(results, yielded))
      result.push_back(value);
  }
  for (auto [access, values] : llvm::zip_equal(program.nest.outputs, results))
    store(access, positions, values);
}

namespace {
/// How threads share an operation.
struct ElementwisePlan {
  explicit ElementwisePlan(const StridedNest &nest);

  unsigned loop; ///< along which a thread's elements lie
  int64_t width; ///< elements of a thread
  /// The loops over groups of `width` elements, those along `loop` fastest.
  SmallVector<unsigned> order;
  SmallVector<int64_t> sizes;
  int64_t groups;
};
} // namespace

ElementwisePlan::ElementwisePlan(const StridedNest &nest)
    : loop(chooseContiguousLoop(nest)), width(chooseVectorWidth(nest, loop)),
      groups(nest.getNumIterations() / width) {
  for (unsigned other = 0; other < nest.getNumLoops(); ++other)
    if (other != loop) {
      order.push_back(other);
      sizes.push_back(nest.sizes[other]);
    }
  order.push_back(loop);
  sizes.push_back(nest.sizes[loop] / width);
}

/// What thread `thread` of the operation's block `block` does.
static void emitThread(DeviceBuilder &b, const NestProgram &program,
                       const ElementwisePlan &plan, ValueRange arguments,
                       Value block, Value thread, int64_t threads) {
  Value group = b.add(b.mul(block, threads), thread);
  Value inside;
  if (plan.groups % threads != 0)
    inside = b.less(group, b.index(plan.groups));
  b.when(inside, [&] {
    SmallVector<Value> positions(program.nest.getNumLoops());
    for (auto [place, position] :
         llvm::zip_equal(plan.order, delinearize(b, group, plan.sizes)))
      positions[place] = position;
    positions[plan.loop] = b.mul(positions[plan.loop], plan.width);
    ElementGroup(b, program, plan.loop, plan.width, arguments).emit(positions);
  });
}

void pixelfly::launchElementwise(ImplicitLocOpBuilder &host,
                                 KernelModule &kernels,
                                 ArrayRef<NestProgram> programs) {
  SmallVector<ElementwisePlan> plans;
  SmallVector<Attribute> keys;
  SmallVector<Value> operands;
  int64_t most = 0;
  for (const NestProgram &program : programs) {
    plans.emplace_back(program.nest);
    most = std::max(most, plans.back().groups);
    keys.push_back(program.key("elementwise"));
    llvm::append_range(operands, program.operands());
  }
  int64_t threads = std::min<int64_t>(kThreads, llvm::alignTo(most, kWarpSize));
  int64_t blocks = 0;
  for (const ElementwisePlan &plan : plans)
    blocks += divideCeil(plan.groups, threads);
  std::string name = programs.front().name("elementwise");
  if (programs.size() > 1)
    name += "_and_" + std::to_string(programs.size() - 1);

  LaunchShape shape{{blocks, 1, 1}, threads, 0};
  kernels.launch(host, host.getArrayAttr(keys), name, shape, operands,
                 [&](DeviceBuilder &b, gpu::GPUModuleOp, ValueRange arguments) {
                   Value block = gpu::BlockIdOp::create(b, gpu::Dimension::x);
                   Value thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
                   if (programs.size() == 1)
                     return emitThread(b, programs[0], plans[0], arguments,
                                       block, thread, threads);
                   // Each operation has blocks of its own.
                   int64_t first = 0;
                   for (size_t i = 0; i < programs.size(); ++i) {
                     const NestProgram &program = programs[i];
                     const ElementwisePlan &plan = plans[i];
                     int64_t count = divideCeil(plan.groups, threads);
                     size_t numOperands = program.operands().size();
                     // Blocks of earlier operations wrap around to large
                     // numbers.
                     Value own = b.sub(block, b.index(first));
                     b.when(b.less(own, b.index(count)), [&] {
                       emitThread(b, program, plan,
                                  arguments.take_front(numOperands), own,
                                  thread, threads);
                     });
                     arguments = arguments.drop_front(numOperands);
                     first += count;
                   }
                 });
}
