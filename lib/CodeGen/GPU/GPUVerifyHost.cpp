//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/GPU/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPUVERIFYHOST
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct GPUVerifyHost : public pixelfly::impl::GPUVerifyHostBase<GPUVerifyHost> {
  using GPUVerifyHostBase::GPUVerifyHostBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    WalkResult result = function.walk([&](Operation *op) {
      if (op == function || isa<gpu::LaunchFuncOp, func::ReturnOp>(op))
        return WalkResult::advance();
      // Where a buffer lies, but never what it holds.
      if (isa<memref::AllocOp, memref::DeallocOp>(op) ||
          op->hasTrait<OpTrait::ConstantLike>() ||
          (isa<ViewLikeOpInterface>(op) && isMemoryEffectFree(op)))
        return WalkResult::advance();
      // Tensor maps say no more than that, either.
      if (isa<nvgpu::TmaCreateDescriptorOp>(op) ||
          (isa<UnrealizedConversionCastOp>(op) &&
           op->getOperand(0).getDefiningOp<nvgpu::TmaCreateDescriptorOp>()))
        return WalkResult::advance();
      op->emitOpError("is left on the host of a GPU program, which may only "
                      "launch kernels: it cannot reach the memory of the "
                      "device; lower it to a kernel");
      return WalkResult::interrupt();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
  }
};
} // namespace
