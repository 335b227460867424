//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FusedProduct.h"
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
      if (!done.contains(op))
        lower(op, kernels, *target);
    done.clear();
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
    ProductOptions options{*shape, /*startsFromZero=*/false, target.cores,
                           residentBlocks(*shape, target), /*epilogue=*/{}};
    ++numLowered;
    if (auto matmul = dyn_cast<MatmulOp>(op)) {
      FusedProduct product = FusedProduct::get(matmul, *shape);
      options.startsFromZero = product.startsFromZero();
      options.epilogue = product.epilogue;
      ImplicitLocOpBuilder host(op->getLoc(), product.last());
      launchMatmul(host, kernels, product, options);
      if (product.lowRank) {
        done.insert(product.lowRank->op);
        ++numLowered;
        ++numFused;
      }
      numFused += bool(product.bias) + bool(product.epilogue);
      numFills += bool(product.fill);
      product.eraseOthers();
      op->erase();
      return;
    }
    Value destination = cast<DestinationStyleOpInterface>(op).getDpsInits()[0];
    linalg::FillOp fill = findZeroFill(op, destination);
    options.startsFromZero = bool(fill);
    if (auto sddmm = dyn_cast<SddmmOp>(op)) {
      ImplicitLocOpBuilder host(op->getLoc(), op);
      launchSddmm(host, kernels, sddmm, options);
    } else {
      std::optional<DenseProduct> dense =
          DenseProduct::get(cast<linalg::LinalgOp>(op), reason);
      options.epilogue = Epilogue::find(
          op, destination,
          {dense->contraction.lhs.value, dense->contraction.rhs.value});
      linalg::GenericOp function = options.epilogue.op;
      // What the sums begin with is read from there.
      options.epilogue.keepsResult |= !fill;
      ImplicitLocOpBuilder host(op->getLoc(), function ? function : op);
      launchDense(host, kernels, *dense, options);
      if (function) {
        function.erase();
        ++numFused;
      }
    }
    if (fill) {
      fill.erase();
      ++numFills;
    }
    op->erase();
  }

  /// Products that another one's kernel has taken in.
  DenseSet<Operation *> done;
};
} // namespace
