//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The CUDA driver, opened at run time: programs start, and train on the CPU,
// on machines that have none. Nothing else of CUDA is needed.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CUDADRIVER_H
#define PIXELFLY_RT_CUDADRIVER_H

#include "pixelfly-rt/CudaTypes.h"
#include "pixelfly-rt/Error.h"

#include <string>

namespace pixelfly::rt::cuda {

/// One function of the driver.
template <typename Signature> struct Call;
template <typename... Parameters> struct Call<Result(Parameters...)> {
  const char *symbol = nullptr;
  Result (*function)(Parameters...) = nullptr;
};

/// The driver's functions, by the names of cuda-driver.def.
struct Driver {
  /// CUDA 12.0: the first with every function of the table. Written as the
  /// driver does, 1000 * major + 10 * minor.
  static constexpr int minimumVersion = 12000;

#define PF_CUDA_CALL(name, symbol, parameters)                                 \
  Call<Result parameters> name{#symbol, nullptr};
#include "pixelfly-rt/cuda-driver.def"

  /// What cuDriverGetVersion says.
  int version = 0;

  /// Opens libcuda.so.1, once in a process. Throws Error if there is none, it
  /// is too old, or it finds no device that it can use.
  static const Driver &get();

  /// "CUDA_ERROR_OUT_OF_MEMORY: out of memory".
  std::string describe(Result result) const;
};

/// "12.4" for 12040.
std::string formatVersion(int version);

/// "cuMemAlloc" for "cuMemAlloc_v2": the name that the driver's documentation
/// has.
std::string plainName(const char *symbol);

} // namespace pixelfly::rt::cuda

#endif // PIXELFLY_RT_CUDADRIVER_H
