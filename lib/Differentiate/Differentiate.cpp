//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Differentiate/Passes.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_DIFFERENTIATE
#include "pixelfly/Differentiate/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct Differentiate : public pixelfly::impl::DifferentiateBase<Differentiate> {
  void runOnOperation() override {
    getOperation()->emitError("pass not written yet");
    signalPassFailure();
  }
};
} // namespace
