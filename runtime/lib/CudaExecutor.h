//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Models compiled for a GPU. All memory is allocated, and both functions are
// captured into a graph for each slot, before the first step; a step is then
// three asynchronous calls:
//
//   upload stream     inputs, learning rate, step -> device (one copy)
//   compute stream    waits for that; launches the graph
//   readback stream   waits for that; outputs -> host (one copy)
//
// Two slots: the upload of one batch runs beside the step on the other, and
// the device need not wait for the host between two steps. Host memory of
// batches is pinned, else the copies would not be asynchronous.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_LIB_CUDAEXECUTOR_H
#define PIXELFLY_RT_LIB_CUDAEXECUTOR_H

#include "pixelfly-rt/CudaLaunches.h"
#include "pixelfly-rt/Executor.h"

#include <array>
#include <optional>

namespace pixelfly::rt {

class CudaExecutor : public Executor {
public:
  CudaExecutor(const Artifact &artifact, bool checkKernels);
  ~CudaExecutor() override;

  size_t numSlots() const override { return slotCount; }
  void *input(size_t slot, size_t index) const override;
  void startTrainStep(size_t slot, float learningRate, float step) override;
  void startEvaluate(size_t slot) override;
  double finish(size_t slot) override;
  const float *trainStepOutput(size_t slot, size_t index) const override;
  const float *evaluateOutput(size_t slot, size_t index) const override;
  float *parameter(size_t index) const override;
  float *state(size_t kind, size_t parameter) const override;
  void receive() override;
  void send() override;
  const MemoryUse &getMemoryUse() const override { return memoryUse; }
  std::string describe() const override;

private:
  static constexpr size_t slotCount = 2;

  /// A range of a slot's batch.
  struct Range {
    int64_t offset = 0, bytes = 0;
  };
  /// One function in one slot.
  struct Work {
    std::vector<void *> buffers; ///< addresses on the device
    cuda::GraphExec graph = nullptr;
  };
  struct Slot {
    Slot(const cuda::CudaDevice &device, int64_t hostBytes);
    cuda::PinnedMemory host;
    cuda::CudaEvent uploaded, started, computed, finished;
    Work trainStep, evaluate;
    /// Of the function that was started last.
    const char *running = nullptr;
  };

  using EntryPoint = void (Artifact::*)(void *const *, void *) const;

  void layOut();
  void fillBuffers();
  void capture(const char *name, Work &work, EntryPoint function);
  void start(size_t slot, Work &work, const char *name, const Range &in,
             const Range &out, EntryPoint function);
  char *device(int64_t offset) const;
  char *host(size_t slot, int64_t offset) const;

  const Artifact &artifact;
  const Manifest &manifest;
  const cuda::CudaDevice &gpu;
  bool checkKernels;

  MemoryUse memoryUse;
  /// The device's memory is one block: parameters, optimizer state (together
  /// `tensors`), a batch for each slot, the arena. A batch is inputs and the
  /// two scalars, then outputs; its offsets are those in the slot's host
  /// memory.
  std::vector<int64_t> tensors, inputs, trainStepOutputs, evaluateOutputs;
  Range trainInputs, testInputs, trainOutputs, testOutputs;
  int64_t learningRateOffset = 0, stepOffset = 0, slotBytes = 0;
  int64_t firstSlot = 0, arena = 0, total = 0;

  cuda::CudaStream upload, compute, readback;
  cuda::CudaLaunches launches;
  std::optional<cuda::DeviceMemory> memory;
  /// Parameters and state on the host.
  std::unique_ptr<char[]> mirror;
  std::vector<std::unique_ptr<Slot>> slots;
  size_t stepLaunches = 0;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_LIB_CUDAEXECUTOR_H
