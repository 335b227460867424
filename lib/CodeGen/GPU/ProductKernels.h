//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels of the three block-sparse products.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_PRODUCTKERNELS_H
#define PIXELFLY_LIB_CODEGEN_GPU_PRODUCTKERNELS_H

#include "Epilogue.h"
#include "KernelModule.h"
#include "MainLoop.h"

namespace mlir::pixelfly {

/// How a product becomes a kernel.
struct ProductOptions {
  BlockShape shape;
  /// The destination's contents before the product do not count.
  bool startsFromZero;
  /// Thread blocks that the GPU holds at a time make the grid of a persistent
  /// kernel.
  int64_t multiprocessors = 1, residentPerMultiprocessor = 1;
  /// What is computed of the result's elements; of `pixelfly.sddmm` nothing.
  Epilogue epilogue;
};

struct FusedProduct;

/// The operands of a launch, and which argument of the kernel each becomes.
class LaunchOperands {
public:
  size_t add(Value operand) {
    operands.push_back(operand);
    return operands.size() - 1;
  }
  ArrayRef<Value> get() const { return operands; }

private:
  SmallVector<Value> operands;
};

/// Where a kernel with an epilogue writes: arguments for the result and for the
/// epilogue's destination. Without the one or the other both are the same.
struct ResultOperands {
  size_t result, destination;

  static ResultOperands add(LaunchOperands &operands, Value result,
                            const Epilogue &epilogue);
};

/// Emits the launch of a product at the host builder's place, and the kernel if
/// no equal product has one. The product itself stays.
///
/// `pixelfly.matmul`: a thread block computes the rows of a tile in the columns
/// of one block row (transposed: of one block column), and goes through the
/// blocks on it, then through the low-rank term.
void launchMatmul(ImplicitLocOpBuilder &host, KernelModule &kernels,
                  const FusedProduct &product, const ProductOptions &options);

/// `pixelfly.sddmm`: a thread block computes one stored block, and goes through
/// the rows of both operands.
void launchSddmm(ImplicitLocOpBuilder &host, KernelModule &kernels, SddmmOp op,
                 const ProductOptions &options);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_PRODUCTKERNELS_H
