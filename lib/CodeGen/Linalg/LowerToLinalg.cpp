//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/Linalg/Passes.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_LOWERTOLINALG
#include "pixelfly/CodeGen/Linalg/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct LowerToLinalg : public pixelfly::impl::LowerToLinalgBase<LowerToLinalg> {
  void runOnOperation() override {
    getOperation()->emitError("pass not written yet");
    signalPassFailure();
  }
};
} // namespace
