// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_TILE_PASSES_TD
#define PIXELFLY_TILE_PASSES_TD

include "mlir/Pass/PassBase.td"

def FuseElementwise : Pass<"pixelfly-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Fuse elementwise operations into each other";
}

def ChooseTiles : Pass<"pixelfly-choose-tiles", "::mlir::func::FuncOp"> {
  let summary = "Choose tile sizes for products";
}

#endif // PIXELFLY_TILE_PASSES_TD
