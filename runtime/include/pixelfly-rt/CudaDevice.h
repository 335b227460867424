//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One GPU: what it is, and calls of the driver that fail with an Error which
// names the call and the device.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CUDADEVICE_H
#define PIXELFLY_RT_CUDADEVICE_H

#include "pixelfly-rt/CudaDriver.h"

#include <memory>
#include <string>

namespace pixelfly::rt::cuda {

class CudaDevice {
public:
  /// Opens the device with this number, counted as nvidia-smi and
  /// CUDA_VISIBLE_DEVICES do, and makes its primary context current on this
  /// thread. Throws Error.
  explicit CudaDevice(int ordinal);
  CudaDevice(const CudaDevice &) = delete;
  CudaDevice &operator=(const CudaDevice &) = delete;

  const Driver &getDriver() const { return driver; }
  /// "device 0 (NVIDIA H100 80GB HBM3, sm_90)".
  std::string describe() const;
  const std::string &getName() const { return name; }
  /// Compute capability: 90 for 9.0.
  int getCapability() const { return capability; }
  int getMultiprocessors() const { return multiprocessors; }
  /// Shared memory that a thread block can ask for, in bytes.
  int getSharedMemoryPerBlock() const { return sharedMemory; }
  /// Memory that nobody has allocated, in bytes.
  int64_t getFreeMemory() const;

  /// Makes the device's context the one that calls of this thread mean.
  void makeCurrent() const;

  /// Calls `function`; throws Error naming it, `detail` (what it was called
  /// for; may be empty) and the device if it fails.
  template <typename... Parameters, typename... Arguments>
  void call(const Call<Result(Parameters...)> &function,
            const std::string &detail, Arguments... arguments) const {
    check(function.function(arguments...), function.symbol, detail);
  }

  /// Throws Error unless `result` is Success.
  void check(Result result, const char *symbol,
             const std::string &detail) const;

private:
  const Driver &driver;
  int ordinal;
  std::string name;
  int capability = 0, multiprocessors = 0, sharedMemory = 0;
  Context context = nullptr;
};

//===----------------------------------------------------------------------===//
// Owners of what the driver hands out. Their destructors ignore failures: after
// a fault on the device every call fails, and the first one has been reported.
//===----------------------------------------------------------------------===//

/// Memory on the device.
class DeviceMemory {
public:
  /// `purpose` names it in an error: "the buffers of the model".
  DeviceMemory(const CudaDevice &device, size_t bytes,
               const std::string &purpose);
  DeviceMemory(const DeviceMemory &) = delete;
  DeviceMemory &operator=(const DeviceMemory &) = delete;
  ~DeviceMemory();
  DevicePointer get() const { return address; }

private:
  const CudaDevice &device;
  DevicePointer address = 0;
};

/// Host memory that the device copies from and to on its own (pinned).
class PinnedMemory {
public:
  PinnedMemory(const CudaDevice &device, size_t bytes,
               const std::string &purpose);
  PinnedMemory(const PinnedMemory &) = delete;
  PinnedMemory &operator=(const PinnedMemory &) = delete;
  ~PinnedMemory();
  char *get() const { return static_cast<char *>(address); }

private:
  const CudaDevice &device;
  void *address = nullptr;
};

class CudaStream {
public:
  explicit CudaStream(const CudaDevice &device);
  CudaStream(const CudaStream &) = delete;
  CudaStream &operator=(const CudaStream &) = delete;
  ~CudaStream();
  Stream get() const { return stream; }
  /// Waits for everything on the stream; `detail` names it in an error.
  void synchronize(const std::string &detail) const;

private:
  const CudaDevice &device;
  Stream stream = nullptr;
};

class CudaEvent {
public:
  /// `timing`: whether milliseconds between two events are wanted.
  CudaEvent(const CudaDevice &device, bool timing);
  CudaEvent(const CudaEvent &) = delete;
  CudaEvent &operator=(const CudaEvent &) = delete;
  ~CudaEvent();
  Event get() const { return event; }

private:
  const CudaDevice &device;
  Event event = nullptr;
};

} // namespace pixelfly::rt::cuda

#endif // PIXELFLY_RT_CUDADEVICE_H
