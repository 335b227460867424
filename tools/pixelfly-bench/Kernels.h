//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels that pixelfly-bench measures.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TOOLS_PIXELFLY_BENCH_KERNELS_H
#define PIXELFLY_TOOLS_PIXELFLY_BENCH_KERNELS_H

#include "pixelfly/Pipelines/CompiledModule.h"

#include <functional>
#include <string>
#include <vector>

namespace mlir::pixelfly {

/// The layer whose products are measured: `rows x in` activations, an `out x
/// in` weight on a flat butterfly. `cells` 0 and `factors` -1 stand for the
/// most.
struct LayerShape {
  int64_t rows, out, in, block, cells, factors;
  int threads;
  std::string tile; ///< sizes of every product's tile; empty: the pass chooses
};

/// Something that runs and does `flops` floating-point operations.
struct Kernel {
  std::string name;
  double flops;
  std::function<void()> run;
};

/// The peak first (multiply-adds on registers, on each thread), then the
/// products on the pattern, the dense products, and those of the peers that are
/// installed. Fails after a message if the shape does not fit or does not
/// compile.
FailureOr<std::vector<Kernel>> buildKernels(MLIRContext &context,
                                            const LayerShape &shape);

} // namespace mlir::pixelfly

#endif // PIXELFLY_TOOLS_PIXELFLY_BENCH_KERNELS_H
