//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tiling of pixelfly's products. Include this only to register the models.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_TILINGINTERFACEIMPL_H
#define PIXELFLY_IR_TILINGINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::pixelfly {

/// Attaches `TilingInterface` to the products, on tensors and memrefs.
/// The tile of a product is the same product on slices of its operands.
///
/// Iteration domains:
/// * `matmul`, `linear`, `butterfly_matmul`: rows of the result (parallel),
///   columns of the result (parallel);
/// * `sddmm`: stored blocks (parallel), rows of the operands (reduction).
///
/// Rows may be tiled by any size. A tile of columns (of blocks) needs a pattern
/// that is the same for every tile. With fewer factors than radices, a flat
/// butterfly splits into independent groups of `r_0 * ... * r_(factors-1)`
/// cells, all with one pattern: a tile must have a static size that is a
/// multiple of a group's, divide the number of groups, and start at a multiple
/// of it. The full extent fits every pattern. A `linear` with a low-rank term
/// and a `butterfly_matmul` are tiled over their rows only: they need the whole
/// row of the input.
/// Tiling otherwise is an error on the product; where the product would only be
/// fused into a loop, it is not.
void registerTilingInterfaceModels(DialectRegistry &registry);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_TILINGINTERFACEIMPL_H
