//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How large the tiles of a product are. The pass `--pixelfly-choose-tiles`
// writes the answer on the product; a lowering that finds none asks the same
// function.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TARGET_TILECHOICE_H
#define PIXELFLY_TARGET_TILECHOICE_H

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Target/Target.h"

namespace mlir::pixelfly {

/// The tile sizes of `op`: its attribute `pixelfly.tile` if it has one, else
/// the best for `target`; null if `op` is no product that has a CPU kernel.
/// `reason` then says why, in words that follow "cannot be lowered because".
CPUTileAttr getCPUTile(Operation *op, const Target &target,
                       std::string &reason);

} // namespace mlir::pixelfly

#endif // PIXELFLY_TARGET_TILECHOICE_H
