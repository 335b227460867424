//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The memory of a training run: one block that holds every tensor which
// generated code reads or writes, in the order of abi.h.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_BUFFERS_H
#define PIXELFLY_RT_BUFFERS_H

#include "pixelfly-rt/Manifest.h"

#include <memory>
#include <vector>

namespace pixelfly::rt {

/// Bytes by what they are for. `batch` is inputs and outputs of both functions,
/// `arena` the scratch memory that they share.
struct MemoryUse {
  int64_t parameters = 0, state = 0, arena = 0, batch = 0;
  int64_t total() const { return parameters + state + arena + batch; }
};

class Buffers {
public:
  /// Allocates; everything is zero. Throws Error when the memory is not there.
  explicit Buffers(const Manifest &manifest);

  /// The arguments of pf_train_step and of pf_evaluate.
  void *const *trainStep() const { return trainStepPointers.data(); }
  void *const *evaluate() const { return evaluatePointers.data(); }
  void *arena() const { return arenaPointer; }

  float *parameter(size_t index) const;
  /// The state tensor `kind` (index into optimizer.state) of a parameter.
  float *state(size_t kind, size_t parameter) const;
  void *input(size_t index) const;
  /// Sets the scalar inputs of the next train step.
  void setStep(float learningRate, float step);
  const float *trainStepOutput(size_t index) const;
  const float *evaluateOutput(size_t index) const;

  const MemoryUse &getMemoryUse() const { return memoryUse; }

private:
  struct Free {
    void operator()(void *pointer) const;
  };

  size_t parameters, states, inputs;
  MemoryUse memoryUse;
  std::unique_ptr<char, Free> memory;
  std::vector<void *> trainStepPointers, evaluatePointers;
  void *arenaPointer = nullptr;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_BUFFERS_H
