//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/GPU/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPUANNOTATEBRANCHES
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// What the conversion from scf copies from a loop to its branch.
static constexpr StringLiteral kLoopAnnotationName = "llvm.loop_annotation";

namespace {
struct GPUAnnotateBranches
    : public pixelfly::impl::GPUAnnotateBranchesBase<GPUAnnotateBranches> {
  using GPUAnnotateBranchesBase::GPUAnnotateBranchesBase;

  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      auto annotation =
          op->getAttrOfType<LLVM::LoopAnnotationAttr>(kLoopAnnotationName);
      if (!annotation)
        return;
      if (auto branch = dyn_cast<LLVM::BrOp>(op))
        branch.setLoopAnnotationAttr(annotation);
      else if (auto branch = dyn_cast<LLVM::CondBrOp>(op))
        branch.setLoopAnnotationAttr(annotation);
      else
        return;
      op->removeAttr(kLoopAnnotationName);
    });
  }
};
} // namespace
