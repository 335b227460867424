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

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPUCHAINLAUNCHES
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct GPUChainLaunches
    : public pixelfly::impl::GPUChainLaunchesBase<GPUChainLaunches> {
  using GPUChainLaunchesBase::GPUChainLaunchesBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    SmallVector<gpu::LaunchFuncOp> launches(
        function.getOps<gpu::LaunchFuncOp>());
    if (launches.empty())
      return;
    OpBuilder builder(launches.front());
    Type token = gpu::AsyncTokenType::get(&getContext());
    Value previous =
        gpu::WaitOp::create(builder, launches.front().getLoc(), token,
                            /*asyncDependencies=*/ValueRange())
            .getAsyncToken();
    for (gpu::LaunchFuncOp launch : launches) {
      if (launch.getAsyncToken() || !launch.getAsyncDependencies().empty() ||
          launch.getAsyncObject()) {
        launch.emitOpError("has a stream already");
        return signalPassFailure();
      }
      builder.setInsertionPoint(launch);
      std::optional<gpu::KernelDim3> cluster;
      if (launch.hasClusterSize())
        cluster = launch.getClusterSizeOperandValues();
      auto chained = gpu::LaunchFuncOp::create(
          builder, launch.getLoc(), launch.getKernelAttr(),
          launch.getGridSizeOperandValues(), launch.getBlockSizeOperandValues(),
          launch.getDynamicSharedMemorySize(), launch.getKernelOperands(),
          token, ValueRange{previous}, cluster);
      previous = chained.getAsyncToken();
      launch.erase();
      ++numLaunches;
    }
  }
};
} // namespace
