//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ModelCounts.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

#include <numeric>

using namespace mlir;
using namespace mlir::pixelfly;

static int64_t elements(Value value) {
  return cast<ShapedType>(value.getType()).getNumElements();
}

static int64_t rows(Value value) {
  return cast<ShapedType>(value.getType()).getDimSize(0);
}

/// Multiply-adds of a call of `op`; 0 where it is no product.
static int64_t multiplyAdds(Operation *op) {
  return llvm::TypeSwitch<Operation *, int64_t>(op)
      // Every stored weight meets every row of the input once.
      .Case([](MatmulOp matmul) {
        return rows(matmul.getInput()) * elements(matmul.getBlocks());
      })
      .Case([](SddmmOp sddmm) {
        return rows(sddmm.getLhs()) * elements(sddmm.getInit());
      })
      .Case([](LinearOp linear) {
        int64_t weights = elements(linear.getBlocks());
        if (linear.getU())
          weights += elements(linear.getU()) + elements(linear.getV());
        return rows(linear.getInput()) * weights;
      })
      .Case([](linalg::LinalgOp linalgOp) -> int64_t {
        if (!linalg::isaContractionOpInterface(linalgOp) ||
            linalgOp.getNumReductionLoops() == 0)
          return 0;
        SmallVector<int64_t> ranges = linalgOp.getStaticLoopRanges();
        return std::accumulate(ranges.begin(), ranges.end(), int64_t(1),
                               std::multiplies<int64_t>());
      })
      .Default([](Operation *) { return 0; });
}

ModelCounts pixelfly::countModel(func::FuncOp function) {
  ModelCounts counts;
  int64_t batch = 1;
  for (BlockArgument argument : function.getArguments()) {
    unsigned index = argument.getArgNumber();
    if (function.getArgAttr(index, kParameterAttrName))
      counts.parameters += elements(argument);
    else if (function.getArgAttr(index, kInputAttrName) &&
             cast<ShapedType>(argument.getType()).getRank() > 0)
      batch = rows(argument);
  }
  function.walk(
      [&](Operation *op) { counts.multiplyAdds += multiplyAdds(op); });
  counts.multiplyAdds /= batch;
  return counts;
}

ModelCounts pixelfly::countModel(ModuleOp module) {
  if (auto function = module.lookupSymbol<func::FuncOp>("model"))
    return countModel(function);
  return {};
}
