//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/CudaRequirements.h"
#include "pixelfly-rt/Summary.h"

#include <algorithm>

using namespace pixelfly::rt;
using namespace pixelfly::rt::cuda;

/// Machine code: the same major version, at least the minor one.
static bool runsMachineCode(const GpuChip &chip, int capability) {
  if (chip.isSpecific)
    return chip.capability == capability;
  return chip.capability / 10 == capability / 10 &&
         chip.capability <= capability;
}

static bool runsPTX(const GpuChip &chip, int capability) {
  return chip.isSpecific ? chip.capability == capability
                         : chip.capability <= capability;
}

void pixelfly::rt::checkRunsOn(const TargetInfo &target, int capability,
                               int driverVersion, const std::string &device) {
  std::string chips;
  int neededVersion = 0;
  auto consider = [&](bool fits, int version) {
    if (fits && (neededVersion == 0 || version < neededVersion))
      neededVersion = version;
  };
  for (const GpuChip &chip : target.chips) {
    chips += (chips.empty() ? "" : ", ") + chip.name;
    consider(runsMachineCode(chip, capability), target.machineCodeDriver);
  }
  if (target.ptx) {
    chips += (chips.empty() ? "" : ", ") + ("PTX for " + target.ptx->name);
    consider(runsPTX(*target.ptx, capability), target.ptxDriver);
  }
  if (neededVersion == 0)
    throw Error("the artifact has code for " + chips + ", which " + device +
                    " does not run",
                capability >= 80
                    ? "compile the model with --target=sm_80 --chips=sm_" +
                          std::to_string(capability)
                    : "GPUs of compute capability 8.0 and later are supported");
  if (driverVersion < neededVersion)
    throw Error("the NVIDIA driver is too old for the artifact: it supports "
                "CUDA " +
                    formatVersion(driverVersion) +
                    ", but the artifact's code for " + device + " needs CUDA " +
                    formatVersion(neededVersion),
                "install a newer driver, or compile the model with an older "
                "CUDA toolkit");
}

int64_t pixelfly::rt::fittingBatch(const Manifest &manifest,
                                   const MemoryUse &use, int64_t available) {
  int64_t gradients = std::min(use.arena, use.parameters);
  int64_t fixed = use.parameters + use.state + gradients;
  int64_t scaling = use.batch + use.arena - gradients;
  double perExample = std::max(double(scaling) / double(manifest.batch), 1.0);
  return int64_t(std::max(double(available - fixed), 0.0) / perExample);
}

Error pixelfly::rt::tooLittleMemory(const Manifest &manifest,
                                    const MemoryUse &use, int64_t slots,
                                    int64_t available,
                                    const std::string &device) {
  int64_t batch = fittingBatch(manifest, use, available);
  return Error("the model needs " + formatBytes(use.total()) +
                   " of memory on " + device + ", but " +
                   formatBytes(available) + " are free: parameters " +
                   formatBytes(use.parameters) + ", optimizer state " +
                   formatBytes(use.state) + ", activations and gradients " +
                   formatBytes(use.arena) + ", " + std::to_string(slots) +
                   " batches of " + std::to_string(manifest.batch) +
                   " examples " + formatBytes(use.batch),
               batch > 0
                   ? "a batch of about " + std::to_string(batch) +
                         " fits; compile the model again with --batch=" +
                         std::to_string(batch)
                   : std::string("not even a batch of 1 fits; choose a smaller "
                                 "model, or a GPU with more memory"));
}
