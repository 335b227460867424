//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions that the host code of a GPU program calls (mgpuLaunchKernel and
// its like) are C functions whose names and signatures are MLIR's. A program
// that loads such code links PixelflyRuntime, calls keepHostFunctions() once,
// and exports them; mlir-runner loads libpixelfly_cuda_runtime.so instead.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CUDAHOSTFUNCTIONS_H
#define PIXELFLY_RT_CUDAHOSTFUNCTIONS_H

namespace pixelfly::rt::cuda {

void keepHostFunctions();

} // namespace pixelfly::rt::cuda

#endif // PIXELFLY_RT_CUDAHOSTFUNCTIONS_H
