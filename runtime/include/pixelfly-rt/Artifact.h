//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An opened artifact: its manifest and the functions of its shared object.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_ARTIFACT_H
#define PIXELFLY_RT_ARTIFACT_H

#include "pixelfly-rt/Manifest.h"
#include "pixelfly-rt/abi.h"

#include <memory>
#include <optional>
#include <string>

namespace pixelfly::rt {

namespace cuda {
class CudaDevice;
}

/// What a user asks a model to run on: what it was compiled for, by default.
struct DeviceChoice {
  std::optional<DeviceKind> kind;
  /// Which GPU, if it is one.
  int ordinal = 0;
};

class Artifact {
public:
  /// Reads the manifest, opens the GPU if the model was compiled for one, loads
  /// the shared object (and its kernels onto the GPU), looks up every symbol of
  /// symbols.def and checks the version. Throws Error.
  explicit Artifact(const std::string &directory,
                    const DeviceChoice &choice = DeviceChoice());
  Artifact(const Artifact &) = delete;
  Artifact &operator=(const Artifact &) = delete;
  ~Artifact();

  const Manifest &getManifest() const { return manifest; }
  /// The GPU that the model runs on; null if it runs on the processor.
  const cuda::CudaDevice *getDevice() const { return device.get(); }
  const std::string &getLibraryPath() const { return libraryPath; }

  void trainStep(void *const *buffers, void *arena) const {
    trainStepFunction(buffers, arena);
  }
  void evaluate(void *const *buffers, void *arena) const {
    evaluateFunction(buffers, arena);
  }

  /// Sets the number of threads that generated code uses.
  void setThreads(int threads);
  /// Threads that generated code uses; 1 if it was compiled without OpenMP.
  int getThreads() const;

private:
  Manifest manifest;
  std::string libraryPath;
  std::unique_ptr<cuda::CudaDevice> device;
  void *handle = nullptr;
  pf_abi_version_fn abiVersionFunction = nullptr;
  pf_train_step_fn trainStepFunction = nullptr;
  pf_evaluate_fn evaluateFunction = nullptr;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_ARTIFACT_H
