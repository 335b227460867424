//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/Passes.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_LOWERPRODUCTS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct LowerProducts : public pixelfly::impl::LowerProductsBase<LowerProducts> {
  void runOnOperation() override {
    getOperation()->emitError("pass not written yet");
    signalPassFailure();
  }
};
} // namespace
