//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models compiled for the processor: one slot, and work is done when start...
// returns.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_LIB_HOSTEXECUTOR_H
#define PIXELFLY_RT_LIB_HOSTEXECUTOR_H

#include "pixelfly-rt/Executor.h"

namespace pixelfly::rt {

class HostExecutor : public Executor {
public:
  explicit HostExecutor(const Artifact &artifact)
      : artifact(artifact), buffers(artifact.getManifest()) {}

  size_t numSlots() const override { return 1; }
  void *input(size_t, size_t index) const override {
    return buffers.input(index);
  }
  void startTrainStep(size_t slot, float learningRate, float step) override;
  void startEvaluate(size_t slot) override;
  double finish(size_t) override { return milliseconds; }
  const float *trainStepOutput(size_t, size_t index) const override {
    return buffers.trainStepOutput(index);
  }
  const float *evaluateOutput(size_t, size_t index) const override {
    return buffers.evaluateOutput(index);
  }
  float *parameter(size_t index) const override {
    return buffers.parameter(index);
  }
  float *state(size_t kind, size_t parameter) const override {
    return buffers.state(kind, parameter);
  }
  void receive() override {}
  void send() override {}
  const MemoryUse &getMemoryUse() const override {
    return buffers.getMemoryUse();
  }
  std::string describe() const override {
    return std::to_string(artifact.getThreads()) + " threads";
  }

private:
  const Artifact &artifact;
  Buffers buffers;
  double milliseconds = 0;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_LIB_HOSTEXECUTOR_H
