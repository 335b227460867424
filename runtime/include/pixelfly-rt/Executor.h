//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A compiled model with the memory it works on, on the processor or on a GPU.
// Every address it hands out is the host's.
//
// Work is done in slots. A slot has a batch's inputs and outputs of its own, so
// that a batch can be prepared while another one is worked on:
//
//   fill input(slot, ...); startTrainStep(slot, ...); ... finish(slot);
//   read trainStepOutput(slot, ...)
//
// Slots run in the order in which they were started, one after the other.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_EXECUTOR_H
#define PIXELFLY_RT_EXECUTOR_H

#include "pixelfly-rt/Artifact.h"
#include "pixelfly-rt/Buffers.h"
#include "pixelfly-rt/Weights.h"

#include <memory>

namespace pixelfly::rt {

class Executor : public Weights {
public:
  /// Allocates for the device that the artifact was opened for; everything is
  /// zero. `artifact` must outlive the result. Throws Error when the memory is
  /// not there. `checkKernels`: wait after every kernel, so that one that
  /// faults is named; much slower, GPUs only.
  static std::unique_ptr<Executor> create(const Artifact &artifact,
                                          bool checkKernels = false);

  virtual size_t numSlots() const = 0;
  /// Where the next batch of a finished slot goes.
  virtual void *input(size_t slot, size_t index) const = 0;
  /// Both may return before the work is done.
  virtual void startTrainStep(size_t slot, float learningRate, float step) = 0;
  virtual void startEvaluate(size_t slot) = 0;
  /// Waits for the slot's work, and returns how many milliseconds the compiled
  /// code took. Throws Error if it failed.
  virtual double finish(size_t slot) = 0;
  /// Of a finished slot.
  virtual const float *trainStepOutput(size_t slot, size_t index) const = 0;
  virtual const float *evaluateOutput(size_t slot, size_t index) const = 0;

  /// Of the memory that the model works in.
  virtual const MemoryUse &getMemoryUse() const = 0;
  /// What runs the model: "2 threads", "NVIDIA H200, 12 kernels a step".
  virtual std::string describe() const = 0;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_EXECUTOR_H
