//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rewrites behind the passes of this folder, for use inside other passes.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_LINALG_TRANSFORMS_H
#define PIXELFLY_CODEGEN_LINALG_TRANSFORMS_H

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/IR/PatternMatch.h"

namespace mlir::pixelfly {

/// Replaces a layer on tensors by the products it consists of, see
/// `--pixelfly-decompose-linear`. Fails, with a diagnostic on the op, for a
/// layer on memrefs: its intermediate results have no storage there.
LogicalResult decomposeLinear(RewriterBase &rewriter, LinearOp op);

/// The same for a product of butterfly factors.
LogicalResult decomposeButterfly(RewriterBase &rewriter, ButterflyMatmulOp op);

/// Either of them; `op` is a `linear` or a `butterfly_matmul`.
LogicalResult decomposeLayer(RewriterBase &rewriter, Operation *op);

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_LINALG_TRANSFORMS_H
