//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileChoice.h"

#include "pixelfly/CodeGen/GPU/Passes.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPUCHOOSETILES
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct GPUChooseTiles
    : public pixelfly::impl::GPUChooseTilesBase<GPUChooseTiles> {
  using GPUChooseTilesBase::GPUChooseTilesBase;

  void runOnOperation() override {
    FailureOr<Target> target = Target::get(getOperation(), TargetKind::GPU);
    if (failed(target))
      return signalPassFailure();
    getOperation().walk([&](Operation *op) {
      if (!isMatrixProduct(op) ||
          isa_and_nonnull<GPUTileAttr>(op->getAttr(kTileAttrName)))
        return;
      // A tile that was chosen for a CPU is of no use here.
      op->removeAttr(kTileAttrName);
      std::string reason;
      std::optional<BlockShape> shape = getBlockShape(op, *target, reason);
      if (!shape)
        return;
      op->setAttr(kTileAttrName, shape->tile);
      ++numChosen;
    });
  }
};
} // namespace
