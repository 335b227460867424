//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DenseProduct.h"
#include "TileChoice.h"

#include "pixelfly/CodeGen/GPU/Passes.h"
#include "pixelfly/IR/ZeroFill.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_GPULOWERPRODUCTS
#include "pixelfly/CodeGen/GPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct GPULowerProducts
    : public pixelfly::impl::GPULowerProductsBase<GPULowerProducts> {
  using GPULowerProductsBase::GPULowerProductsBase;

  void runOnOperation() override {
    FailureOr<Target> target = Target::get(getOperation(), TargetKind::GPU);
    if (failed(target))
      return signalPassFailure();
    SmallVector<Operation *> products;
    getOperation().walk([&](Operation *op) {
      if (isMatrixProduct(op) && !op->getParentOfType<gpu::GPUModuleOp>())
        products.push_back(op);
    });
    KernelModule kernels(getOperation());
    for (Operation *op : products)
      lower(op, kernels, *target);
    numKernels += kernels.numKernels();
  }

  void lower(Operation *op, KernelModule &kernels, const Target &target) {
    std::string reason;
    std::optional<BlockShape> shape = getBlockShape(op, target, reason);
    if (!shape) {
      op->emitRemark("stays without a GPU kernel because ") << reason;
      ++numLeft;
      return;
    }
    Value destination = cast<DestinationStyleOpInterface>(op).getDpsInits()[0];
    linalg::FillOp fill = findZeroFill(op, destination);
    ProductOptions options{*shape, /*startsFromZero=*/bool(fill), target.cores,
                           residentBlocks(*shape, target)};
    ImplicitLocOpBuilder host(op->getLoc(), op);
    if (auto matmul = dyn_cast<MatmulOp>(op))
      launchMatmul(host, kernels, matmul, options);
    else if (auto sddmm = dyn_cast<SddmmOp>(op))
      launchSddmm(host, kernels, sddmm, options);
    else
      launchDense(host, kernels,
                  *DenseProduct::get(cast<linalg::LinalgOp>(op), reason),
                  options);
    if (fill) {
      fill.erase();
      ++numFills;
    }
    op->erase();
    ++numLowered;
  }
};
} // namespace
