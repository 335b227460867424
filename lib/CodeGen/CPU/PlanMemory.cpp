//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/Passes.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_PLANMEMORY
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct PlanMemory : public pixelfly::impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    getOperation()->emitError("pass not written yet");
    signalPassFailure();
  }
};
} // namespace
