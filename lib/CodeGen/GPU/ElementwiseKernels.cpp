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

void pixelfly::launchElementwise(ImplicitLocOpBuilder &host,
                                 KernelModule &kernels,
                                 const NestProgram &program) {
  const StridedNest &nest = program.nest;
  unsigned loop = chooseContiguousLoop(nest);
  int64_t width = chooseVectorWidth(nest, loop);
  // Groups of neighbours, those along the contiguous loop fastest.
  SmallVector<unsigned> order;
  SmallVector<int64_t> sizes;
  for (unsigned other = 0; other < nest.getNumLoops(); ++other)
    if (other != loop) {
      order.push_back(other);
      sizes.push_back(nest.sizes[other]);
    }
  order.push_back(loop);
  sizes.push_back(nest.sizes[loop] / width);
  int64_t groups = nest.getNumIterations() / width;
  int64_t threads =
      std::min<int64_t>(kThreads, llvm::alignTo(groups, kWarpSize));

  LaunchShape shape{{int64_t(divideCeil(groups, threads)), 1, 1}, threads, 0};
  kernels.launch(
      host, program.key("elementwise"), program.name("elementwise"), shape,
      program.operands(),
      [&](DeviceBuilder &b, gpu::GPUModuleOp, ValueRange arguments) {
        Value block = gpu::BlockIdOp::create(b, gpu::Dimension::x);
        Value thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
        Value group = b.add(b.mul(block, threads), thread);
        Value inside;
        if (groups % threads != 0)
          inside = b.less(group, b.index(groups));
        b.when(inside, [&] {
          SmallVector<Value> positions(nest.getNumLoops());
          for (auto [place, position] :
               llvm::zip_equal(order, delinearize(b, group, sizes)))
            positions[place] = position;
          positions[loop] = b.mul(positions[loop], width);
          ElementGroup(b, program, loop, width, arguments).emit(positions);
        });
      });
}
