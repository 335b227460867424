//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_HOISTSTACKBUFFERS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// Puts the body of `scope` in its place, unless it still holds a buffer.
static void dissolve(memref::AllocaScopeOp scope) {
  if (!llvm::hasSingleElement(scope.getBodyRegion()))
    return;
  WalkResult buffers = scope.getBodyRegion().walk(
      [](memref::AllocaOp) { return WalkResult::interrupt(); });
  if (buffers.wasInterrupted())
    return;
  Block &body = scope.getBodyRegion().front();
  Operation *end = body.getTerminator();
  IRRewriter rewriter(scope.getContext());
  SmallVector<Value> results(end->getOperands());
  rewriter.inlineBlockBefore(&body, scope);
  rewriter.replaceOp(scope, results);
  rewriter.eraseOp(end);
}

namespace {
struct HoistStackBuffers
    : public pixelfly::impl::HoistStackBuffersBase<HoistStackBuffers> {
  void runOnOperation() override {
    SmallVector<memref::AllocaOp> buffers;
    getOperation().walk(
        [&](memref::AllocaOp buffer) { buffers.push_back(buffer); });
    for (memref::AllocaOp buffer : buffers) {
      auto region = buffer->getParentOfType<omp::ParallelOp>();
      if (!region || buffer->getNumOperands() > 0)
        continue;
      Block &entry = region.getRegion().front();
      buffer->moveBefore(&entry, entry.begin());
      ++numHoisted;
    }
    SmallVector<memref::AllocaScopeOp> scopes;
    getOperation().walk(
        [&](memref::AllocaScopeOp scope) { scopes.push_back(scope); });
    for (memref::AllocaScopeOp scope : scopes)
      dissolve(scope);
  }
};
} // namespace
