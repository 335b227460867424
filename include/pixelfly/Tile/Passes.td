// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_TILE_PASSES_TD
#define PIXELFLY_TILE_PASSES_TD

include "mlir/Pass/PassBase.td"

def FuseElementwise : Pass<"pixelfly-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Fuse elementwise operations into each other";
  let description = [{
    Computes elementwise values where they are read instead of storing them, when
    that moves fewer bytes. Consumers are elementwise operations and reductions
    (`linalg.generic` and named operations), never products (pixelfly products,
    convolutions, linalg contractions): those read each element many times.

    A producer with one consumer goes into it. A producer with several is
    computed in each of them when the bytes saved (its result written once and
    read by each, and its own inputs) exceed the bytes that they read instead.
    If a product or a return needs the stored value too, it is recomputed only
    where a consumer already reads what it is computed from. Divisions, roots
    and transcendental functions are never computed twice for this, nor moved
    into a larger loop nest; additions and the like are, at a small price.

    Reshapes that stand between two elementwise operations move out of the way,
    to the products; those keep their shapes.

    Example: the centered value has two consumers, and is never stored.
    ```mlir
    %centered = linalg.generic {...} ins(%x, %mean) ... { arith.subf }
    %squares = linalg.mul ins(%centered, %centered) ...
    %variance = linalg.reduce { arith.addf } ins(%squares) ... dimensions = [1]
    %normal = linalg.generic {...} ins(%centered, %inverse) ... { arith.mulf }
    ```
    becomes
    ```mlir
    %variance = linalg.generic {... ["parallel", "reduction"]} ins(%x, %mean) ... {
    ^bb0(%in: f32, %in_0: f32, %out: f32):
      %0 = arith.subf %in, %in_0 : f32
      %1 = arith.mulf %0, %0 : f32
      %2 = arith.addf %1, %out : f32
      linalg.yield %2 : f32
    }
    %normal = linalg.generic {...} ins(%x, %mean, %inverse) ... {
      ...  // arith.subf, arith.mulf
    }
    ```
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"
  ];
  let statistics = [
    Statistic<"numFused", "uses-fused", "Uses that became part of their consumer">,
    Statistic<"numDuplicated", "producers-duplicated", "Producers now computed in several places">,
    Statistic<"bytesBefore", "bytes-before", "Bytes read and written outside of products, before">,
    Statistic<"bytesAfter", "bytes-after", "Bytes read and written outside of products, after">
  ];
}

def ChooseTiles : Pass<"pixelfly-choose-tiles", "::mlir::func::FuncOp"> {
  let summary = "Choose tile sizes for products";
  let description = [{
    Writes `pixelfly.tile` on every product that has a CPU kernel: linalg
    contractions, `pixelfly.matmul` and `pixelfly.sddmm`, on tensors or memrefs.
    The sizes follow from the shape and from the module's target description
    (vector width, registers, caches, cores; see `Target`). The register tile
    is the one that takes the least time by a model of two multiply-adds and two
    loads a cycle; the panel and the reduction chunk are what fits the caches.
    A product that carries the attribute keeps it, so a choice can be overridden
    by hand. Nothing but the attribute changes.

    Before:
    ```mlir
    %y = linalg.matmul ins(%x, %w : tensor<1536x1024xf32>, tensor<1024x512xf32>)
                       outs(%zero : tensor<1536x512xf32>) -> tensor<1536x512xf32>
    ```
    After:
    ```mlir
    %y = linalg.matmul {pixelfly.tile = #pixelfly.cpu_tile<
             rows = 12, columns = 32, panel = 96, reduction = 128>}
           ins(%x, %w : tensor<1536x1024xf32>, tensor<1024x512xf32>)
           outs(%zero : tensor<1536x512xf32>) -> tensor<1536x512xf32>
    ```
  }];
  let dependentDialects = ["::mlir::pixelfly::PixelflyDialect"];
  let statistics = [
    Statistic<"numChosen", "chosen", "Number of products given tile sizes">
  ];
}

def MixedPrecision : Pass<"pixelfly-mixed-precision", "::mlir::func::FuncOp"> {
  let summary = "Round the operands of products to a narrower type";
  let description = [{
    Gives every product of f32 matrices on tensors (`pixelfly.matmul`,
    `pixelfly.sddmm`, linalg contractions) operands of a narrower type, which
    matrix units multiply at a multiple of the rate of f32. Sums, results,
    parameters and everything that is not a product stay f32: the scheme of
    Micikevicius et al., "Mixed Precision Training" (arXiv 1710.03740), with the
    parameters as master weights. bf16 has the exponents of f32 and needs no
    scaling of the loss; gradients in f16 can underflow.

    Products without both a row and a column loop (matrix times vector, inner
    products) gain nothing and stay, as do products whose operands are of another
    type already. Casts of one value are shared, and are elementwise operations
    that `--pixelfly-fuse-elementwise` moves into what computes the value.

    Before:
    ```mlir
    %y = pixelfly.matmul ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
           outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
    ```
    After, with `type=bf16`:
    ```mlir
    %xn = linalg.generic {...} ins(%x : tensor<96x256xf32>) outs(...) {
      ...  // arith.truncf : f32 to bf16
    } -> tensor<96x256xbf16>
    %wn = linalg.generic {...} ins(%w : tensor<48x32x32xf32>) outs(...) {...}
    %y = pixelfly.matmul ins(%xn, %wn : tensor<96x256xbf16>, tensor<48x32x32xbf16>)
           outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"
  ];
  let options = [
    Option<"type", "type", "::mlir::pixelfly::ProductType",
           "::mlir::pixelfly::ProductType::BF16",
           "Type of the operands of products",
           [{::llvm::cl::values(
             clEnumValN(::mlir::pixelfly::ProductType::BF16, "bf16", "bfloat16"),
             clEnumValN(::mlir::pixelfly::ProductType::F16, "f16", "half"))}]>
  ];
  let statistics = [
    Statistic<"numNarrowed", "narrowed", "Products given narrower operands">,
    Statistic<"numCasts", "casts", "Casts inserted for them">
  ];
}

#endif // PIXELFLY_TILE_PASSES_TD
