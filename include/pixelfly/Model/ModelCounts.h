//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a model costs: parameters, and multiply-adds of one forward pass.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_MODEL_MODELCOUNTS_H
#define PIXELFLY_MODEL_MODELCOUNTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::pixelfly {

struct ModelCounts {
  /// Elements of all arguments marked `pixelfly.parameter`.
  int64_t parameters = 0;
  /// Multiply-adds of the products (linalg contractions and pixelfly products,
  /// not elementwise arithmetic) for one example.
  int64_t multiplyAdds = 0;
};

/// Counts one function, such as `@model`, dense or sparse, before tiling. The
/// batch is the first extent of the arguments marked `pixelfly.input`; without
/// such an argument, the multiply-adds are those of the whole call. All shapes
/// must be static.
ModelCounts countModel(func::FuncOp function);

/// Counts the function `@model` of the module; zero where there is none.
ModelCounts countModel(ModuleOp module);

} // namespace mlir::pixelfly

#endif // PIXELFLY_MODEL_MODELCOUNTS_H
