//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stand-in for NVIDIA's driver (libcuda.so.1) on a machine without a GPU. Its
// device is host memory, and it is as unhelpful as a driver may be:
//
// - Device memory can be touched inside of the driver only; a program that
//   reads or writes it itself dies of a segmentation fault.
// - What is put on a stream runs as late as it may: when something waits for
//   it. Pinned memory is read and written at that time, so a program that
//   reuses it too early, or reads it too soon, gets wrong numbers. Memory on
//   the device and pinned memory start with all bits set.
//
// Kernels: an image that starts with "pixelfly-cuda-double:" is followed by the
// path of a shared object. Its function NAME, called with the array of
// parameters, is the kernel NAME; the int NAME_parameters is their number.
// Every other image is accepted, and its kernels do nothing.
//
// PIXELFLY_CUDA_DOUBLE, a list separated by commas, says what it pretends:
//   driver=12040        version of the driver
//   devices=1           number of devices
//   capability=90       compute capability of each
//   memory=BYTES        memory that can be allocated
//   shared=BYTES        shared memory that a thread block can have
//   fail=CALL:N:CODE    the N-th call of CALL returns the error CODE
//   fault=KERNEL:N      the N-th run of KERNEL faults (error 700)
//   calls=FILE          write the name of each function that is called, in
//   order log=FILE            write a line for each call that matters here, and
//   a
//                       line "run KERNEL" for each run
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/CudaTypes.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <sys/mman.h>
#include <vector>

using namespace pixelfly::rt::cuda;

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {
constexpr Result notInitialized = Result(3), notFound = Result(500),
                 captureUnsupported = Result(900), illegalAddress = Result(700);

//===----------------------------------------------------------------------===//
// Settings
//===----------------------------------------------------------------------===//

struct Settings {
  int driver = 13000, devices = 1, capability = 90;
  size_t memory = size_t(1) << 34;
  int shared = 227 * 1024;
  std::string failCall, faultKernel;
  int failNumber = 1, failCode = 1, faultNumber = 1;
  std::FILE *log = nullptr, *calls = nullptr;

  Settings() {
    const char *text = std::getenv("PIXELFLY_CUDA_DOUBLE");
    std::string rest = text ? text : "";
    while (!rest.empty()) {
      std::string item = rest.substr(0, rest.find(','));
      rest.erase(0, item.size() + 1);
      size_t equals = item.find('=');
      set(item.substr(0, equals), item.substr(equals + 1));
    }
  }

  void set(const std::string &name, const std::string &value) {
    size_t colon = value.find(':');
    std::string first = value.substr(0, colon);
    if (name == "driver")
      driver = std::stoi(value);
    else if (name == "devices")
      devices = std::stoi(value);
    else if (name == "capability")
      capability = std::stoi(value);
    else if (name == "memory")
      memory = std::stoull(value);
    else if (name == "shared")
      shared = std::stoi(value);
    else if (name == "fail") {
      failCall = first;
      std::sscanf(value.c_str() + colon, ":%d:%d", &failNumber, &failCode);
    } else if (name == "fault") {
      faultKernel = first;
      if (colon != std::string::npos)
        faultNumber = std::stoi(value.substr(colon + 1));
    } else if (name == "log" || name == "calls") {
      std::FILE *&file = name == "log" ? log : calls;
      file = std::fopen(value.c_str(), "a");
      std::setbuf(file, nullptr);
    } else {
      std::fprintf(stderr, "PIXELFLY_CUDA_DOUBLE: unknown '%s'\n",
                   name.c_str());
      std::abort();
    }
  }
};

Settings &settings() {
  static Settings theSettings;
  return theSettings;
}

__attribute__((format(printf, 1, 2))) void log(const char *format, ...) {
  if (!settings().log)
    return;
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(settings().log, format, arguments);
  va_end(arguments);
}

/// The first lines of every function: errors that were asked for, and the
/// error of a fault, after which nothing works any more.
Result stickyError = Result::Success;
Result enter(const char *call) {
  static std::map<std::string, int> counts;
  if (settings().calls)
    std::fprintf(settings().calls, "%s\n", call);
  if (call == settings().failCall && ++counts[call] == settings().failNumber) {
    log("%s fails\n", call);
    return Result(settings().failCode);
  }
  return stickyError;
}

#define ENTER(call)                                                            \
  if (Result result = enter(call); result != Result::Success)                  \
  return result

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

constexpr size_t pageSize = 4096;
size_t roundUp(size_t bytes) {
  return (bytes + pageSize - 1) / pageSize * pageSize;
}

/// By address, with their sizes.
std::map<char *, size_t> deviceBlocks, pinnedBlocks;
size_t allocated = 0;

bool isWithin(const std::map<char *, size_t> &blocks, const void *address) {
  auto *byte = const_cast<char *>(static_cast<const char *>(address));
  auto after = blocks.upper_bound(byte);
  return after != blocks.begin() &&
         byte < std::prev(after)->first + std::prev(after)->second;
}

/// Opens the device's memory for as long as the driver works on it.
class OpenMemory {
public:
  OpenMemory() { protect(PROT_READ | PROT_WRITE); }
  ~OpenMemory() { protect(PROT_NONE); }

private:
  static int depth;
  static void protect(int protection) {
    depth += protection == PROT_NONE ? -1 : 1;
    if (depth == (protection == PROT_NONE ? 0 : 1))
      for (auto [address, bytes] : deviceBlocks)
        ::mprotect(address, roundUp(bytes), protection);
  }
};
int OpenMemory::depth = 0;

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

using Work = std::function<void()>;
} // namespace

namespace pixelfly::rt::cuda {
struct OpaqueContext {};
struct OpaqueModule {
  void *library = nullptr; ///< null: kernels do nothing
  std::map<std::string, std::unique_ptr<OpaqueFunction>> functions;
};
struct OpaqueFunction {
  std::string name;
  void (*code)(void **) = nullptr;
  int parameters = 0;
  int dynamicShared = 48 * 1024;
  int runs = 0;
};
struct OpaqueGraphNode {
  Work work;
};
struct OpaqueGraph {
  std::vector<OpaqueGraphNode> nodes;
};
struct OpaqueGraphExec {
  std::vector<OpaqueGraphNode> nodes;
};
struct OpaqueStream {
  std::deque<Work> waiting;
  size_t added = 0, done = 0;
  std::unique_ptr<OpaqueGraph> captured;

  void add(Work work) {
    if (captured) {
      captured->nodes.push_back({std::move(work)});
      return;
    }
    waiting.push_back(std::move(work));
    ++added;
  }
  /// Runs what stood here when the counter was `until`.
  void runUntil(size_t until) {
    while (done < until) {
      Work work = std::move(waiting.front());
      waiting.pop_front();
      ++done;
      work();
    }
  }
};
struct OpaqueEvent {
  bool hasTiming = false;
  OpaqueStream *stream = nullptr;
  size_t position = 0;
};
} // namespace pixelfly::rt::cuda

static std::set<Stream> streams;

static void runAll() {
  for (Stream stream : streams)
    stream->runUntil(stream->added);
}

static char *bytesAt(DevicePointer address) {
  return reinterpret_cast<char *>(address);
}

//===----------------------------------------------------------------------===//
// The driver and its devices
//===----------------------------------------------------------------------===//

EXPORT Result cuInit(unsigned) {
  ENTER("cuInit");
  return settings().devices > 0 ? Result::Success : Result::NoDevice;
}

EXPORT Result cuDriverGetVersion(int *version) {
  *version = settings().driver;
  return Result::Success;
}

EXPORT Result cuDeviceGetCount(int *count) {
  ENTER("cuDeviceGetCount");
  *count = settings().devices;
  return Result::Success;
}

EXPORT Result cuDeviceGet(Device *device, int ordinal) {
  ENTER("cuDeviceGet");
  *device = ordinal;
  return Result::Success;
}

EXPORT Result cuDeviceGetName(char *name, int size, Device) {
  ENTER("cuDeviceGetName");
  std::snprintf(name, size_t(size), "Double");
  return Result::Success;
}

EXPORT Result cuDeviceGetAttribute(int *value, DeviceAttribute which, Device) {
  ENTER("cuDeviceGetAttribute");
  switch (which) {
  case DeviceAttribute::MultiprocessorCount:
    *value = 2;
    break;
  case DeviceAttribute::ComputeCapabilityMajor:
    *value = settings().capability / 10;
    break;
  case DeviceAttribute::ComputeCapabilityMinor:
    *value = settings().capability % 10;
    break;
  case DeviceAttribute::MaxSharedMemoryPerBlockOptin:
    *value = settings().shared;
    break;
  }
  return Result::Success;
}

static OpaqueContext theContext;
static Context currentContext = nullptr;

EXPORT Result cuDevicePrimaryCtxRetain(Context *context, Device device) {
  ENTER("cuDevicePrimaryCtxRetain");
  log("device %d\n", device);
  *context = &theContext;
  return Result::Success;
}

EXPORT Result cuCtxSetCurrent(Context context) {
  if (Result result = enter("cuCtxSetCurrent");
      result != Result::Success && result != stickyError)
    return result;
  currentContext = context;
  return Result::Success;
}

EXPORT Result cuGetErrorName(Result error, const char **name) {
  static const std::map<int, const char *> names = {
      {1, "CUDA_ERROR_INVALID_VALUE"},   {2, "CUDA_ERROR_OUT_OF_MEMORY"},
      {100, "CUDA_ERROR_NO_DEVICE"},     {209, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
      {500, "CUDA_ERROR_NOT_FOUND"},     {700, "CUDA_ERROR_ILLEGAL_ADDRESS"},
      {719, "CUDA_ERROR_LAUNCH_FAILED"},
  };
  auto found = names.find(int(error));
  if (found == names.end())
    return Result::InvalidValue;
  *name = found->second;
  return Result::Success;
}

EXPORT Result cuGetErrorString(Result, const char **text) {
  *text = "as the double was told";
  return Result::Success;
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

EXPORT Result cuMemGetInfo_v2(size_t *available, size_t *total) {
  ENTER("cuMemGetInfo");
  *available = settings().memory - allocated;
  *total = settings().memory;
  return Result::Success;
}

EXPORT Result cuMemAlloc_v2(DevicePointer *address, size_t bytes) {
  ENTER("cuMemAlloc");
  if (bytes == 0 || !currentContext)
    return bytes ? notInitialized : Result::InvalidValue;
  if (bytes > settings().memory - allocated)
    return Result::OutOfMemory;
  void *block = ::mmap(nullptr, roundUp(bytes), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memset(block, 0xff, bytes);
  ::mprotect(block, roundUp(bytes), PROT_NONE);
  deviceBlocks[static_cast<char *>(block)] = bytes;
  allocated += bytes;
  log("allocate %zu\n", bytes);
  *address = reinterpret_cast<DevicePointer>(block);
  return Result::Success;
}

EXPORT Result cuMemFree_v2(DevicePointer address) {
  // As the driver does, wait for what may still use the memory.
  runAll();
  ENTER("cuMemFree");
  auto found = deviceBlocks.find(bytesAt(address));
  if (found == deviceBlocks.end())
    return Result::InvalidValue;
  ::munmap(found->first, roundUp(found->second));
  allocated -= found->second;
  deviceBlocks.erase(found);
  return Result::Success;
}

EXPORT Result cuMemHostAlloc(void **address, size_t bytes, unsigned) {
  ENTER("cuMemHostAlloc");
  *address = std::aligned_alloc(pageSize, roundUp(bytes));
  std::memset(*address, 0xff, bytes);
  pinnedBlocks[static_cast<char *>(*address)] = bytes;
  return Result::Success;
}

EXPORT Result cuMemFreeHost(void *address) {
  ENTER("cuMemFreeHost");
  runAll();
  pinnedBlocks.erase(static_cast<char *>(address));
  std::free(address);
  return Result::Success;
}

EXPORT Result cuMemHostRegister_v2(void *address, size_t bytes, unsigned) {
  ENTER("cuMemHostRegister");
  pinnedBlocks[static_cast<char *>(address)] = bytes;
  return Result::Success;
}

EXPORT Result cuMemHostUnregister(void *address) {
  ENTER("cuMemHostUnregister");
  return pinnedBlocks.erase(static_cast<char *>(address)) == 1
             ? Result::Success
             : Result::InvalidValue;
}

EXPORT Result cuPointerGetAttribute(void *value, PointerAttribute,
                                    DevicePointer address) {
  ENTER("cuPointerGetAttribute");
  if (!isWithin(deviceBlocks, bytesAt(address)) &&
      !isWithin(pinnedBlocks, bytesAt(address)))
    return Result::InvalidValue;
  *static_cast<MemoryType *>(value) = isWithin(deviceBlocks, bytesAt(address))
                                          ? MemoryType::Device
                                          : MemoryType::Host;
  return Result::Success;
}

/// Memory that the driver cannot reach on its own is copied in between: read
/// before the call returns, written only after everything before is done.
static void copy(void *to, const void *from, size_t bytes, Stream stream) {
  auto isReachable = [](const void *address) {
    return isWithin(deviceBlocks, address) || isWithin(pinnedBlocks, address);
  };
  std::shared_ptr<std::vector<char>> staged;
  if (!isReachable(from)) {
    auto *begin = static_cast<const char *>(from);
    staged = std::make_shared<std::vector<char>>(begin, begin + bytes);
  }
  stream->add([=] {
    OpenMemory open;
    std::memcpy(to, staged ? staged->data() : from, bytes);
  });
  if (!isReachable(to) && !stream->captured)
    stream->runUntil(stream->added);
}

EXPORT Result cuMemcpyAsync(DevicePointer to, DevicePointer from, size_t bytes,
                            Stream stream) {
  ENTER("cuMemcpyAsync");
  copy(bytesAt(to), bytesAt(from), bytes, stream);
  return Result::Success;
}

EXPORT Result cuMemcpyHtoDAsync_v2(DevicePointer to, const void *from,
                                   size_t bytes, Stream stream) {
  ENTER("cuMemcpyHtoDAsync");
  if (!isWithin(deviceBlocks, bytesAt(to)))
    return Result::InvalidValue;
  copy(bytesAt(to), from, bytes, stream);
  log("upload %zu %s\n", bytes, isWithin(pinnedBlocks, from) ? "pinned" : "");
  return Result::Success;
}

EXPORT Result cuMemcpyDtoHAsync_v2(void *to, DevicePointer from, size_t bytes,
                                   Stream stream) {
  ENTER("cuMemcpyDtoHAsync");
  if (!isWithin(deviceBlocks, bytesAt(from)))
    return Result::InvalidValue;
  copy(to, bytesAt(from), bytes, stream);
  log("download %zu %s\n", bytes, isWithin(pinnedBlocks, to) ? "pinned" : "");
  return Result::Success;
}

template <typename Element>
static Result fill(DevicePointer to, Element value, size_t count,
                   Stream stream) {
  if (!isWithin(deviceBlocks, bytesAt(to)))
    return Result::InvalidValue;
  stream->add([=] {
    OpenMemory open;
    std::fill_n(reinterpret_cast<Element *>(to), count, value);
  });
  return Result::Success;
}

EXPORT Result cuMemsetD8Async(DevicePointer to, unsigned char value,
                              size_t count, Stream stream) {
  ENTER("cuMemsetD8Async");
  return fill(to, value, count, stream);
}

EXPORT Result cuMemsetD16Async(DevicePointer to, unsigned short value,
                               size_t count, Stream stream) {
  ENTER("cuMemsetD16Async");
  return fill(to, value, count, stream);
}

EXPORT Result cuMemsetD32Async(DevicePointer to, unsigned value, size_t count,
                               Stream stream) {
  ENTER("cuMemsetD32Async");
  return fill(to, value, count, stream);
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

EXPORT Result cuModuleLoadDataEx(Module *module, const void *image, unsigned,
                                 JitOption *, void **values) {
  if (Result result = enter("cuModuleLoadDataEx"); result != Result::Success) {
    std::strcpy(static_cast<char *>(values[0]), "no such instruction");
    return result;
  }
  const std::string prefix = "pixelfly-cuda-double:";
  auto loaded = std::make_unique<OpaqueModule>();
  if (std::strncmp(static_cast<const char *>(image), prefix.c_str(),
                   prefix.size()) == 0) {
    loaded->library =
        ::dlopen(static_cast<const char *>(image) + prefix.size(), RTLD_NOW);
    if (!loaded->library)
      return Result::InvalidImage;
  }
  log("load\n");
  *module = loaded.release();
  return Result::Success;
}

EXPORT Result cuModuleUnload(Module) { return Result::Success; }

EXPORT Result cuModuleGetFunction(Function *function, Module module,
                                  const char *name) {
  ENTER("cuModuleGetFunction");
  std::unique_ptr<OpaqueFunction> &place = module->functions[name];
  if (!place) {
    auto loaded = std::make_unique<OpaqueFunction>();
    loaded->name = name;
    if (module->library) {
      std::string count = std::string(name) + "_parameters";
      auto *parameters =
          static_cast<int *>(::dlsym(module->library, count.c_str()));
      loaded->code =
          reinterpret_cast<void (*)(void **)>(::dlsym(module->library, name));
      if (!loaded->code || !parameters)
        return notFound;
      loaded->parameters = *parameters;
    }
    place = std::move(loaded);
  }
  *function = place.get();
  return Result::Success;
}

EXPORT Result cuFuncGetAttribute(int *value, FunctionAttribute, Function) {
  ENTER("cuFuncGetAttribute");
  *value = 0;
  return Result::Success;
}

EXPORT Result cuFuncSetAttribute(Function function, FunctionAttribute,
                                 int value) {
  ENTER("cuFuncSetAttribute");
  function->dynamicShared = value;
  return value <= settings().shared ? Result::Success : Result::InvalidValue;
}

EXPORT Result cuLaunchKernel(Function function, unsigned gridX, unsigned gridY,
                             unsigned gridZ, unsigned blockX, unsigned blockY,
                             unsigned blockZ, unsigned shared, Stream stream,
                             void **parameters, void **) {
  ENTER("cuLaunchKernel");
  if (int64_t(blockX) * blockY * blockZ > 1024 ||
      shared > unsigned(function->dynamicShared))
    return Result::InvalidValue;
  log("%s %s %ux%ux%u %ux%ux%u %u\n", stream->captured ? "capture" : "launch",
      function->name.c_str(), gridX, gridY, gridZ, blockX, blockY, blockZ,
      shared);
  std::vector<uint64_t> values;
  for (int i = 0; i < function->parameters; ++i)
    values.push_back(*static_cast<uint64_t *>(parameters[i]));
  stream->add([=]() mutable {
    log("run %s\n", function->name.c_str());
    if (function->name == settings().faultKernel &&
        ++function->runs == settings().faultNumber)
      stickyError = illegalAddress;
    if (!function->code || stickyError != Result::Success)
      return;
    std::vector<void *> addresses;
    for (uint64_t &value : values)
      addresses.push_back(&value);
    OpenMemory open;
    function->code(addresses.data());
  });
  return Result::Success;
}

EXPORT Result cuTensorMapEncodeTiled(TensorMap *map, TensorMapType type,
                                     unsigned rank, void *address,
                                     const uint64_t *sizes,
                                     const uint64_t *strides,
                                     const uint32_t *box, const uint32_t *, int,
                                     int swizzle, int, int) {
  ENTER("cuTensorMapEncodeTiled");
  // The driver's rules that a mistake breaks first.
  if (rank < 1 || rank > 5 || reinterpret_cast<uintptr_t>(address) % 16)
    return Result::InvalidValue;
  for (unsigned i = 0; i + 1 < rank; ++i)
    if (strides[i] % 16)
      return Result::InvalidValue;
  for (unsigned i = 0; i < rank; ++i)
    if (box[i] < 1 || box[i] > 256)
      return Result::InvalidValue;
  log("tensor map %d:", int(type));
  for (unsigned i = 0; i < rank; ++i)
    log(" %llu/%u", (unsigned long long)sizes[i], box[i]);
  log(" swizzle %d\n", swizzle);
  std::memset(map, 0, sizeof(*map));
  map->opaque[0] = reinterpret_cast<uint64_t>(address);
  return Result::Success;
}

//===----------------------------------------------------------------------===//
// Streams, events, graphs
//===----------------------------------------------------------------------===//

EXPORT Result cuStreamCreate(Stream *stream, unsigned) {
  ENTER("cuStreamCreate");
  *stream = new OpaqueStream();
  streams.insert(*stream);
  return Result::Success;
}

EXPORT Result cuStreamDestroy_v2(Stream stream) {
  ENTER("cuStreamDestroy");
  stream->runUntil(stream->added);
  streams.erase(stream);
  delete stream;
  return Result::Success;
}

EXPORT Result cuStreamSynchronize(Stream stream) {
  ENTER("cuStreamSynchronize");
  if (stream->captured)
    return captureUnsupported;
  stream->runUntil(stream->added);
  return stickyError;
}

EXPORT Result cuStreamWaitEvent(Stream stream, Event event, unsigned) {
  ENTER("cuStreamWaitEvent");
  if (OpaqueStream *other = event->stream)
    stream->add(
        [other, position = event->position] { other->runUntil(position); });
  return Result::Success;
}

EXPORT Result cuEventCreate(Event *event, unsigned flags) {
  ENTER("cuEventCreate");
  *event = new OpaqueEvent();
  (*event)->hasTiming = flags != eventDisableTiming;
  return Result::Success;
}

EXPORT Result cuEventDestroy_v2(Event event) {
  ENTER("cuEventDestroy");
  delete event;
  return Result::Success;
}

EXPORT Result cuEventRecord(Event event, Stream stream) {
  ENTER("cuEventRecord");
  event->stream = stream;
  event->position = stream->added;
  return Result::Success;
}

EXPORT Result cuEventSynchronize(Event event) {
  ENTER("cuEventSynchronize");
  if (event->stream)
    event->stream->runUntil(event->position);
  return stickyError;
}

EXPORT Result cuEventElapsedTime(float *milliseconds, Event from, Event to) {
  ENTER("cuEventElapsedTime");
  if (!from->hasTiming || !to->hasTiming)
    return Result::InvalidValue;
  *milliseconds = 1;
  return Result::Success;
}

EXPORT Result cuStreamBeginCapture_v2(Stream stream, CaptureMode) {
  ENTER("cuStreamBeginCapture");
  log("begin capture\n");
  stream->captured = std::make_unique<OpaqueGraph>();
  return Result::Success;
}

EXPORT Result cuStreamEndCapture(Stream stream, Graph *graph) {
  *graph = stream->captured.release();
  ENTER("cuStreamEndCapture");
  log("end capture\n");
  return *graph ? Result::Success : captureUnsupported;
}

EXPORT Result cuGraphGetNodes(Graph graph, GraphNode *nodes, size_t *count) {
  ENTER("cuGraphGetNodes");
  if (nodes)
    return captureUnsupported;
  *count = graph->nodes.size();
  return Result::Success;
}

EXPORT Result cuGraphInstantiateWithFlags(GraphExec *executable, Graph graph,
                                          unsigned long long) {
  ENTER("cuGraphInstantiateWithFlags");
  *executable = new OpaqueGraphExec{graph->nodes};
  return Result::Success;
}

EXPORT Result cuGraphLaunch(GraphExec executable, Stream stream) {
  ENTER("cuGraphLaunch");
  log("launch graph of %zu\n", executable->nodes.size());
  for (OpaqueGraphNode &node : executable->nodes)
    stream->add(node.work);
  return Result::Success;
}

EXPORT Result cuGraphExecDestroy(GraphExec executable) {
  ENTER("cuGraphExecDestroy");
  runAll();
  delete executable;
  return Result::Success;
}

EXPORT Result cuGraphDestroy(Graph graph) {
  ENTER("cuGraphDestroy");
  delete graph;
  return Result::Success;
}
