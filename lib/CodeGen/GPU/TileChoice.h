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

/// The shape of the thread blocks that compute `op`, a `pixelfly.matmul` or
/// `pixelfly.sddmm` on memrefs: from its attribute `pixelfly.tile` if it has
/// one, else the best for `target`. Nothing if no kernel can compute it;
/// `reason` then says why, in words that follow "because".
std::optional<BlockShape> getBlockShape(Operation *op, const Target &target,
                                        std::string &reason);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_TILECHOICE_H
