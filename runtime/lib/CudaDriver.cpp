//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/CudaDriver.h"

#include <dlfcn.h>

using namespace pixelfly::rt;
using namespace pixelfly::rt::cuda;

std::string cuda::formatVersion(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

std::string cuda::plainName(const char *symbol) {
  std::string name = symbol;
  size_t suffix = name.rfind("_v");
  return suffix == std::string::npos ? name : name.substr(0, suffix);
}

std::string Driver::describe(Result result) const {
  const char *name = nullptr, *text = nullptr;
  if (getErrorName.function(result, &name) != Result::Success || !name)
    return "error " + std::to_string(int(result)) +
           ", which the driver does not know";
  if (getErrorString.function(result, &text) != Result::Success || !text)
    return name;
  return std::string(name) + ": " + text;
}

static Driver open() {
  // Stays open to the end of the process: kernels may still run at its exit.
  void *library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw Error(std::string("there is no NVIDIA driver on this machine: ") +
                    ::dlerror(),
                "install the driver, or compile the model for the CPU "
                "(pixelfly-compile without --target)");
  Driver driver;
  // The version first: an older driver lacks functions.
  auto *getVersion = reinterpret_cast<Result (*)(int *)>(
      ::dlsym(library, driver.driverGetVersion.symbol));
  if (!getVersion || getVersion(&driver.version) != Result::Success)
    throw Error("libcuda.so.1 does not say its version",
                "install NVIDIA's driver again");
  if (driver.version < Driver::minimumVersion)
    throw Error("the NVIDIA driver is too old: it supports CUDA " +
                    formatVersion(driver.version) + ", but CUDA " +
                    formatVersion(Driver::minimumVersion) + " is needed",
                "install a newer driver");
#define PF_CUDA_CALL(name, exported, parameters)                               \
  driver.name.function = reinterpret_cast<Result(*) parameters>(               \
      ::dlsym(library, driver.name.symbol));                                   \
  if (!driver.name.function)                                                   \
    throw Error("the NVIDIA driver, for CUDA " +                               \
                    formatVersion(driver.version) +                            \
                    ", has no function " #exported,                            \
                "install NVIDIA's driver again");
#include "pixelfly-rt/cuda-driver.def"
  Result result = driver.init.function(0);
  if (result == Result::NoDevice)
    throw Error("the NVIDIA driver finds no GPU (cuInit: " +
                    driver.describe(result) + ")",
                "check nvidia-smi and CUDA_VISIBLE_DEVICES, or compile the "
                "model for the CPU (pixelfly-compile without --target)");
  if (result != Result::Success)
    throw Error("the NVIDIA driver does not start (cuInit: " +
                    driver.describe(result) + ")",
                "check that nvidia-smi works");
  return driver;
}

const Driver &Driver::get() {
  static const Driver driver = open();
  return driver;
}
