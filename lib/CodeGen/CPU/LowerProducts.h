//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels of the products: each function emits, at the builder's insertion
// point, loops that do what the op does. The op itself is left to the caller.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTS_H
#define PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTS_H

#include "LowerProductsMicroKernel.h"

#include "pixelfly/IR/Contraction.h"

namespace mlir::pixelfly {

/// What every kernel needs to know besides its op.
struct ProductOptions {
  CPUTileAttr tile;
  Target target;
  /// The result counts as zero; what it holds is not read.
  bool startsFromZero;
  /// Whether outermost loops may be parallel.
  bool parallel;
};

/// Multiply-adds from which on a product is worth several threads: what a core
/// does while a team of threads is woken.
inline constexpr int64_t kParallelMultiplyAdds = 1 << 18;

/// Bytes that a product may take on the stack of each thread; more is packed in
/// memory that the threads share. The threads of OpenMP have a few MiB each.
inline constexpr int64_t kMaximumStackBytes = 1 << 20;

void emitContraction(KernelBuilder &b, Contraction contraction,
                     const ProductOptions &options);
void emitMatmul(KernelBuilder &b, MatmulOp op, const ProductOptions &options);
void emitSddmm(KernelBuilder &b, SddmmOp op, const ProductOptions &options);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTS_H
