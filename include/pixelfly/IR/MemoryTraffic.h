//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an operation costs when it is a pass over memory: which operations are
// products, bytes moved, and scalar work per element.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_MEMORYTRAFFIC_H
#define PIXELFLY_IR_MEMORYTRAFFIC_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::pixelfly {

/// Whether `op` is a matrix product, which reads its operands more often than
/// once: a pixelfly product, a convolution, or a linalg contraction with rows,
/// columns and a reduction. A weighted sum (no rows or no columns) is none.
bool isProduct(Operation *op);

/// Bytes of a tensor of static shape; zero for scalars and dynamic shapes.
int64_t getBytes(Value value);

/// Scalar work of one execution of a body.
struct ScalarWork {
  /// Additions, multiplications, comparisons, selections and the like.
  int64_t cheap = 0;
  /// Divisions, roots, transcendental functions and everything unknown.
  int64_t expensive = 0;
};
ScalarWork getScalarWork(linalg::LinalgOp op);

/// Product of the loop extents; nullopt when one is dynamic.
std::optional<int64_t> getIterations(linalg::LinalgOp op);

/// Bytes that the structured operations of `function` other than products and
/// fills read and write, every distinct operand counted once per operation.
int64_t getElementwiseTraffic(func::FuncOp function);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_MEMORYTRAFFIC_H
