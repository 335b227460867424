//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How large the tiles of a product are on a GPU. The pass
// `--pixelfly-gpu-choose-tiles` writes the answer on the product; a lowering
// that finds none asks the same function.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_TILECHOICE_H
#define PIXELFLY_LIB_CODEGEN_GPU_TILECHOICE_H

#include "MainLoop.h"

#include "pixelfly/Target/Target.h"

namespace mlir::pixelfly {

struct DenseProduct;

/// Bytes of a panel's row: one line of shared memory, or less.
inline constexpr int64_t kLineBytes = 128;

/// Whether `op` multiplies matrices: a product on a pattern, or a linalg
/// contraction.
bool isMatrixProduct(Operation *op);

/// The shape of the thread blocks that compute the product `op` on memrefs:
/// from its attribute `pixelfly.tile` if it has one, else the best for
/// `target`. Nothing if no kernel can compute it; `reason` then says why, in
/// words that follow "because".
std::optional<BlockShape> getBlockShape(Operation *op, const Target &target,
                                        std::string &reason);

/// Thread blocks of `shape` that a multiprocessor holds at a time, of a
/// persistent kernel.
int64_t residentBlocks(const BlockShape &shape, const Target &target);

/// The tile for a dense product whose thread blocks are of `shape`.
GPUTileAttr chooseForDense(const DenseProduct &product, const BlockShape &shape,
                           const Target &target);

/// A tile with as many stages as let two thread blocks share a multiprocessor;
/// of one thread block if two stages do not fit twice.
GPUTileAttr tileWithStages(BlockShape shape, int64_t rows, int64_t columns,
                           int64_t reduction, ArrayRef<int64_t> warps,
                           const Target &target);

/// The same, but rather with smaller panels than with only one under way.
GPUTileAttr tileWithPanels(const BlockShape &shape, int64_t rows,
                           int64_t columns, int64_t reduction,
                           ArrayRef<int64_t> warps, const Target &target);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_TILECHOICE_H
