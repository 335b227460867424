//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dense contractions (`linalg.matmul` and whatever else multiplies and adds) on
// the main loop of the block-sparse products.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_DENSEPRODUCT_H
#define PIXELFLY_LIB_CODEGEN_GPU_DENSEPRODUCT_H

#include "ProductKernels.h"

#include "pixelfly/IR/Contraction.h"
#include "pixelfly/Target/Target.h"

namespace mlir::pixelfly {

/// A contraction as the kernels see it: for each index of its outer loops a
/// matrix product. Sizes and alignments are what they are; tiles reach over the
/// ends, and rows are copied in the longest pieces on which they begin.
struct DenseProduct {
  Contraction contraction;
  linalg::LinalgOp op;

  /// The product that `op` on memrefs states, or nothing with the reason, in
  /// words that follow "because", in `reason`.
  static std::optional<DenseProduct> get(linalg::LinalgOp op,
                                         std::string &reason);

  /// Of the thread blocks, all but the tile: what the layouts of the operands
  /// say.
  BlockShape shapeWithoutTile() const;
  /// Why tiles of this shape cannot be launched; empty if they can.
  std::string checkGrid(const BlockShape &shape) const;
  LaunchShape launchShape(const BlockShape &shape) const;
};

/// Addresses of panel `i` for thread blocks of `shape`: `indices` holds one for
/// each parallel loop of the product, where the tile begins; `left` and `right`
/// are the operands in the kernel.
MainLoop::Panel densePanel(DeviceBuilder &b, const DenseProduct &product,
                           const BlockShape &shape, ArrayRef<Value> indices,
                           Value left, Value right, Value i);
/// How many panels there are.
int64_t numDensePanels(const DenseProduct &product, const BlockShape &shape);

/// Emits the launch of `product` at the host builder's place, and the kernel if
/// no equal product has one. A thread block computes one tile of the result,
/// for one index of the outer parallel loops, and goes through all terms. The
/// product itself stays.
void launchDense(ImplicitLocOpBuilder &host, KernelModule &kernels,
                 const DenseProduct &product, const ProductOptions &options);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_DENSEPRODUCT_H
