//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_INLINEASSEMBLY_H
#define PIXELFLY_GPU_EMULATE_INLINEASSEMBLY_H

#include "mlir/IR/Operation.h"

namespace mlir::pixelfly::emulator {

/// Replaces llvm.inline_asm with the PTX of mbarrier, bulk tensor copy and
/// wgmma operations, as convert-nvvm-to-llvm writes it, by these operations.
/// Fails with an error at the first one whose text is not in the table.
LogicalResult raiseInlineAssembly(Operation *root);

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_INLINEASSEMBLY_H
