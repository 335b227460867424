//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Target/TileChoice.h"
#include "pixelfly/Tile/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_CHOOSETILES
#include "pixelfly/Tile/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct ChooseTiles : public pixelfly::impl::ChooseTilesBase<ChooseTiles> {
  void runOnOperation() override {
    FailureOr<Target> target = Target::get(getOperation());
    if (failed(target))
      return signalPassFailure();
    getOperation().walk([&](Operation *op) {
      if (op->hasAttr(kTileAttrName))
        return;
      std::string reason;
      if (CPUTileAttr tile = getCPUTile(op, *target, reason)) {
        op->setAttr(kTileAttrName, tile);
        ++numChosen;
      }
    });
  }
};
} // namespace
