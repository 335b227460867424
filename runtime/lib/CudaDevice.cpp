//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/CudaDevice.h"

using namespace pixelfly::rt;
using namespace pixelfly::rt::cuda;

static const char *adviceFor(Result result) {
  switch (result) {
  case Result::OutOfMemory:
    return "end other programs on this GPU, or compile the model with a "
           "smaller batch";
  case Result::NoBinaryForGPU:
  case Result::InvalidImage:
  case Result::InvalidPTX:
    return "compile the model again, with --target and --chips of this device";
  case Result::UnsupportedPTXVersion:
    return "install a newer driver, or compile with an older CUDA toolkit";
  case Result::SystemDriverMismatch:
    return "restart the machine: the driver was replaced while it was loaded";
  default:
    return "";
  }
}

CudaDevice::CudaDevice(int ordinal) : driver(Driver::get()), ordinal(ordinal) {
  name = "unknown";
  int count = 0;
  call(driver.deviceGetCount, "", &count);
  if (ordinal >= count)
    throw Error("there is no CUDA device " + std::to_string(ordinal) +
                    "; this machine has " + std::to_string(count),
                count > 0 ? "give --device=cuda:N with N from 0 to " +
                                std::to_string(count - 1)
                          : "check nvidia-smi and CUDA_VISIBLE_DEVICES");
  Device device = 0;
  call(driver.deviceGet, "", &device, ordinal);
  char text[256] = "";
  call(driver.deviceGetName, "", text, int(sizeof(text)), device);
  name = text;
  int major = 0, minor = 0;
  auto attribute = [&](DeviceAttribute which, int &value) {
    call(driver.deviceGetAttribute, "", &value, which, device);
  };
  attribute(DeviceAttribute::ComputeCapabilityMajor, major);
  attribute(DeviceAttribute::ComputeCapabilityMinor, minor);
  capability = 10 * major + minor;
  attribute(DeviceAttribute::MultiprocessorCount, multiprocessors);
  attribute(DeviceAttribute::MaxSharedMemoryPerBlockOptin, sharedMemory);
  call(driver.primaryContextRetain, "", &context, device);
  makeCurrent();
}

std::string CudaDevice::describe() const {
  return "device " + std::to_string(ordinal) + " (" + name +
         (capability ? ", sm_" + std::to_string(capability) : "") + ")";
}

int64_t CudaDevice::getFreeMemory() const {
  size_t available = 0, total = 0;
  call(driver.memGetInfo, "", &available, &total);
  return int64_t(available);
}

void CudaDevice::makeCurrent() const {
  call(driver.contextSetCurrent, "", context);
}

void CudaDevice::check(Result result, const char *symbol,
                       const std::string &detail) const {
  if (result == Result::Success)
    return;
  throw Error(plainName(symbol) + (detail.empty() ? "" : " (" + detail + ")") +
                  " failed on " + describe() + ": " + driver.describe(result),
              adviceFor(result));
}

DeviceMemory::DeviceMemory(const CudaDevice &device, size_t bytes,
                           const std::string &purpose)
    : device(device) {
  device.call(device.getDriver().memAlloc,
              std::to_string(bytes) + " bytes for " + purpose, &address, bytes);
}

DeviceMemory::~DeviceMemory() { device.getDriver().memFree.function(address); }

PinnedMemory::PinnedMemory(const CudaDevice &device, size_t bytes,
                           const std::string &purpose)
    : device(device) {
  device.call(device.getDriver().memHostAlloc,
              std::to_string(bytes) + " bytes of pinned memory for " + purpose,
              &address, bytes, 0u);
}

PinnedMemory::~PinnedMemory() {
  device.getDriver().memFreeHost.function(address);
}

CudaStream::CudaStream(const CudaDevice &device) : device(device) {
  device.call(device.getDriver().streamCreate, "", &stream, streamNonBlocking);
}

CudaStream::~CudaStream() { device.getDriver().streamDestroy.function(stream); }

void CudaStream::synchronize(const std::string &detail) const {
  device.call(device.getDriver().streamSynchronize, detail, stream);
}

CudaEvent::CudaEvent(const CudaDevice &device, bool timing) : device(device) {
  device.call(device.getDriver().eventCreate, "", &event,
              timing ? eventDefault : eventDisableTiming);
}

CudaEvent::~CudaEvent() { device.getDriver().eventDestroy.function(event); }
