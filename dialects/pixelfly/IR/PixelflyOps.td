// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_IR_PIXELFLYOPS_TD
#define PIXELFLY_IR_PIXELFLYOPS_TD

include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "pixelfly/IR/PixelflyAttributes.td"

/// A tensor or memref of floats of the given rank.
class Pixelfly_Matrix<int rank> : AnyTypeOf<[
  TensorRankOf<[AnyFloat], [rank]>, MemRefRankOf<[AnyFloat], [rank]>]>;

class Pixelfly_Op<string mnemonic, list<Trait> traits = []>
    : Op<Pixelfly_Dialect, mnemonic, traits>;

/// A product: destination style, on tensors or on memrefs. On tensors it has no
/// effect; on memrefs it reads its inputs and writes its init. The result has
/// the shape of the init. A cast that only forgets sizes folds into it.
class Pixelfly_ProductOp<string mnemonic, list<Trait> traits = []>
    : Pixelfly_Op<mnemonic, !listconcat(traits, [
        DestinationStyleOpInterface,
        DeclareOpInterfaceMethods<ConditionallySpeculatable>,
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface, ["getEffects"]>,
        DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
        DeclareOpInterfaceMethods<Pixelfly_DifferentiableOpInterface>])> {
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
  }];
}

def Pixelfly_MatmulOp : Pixelfly_ProductOp<"matmul"> {
  let summary = "Multiplies rows by a block-sparse matrix or its transpose";
  let description = [{
    With `W` the dense form of `blocks` under `pattern` (rows x cols):

    * plain: `result = init + input * W^T`, input `M x cols`, result `M x rows`;
      the forward product of a layer;
    * `transposed`: `result = init + input * W`, input `M x rows`, result
      `M x cols`; the input gradient of a layer.

    Constraints:
    * (C1) `blocks` has shape `nnz x b x b` of the pattern.
    * (C2) the input has `cols` columns, or `rows` when transposed.
    * (C3) the init has `rows` columns, or `cols` when transposed.
    * (C4) input and init have the same number of rows.
    * (C5) input and blocks have the same element type.
    * (C6) all operands are tensors and there is one result of the init's type,
      or all are memrefs and there is none.

    Example:
    ```mlir
    %y = pixelfly.matmul ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
           outs(%init : tensor<96x512xf32>)
           pattern #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32,
                                            radices = [2, 2, 2], factors = 2>
         -> tensor<96x512xf32>
    %dx = pixelfly.matmul transposed
           ins(%dy, %w : tensor<96x512xf32>, tensor<48x32x32xf32>)
           outs(%zero : tensor<96x256xf32>) pattern #p -> tensor<96x256xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins Pixelfly_Matrix<2>:$input, Pixelfly_Matrix<3>:$blocks,
                       Pixelfly_Matrix<2>:$init, Pixelfly_BlockPatternAttrInterface:$pattern,
                       UnitAttr:$transposed);
  let results = (outs Variadic<TensorRankOf<[AnyFloat], [2]>>:$result);
  let builders = [
    // The result, if there is one, has the type of the init.
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$blocks,
                   "::mlir::Value":$init,
                   "::mlir::pixelfly::BlockPatternAttrInterface":$pattern,
                   CArg<"bool", "false">:$transposed)>
  ];
  let assemblyFormat = [{
    (`transposed` $transposed^)?
    `ins` `(` $input `,` $blocks `:` type($input) `,` type($blocks) `)`
    `outs` `(` $init `:` type($init) `)` `pattern` $pattern attr-dict
    (`->` type($result)^)?
  }];
}

def Pixelfly_SddmmOp : Pixelfly_ProductOp<"sddmm"> {
  let summary = "Multiplies two dense matrices, sampled on a block pattern";
  let description = [{
    Sampled dense-dense matrix product: `result = init + sample(lhs^T * rhs)`,
    lhs `M x rows`, rhs `M x cols`, result the `nnz x b x b` blocks of the
    pattern. The weight gradient of a layer, with lhs the output's adjoint and
    rhs the layer's input.

    Constraints:
    * (C1) the init has shape `nnz x b x b` of the pattern.
    * (C2) lhs has `rows` columns.
    * (C3) rhs has `cols` columns.
    * (C4) lhs and rhs have the same number of rows.
    * (C5) lhs and rhs have the same element type.
    * (C6) all operands are tensors and there is one result of the init's type,
      or all are memrefs and there is none.

    Example:
    ```mlir
    %dw = pixelfly.sddmm ins(%dy, %x : tensor<96x512xf32>, tensor<96x256xf32>)
            outs(%zero : tensor<48x32x32xf32>) pattern #p
          -> tensor<48x32x32xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins Pixelfly_Matrix<2>:$lhs, Pixelfly_Matrix<2>:$rhs,
                       Pixelfly_Matrix<3>:$init, Pixelfly_BlockPatternAttrInterface:$pattern);
  let results = (outs Variadic<TensorRankOf<[AnyFloat], [3]>>:$result);
  let builders = [
    // The result, if there is one, has the type of the init.
    OpBuilder<(ins "::mlir::Value":$lhs, "::mlir::Value":$rhs,
                   "::mlir::Value":$init,
                   "::mlir::pixelfly::BlockPatternAttrInterface":$pattern)>
  ];
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    `outs` `(` $init `:` type($init) `)` `pattern` $pattern attr-dict
    (`->` type($result)^)?
  }];
}

def Pixelfly_LinearOp : Pixelfly_ProductOp<"linear", [AttrSizedOperandSegments]> {
  let summary = "Applies a butterfly plus low-rank layer with bias";
  let description = [{
    The paper's layer (section 3.3, `W = gamma B + (1 - gamma) U V^T`), applied
    to the rows of the input:

        result = gamma * (x B^T) + (1 - gamma) * (x V) U^T + bias

    B is `rows x cols` on the pattern, U is `rows x r`, V is `cols x r`, gamma a
    rank-0 tensor. Without the low-rank term, `result = x B^T + bias`. The init
    only gives the destination; its contents are overwritten.

    Instead of gamma, a gate may mix the two terms, as in the authors' code: for
    every row of the input

        g = 1 / (1 + exp(-(x . gate_weight + gate_bias)))
        result = (1 - g) * (x B^T) + g * (x V) U^T + bias

    Constraints:
    * (C1) `blocks` has shape `nnz x b x b` of the pattern.
    * (C2) the input has `cols` columns.
    * (C3) the init has `rows` columns and as many rows as the input.
    * (C4) `u` and `v` are both present or both absent; with them there is either
      `gamma` or `gate_weight` and `gate_bias`, without them none of the three.
    * (C5) `u` is `rows x r` and `v` is `cols x r`.
    * (C6) the bias has `rows` elements.
    * (C7) all element types are the same.
    * (C8) all operands are tensors and there is one result of the init's type,
      or all are memrefs and there is none.
    * (C9) `gate_weight` has `cols` elements.

    Example:
    ```mlir
    %y = pixelfly.linear ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
           low_rank(%u, %v, %gamma
             : tensor<512x32xf32>, tensor<256x32xf32>, tensor<f32>)
           bias(%bias : tensor<512xf32>)
           outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
    %z = pixelfly.linear ins(%x, %w : tensor<96x256xf32>, tensor<48x32x32xf32>)
           low_rank(%u, %v : tensor<512x32xf32>, tensor<256x32xf32>)
           gate(%gate_weight, %gate_bias : tensor<256xf32>, tensor<f32>)
           outs(%init : tensor<96x512xf32>) pattern #p -> tensor<96x512xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins Pixelfly_Matrix<2>:$input, Pixelfly_Matrix<3>:$blocks,
                       Optional<Pixelfly_Matrix<2>>:$u,
                       Optional<Pixelfly_Matrix<2>>:$v,
                       Optional<Pixelfly_Matrix<0>>:$gamma,
                       Optional<Pixelfly_Matrix<1>>:$bias,
                       Optional<Pixelfly_Matrix<1>>:$gate_weight,
                       Optional<Pixelfly_Matrix<0>>:$gate_bias,
                       Pixelfly_Matrix<2>:$init, Pixelfly_BlockPatternAttrInterface:$pattern);
  let results = (outs Variadic<TensorRankOf<[AnyFloat], [2]>>:$result);
  let builders = [
    // A layer without a gate.
    OpBuilder<(ins "::mlir::TypeRange":$result, "::mlir::Value":$input,
                   "::mlir::Value":$blocks, "::mlir::Value":$u,
                   "::mlir::Value":$v, "::mlir::Value":$gamma,
                   "::mlir::Value":$bias, "::mlir::Value":$init,
                   "::mlir::pixelfly::BlockPatternAttrInterface":$pattern)>
  ];
  let assemblyFormat = [{
    `ins` `(` $input `,` $blocks `:` type($input) `,` type($blocks) `)`
    (`low_rank` `(` $u^ `,` $v (`,` $gamma^)?
        `:` type($u) `,` type($v) (`,` type($gamma)^)? `)`)?
    (`gate` `(` $gate_weight^ `,` $gate_bias
        `:` type($gate_weight) `,` type($gate_bias) `)`)?
    (`bias` `(` $bias^ `:` type($bias) `)`)?
    `outs` `(` $init `:` type($init) `)` `pattern` $pattern attr-dict
    (`->` type($result)^)?
  }];
}

def Pixelfly_ButterflyMatmulOp : Pixelfly_ProductOp<"butterfly_matmul", [AttrSizedOperandSegments]> {
  let summary = "Multiplies rows by a product of butterfly factors";
  let description = [{
    The block butterfly matrix that the flat butterfly stands in for (paper,
    Definitions 3.2 and 3.3), as a chain of sparse products. B_t is the factor of
    digit t of the pattern: the cells that differ at most in that digit. With a
    power-of-two core that is the paper's factor of stride 2^(t + 1).

    * product: `result = input * (B_(F-1) ... B_1 B_0)^T`;
    * `residual`: `result = input * ((I + lambda B_(F-1)) ... (I + lambda B_0))^T`
      with lambda a rank-0 tensor. To first order in lambda that is
      `I + lambda (B_0 + ... + B_(F-1))`, the flat butterfly.

    The blocks of B_t are stored as those of `#pixelfly.mask_rule<
    butterfly_factor>` with the pattern's cells, the digit's weight as stride and
    its radix. The init only gives the destination; its contents are overwritten.

    Constraints:
    * (C1) `pattern` is a square `#pixelfly.flat_butterfly` with at least one
      factor.
    * (C2) there are as many factors as the pattern has.
    * (C3) factor t has shape `nnz x b x b` of B_t.
    * (C4) the input has as many columns as the pattern.
    * (C5) the init has the shape of the input.
    * (C6) all element types are the same.
    * (C7) all operands are tensors and there is one result of the init's type,
      or all are memrefs and there is none.

    Example:
    ```mlir
    // Strides 2 and 4 on 4 x 4 cells of 32 x 32: 8 blocks each.
    %y = pixelfly.butterfly_matmul ins(%x : tensor<96x128xf32>)
           factors(%b2, %b4 : tensor<8x32x32xf32>, tensor<8x32x32xf32>)
           outs(%init : tensor<96x128xf32>)
           pattern #pixelfly.flat_butterfly<rows = 128, cols = 128, block = 32,
                                            radices = [2, 2], factors = 2>
         -> tensor<96x128xf32>
    %z = pixelfly.butterfly_matmul ins(%x : tensor<96x128xf32>)
           factors(%b2, %b4 : tensor<8x32x32xf32>, tensor<8x32x32xf32>)
           residual(%lambda : tensor<f32>)
           outs(%init : tensor<96x128xf32>) pattern #p -> tensor<96x128xf32>
    ```
  }];
  let arguments = (ins Pixelfly_Matrix<2>:$input,
                       Variadic<Pixelfly_Matrix<3>>:$factors,
                       Optional<Pixelfly_Matrix<0>>:$lambda,
                       Pixelfly_Matrix<2>:$init, Pixelfly_BlockPatternAttrInterface:$pattern);
  let results = (outs Variadic<TensorRankOf<[AnyFloat], [2]>>:$result);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)`
    `factors` `(` $factors `:` type($factors) `)`
    (`residual` `(` $lambda^ `:` type($lambda) `)`)?
    `outs` `(` $init `:` type($init) `)` `pattern` $pattern attr-dict
    (`->` type($result)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    /// The pattern of factor `index`.
    ::mlir::pixelfly::BlockPatternAttrInterface getFactorPattern(unsigned index);
  }];
}

def Pixelfly_ToDenseOp : Pixelfly_Op<"to_dense", [
    Pure, DeclareOpInterfaceMethods<InferTypeOpInterface, ["inferReturnTypes"]>,
    DeclareOpInterfaceMethods<Pixelfly_DifferentiableOpInterface>]> {
  let summary = "Expands stored blocks to the dense matrix";
  let description = [{
    The `rows x cols` matrix that is `blocks` on the pattern and zero elsewhere.
    A constant zero folds.

    Constraints:
    * (C1) `blocks` has shape `nnz x b x b` of the pattern.
    * (C2) the result is `rows x cols` with the element type of the blocks.

    Example:
    ```mlir
    %dense = pixelfly.to_dense %w : tensor<48x32x32xf32>
           pattern #p -> tensor<512x256xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins TensorRankOf<[AnyFloat], [3]>:$blocks,
                       Pixelfly_BlockPatternAttrInterface:$pattern);
  let results = (outs TensorRankOf<[AnyFloat], [2]>:$result);
  let assemblyFormat = [{
    $blocks `:` type($blocks) `pattern` $pattern attr-dict `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// Always true: the verifier compares the result with the pattern and says
    /// which extent is wrong, where the interface would only say that types differ.
    static bool isCompatibleReturnTypes(::mlir::TypeRange, ::mlir::TypeRange) {
      return true;
    }
  }];
}

def Pixelfly_FromDenseOp : Pixelfly_Op<"from_dense", [
    Pure, DeclareOpInterfaceMethods<InferTypeOpInterface, ["inferReturnTypes"]>,
    DeclareOpInterfaceMethods<Pixelfly_DifferentiableOpInterface>]> {
  let summary = "Takes the blocks of a pattern out of a dense matrix";
  let description = [{
    The blocks of the dense matrix that lie on the pattern, in storage order.
    What lies off the pattern is dropped. `from_dense(to_dense(w))` on one
    pattern is `w` and folds to it; `to_dense(from_dense(m))` is `m` with what
    lies off the pattern set to zero, and stays unless the pattern is full. A
    constant splat folds.

    Constraints:
    * (C1) the operand is `rows x cols` of the pattern.
    * (C2) the result has shape `nnz x b x b` of the pattern and the element
      type of the operand.

    Example:
    ```mlir
    %w = pixelfly.from_dense %dense : tensor<512x256xf32>
       pattern #p -> tensor<48x32x32xf32>
    ```
  }];
  let hasCanonicalizer = 1;
  let arguments = (ins TensorRankOf<[AnyFloat], [2]>:$dense,
                       Pixelfly_BlockPatternAttrInterface:$pattern);
  let results = (outs TensorRankOf<[AnyFloat], [3]>:$result);
  let assemblyFormat = [{
    $dense `:` type($dense) `pattern` $pattern attr-dict `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// Always true: the verifier compares the result with the pattern and says
    /// which extent is wrong, where the interface would only say that types differ.
    static bool isCompatibleReturnTypes(::mlir::TypeRange, ::mlir::TypeRange) {
      return true;
    }
  }];
}

#endif // PIXELFLY_IR_PIXELFLYOPS_TD
