//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C functions that MLIR's gpu-to-llvm and its translation of gpu.binary
// call, with the names and signatures of LLVM 22. Upstream's own print what
// failed and go on; see CudaLaunches.h for what these do.
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/CudaHostFunctions.h"
#include "pixelfly-rt/CudaLaunches.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <unistd.h>

using namespace pixelfly::rt;
using namespace pixelfly::rt::cuda;

namespace {
/// What a program gets that sets nothing up: the default device, its own
/// stream.
struct ProcessWide {
  explicit ProcessWide(int ordinal)
      : device(ordinal), stream(device), launches(device, stream.get()) {}
  CudaDevice device;
  CudaStream stream;
  CudaLaunches launches;
};

int defaultDevice = 0;

CudaLaunches &processWide() {
  // Never destroyed: modules of the program are unloaded after static objects.
  static auto *everything = new ProcessWide(defaultDevice);
  everything->device.makeCurrent();
  return everything->launches;
}

[[noreturn]] void endProcess(const Error &error) {
  std::fflush(stdout);
  std::fprintf(stderr, "error: %s\n", error.what());
  if (!error.getAdvice().empty())
    std::fprintf(stderr, "  %s\n", error.getAdvice().c_str());
  // Not exit(): this may be inside of the dynamic linker.
  ::_exit(1);
}

/// Calls `body` on what is current. After a failure: nothing.
template <typename Body>
auto guarded(Body body) -> decltype(body(std::declval<CudaLaunches &>())) {
  using Value = decltype(body(std::declval<CudaLaunches &>()));
  CudaLaunches *launches = CudaLaunches::current();
  if (launches && launches->hasFailed())
    return Value();
  try {
    return body(launches ? *launches : processWide());
  } catch (const Error &error) {
    if (!launches)
      endProcess(error);
    launches->fail(error);
  }
  return Value();
}

/// The stream for what the code puts on `stream`; null is the default one.
Stream streamOf(const CudaLaunches &launches, Stream stream) {
  return launches.makesStreams() && stream ? stream : launches.getStream();
}

template <typename Pointer> DevicePointer toDevice(Pointer *pointer) {
  return reinterpret_cast<DevicePointer>(pointer);
}
} // namespace

/// Keeps this file, with the functions that only generated code calls, in
/// programs that link the runtime as a static library.
void cuda::keepHostFunctions() {}

#define PF_HOST_FUNCTION extern "C" __attribute__((visibility("default")))

//===----------------------------------------------------------------------===//
// Modules and kernels
//===----------------------------------------------------------------------===//

PF_HOST_FUNCTION Module mgpuModuleLoad(void *data, size_t /*bytes*/) {
  return guarded(
      [&](CudaLaunches &launches) { return launches.loadModule(data); });
}

PF_HOST_FUNCTION Module mgpuModuleLoadJIT(void *data, int /*optimization*/,
                                          size_t /*bytes*/) {
  return guarded(
      [&](CudaLaunches &launches) { return launches.loadModule(data); });
}

/// Called when the process ends, perhaps after the driver has shut down; the
/// driver frees modules itself.
PF_HOST_FUNCTION void mgpuModuleUnload(Module /*module*/) {}

PF_HOST_FUNCTION Function mgpuModuleGetFunction(Module module,
                                                const char *name) {
  return guarded([&](CudaLaunches &launches) {
    return launches.getFunction(module, name);
  });
}

PF_HOST_FUNCTION void mgpuLaunchKernel(Function function, intptr_t gridX,
                                       intptr_t gridY, intptr_t gridZ,
                                       intptr_t blockX, intptr_t blockY,
                                       intptr_t blockZ, int32_t sharedBytes,
                                       Stream stream, void **parameters,
                                       void ** /*extra*/, size_t /*count*/) {
  guarded([&](CudaLaunches &launches) {
    launches.launch(function, {gridX, gridY, gridZ, blockX, blockY, blockZ},
                    sharedBytes, streamOf(launches, stream), parameters);
    return 0;
  });
}

//===----------------------------------------------------------------------===//
// Streams and events
//===----------------------------------------------------------------------===//

PF_HOST_FUNCTION Stream mgpuStreamCreate() {
  return guarded([](CudaLaunches &launches) {
    Stream stream = launches.getStream();
    if (launches.makesStreams())
      launches.getDevice().call(launches.getDriver().streamCreate, "", &stream,
                                streamNonBlocking);
    return stream;
  });
}

PF_HOST_FUNCTION void mgpuStreamDestroy(Stream stream) {
  guarded([&](CudaLaunches &launches) {
    if (launches.makesStreams())
      launches.getDevice().call(launches.getDriver().streamDestroy, "", stream);
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuStreamSynchronize(Stream stream) {
  guarded([&](CudaLaunches &launches) {
    if (launches.makesStreams())
      launches.getDevice().call(launches.getDriver().streamSynchronize,
                                "waiting for the kernels", stream);
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuStreamWaitEvent(Stream stream, Event event) {
  guarded([&](CudaLaunches &launches) {
    if (launches.makesStreams())
      launches.getDevice().call(launches.getDriver().streamWaitEvent, "",
                                stream, event, 0u);
    return 0;
  });
}

PF_HOST_FUNCTION Event mgpuEventCreate() {
  return guarded([](CudaLaunches &launches) {
    Event event = nullptr;
    if (launches.makesStreams())
      launches.getDevice().call(launches.getDriver().eventCreate, "", &event,
                                eventDisableTiming);
    return event;
  });
}

PF_HOST_FUNCTION void mgpuEventDestroy(Event event) {
  guarded([&](CudaLaunches &launches) {
    if (launches.makesStreams())
      launches.getDevice().call(launches.getDriver().eventDestroy, "", event);
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuEventSynchronize(Event event) {
  guarded([&](CudaLaunches &launches) {
    if (launches.makesStreams())
      launches.getDevice().call(launches.getDriver().eventSynchronize,
                                "waiting for the kernels", event);
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuEventRecord(Event event, Stream stream) {
  guarded([&](CudaLaunches &launches) {
    if (launches.makesStreams())
      launches.getDevice().call(launches.getDriver().eventRecord, "", event,
                                stream);
    return 0;
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// `isHostShared`: memory that both sides reach, which the runtime has none of.
PF_HOST_FUNCTION void *mgpuMemAlloc(uint64_t bytes, Stream /*stream*/,
                                    bool isHostShared) {
  return guarded([&](CudaLaunches &launches) {
    launches.requireDirect("mgpuMemAlloc");
    if (isHostShared)
      throw Error("memory shared by host and device is not supported",
                  "allocate on the host and copy (gpu.memcpy)");
    DevicePointer address = 0;
    if (bytes > 0)
      launches.getDevice().call(launches.getDriver().memAlloc,
                                std::to_string(bytes) + " bytes", &address,
                                size_t(bytes));
    return reinterpret_cast<void *>(address);
  });
}

PF_HOST_FUNCTION void mgpuMemFree(void *address, Stream /*stream*/) {
  guarded([&](CudaLaunches &launches) {
    launches.requireDirect("mgpuMemFree");
    if (!address)
      return 0;
    launches.getDevice().call(launches.getDriver().memFree, "",
                              toDevice(address));
    return 0;
  });
}

/// In a step both sides must be on the device: a graph would copy the host's
/// values of the moment it was captured, or wait for the host.
static void requireDeviceMemory(const CudaLaunches &launches, void *address) {
  MemoryType type = MemoryType::Host;
  Result result = launches.getDriver().pointerGetAttribute.function(
      &type, PointerAttribute::MemoryType, toDevice(address));
  if (result != Result::Success || type != MemoryType::Device)
    throw Error("the compiled code copies from or to host memory while it "
                "runs, but it may only work on the device's",
                "compile the model again with this version's pixelfly-compile");
}

PF_HOST_FUNCTION void mgpuMemcpy(void *to, void *from, size_t bytes,
                                 Stream stream) {
  guarded([&](CudaLaunches &launches) {
    if (launches.getMode() != LaunchMode::Direct) {
      requireDeviceMemory(launches, to);
      requireDeviceMemory(launches, from);
    }
    launches.getDevice().call(
        launches.getDriver().memcpyAsync, std::to_string(bytes) + " bytes",
        toDevice(to), toDevice(from), bytes, streamOf(launches, stream));
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuMemset32(void *to, unsigned value, size_t count,
                                   Stream stream) {
  guarded([&](CudaLaunches &launches) {
    launches.getDevice().call(launches.getDriver().memset32Async,
                              std::to_string(count) + " elements", toDevice(to),
                              value, count, streamOf(launches, stream));
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuMemset16(void *to, unsigned short value, size_t count,
                                   Stream stream) {
  guarded([&](CudaLaunches &launches) {
    launches.getDevice().call(launches.getDriver().memset16Async,
                              std::to_string(count) + " elements", toDevice(to),
                              value, count, streamOf(launches, stream));
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuMemHostRegister(void *address, uint64_t bytes) {
  guarded([&](CudaLaunches &launches) {
    launches.requireDirect("mgpuMemHostRegister");
    launches.getDevice().call(launches.getDriver().memHostRegister,
                              std::to_string(bytes) + " bytes", address,
                              size_t(bytes), 0u);
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuMemHostUnregister(void *address) {
  guarded([&](CudaLaunches &launches) {
    launches.requireDirect("mgpuMemHostUnregister");
    launches.getDevice().call(launches.getDriver().memHostUnregister, "",
                              address);
    return 0;
  });
}

namespace {
/// The descriptor of a ranked memref: sizes, then strides, `rank` of each.
struct MemRefDescriptor {
  char *allocated, *aligned;
  int64_t offset;
  int64_t sizesAndStrides[];

  int64_t size(int64_t i) const { return sizesAndStrides[i]; }
  int64_t stride(int64_t rank, int64_t i) const {
    return sizesAndStrides[rank + i];
  }
};
} // namespace

PF_HOST_FUNCTION void mgpuMemHostRegisterMemRef(int64_t rank, void *descriptor,
                                                int64_t elementBytes) {
  guarded([&](CudaLaunches &launches) {
    auto &memref = *static_cast<MemRefDescriptor *>(descriptor);
    int64_t elements = 1;
    for (int64_t i = rank; i-- > 0;) {
      if (memref.size(i) != 1 && memref.stride(rank, i) != elements)
        throw Error("only contiguous host memory can be registered "
                    "(gpu.host_register)");
      elements *= memref.size(i);
    }
    launches.requireDirect("mgpuMemHostRegisterMemRef");
    launches.getDevice().call(
        launches.getDriver().memHostRegister,
        std::to_string(elements * elementBytes) + " bytes",
        static_cast<void *>(memref.aligned + memref.offset * elementBytes),
        size_t(elements * elementBytes), 0u);
    return 0;
  });
}

PF_HOST_FUNCTION void mgpuMemHostUnregisterMemRef(int64_t /*rank*/,
                                                  void *descriptor,
                                                  int64_t elementBytes) {
  auto &memref = *static_cast<MemRefDescriptor *>(descriptor);
  mgpuMemHostUnregister(memref.aligned + memref.offset * elementBytes);
}

/// Before anything else; later it has no effect, as the device is open.
PF_HOST_FUNCTION void mgpuSetDefaultDevice(int32_t device) {
  defaultDevice = device;
}

/// Not MLIR's: for programs that call compiled code beside CUDA code of their
/// own, such as PyTorch's. From here on everything goes to their `stream`, and
/// what the code does to streams and events has no effect; so it can be
/// captured into a graph, once it has run. Null: as before.
PF_HOST_FUNCTION void pixelfly_cuda_use_stream(Stream stream) {
  guarded([&](CudaLaunches &launches) {
    launches.giveStream(stream ? std::optional(stream) : std::nullopt);
    return 0;
  });
}

//===----------------------------------------------------------------------===//
// The tensor memory accelerator
//===----------------------------------------------------------------------===//

static int64_t elementBytesOf(TensorMapType type) {
  switch (type) {
  case TensorMapType::UInt8:
    return 1;
  case TensorMapType::UInt16:
  case TensorMapType::Float16:
  case TensorMapType::BFloat16:
    return 2;
  case TensorMapType::UInt64:
  case TensorMapType::Int64:
  case TensorMapType::Float64:
    return 8;
  default:
    return 4;
  }
}

/// `descriptor` is of a memref of rank `rank`; the box has its order of
/// dimensions, the driver's is the other way round.
PF_HOST_FUNCTION void *
mgpuTensorMapEncodeTiledMemref(int64_t rank, void *descriptor, int64_t type,
                               int64_t interleave, int64_t swizzle,
                               int64_t promotion, int64_t outOfBounds,
                               int64_t *boxSizes) {
  return guarded([&](CudaLaunches &launches) {
    constexpr int64_t maximumRank = 5;
    if (rank < 1 || rank > maximumRank)
      throw Error("a tensor map has 1 to 5 dimensions, but this one has " +
                  std::to_string(rank));
    auto &memref = *static_cast<MemRefDescriptor *>(descriptor);
    auto elementType = TensorMapType(type);
    int64_t elementBytes = elementBytesOf(elementType);
    uint64_t sizes[maximumRank], strides[maximumRank];
    uint32_t box[maximumRank];
    for (int64_t i = 0; i < rank; ++i) {
      sizes[i] = uint64_t(memref.size(rank - 1 - i));
      box[i] = uint32_t(boxSizes[rank - 1 - i]);
    }
    for (int64_t i = 0; i + 1 < rank; ++i)
      strides[i] = uint64_t(memref.stride(rank, rank - 2 - i) * elementBytes);
    DevicePointer map = launches.encodeTensorMap(
        elementType, rank, memref.aligned + memref.offset * elementBytes, sizes,
        strides, box,
        {int(interleave), int(swizzle), int(promotion), int(outOfBounds)});
    return reinterpret_cast<void *>(map);
  });
}
