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

#include <string>

namespace pixelfly::rt {

class Artifact {
public:
  /// Reads the manifest, loads the shared object, looks up every symbol of
  /// symbols.def and checks the version. Throws Error.
  explicit Artifact(const std::string &directory);
  Artifact(const Artifact &) = delete;
  Artifact &operator=(const Artifact &) = delete;
  ~Artifact();

  const Manifest &getManifest() const { return manifest; }
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
  void *handle = nullptr;
  pf_abi_version_fn abiVersionFunction = nullptr;
  pf_train_step_fn trainStepFunction = nullptr;
  pf_evaluate_fn evaluateFunction = nullptr;
};

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_ARTIFACT_H
