//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-rt/Executor.h"
#include "CudaExecutor.h"
#include "HostExecutor.h"

using namespace pixelfly::rt;

std::unique_ptr<Executor> Executor::create(const Artifact &artifact,
                                           bool checkKernels) {
  if (artifact.getDevice())
    return std::make_unique<CudaExecutor>(artifact, checkKernels);
  return std::make_unique<HostExecutor>(artifact);
}
