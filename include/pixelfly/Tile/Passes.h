//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TILE_PASSES_H
#define PIXELFLY_TILE_PASSES_H

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Tile/ProductType.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::pixelfly {

#define GEN_PASS_DECL
#include "pixelfly/Tile/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "pixelfly/Tile/Passes.h.inc"

} // namespace mlir::pixelfly

#endif // PIXELFLY_TILE_PASSES_H
