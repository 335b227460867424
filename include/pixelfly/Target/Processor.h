//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Targets of processors that LLVM knows by name.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TARGET_PROCESSOR_H
#define PIXELFLY_TARGET_PROCESSOR_H

#include "pixelfly/Target/Target.h"

namespace mlir::pixelfly {

/// The machine this process runs on: vector width from the processor's
/// features, cache sizes and cores as the operating system reports them. Rates
/// and costs are those of the shipped description that is nearest, for as many
/// cores.
Target hostTarget();

/// The CPU that LLVM calls `processor` ("haswell", or "native" for the host),
/// with `features` ("+avx512f,-avx2") on top: the nearest shipped description
/// with the vector width of the processor. A name that LLVM does not know is
/// an error at `location` that says how to find those it knows.
FailureOr<Target> processorTarget(StringRef processor, StringRef features,
                                  Location location);

} // namespace mlir::pixelfly

#endif // PIXELFLY_TARGET_PROCESSOR_H
