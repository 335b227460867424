//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DescribePatterns.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Pass/Pass.h"

namespace example {
#define GEN_PASS_DEF_DESCRIBEPATTERNS
#include "DescribePatterns.h.inc"

namespace {
struct DescribePatterns : public impl::DescribePatternsBase<DescribePatterns> {
  void runOnOperation() override {
    getOperation()->walk([](mlir::Operation *op) {
      // Any pattern, whatever rule or table it comes from.
      auto pattern =
          op->getAttrOfType<mlir::pixelfly::BlockPatternAttrInterface>(
              "pattern");
      if (!pattern)
        return;
      op->emitRemark() << pattern.getRows() << " x " << pattern.getCols()
                       << ", " << pattern.getNumBlocks() << " of "
                       << pattern.getBlockRows() * pattern.getBlockCols()
                       << " blocks of " << pattern.getBlock();
    });
    markAllAnalysesPreserved();
  }
};
} // namespace
} // namespace example
