//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The few types of the CUDA driver's C interface that the runtime passes, so
// that it builds without the CUDA toolkit. Handles are opaque; enumerators have
// the driver's values, which its interface guarantees; where the toolkit's
// cuda.h is there, a unit test compares them.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CUDATYPES_H
#define PIXELFLY_RT_CUDATYPES_H

#include <cstddef>
#include <cstdint>

namespace pixelfly::rt::cuda {

using Device = int;
/// An address in the device's memory. The driver has one address space for host
/// and device, so generated code passes it as a pointer.
using DevicePointer = unsigned long long;
using Context = struct OpaqueContext *;
using Module = struct OpaqueModule *;
using Function = struct OpaqueFunction *;
using Stream = struct OpaqueStream *;
using Event = struct OpaqueEvent *;
using Graph = struct OpaqueGraph *;
using GraphNode = struct OpaqueGraphNode *;
using GraphExec = struct OpaqueGraphExec *;

/// What a call of the driver returns; those that the runtime tells apart.
enum class Result : int {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NoDevice = 100,
  InvalidDevice = 101,
  InvalidImage = 200,
  NoBinaryForGPU = 209,
  InvalidPTX = 218,
  UnsupportedPTXVersion = 222,
  SystemDriverMismatch = 803,
};

enum class DeviceAttribute : int {
  MultiprocessorCount = 16,
  ComputeCapabilityMajor = 75,
  ComputeCapabilityMinor = 76,
  MaxSharedMemoryPerBlockOptin = 97,
};

enum class FunctionAttribute : int {
  SharedSizeBytes = 1,
  MaxDynamicSharedSizeBytes = 8,
};

enum class PointerAttribute : int { MemoryType = 2 };
enum class MemoryType : unsigned { Host = 1, Device = 2 };

enum class JitOption : int {
  ErrorLogBuffer = 5,
  ErrorLogBufferSizeBytes = 6,
};

enum class CaptureMode : int { Relaxed = 2 };

constexpr unsigned streamNonBlocking = 1;
constexpr unsigned eventDefault = 0;
constexpr unsigned eventDisableTiming = 2;

/// The description of a tile in memory that the tensor memory accelerator
/// reads.
struct alignas(128) TensorMap {
  uint64_t opaque[16];
};

/// The element types of a TensorMap, in the driver's order.
enum class TensorMapType : int {
  UInt8,
  UInt16,
  UInt32,
  Int32,
  UInt64,
  Int64,
  Float16,
  Float32,
  Float64,
  BFloat16,
  Float32FlushToZero,
  TFloat32,
  TFloat32FlushToZero,
};

} // namespace pixelfly::rt::cuda

#endif // PIXELFLY_RT_CUDATYPES_H
