// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_CODEGEN_LINALG_PASSES_TD
#define PIXELFLY_CODEGEN_LINALG_PASSES_TD

include "mlir/Pass/PassBase.td"

// Alphabetical.

def DecomposeLinear : Pass<"pixelfly-decompose-linear", "::mlir::func::FuncOp"> {
  let summary = "Decompose layers into their products";
  let description = [{
    Replaces every `pixelfly.linear` and `pixelfly.butterfly_matmul` on tensors by
    the products it consists of. The products of a `linear` are summed up, each accumulating on the result of the one before. The scalar mix goes onto
    the weights, which are small, and not onto the activations.

    Before:
    ```mlir
    %y = pixelfly.linear ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
           low_rank(%u, %v, %gamma
             : tensor<512x32xf32>, tensor<256x32xf32>, tensor<f32>)
           bias(%bias : tensor<512xf32>)
           outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
    ```
    After (types left out):
    ```mlir
    %0 = linalg.generic ins(%bias) outs(%init) { every row is %bias }
    %1 = linalg.generic ins(%w, %gamma) outs(%empty) { %gamma * %w }
    %2 = pixelfly.matmul ins(%x, %1) outs(%0) pattern #p
    %3 = linalg.generic ins(%u, %gamma) outs(%empty) { (1 - %gamma) * %u }
    %4 = linalg.fill ins(%zero) outs(%empty)
    %5 = linalg.matmul ins(%x, %v) outs(%4)
    %y = linalg.matmul indexing_maps = [...] ins(%5, %3) outs(%2)  // %5 * %3^T
    ```
    A gate differs from row to row, so it goes onto the activations instead:
    ```mlir
    %g = linalg.generic ... // sigmoid(%x . %gate_weight + %gate_bias), one a row
    %0 = linalg.fill ins(%zero) outs(%init)
    %1 = pixelfly.matmul ins(%x, %w) outs(%0) pattern #p
    %2 = linalg.generic ins(%g, %bias) outs(%1) { (1 - %g) * %1 + %bias }
    %3 = linalg.fill ins(%zero) outs(%empty)
    %4 = linalg.matmul ins(%x, %v) outs(%3)
    %5 = linalg.generic ins(%4, %g) outs(%empty) { %g * %4 }
    %y = linalg.matmul indexing_maps = [...] ins(%5, %u) outs(%2)  // %5 * %u^T
    ```
    A `pixelfly.butterfly_matmul` becomes one product a factor; the residual form
    adds each to what it was given:
    ```mlir
    %0 = linalg.fill ins(%zero) outs(%empty)
    %1 = pixelfly.matmul ins(%x, %b2) outs(%0) pattern #first_factor
    %2 = linalg.fill ins(%zero) outs(%empty)
    %y = pixelfly.matmul ins(%1, %b4) outs(%2) pattern #second_factor

    %0 = linalg.generic ins(%b2, %lambda) outs(%empty) { %lambda * %b2 }
    %1 = pixelfly.matmul ins(%x, %0) outs(%x) pattern #first_factor
    %2 = linalg.generic ins(%b4, %lambda) outs(%empty) { %lambda * %b4 }
    %y = pixelfly.matmul ins(%1, %2) outs(%1) pattern #second_factor
    ```
    Without a bias the destination is filled with zero; without the low-rank
    term only the sparse product remains, on the weight as it is. Discardable
    attributes of the layer move to the sparse product. A layer on memrefs is an
    error: its intermediate results have no storage there.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numDecomposed", "num-decomposed", "Layers decomposed">
  ];
}

def LowerToLinalg : Pass<"pixelfly-lower-to-linalg", "::mlir::func::FuncOp"> {
  let summary = "Lower pixelfly operations to linalg";
  let description = [{
    The plain lowering of every operation on tensors, in any function: the
    reference that every faster path is compared with, and the way for programs
    that no faster path takes. It multiplies dense matrices, so it gains nothing
    from the pattern.

    * `to_dense`: a `linalg.generic` over the matrix whose body computes from the
      indices whether the block is on the pattern and where it is stored. For
      `#pixelfly.flat_butterfly` (mixed radix and stretched alike) that is index
      arithmetic; for any other pattern a lookup in a constant table.
    * `from_dense`: the same over the stored blocks.
    * `matmul`: `to_dense` of the blocks, then `linalg.matmul`.
    * `sddmm`: `to_dense` of the init, `linalg.matmul` on it, `from_dense`.
    * `linear`, `butterfly_matmul`: as `--pixelfly-decompose-linear`, then the
      above.

    Operations of other dialects that are short for several structured ones go
    too: `linalg.softmax`, and `tensor.gather` of static shape.

    Before:
    ```mlir
    %y = pixelfly.matmul ins(%x, %w : tensor<4x16xf32>, tensor<8x8x8xf32>)
           outs(%init : tensor<4x32xf32>) pattern #p -> tensor<4x32xf32>
    ```
    After (types left out):
    ```mlir
    %empty = tensor.empty()
    %dense = linalg.generic outs(%empty) {
      %row = linalg.index 0
      %col = linalg.index 1
      %is_nonzero, %position = ... // of block (%row / 8, %col / 8)
      %element = tensor.extract %w[%position, %row mod 8, %col mod 8]
      %value = arith.select %is_nonzero, %element, %zero
      linalg.yield %value
    }
    %y = linalg.matmul indexing_maps = [...] ins(%x, %dense) outs(%init) // x W^T
    ```
    With `keep-products`, `matmul` and `sddmm` stay for a faster path if they have
    static shapes and one element type, f32 or f64, and with `narrow-products`
    also if their inputs are bf16 or f16; the rest becomes linalg.

    An operation on memrefs is an error: lower before bufferization.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
  let options = [
    Option<"keepProducts", "keep-products", "bool", "false",
           "Leave `matmul` and `sddmm` that kernels take: static shapes, all "
           "f32 or all f64">,
    Option<"narrowProducts", "narrow-products", "bool", "false",
           "Leave those of bf16 and f16 as well, whatever they sum in: the "
           "target has kernels for them">
  ];
  let statistics = [
    Statistic<"numLowered", "num-lowered",
              "Operations lowered (a layer counts as its sparse product)">
  ];
}

#endif // PIXELFLY_CODEGEN_LINALG_PASSES_TD
