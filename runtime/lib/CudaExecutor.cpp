//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaExecutor.h"
#include "pixelfly-rt/CudaRequirements.h"

#include <algorithm>
#include <cstring>

using namespace pixelfly::rt;
using namespace pixelfly::rt::cuda;

CudaExecutor::Slot::Slot(const CudaDevice &device, int64_t hostBytes)
    : host(device, size_t(hostBytes), "a batch"), uploaded(device, false),
      started(device, true), computed(device, true), finished(device, false) {
  std::memset(host.get(), 0, size_t(hostBytes));
}

CudaExecutor::CudaExecutor(const Artifact &artifact, bool checkKernels)
    : artifact(artifact), manifest(artifact.getManifest()),
      gpu(*artifact.getDevice()), checkKernels(checkKernels), upload(gpu),
      compute(gpu), readback(gpu), launches(gpu, compute.get()) {
  layOut();
  if (int64_t available = gpu.getFreeMemory(); total > available)
    throw tooLittleMemory(manifest, memoryUse, int64_t(slotCount), available,
                          gpu.describe());
  memory.emplace(gpu, size_t(total), "the model's buffers");
  gpu.call(gpu.getDriver().memset8Async, "the model's buffers", memory->get(),
           static_cast<unsigned char>(0), size_t(total), compute.get());
  mirror = std::make_unique<char[]>(size_t(firstSlot));
  for (size_t i = 0; i < slotCount; ++i)
    slots.push_back(std::make_unique<Slot>(gpu, slotBytes));
  fillBuffers();
  compute.synchronize("clearing the model's buffers");
  for (const std::unique_ptr<Slot> &slot : slots) {
    capture("train_step", slot->trainStep, &Artifact::trainStep);
    capture("evaluate", slot->evaluate, &Artifact::evaluate);
  }
  launches.copyTensorMaps();
}

CudaExecutor::~CudaExecutor() {
  // After an error work may still be under way, on memory that goes now.
  for (const CudaStream *stream : {&upload, &compute, &readback})
    gpu.getDriver().streamSynchronize.function(stream->get());
  for (const std::unique_ptr<Slot> &slot : slots)
    for (Work *work : {&slot->trainStep, &slot->evaluate})
      if (work->graph)
        gpu.getDriver().graphExecDestroy.function(work->graph);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

namespace {
/// Assigns places in one block of memory.
class Layout {
public:
  int64_t add(int64_t bytes) {
    int64_t offset = end;
    end += (bytes + alignment - 1) / alignment * alignment;
    return offset;
  }
  int64_t getEnd() const { return end; }

private:
  /// What cuMemAlloc gives, and more than any copy of a kernel asks for.
  static constexpr int64_t alignment = 256;
  int64_t end = 0;
};
} // namespace

void CudaExecutor::layOut() {
  Layout layout;
  for (const Parameter &parameter : manifest.parameters)
    tensors.push_back(layout.add(parameter.bytes()));
  memoryUse.parameters = layout.getEnd();
  for (size_t kind = 0; kind < manifest.optimizerState.size(); ++kind)
    for (const Parameter &parameter : manifest.parameters)
      tensors.push_back(layout.add(parameter.bytes()));
  firstSlot = layout.getEnd();
  memoryUse.state = firstSlot - memoryUse.parameters;

  // Offsets in a slot.
  Layout slot;
  for (const TensorInfo &input : manifest.inputs)
    inputs.push_back(slot.add(input.bytes()));
  testInputs = {0, slot.getEnd()};
  learningRateOffset = slot.add(sizeof(float));
  stepOffset = slot.add(sizeof(float));
  trainInputs = {0, slot.getEnd()};
  auto addOutputs = [&](const Function &function, std::vector<int64_t> &places,
                        Range &range) {
    range.offset = slot.getEnd();
    for (const TensorInfo &output : function.outputs)
      places.push_back(slot.add(output.bytes()));
    range.bytes = slot.getEnd() - range.offset;
  };
  addOutputs(manifest.trainStep, trainStepOutputs, trainOutputs);
  addOutputs(manifest.evaluate, evaluateOutputs, testOutputs);
  slotBytes = slot.getEnd();
  memoryUse.batch = int64_t(slotCount) * slotBytes;

  layout.add(memoryUse.batch);
  memoryUse.arena =
      std::max(manifest.trainStep.arenaBytes, manifest.evaluate.arenaBytes);
  arena = layout.add(memoryUse.arena);
  total = std::max<int64_t>(layout.getEnd(), 1);
}

char *CudaExecutor::device(int64_t offset) const {
  return reinterpret_cast<char *>(memory->get() + DevicePointer(offset));
}

char *CudaExecutor::host(size_t slot, int64_t offset) const {
  return slots[slot]->host.get() + offset;
}

/// The order is that of abi.h.
void CudaExecutor::fillBuffers() {
  for (size_t i = 0; i < slots.size(); ++i) {
    int64_t batch = firstSlot + int64_t(i) * slotBytes;
    std::vector<void *> &train = slots[i]->trainStep.buffers;
    std::vector<void *> &test = slots[i]->evaluate.buffers;
    for (int64_t offset : tensors)
      train.push_back(device(offset));
    test.assign(train.begin(),
                train.begin() + int64_t(manifest.parameters.size()));
    for (int64_t offset : inputs) {
      train.push_back(device(batch + offset));
      test.push_back(train.back());
    }
    train.push_back(device(batch + learningRateOffset));
    train.push_back(device(batch + stepOffset));
    for (int64_t offset : trainStepOutputs)
      train.push_back(device(batch + offset));
    for (int64_t offset : evaluateOutputs)
      test.push_back(device(batch + offset));
  }
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

/// Records what the function launches. Between the two calls of the driver no
/// exception may pass: a stream stays in capture until it is told otherwise.
void CudaExecutor::capture(const char *name, Work &work, EntryPoint function) {
  const Driver &driver = gpu.getDriver();
  std::string detail = std::string("capturing ") + name;
  gpu.call(driver.streamBeginCapture, detail, compute.get(),
           CaptureMode::Relaxed);
  std::optional<Error> failure;
  try {
    launches.run(LaunchMode::Capture, [&] {
      (artifact.*function)(work.buffers.data(), device(arena));
    });
  } catch (const Error &error) {
    failure = error;
  }
  Graph graph = nullptr;
  Result ended = driver.streamEndCapture.function(compute.get(), &graph);
  // A failed launch ends the capture too; it is the one to report.
  if (failure)
    throw *failure;
  gpu.check(ended, driver.streamEndCapture.symbol, detail);
  gpu.call(driver.graphInstantiate, detail, &work.graph, graph, 0ull);
  size_t nodes = 0;
  gpu.call(driver.graphGetNodes, detail, graph,
           static_cast<GraphNode *>(nullptr), &nodes);
  gpu.call(driver.graphDestroy, detail, graph);
  if (&work == &slots.front()->trainStep)
    stepLaunches = nodes;
}

std::string CudaExecutor::describe() const {
  return gpu.describe() + ", " + std::to_string(stepLaunches) +
         " launches a step";
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

void CudaExecutor::start(size_t index, Work &work, const char *name,
                         const Range &in, const Range &out,
                         EntryPoint function) {
  const Driver &driver = gpu.getDriver();
  Slot &slot = *slots[index];
  int64_t batch = firstSlot + int64_t(index) * slotBytes;
  auto address = [&](const Range &range) {
    return memory->get() + DevicePointer(batch + range.offset);
  };
  gpu.call(driver.memcpyHostToDeviceAsync, "a batch", address(in),
           static_cast<const void *>(host(index, in.offset)), size_t(in.bytes),
           upload.get());
  gpu.call(driver.eventRecord, "", slot.uploaded.get(), upload.get());

  gpu.call(driver.streamWaitEvent, "", compute.get(), slot.uploaded.get(), 0u);
  gpu.call(driver.eventRecord, "", slot.started.get(), compute.get());
  if (checkKernels)
    launches.run(LaunchMode::Checked, [&] {
      (artifact.*function)(work.buffers.data(), device(arena));
    });
  else
    gpu.call(driver.graphLaunch, name, work.graph, compute.get());
  gpu.call(driver.eventRecord, "", slot.computed.get(), compute.get());

  gpu.call(driver.streamWaitEvent, "", readback.get(), slot.computed.get(), 0u);
  gpu.call(driver.memcpyDeviceToHostAsync, "a batch's results",
           static_cast<void *>(host(index, out.offset)), address(out),
           size_t(out.bytes), readback.get());
  gpu.call(driver.eventRecord, "", slot.finished.get(), readback.get());
  slot.running = name;
}

void CudaExecutor::startTrainStep(size_t slot, float learningRate, float step) {
  std::memcpy(host(slot, learningRateOffset), &learningRate, sizeof(float));
  std::memcpy(host(slot, stepOffset), &step, sizeof(float));
  start(slot, slots[slot]->trainStep, "train_step", trainInputs, trainOutputs,
        &Artifact::trainStep);
}

void CudaExecutor::startEvaluate(size_t slot) {
  start(slot, slots[slot]->evaluate, "evaluate", testInputs, testOutputs,
        &Artifact::evaluate);
}

double CudaExecutor::finish(size_t index) {
  const Driver &driver = gpu.getDriver();
  Slot &slot = *slots[index];
  Result result = driver.eventSynchronize.function(slot.finished.get());
  gpu.check(result, driver.eventSynchronize.symbol,
            std::string("a kernel, or a copy, of ") + slot.running +
                (checkKernels ? "" : "; --check-kernels finds out which"));
  float milliseconds = 0;
  gpu.call(driver.eventElapsedTime, "", &milliseconds, slot.started.get(),
           slot.computed.get());
  return double(milliseconds);
}

//===----------------------------------------------------------------------===//
// Host addresses
//===----------------------------------------------------------------------===//

void *CudaExecutor::input(size_t slot, size_t index) const {
  return host(slot, inputs[index]);
}

const float *CudaExecutor::trainStepOutput(size_t slot, size_t index) const {
  return reinterpret_cast<const float *>(host(slot, trainStepOutputs[index]));
}

const float *CudaExecutor::evaluateOutput(size_t slot, size_t index) const {
  return reinterpret_cast<const float *>(host(slot, evaluateOutputs[index]));
}

float *CudaExecutor::parameter(size_t index) const {
  return reinterpret_cast<float *>(mirror.get() + tensors[index]);
}

float *CudaExecutor::state(size_t kind, size_t parameter) const {
  return this->parameter(manifest.parameters.size() * (1 + kind) + parameter);
}

void CudaExecutor::receive() {
  gpu.call(gpu.getDriver().memcpyDeviceToHostAsync, "parameters",
           static_cast<void *>(mirror.get()), memory->get(), size_t(firstSlot),
           compute.get());
  compute.synchronize("reading the parameters");
}

void CudaExecutor::send() {
  gpu.call(gpu.getDriver().memcpyHostToDeviceAsync, "parameters", memory->get(),
           static_cast<const void *>(mirror.get()), size_t(firstSlot),
           compute.get());
  compute.synchronize("writing the parameters");
}
