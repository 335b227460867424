//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the host code of a GPU program acts on. That code is MLIR's
// (--gpu-to-llvm): it calls the C functions of CudaHostFunctions.cpp (mgpu...),
// which act on the CudaLaunches that is current, or in a program that knows
// nothing of us (mlir-runner) on one for the whole process.
//
// Generated code cannot be unwound and cannot hear of a failure. So the first
// failure is kept, what is called after it does nothing, and run() throws it.
// In the process-wide case there is nobody to throw to: the failure is printed
// and the process ends with status 1. Neither goes on with wrong numbers.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CUDALAUNCHES_H
#define PIXELFLY_RT_CUDALAUNCHES_H

#include "pixelfly-rt/CudaDevice.h"

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace pixelfly::rt::cuda {

enum class LaunchMode {
  /// Launches go to a stream; memory may be allocated. What mlir-runner gets.
  Direct,
  /// Launches become nodes of a graph. Memory is the caller's alone: allocating
  /// is an error, and so is copying from or to the host.
  Capture,
  /// As Capture, but launches run, and each is waited for: a kernel that
  /// faults is named.
  Checked,
};

class CudaLaunches {
public:
  CudaLaunches(const CudaDevice &device, Stream stream)
      : device(device), stream(stream) {}

  /// Runs `code`, whose calls of mgpu... act on this, and throws the first
  /// failure of one.
  void run(LaunchMode mode, const std::function<void()> &code);

  /// Copies the tensor maps that captured code has asked for to the device,
  /// before its graph is first launched.
  void copyTensorMaps();

  /// What mgpu... act on, if any.
  static CudaLaunches *current();

  const CudaDevice &getDevice() const { return device; }
  const Driver &getDriver() const { return device.getDriver(); }
  /// Where everything goes that is not on a stream of the code's own making.
  Stream getStream() const { return given.value_or(stream); }
  /// Makes a stream of the embedding program the one for everything, as if the
  /// code had no others; nullopt: no longer.
  void giveStream(std::optional<Stream> given) { this->given = given; }
  /// Whether the code makes streams and events of its own. Otherwise all is on
  /// one stream, whose order is the program's, and waiting is the caller's.
  bool makesStreams() const { return mode == LaunchMode::Direct && !given; }
  LaunchMode getMode() const { return mode; }
  bool hasFailed() const { return failure.has_value(); }
  void fail(const Error &error);

  Module loadModule(const void *image);
  Function getFunction(Module module, const char *name);
  /// `shape`: thread blocks along x, y, z, then threads of one.
  void launch(Function function, const std::array<int64_t, 6> &shape,
              int64_t sharedBytes, Stream on, void **parameters);
  /// The device's copy of a tensor map. Equal ones share it, so that running
  /// the same code again copies nothing.
  DevicePointer encodeTensorMap(TensorMapType type, int64_t rank, void *address,
                                const uint64_t *sizes, const uint64_t *strides,
                                const uint32_t *box,
                                const std::array<int, 4> &modes);
  /// Throws unless memory may be allocated here.
  void requireDirect(const char *call) const;

private:
  std::string describe(Function function) const;

  const CudaDevice &device;
  Stream stream;
  std::optional<Stream> given;
  LaunchMode mode = LaunchMode::Direct;
  std::optional<Error> failure;
  /// Names, for messages; kernels with their static shared memory, in bytes.
  struct Kernel {
    std::string name;
    int64_t staticShared = 0, dynamicShared = 0;
  };
  std::map<Function, Kernel> kernels;

  /// Tensor maps by what describes them, and the device memory they are in.
  /// While a stream is being captured they wait to be copied.
  struct PendingMap {
    DevicePointer place;
    TensorMap map;
  };
  std::map<std::vector<uint64_t>, DevicePointer> tensorMaps;
  std::deque<DeviceMemory> tensorMapMemory;
  size_t tensorMapsLeft = 0;
  std::vector<PendingMap> pendingMaps;
};

} // namespace pixelfly::rt::cuda

#endif // PIXELFLY_RT_CUDALAUNCHES_H
