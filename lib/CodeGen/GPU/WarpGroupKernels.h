//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The block-sparse products on warp groups (sm_90a). As ProductKernels, whose
// functions call these where the shape says so.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_WARPGROUPKERNELS_H
#define PIXELFLY_LIB_CODEGEN_GPU_WARPGROUPKERNELS_H

#include "ProductKernels.h"

namespace mlir::pixelfly {

/// `pixelfly.matmul`: a tile is the rows of a tile in the columns of one block
/// row (transposed: of one block column). Tiles of the same rows follow each
/// other, so that the thread blocks of a moment share the rows of the input in
/// the second-level cache.
void launchMatmulOnWarpGroups(ImplicitLocOpBuilder &host, KernelModule &kernels,
                              const FusedProduct &product,
                              const ProductOptions &options, Attribute key,
                              StringRef name);
/// `pixelfly.sddmm`: a tile is one stored block.
void launchSddmmOnWarpGroups(ImplicitLocOpBuilder &host, KernelModule &kernels,
                             SddmmOp op, const ProductOptions &options,
                             Attribute key, StringRef name);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_WARPGROUPKERNELS_H
