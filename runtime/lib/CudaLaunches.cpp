//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/CudaLaunches.h"

using namespace pixelfly::rt;
using namespace pixelfly::rt::cuda;

/// Generated code runs on the thread that called it, and on no other.
static thread_local CudaLaunches *currentLaunches = nullptr;

/// A thread block gets this much dynamic shared memory without asking.
static constexpr int64_t sharedWithoutAsking = 48 * 1024;

CudaLaunches *CudaLaunches::current() { return currentLaunches; }

void CudaLaunches::run(LaunchMode runMode, const std::function<void()> &code) {
  CudaLaunches *outer = currentLaunches;
  currentLaunches = this;
  mode = runMode;
  failure.reset();
  code();
  currentLaunches = outer;
  mode = LaunchMode::Direct;
  if (failure)
    throw *failure;
}

void CudaLaunches::fail(const Error &error) {
  if (!failure)
    failure = error;
}

void CudaLaunches::requireDirect(const char *call) const {
  if (mode != LaunchMode::Direct)
    throw Error(std::string("the compiled code calls ") + call +
                    " while it runs, but it may only launch kernels on the "
                    "memory it was given",
                "compile the model again with this version's "
                "pixelfly-compile");
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

Module CudaLaunches::loadModule(const void *image) {
  char log[4096] = "";
  JitOption options[] = {JitOption::ErrorLogBuffer,
                         JitOption::ErrorLogBufferSizeBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof(log))};
  Module module = nullptr;
  Result result =
      getDriver().moduleLoadDataEx.function(&module, image, 2, options, values);
  device.check(result, getDriver().moduleLoadDataEx.symbol,
               "loading the kernels" +
                   (*log ? "; the driver says: " + std::string(log) : ""));
  return module;
}

Function CudaLaunches::getFunction(Module module, const char *name) {
  const Driver &driver = getDriver();
  std::string detail = std::string("kernel '") + name + "'";
  Function function = nullptr;
  device.call(driver.moduleGetFunction, detail, &function, module, name);
  auto [place, isNew] = kernels.try_emplace(function);
  if (isNew) {
    place->second.name = name;
    int bytes = 0;
    device.call(driver.functionGetAttribute, detail, &bytes,
                FunctionAttribute::SharedSizeBytes, function);
    place->second.staticShared = bytes;
  }
  return function;
}

std::string CudaLaunches::describe(Function function) const {
  auto found = kernels.find(function);
  return "kernel '" +
         (found == kernels.end() ? "unknown" : found->second.name) + "'";
}

void CudaLaunches::launch(Function function,
                          const std::array<int64_t, 6> &shape,
                          int64_t sharedBytes, Stream on, void **parameters) {
  const Driver &driver = getDriver();
  std::string detail = describe(function);
  Kernel &kernel = kernels[function];
  int64_t shared = sharedBytes + kernel.staticShared;
  if (shared > device.getSharedMemoryPerBlock())
    throw Error(detail + " needs " + std::to_string(shared) +
                    " bytes of shared memory a thread block, but " +
                    device.describe() + " has " +
                    std::to_string(device.getSharedMemoryPerBlock()),
                "compile the model with a smaller --block, or for this "
                "device's --target");
  if (shared > sharedWithoutAsking && sharedBytes > kernel.dynamicShared) {
    device.call(driver.functionSetAttribute, detail, function,
                FunctionAttribute::MaxDynamicSharedSizeBytes, int(sharedBytes));
    kernel.dynamicShared = sharedBytes;
  }
  detail += ", " + std::to_string(shape[0]) + "x" + std::to_string(shape[1]) +
            "x" + std::to_string(shape[2]) + " blocks of " +
            std::to_string(shape[3]) + "x" + std::to_string(shape[4]) + "x" +
            std::to_string(shape[5]) + " threads, " + std::to_string(shared) +
            " bytes of shared memory";
  for (int64_t size : shape)
    if (size < 1 || size > INT32_MAX)
      throw Error(detail + ": a launch has at least one thread, and at most "
                           "2147483647 along any side");
  device.call(driver.launchKernel, detail, function, unsigned(shape[0]),
              unsigned(shape[1]), unsigned(shape[2]), unsigned(shape[3]),
              unsigned(shape[4]), unsigned(shape[5]), unsigned(sharedBytes), on,
              parameters, static_cast<void **>(nullptr));
  if (mode == LaunchMode::Checked)
    device.call(driver.streamSynchronize, "while it ran: " + detail, on);
}

//===----------------------------------------------------------------------===//
// Tensor maps
//===----------------------------------------------------------------------===//

DevicePointer CudaLaunches::encodeTensorMap(TensorMapType type, int64_t rank,
                                            void *address,
                                            const uint64_t *sizes,
                                            const uint64_t *strides,
                                            const uint32_t *box,
                                            const std::array<int, 4> &modes) {
  constexpr size_t mapsInBlock = 256;
  std::vector<uint64_t> key = {uint64_t(type), uint64_t(rank),
                               reinterpret_cast<uint64_t>(address)};
  key.insert(key.end(), sizes, sizes + rank);
  key.insert(key.end(), strides, strides + rank - 1);
  key.insert(key.end(), box, box + rank);
  key.insert(key.end(), modes.begin(), modes.end());
  auto [place, isNew] = tensorMaps.try_emplace(key, 0);
  if (!isNew)
    return place->second;

  TensorMap map;
  const uint32_t elementStrides[5] = {1, 1, 1, 1, 1};
  std::string detail = "a tile of";
  for (int64_t i = 0; i < rank; ++i)
    detail += (i ? "x" : " ") + std::to_string(box[i]);
  device.call(getDriver().tensorMapEncodeTiled, detail, &map, type,
              unsigned(rank), address, sizes, strides, box, elementStrides,
              modes[0], modes[1], modes[2], modes[3]);
  if (tensorMapsLeft == 0) {
    tensorMapMemory.emplace_back(device, mapsInBlock * sizeof(TensorMap),
                                 "descriptions of tiles");
    tensorMapsLeft = mapsInBlock;
  }
  place->second = tensorMapMemory.back().get() +
                  (mapsInBlock - tensorMapsLeft--) * sizeof(TensorMap);
  pendingMaps.push_back({place->second, map});
  if (mode != LaunchMode::Capture)
    copyTensorMaps();
  return place->second;
}

void CudaLaunches::copyTensorMaps() {
  if (pendingMaps.empty())
    return;
  for (const PendingMap &pending : pendingMaps)
    device.call(getDriver().memcpyHostToDeviceAsync, "a tile's description",
                pending.place, static_cast<const void *>(&pending.map),
                sizeof(TensorMap), stream);
  device.call(getDriver().streamSynchronize, "", stream);
  pendingMaps.clear();
}
