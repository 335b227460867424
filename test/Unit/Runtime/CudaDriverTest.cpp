//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Our declarations of the driver against the toolkit's, where that is there.
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/CudaDriver.h"

#include "gtest/gtest.h"

#include <dlfcn.h>

using namespace pixelfly::rt;

TEST(CudaDriver, VersionsAndNames) {
  EXPECT_EQ(cuda::formatVersion(12040), "12.4");
  EXPECT_EQ(cuda::formatVersion(13000), "13.0");
  EXPECT_EQ(cuda::plainName("cuMemAlloc_v2"), "cuMemAlloc");
  EXPECT_EQ(cuda::plainName("cuInit"), "cuInit");
}

#ifdef CUDA_STUB
TEST(CudaDriver, EverySymbolIsExported) {
  void *library = ::dlopen(CUDA_STUB, RTLD_NOW | RTLD_LOCAL);
  ASSERT_TRUE(library) << ::dlerror();
#define PF_CUDA_CALL(name, symbol, parameters)                                 \
  EXPECT_TRUE(::dlsym(library, #symbol)) << #symbol;
#include "pixelfly-rt/cuda-driver.def"
}
#endif

#if __has_include(<cuda.h>)
#include <cuda.h>

namespace {
/// Whether two functions take as many parameters, each of the same size, and
/// return values of the same size: what the calling convention sees.
template <typename Ours, typename Theirs> struct SameCall : std::false_type {};
template <typename... Ours, typename... Theirs>
struct SameCall<cuda::Result(Ours...), CUresult(Theirs...)> {
  static constexpr bool value = [] {
    if constexpr (sizeof...(Ours) == sizeof...(Theirs))
      return ((sizeof(Ours) == sizeof(Theirs) &&
               std::is_pointer_v<Ours> == std::is_pointer_v<Theirs>) &&
              ...);
    return false;
  }();
};

using namespace cuda;
#define PF_CUDA_CALL(name, symbol, parameters)                                 \
  static_assert(SameCall<Result parameters, decltype(symbol)>::value,          \
                #symbol " is declared otherwise in cuda.h");
#include "pixelfly-rt/cuda-driver.def"

template <typename Ours, typename Theirs>
constexpr bool same(Ours ours, Theirs theirs) {
  return int(ours) == int(theirs);
}
static_assert(same(Result::OutOfMemory, CUDA_ERROR_OUT_OF_MEMORY));
static_assert(same(Result::InvalidValue, CUDA_ERROR_INVALID_VALUE));
static_assert(same(Result::NoDevice, CUDA_ERROR_NO_DEVICE));
static_assert(same(Result::InvalidDevice, CUDA_ERROR_INVALID_DEVICE));
static_assert(same(Result::InvalidImage, CUDA_ERROR_INVALID_IMAGE));
static_assert(same(Result::NoBinaryForGPU, CUDA_ERROR_NO_BINARY_FOR_GPU));
static_assert(same(Result::InvalidPTX, CUDA_ERROR_INVALID_PTX));
static_assert(same(Result::UnsupportedPTXVersion,
                   CUDA_ERROR_UNSUPPORTED_PTX_VERSION));
static_assert(same(Result::SystemDriverMismatch,
                   CUDA_ERROR_SYSTEM_DRIVER_MISMATCH));
static_assert(same(DeviceAttribute::MultiprocessorCount,
                   CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
static_assert(same(DeviceAttribute::ComputeCapabilityMajor,
                   CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
static_assert(same(DeviceAttribute::ComputeCapabilityMinor,
                   CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
static_assert(same(DeviceAttribute::MaxSharedMemoryPerBlockOptin,
                   CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN));
static_assert(same(FunctionAttribute::SharedSizeBytes,
                   CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES));
static_assert(same(FunctionAttribute::MaxDynamicSharedSizeBytes,
                   CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES));
static_assert(same(PointerAttribute::MemoryType,
                   CU_POINTER_ATTRIBUTE_MEMORY_TYPE));
static_assert(same(MemoryType::Host, CU_MEMORYTYPE_HOST));
static_assert(same(MemoryType::Device, CU_MEMORYTYPE_DEVICE));
static_assert(same(JitOption::ErrorLogBuffer, CU_JIT_ERROR_LOG_BUFFER));
static_assert(same(JitOption::ErrorLogBufferSizeBytes,
                   CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES));
static_assert(same(CaptureMode::Relaxed, CU_STREAM_CAPTURE_MODE_RELAXED));
static_assert(same(streamNonBlocking, CU_STREAM_NON_BLOCKING));
static_assert(same(eventDefault, CU_EVENT_DEFAULT));
static_assert(same(eventDisableTiming, CU_EVENT_DISABLE_TIMING));
static_assert(same(TensorMapType::BFloat16, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16));
static_assert(same(TensorMapType::TFloat32FlushToZero,
                   CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ));
static_assert(sizeof(TensorMap) == sizeof(CUtensorMap) &&
              alignof(TensorMap) >= alignof(CUtensorMap));
} // namespace
#endif
