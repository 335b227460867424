//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Buffers.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/abi.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace pixelfly::rt;

void Buffers::Free::operator()(void *pointer) const { std::free(pointer); }

namespace {
/// Assigns places in one block of memory.
class Layout {
public:
  int64_t add(int64_t bytes, int64_t &account) {
    account += bytes;
    int64_t offset = end;
    end += (bytes + PF_BUFFER_ALIGNMENT - 1) / PF_BUFFER_ALIGNMENT *
           PF_BUFFER_ALIGNMENT;
    // A parameter, its gradient and its moments have the same size, often a
    // power of two: without a gap their elements share the same cache sets.
    end += 3 * PF_BUFFER_ALIGNMENT;
    return offset;
  }
  int64_t getEnd() const { return end; }

private:
  int64_t end = 0;
};

constexpr int64_t hugePage = int64_t(1) << 21;
} // namespace

static std::string inGigabytes(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f GB", double(bytes) * 1e-9);
  return text;
}

Buffers::Buffers(const Manifest &manifest)
    : parameters(manifest.parameters.size()),
      states(manifest.optimizerState.size()), inputs(manifest.inputs.size()) {
  Layout layout;
  std::vector<int64_t> train, evaluate;
  for (const Parameter &parameter : manifest.parameters)
    train.push_back(layout.add(parameter.bytes(), memoryUse.parameters));
  evaluate = train;
  for (size_t kind = 0; kind < states; ++kind)
    for (const Parameter &parameter : manifest.parameters)
      train.push_back(layout.add(parameter.bytes(), memoryUse.state));
  for (const TensorInfo &input : manifest.inputs) {
    train.push_back(layout.add(input.bytes(), memoryUse.batch));
    evaluate.push_back(train.back());
  }
  for (int scalar = 0; scalar < 2; ++scalar) // learning_rate and step
    train.push_back(layout.add(sizeof(float), memoryUse.batch));
  for (const TensorInfo &output : manifest.trainStep.outputs)
    train.push_back(layout.add(output.bytes(), memoryUse.batch));
  for (const TensorInfo &output : manifest.evaluate.outputs)
    evaluate.push_back(layout.add(output.bytes(), memoryUse.batch));
  int64_t arena = layout.add(
      std::max(manifest.trainStep.arenaBytes, manifest.evaluate.arenaBytes),
      memoryUse.arena);

  int64_t alignment =
      layout.getEnd() >= hugePage ? hugePage : int64_t(PF_BUFFER_ALIGNMENT);
  int64_t size = (layout.getEnd() + alignment - 1) / alignment * alignment;
  // Linux grants more than there is and kills the process on first use.
  if (size / ::sysconf(_SC_PAGESIZE) < ::sysconf(_SC_PHYS_PAGES))
    memory.reset(static_cast<char *>(std::aligned_alloc(alignment, size)));
  if (!memory)
    throw Error("there is not enough memory for this model: parameters " +
                    inGigabytes(memoryUse.parameters) + ", optimizer state " +
                    inGigabytes(memoryUse.state) + ", activations " +
                    inGigabytes(memoryUse.arena) + ", batch " +
                    inGigabytes(memoryUse.batch),
                "compile the model with a smaller batch");
  // Fewer page faults and TLB misses; only a hint.
  if (alignment == hugePage)
    ::madvise(memory.get(), size, MADV_HUGEPAGE);
  std::memset(memory.get(), 0, size);

  for (int64_t offset : train)
    trainStepPointers.push_back(memory.get() + offset);
  for (int64_t offset : evaluate)
    evaluatePointers.push_back(memory.get() + offset);
  arenaPointer = memory.get() + arena;
}

float *Buffers::parameter(size_t index) const {
  return static_cast<float *>(trainStepPointers[index]);
}

float *Buffers::state(size_t kind, size_t parameter) const {
  return static_cast<float *>(
      trainStepPointers[parameters * (1 + kind) + parameter]);
}

void *Buffers::input(size_t index) const {
  return trainStepPointers[parameters * (1 + states) + index];
}

void Buffers::setStep(float learningRate, float step) {
  size_t first = parameters * (1 + states) + inputs;
  *static_cast<float *>(trainStepPointers[first]) = learningRate;
  *static_cast<float *>(trainStepPointers[first + 1]) = step;
}

const float *Buffers::trainStepOutput(size_t index) const {
  return static_cast<const float *>(
      trainStepPointers[parameters * (1 + states) + inputs + 2 + index]);
}

const float *Buffers::evaluateOutput(size_t index) const {
  return static_cast<const float *>(
      evaluatePointers[parameters + inputs + index]);
}
