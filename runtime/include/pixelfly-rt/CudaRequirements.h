//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether an artifact runs on a GPU: what its manifest asks for against what
// the device and its driver are.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_RT_CUDAREQUIREMENTS_H
#define PIXELFLY_RT_CUDAREQUIREMENTS_H

#include "pixelfly-rt/Buffers.h"
#include "pixelfly-rt/CudaDevice.h"
#include "pixelfly-rt/Manifest.h"

namespace pixelfly::rt {

/// Throws Error unless the artifact has code for a device of this compute
/// capability (80 for 8.0) that a driver of this version can load:
///
/// - machine code for sm_80 runs on 8.0 and every later 8.x, with a driver of
///   the toolkit's major version or newer;
/// - machine code for sm_90a runs on 9.0 alone;
/// - PTX for sm_80 runs on 8.0 and everything later, with a driver that knows
///   its version of PTX; PTX for sm_90a on 9.0 alone.
void checkRunsOn(const TargetInfo &target, int capability, int driverVersion,
                 const std::string &device);

/// The error when the memory that is there, `available`, is less than `use`:
/// how much is needed for what, and which batch would fit. `slots`: batches
/// that are held at the same time.
Error tooLittleMemory(const Manifest &manifest, const MemoryUse &use,
                      int64_t slots, int64_t available,
                      const std::string &device);

/// The largest batch that fits into `available` bytes, about; 0 if none.
/// Inputs, outputs and activations scale with the batch; parameters, optimizer
/// state and gradients, which are in the arena, do not.
int64_t fittingBatch(const Manifest &manifest, const MemoryUse &use,
                     int64_t available);

} // namespace pixelfly::rt

#endif // PIXELFLY_RT_CUDAREQUIREMENTS_H
