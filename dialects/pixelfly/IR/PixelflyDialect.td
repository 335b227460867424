// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_IR_PIXELFLYDIALECT_TD
#define PIXELFLY_IR_PIXELFLYDIALECT_TD

include "mlir/IR/DialectBase.td"

def Pixelfly_Dialect : Dialect {
  let name = "pixelfly";
  let cppNamespace = "::mlir::pixelfly";
  let summary = "Flat block butterfly and low-rank matrix products";
  let description = [{
    Sparse matrix products whose pattern is a compile-time fact, as Pixelated
    Butterfly training (Dao, Chen et al., arXiv 2112.00029) needs them: the
    forward product, the input gradient and the weight gradient on one pattern,
    and the layer that mixes them with a low-rank term.

    A *pattern* is an attribute (see `BlockPatternAttrInterface`); a *weight* is
    an ordinary tensor of shape `nnz x b x b` whose blocks are in the pattern's
    storage order. So every upstream pass, the optimizer update and checkpoints
    work on weights unchanged; the pattern on the op gives them meaning, and the
    op's verifier checks that the two agree.

    Canonicalisation makes patterns plain where that changes nothing: a mask that
    is a flat butterfly with the same storage order becomes one, and with another
    order where the blocks come out of a dense matrix; a product on a full
    pattern becomes one of linalg; blocks of a transposed matrix become those of
    the matrix under the transposed pattern.

    What training needs to know about a function stands on its arguments and
    results:

    | attribute | on | value |
    |---|---|---|
    | `pixelfly.parameter` | argument | `#pixelfly.parameter`: a trained tensor, its name and initialiser |
    | `pixelfly.input` | argument | string: a batch input such as "images" or "labels", or a scalar such as "learning_rate" |
    | `pixelfly.optimizer_state` | argument | string: what the optimizer keeps for a parameter, such as "first_moment" |
    | `pixelfly.output` | result, or the argument that it is written to | string: what the caller reads, such as "loss" or "logits" |

    Parameter names are unique in a function, and so are the names of inputs and
    of outputs; one optimizer state has one argument per parameter. A parameter
    with a pattern has the shape `nnz x b x b` of that pattern.

    What a model schema says beyond the model stands on the module, so that the
    IR written after one phase can be compiled on from there:

    | attribute of the module | value |
    |---|---|
    | `pixelfly.model` | string: the name of the model |
    | `pixelfly.sparsify` | array of strings: globs of the layers to make sparse |
    | `pixelfly.sparse` | `#pixelfly.sparse`: how sparse |
    | `pixelfly.optimizer` | `#pixelfly.adamw` or `#pixelfly.sgd` |
    | `pixelfly.training` | `#pixelfly.training`: defaults of the run |
    | `pixelfly.manifest` | dictionary: what the manifest will say of earlier phases; from phase `tile` on, which lowers away what it describes |
  }];
  let useDefaultAttributePrinterParser = 1;
  // Folded constants are arith.constant.
  let hasConstantMaterializer = 1;
  // Sizes of results are tensor.dim; a product on a full pattern becomes one of
  // linalg.
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
  }];
}

#endif // PIXELFLY_IR_PIXELFLYDIALECT_TD
