//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Artifact.h"
#include "pixelfly-rt/CudaHostFunctions.h"
#include "pixelfly-rt/CudaLaunches.h"
#include "pixelfly-rt/CudaRequirements.h"
#include "pixelfly-rt/Error.h"
#include "pixelfly-rt/Files.h"

#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <filesystem>

using namespace pixelfly::rt;

static const char *const recompile =
    "compile the model again with this version's pixelfly-compile";

/// The dynamic linker maps a file cut short without complaint and the first
/// access beyond its end kills the process, so look at the length before. The
/// section headers stand at the end of what linkers write.
static void checkWholeElf(const std::string &path) {
  std::string contents = readFile(path);
  Elf64_Ehdr header;
  bool isElf = contents.size() >= sizeof(header);
  if (isElf) {
    std::memcpy(&header, contents.data(), sizeof(header));
    isElf = std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
            header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_type == ET_DYN;
  }
  if (!isElf)
    throw Error("'" + path + "' is no 64-bit ELF shared object", recompile);
  uint64_t end = header.e_shoff + uint64_t(header.e_shentsize) * header.e_shnum;
  if (end < header.e_shoff || end > contents.size())
    throw Error("'" + path + "' is cut short: it has " +
                    std::to_string(contents.size()) + " of " +
                    std::to_string(end) + " bytes",
                recompile);
}

/// Opens what the artifact was compiled for; null if that is the processor.
static std::unique_ptr<cuda::CudaDevice>
openDevice(const std::string &directory, const TargetInfo &target,
           const DeviceChoice &choice) {
  if (target.device == DeviceKind::CPU) {
    if (choice.kind == DeviceKind::CUDA)
      throw Error("'" + directory +
                      "' was compiled for the processor, not for a GPU",
                  "leave --device=cuda out, or compile the model with "
                  "--target=sm_80");
    return nullptr;
  }
  if (choice.kind == DeviceKind::CPU)
    throw Error("'" + directory +
                    "' was compiled for a GPU, not for the processor",
                "leave --device=cpu out, or compile the model without "
                "--target");
  auto device = std::make_unique<cuda::CudaDevice>(choice.ordinal);
  checkRunsOn(target, device->getCapability(), device->getDriver().version,
              device->describe());
  return device;
}

Artifact::Artifact(const std::string &directory, const DeviceChoice &choice)
    : manifest(readManifest(directory)),
      libraryPath(directory + "/" + manifest.library) {
  if (!exists(libraryPath))
    throw Error("the artifact's shared object '" + libraryPath + "' is missing",
                recompile);
  checkWholeElf(libraryPath);
  device = openDevice(directory, manifest.target, choice);
  // A path without a slash would be searched for in the library path.
  std::string absolute = std::filesystem::absolute(libraryPath).string();
  auto open = [&] {
    handle = ::dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  };
  // A GPU program's kernels are loaded by a constructor of its library.
  if (device) {
    cuda::keepHostFunctions();
    cuda::CudaLaunches(*device, nullptr).run(cuda::LaunchMode::Capture, open);
  } else {
    open();
  }
  if (!handle)
    throw Error("cannot load '" + libraryPath + "': " + ::dlerror(), recompile);

  auto lookUp = [&](const char *symbol) {
    void *address = ::dlsym(handle, symbol);
    if (!address) {
      ::dlclose(handle);
      throw Error("'" + libraryPath + "' does not define the symbol '" +
                      symbol + "'",
                  recompile);
    }
    return address;
  };
  // The version first: another one may have other symbols.
  abiVersionFunction =
      reinterpret_cast<pf_abi_version_fn>(lookUp("pf_abi_version"));
  if (int32_t version = abiVersionFunction(); version != PF_ABI_VERSION) {
    ::dlclose(handle);
    throw Error("'" + libraryPath + "' was compiled for ABI version " +
                    std::to_string(version) +
                    ", but this runtime has version " +
                    std::to_string(PF_ABI_VERSION),
                recompile);
  }
  void *addresses[] = {
#define PF_SYMBOL(Name, symbol, function) lookUp(#symbol),
#include "pixelfly-rt/symbols.def"
  };
  enum {
#define PF_SYMBOL(Name, symbol, function) Name,
#include "pixelfly-rt/symbols.def"
  };
  trainStepFunction = reinterpret_cast<pf_train_step_fn>(addresses[TrainStep]);
  evaluateFunction = reinterpret_cast<pf_evaluate_fn>(addresses[Evaluate]);
}

// The library stays loaded: OpenMP's worker threads still wait inside its
// dependencies, and the process ends soon after.
Artifact::~Artifact() = default;

void Artifact::setThreads(int threads) {
  // Found in the library's own dependencies, so that it is the OpenMP runtime
  // that the generated code calls.
  if (void *address = ::dlsym(handle, "omp_set_num_threads"))
    reinterpret_cast<void (*)(int)>(address)(threads);
}

int Artifact::getThreads() const {
  if (void *address = ::dlsym(handle, "omp_get_max_threads"))
    return reinterpret_cast<int (*)()>(address)();
  return 1;
}
