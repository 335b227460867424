// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_IR_PIXELFLYATTRIBUTES_TD
#define PIXELFLY_IR_PIXELFLYATTRIBUTES_TD

include "pixelfly/IR/PixelflyAttributeBase.td"
include "pixelfly/IR/PixelflyEnums.td"
include "pixelfly/IR/PixelflyInterfaces.td"
include "pixelfly/IR/PixelflyTrainingAttributes.td"

def Pixelfly_FlatButterflyAttr : Pixelfly_Attr<"FlatButterfly",
    "flat_butterfly",
    [DeclareAttrInterfaceMethods<Pixelfly_BlockPatternAttrInterface>]> {
  let summary = "Flat block butterfly pattern, square or stretched";
  let description = [{
    The support of the flat block butterfly matrix (paper section 3.4, Definition
    3.4), generalised to mixed radix. The matrix is cut into `cells x cells`
    cells, `cells` being the product of `radices` (an empty list means one
    cell). A cell index is written in mixed radix, least significant digit
    first. Cell (i, j) is nonzero iff `i == j` or i and j differ in exactly one
    digit `t < factors`. With all radices 2 this is the paper's rule: `i == j`
    or `i XOR j == 2^t`, max stride `2^factors`.

    A rectangular matrix keeps the square core; each cell covers
    `rows/(cells*block)` by `cols/(cells*block)` blocks ("stretch", paper
    Appendix I.4).

    Storage: block rows in order; in a block row the own cell first, then for
    each factor t the `radix - 1` neighbours (digit + 1, digit + 2, ... modulo the
    radix); in a cell the block columns in order. So the neighbour of slot s is
    the same function of the block row in every row, and the transposed block
    lies at a fixed slot of the partner row.

    Constraints:
    * (C1) `block` is one of 8, 16, 32, 64, 128.
    * (C2) every radix is at least 2.
    * (C3) `0 <= factors <= size(radices)`.
    * (C4) `rows` and `cols` are positive multiples of `cells * block`.

    Example:
    ```mlir
    // 512 x 256, 32 x 32 blocks, 8 cells per side, max stride 4.
    #pixelfly.flat_butterfly<rows = 512, cols = 256, block = 32,
                             radices = [2, 2, 2], factors = 2>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols, "int64_t":$block,
                        OptionalArrayRefParameter<"int64_t">:$radices,
                        "int64_t":$factors);
  let assemblyFormat = [{
    `<` `rows` `=` $rows `,` `cols` `=` $cols `,` `block` `=` $block `,`
        `radices` `=` `[` (`]`) : ($radices^ `]`)? `,`
        `factors` `=` $factors `>`
  }];
  let genVerifyDecl = 1;
  let genMnemonicAlias = 1;
  let extraClassDeclaration = [{
    /// The same facts as plain integers, for arithmetic without MLIR types.
    ::mlir::pixelfly::FlatButterfly getPattern() const;
  }];
}

def Pixelfly_BlockMaskAttr : Pixelfly_Attr<"BlockMask", "block_mask",
    [DeclareAttrInterfaceMethods<Pixelfly_BlockPatternAttrInterface>]> {
  let summary = "Any block pattern, written out";
  let description = [{
    One string per block row with one character per block: `#` for a nonzero
    block, `.` for a zero one. For patterns that have no rule (those that have one
    are `#pixelfly.flat_butterfly` and `#pixelfly.mask_rule`); operations on it
    are lowered with constant tables.

    Storage: block rows in order, in a block row the block columns in order.
    Block rows and block columns may be empty.

    Constraints:
    * (C1) `block` is one of 8, 16, 32, 64, 128.
    * (C2) there is at least one block row, and all have the same number of
      blocks, at least one.
    * (C3) every block is `#` or `.`, and at least one is `#`.

    Example:
    ```mlir
    // 16 x 24, 8 x 8 blocks, three of them nonzero.
    #pixelfly.block_mask<block = 8, mask = ["#.#", ".#."]>
    ```
  }];
  let parameters = (ins "int64_t":$block,
                        ArrayRefParameter<"::mlir::StringAttr">:$mask);
  let assemblyFormat = "`<` `block` `=` $block `,` `mask` `=` `[` $mask `]` `>`";
  let genVerifyDecl = 1;
  let genMnemonicAlias = 1;
  // The storage also holds the mask in a form that is searched fast.
  let genStorageClass = 0;
  let storageClass = "BlockMaskAttrStorage";
  let builders = [
    AttrBuilder<(ins "int64_t":$block,
                     "const ::mlir::pixelfly::BlockMask &":$mask)>
  ];
  let extraClassDeclaration = [{
    /// The nonzero blocks, for arithmetic without MLIR types.
    const ::mlir::pixelfly::BlockMask &getBlockMask() const;
  }];
}

def Pixelfly_MaskRuleAttr : Pixelfly_Attr<"MaskRule", "mask_rule",
    [DeclareAttrInterfaceMethods<Pixelfly_BlockPatternAttrInterface>]> {
  let summary = "A block pattern given by a rule with a name";
  let description = [{
    The patterns that the paper compares with, the authors' own stretch, and the
    pattern for attention. The rule and its parameters are kept, so the
    attribute stays short and says what it is; operations on it are lowered with
    constant tables, as on `#pixelfly.block_mask`. Everything is counted in
    blocks; i and j are a block row and a block column.

    | rule | parameters | nonzero blocks |
    |---|---|---|
    | `dense` | | all |
    | `block_diagonal` | `groups` | that many dense parts along the diagonal |
    | `local` | `window` | abs(i - j) <= window / 2 |
    | `global` | `global` | the first `global` rows and columns |
    | `random` | `random`, `seed` | `random` in every row |
    | `bigbird` | `window`, `global`, `random`, `seed` | `local`, `global`, and `random` more in every row |
    | `longformer` | `window`, `global` | `local` and `global` |
    | `fixed` | `window`, `global` | dense windows along the diagonal; the last `global` blocks of each as columns (Sparse Transformer) |
    | `butterfly_global` | `factors`, `global` | i == j or i ^ j == 2^t with t < `factors`; and `global` (paper, Appendix I.2) |
    | `stretched_butterfly` | `cells`, `factors`, `global` | the rule before it on `cells x cells` cells, stretched over the matrix whether or not cells are whole blocks; and `global` (the authors' code) |
    | `butterfly_factor` | `cells`, `stride`, `radix` | of cells that are equal modulo `stride` and in the same `stride * radix`: one factor of a butterfly product |

    `causal` drops the blocks above the diagonal; random blocks are then drawn
    from the others. Random blocks depend on `seed` and their place alone and are
    the same on every platform. `seed` and the `global` of `stretched_butterfly`
    are 0 where they are left out.

    On a grid that is not square the windows and butterflies hold on a square
    core of as many cells as the smaller side has blocks, and are stretched over
    the larger side: a block is nonzero iff it touches a nonzero cell. The
    authors' global size in elements, rounded up to blocks, is `global`.

    With `transposed` the pattern is that of the transposed matrix; `rows` and
    `cols` are those of the result.

    Storage: block rows in order, in a block row the block columns in order.
    Block rows may be uneven, and block columns empty.

    Constraints:
    * (C1) `block` is one of 8, 16, 32, 64, 128.
    * (C2) `rows` and `cols` are positive multiples of `block`, and there are at
      most 2^24 blocks.
    * (C3) the parameters are those that the table names for the rule.
    * (C4) `window` (odd, except for `fixed`), `global`, `random` and `groups`
      are positive; for `fixed`, `global` is at most `window`; `groups` divides
      the block rows and block columns.
    * (C5) `factors` is between 0 and 40; `cells` is a power of two that is at
      least 2^`factors` and divides `rows` and `cols`. For `butterfly_factor`,
      `stride * radix` divides `cells` and `cells * block` divides `rows` and
      `cols`; `radix` is at least 2.
    * (C6) `causal` needs as many rows as columns.
    * (C7) `transposed` stands only on a rule that is not its own transpose:
      `random`, `bigbird`, `fixed`, and every rule that is causal.

    Example:
    ```mlir
    #pixelfly.mask_rule<longformer, rows = 512, cols = 512, block = 32,
                        window = 3, global = 1, causal>
    // The authors' default on a 768-wide layer: a cell is 48 x 48.
    #pixelfly.mask_rule<stretched_butterfly, rows = 768, cols = 768, block = 32,
                        factors = 2, cells = 16>
    ```
  }];
  let parameters = (ins "::mlir::pixelfly::MaskRule":$rule);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let genMnemonicAlias = 1;
  // The storage also holds the mask that the rule gives.
  let genStorageClass = 0;
  let storageClass = "MaskRuleAttrStorage";
  let extraClassDeclaration = [{
    /// The nonzero blocks, for arithmetic without MLIR types.
    const ::mlir::pixelfly::BlockMask &getBlockMask() const;
  }];
}

def Pixelfly_InitAttr : Pixelfly_Attr<"Init", "init"> {
  let summary = "How a parameter is initialised";
  let description = [{
    `constant`: every element is `scale`. `uniform`: on [-scale, scale].
    `normal`, `truncated_normal`: mean 0, standard deviation `scale`; the
    truncated form redraws outside two standard deviations.

    `singular_vectors`: a matrix n x r whose columns are the r leading singular
    vectors of a random matrix n x `opposite` with elements of standard deviation
    `scale`, each times the square root of its singular value. U and V of a layer
    that start so multiply to a best rank-r approximation of a random dense
    weight, as in the authors' initialisers.

    On blocks whose pattern has uneven block rows, `scale` is that of a row with
    the mean number of nonzeros; one with k times as many starts with
    1 / sqrt(k) of it, so that every output has the same variance.

    Constraints:
    * (C1) `scale` is finite, and not negative unless the kind is `constant`.
    * (C2) `opposite` stands with `singular_vectors` only, and is positive there.

    Example:
    ```mlir
    #pixelfly.init<uniform, 4.419417e-02 : f64>
    // One factor of a 768 x 3072 weight.
    #pixelfly.init<singular_vectors, 2.0e-02 : f64, opposite = 3072>
    ```
  }];
  let parameters = (ins EnumParameter<Pixelfly_InitKind>:$kind,
                        "::mlir::FloatAttr":$scale,
                        DefaultValuedParameter<"int64_t", "0">:$opposite);
  let assemblyFormat = "`<` $kind `,` $scale (`,` `opposite` `=` $opposite^)? `>`";
  let genVerifyDecl = 1;
  let builders = [AttrBuilder<(ins "::mlir::pixelfly::InitKind":$kind, "double":$scale,
                                   CArg<"int64_t", "0">:$opposite), [{
    return $_get($_ctxt, kind,
                 ::mlir::FloatAttr::get(::mlir::Float64Type::get($_ctxt), scale),
                 opposite);
  }]>];
}

def Pixelfly_ParameterAttr : Pixelfly_Attr<"Parameter", "parameter"> {
  let summary = "Marks a function argument as a trained parameter";
  let description = [{
    Stands on a function argument under the name `pixelfly.parameter`. `name` is
    unique in the function and is the name in checkpoints; `decay` says whether
    weight decay applies (not for biases, norms and mixing scalars). `pattern`
    is present when the argument holds the blocks of a sparse matrix; the
    argument's shape is then `nnz x b x b` of the pattern. `extents` are the rows
    and columns of the matrix, where they are fewer than those of the pattern
    because the block does not divide them. What the blocks hold beyond them is
    padding: zero from the start, with a zero gradient, and not counted.

    Constraints:
    * (C1) `name` is not empty.
    * (C2) `pattern`, if present, is a block pattern.
    * (C3) `extents`, if present, are two, stand next to a pattern, and are
      positive and at most its rows and columns.

    Example:
    ```mlir
    func.func @model(
      %w: tensor<24x32x32xf32> {pixelfly.parameter = #pixelfly.parameter<
        name = "blocks.0.channel.fc1.weight",
        init = #pixelfly.init<uniform, 0.1 : f64>, decay = true>}) { ... }
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$name,
                        "::mlir::pixelfly::InitAttr":$init,
                        "bool":$decay,
                        OptionalParameter<"::mlir::Attribute">:$pattern,
                        OptionalArrayRefParameter<"int64_t">:$extents);
  let assemblyFormat = [{
    `<` `name` `=` $name `,` `init` `=` $init `,` `decay` `=` $decay
        (`,` `pattern` `=` $pattern^)?
        (`,` `extents` `=` `[` $extents^ `]`)? `>`
  }];
  let genVerifyDecl = 1;
  let builders = [
    // Without padding.
    AttrBuilder<(ins "::mlir::StringAttr":$name,
                     "::mlir::pixelfly::InitAttr":$init, "bool":$decay,
                     "::mlir::Attribute":$pattern), [{
      return $_get($_ctxt, name, init, decay, pattern,
                   ::llvm::ArrayRef<int64_t>());
    }]>
  ];
  let extraClassDeclaration = [{
    /// Rows and columns of the matrix that the blocks hold, without padding.
    /// Only with a pattern.
    int64_t getRows() const;
    int64_t getCols() const;
    /// Elements of an argument of this static type, without padding.
    int64_t countElements(::mlir::ShapedType type) const;
    /// Stored elements of a pattern that lie in the first `rows` rows and `cols`
    /// columns.
    static int64_t countStored(
        ::mlir::pixelfly::BlockPatternAttrInterface pattern, int64_t rows,
        int64_t cols);
  }];
}

def Pixelfly_LayerChoiceAttr : Pixelfly_Attr<"LayerChoice", "layer_choice"> {
  let summary = "What a dense layer becomes";
  let description = [{
    Stands on the product of a dense layer under the name `pixelfly.choice`:
    the layer's weight is to become the blocks of `pattern` plus, where `rank` is
    not zero, a low-rank term of that rank. What weighs one against the other is
    `mix`: a scalar (`scalar`, where it is left out), or a gate for each row of
    the input (`gate`). Written by `--pixelfly-choose-patterns` or by hand, obeyed
    by `--pixelfly-sparsify`.

    Constraints:
    * (C1) `pattern` is a block pattern.
    * (C2) `rank` is not negative.
    * (C3) `mix` is `gate` only where `rank` is not zero.

    Example:
    ```mlir
    #pixelfly.layer_choice<pattern = #pixelfly.flat_butterfly<rows = 512,
      cols = 256, block = 32, radices = [2, 2, 2], factors = 2>, rank = 32>
    ```
  }];
  let parameters = (ins "::mlir::Attribute":$pattern, "int64_t":$rank,
                        DefaultValuedParameter<"::mlir::pixelfly::LayerMix",
                          "::mlir::pixelfly::LayerMix::Scalar">:$mix);
  let assemblyFormat = [{
    `<` `pattern` `=` $pattern `,` `rank` `=` $rank (`,` `mix` `=` $mix^)? `>`
  }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// `pattern` as what (C1) says it is.
    ::mlir::pixelfly::BlockPatternAttrInterface getBlockPattern() const;
  }];
}

def Pixelfly_BudgetAttr : Pixelfly_Attr<"Budget", "budget"> {
  let summary = "A budget and what was made of it";
  let description = [{
    Stands on a function under the name `pixelfly.budget`, as the record of
    `--pixelfly-choose-patterns` for the report. All numbers cover the layers
    that share the budget and are in the unit of `measure`: weight elements
    (`parameters`), multiply-adds of the forward products for one example, or
    nanoseconds of predicted `time` of a training step.

    * `dense`: what the layers cost dense.
    * `limit`: what they may cost.
    * `used`: what they cost with the choices made.
    * `next_step`: the least by which any layer could cost more; more than is
      left of the budget. 0 where no layer can have more.

    Constraints:
    * (C1) `0 <= used <= limit`, and `dense` and `next_step` are not negative.

    Example:
    ```mlir
    #pixelfly.budget<parameters, dense = 4194304, limit = 1048576,
                     used = 983040, next_step = 131072>
    ```
  }];
  let parameters = (ins EnumParameter<Pixelfly_BudgetMeasure>:$measure,
                        "int64_t":$dense, "int64_t":$limit, "int64_t":$used,
                        "int64_t":$nextStep);
  let assemblyFormat = [{
    `<` $measure `,` `dense` `=` $dense `,` `limit` `=` $limit `,`
        `used` `=` $used `,` `next_step` `=` $nextStep `>`
  }];
  let genVerifyDecl = 1;
}

def Pixelfly_CPUTileAttr : Pixelfly_Attr<"CPUTile", "cpu_tile"> {
  let summary = "Tile sizes of a product on a CPU";
  let description = [{
    Stands on a product (a linalg contraction, `pixelfly.matmul` or
    `pixelfly.sddmm`) under the name `pixelfly.tile`; written by
    `--pixelfly-choose-tiles` and obeyed by `--pixelfly-cpu-lower-products`.

    * `rows`, `columns`: the register tile. That many elements of the result are
      accumulated in vector registers, a vector spanning columns. For
      `pixelfly.sddmm` rows and columns of a stored block.
    * `panel`: rows of the result that one task computes from one packed copy of
      the left operand. For `pixelfly.sddmm`, whose tasks are stored blocks, rows
      of the operands that are packed at a time.
    * `reduction`: terms that are summed before the next register tile is
      taken up, so that the part of the right operand they need stays in the
      first-level cache.

    Constraints:
    * (C1) every size is positive.
    * (C2) `panel` is a multiple of `rows`, or for `pixelfly.sddmm` of
      `reduction`.

    Example:
    ```mlir
    #pixelfly.cpu_tile<rows = 12, columns = 32, panel = 96, reduction = 192>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, "int64_t":$panel,
                        "int64_t":$reduction);
  let assemblyFormat = [{
    `<` `rows` `=` $rows `,` `columns` `=` $columns `,` `panel` `=` $panel `,`
        `reduction` `=` $reduction `>`
  }];
  let genVerifyDecl = 1;
}

def Pixelfly_GPUTileAttr : Pixelfly_Attr<"GPUTile", "gpu_tile"> {
  let summary = "Tile sizes of a product on a GPU";
  let description = [{
    Stands on a product (`pixelfly.matmul`, `pixelfly.sddmm` or
    `pixelfly.linear`) under the name `pixelfly.tile`; written by
    `--pixelfly-gpu-choose-tiles` and obeyed by `--pixelfly-gpu-lower-products`.

    * `rows`, `columns`: the part of the result that one thread block computes.
    * `reduction`: terms of one panel. Panels of both operands go through shared
      memory one after the other.
    * `stages`: panels that have room in shared memory. While one is multiplied,
      the copies of the others are under way.
    * `warps`: how many warps share the rows, the columns, and the terms of a
      panel. Warps that share terms add their sums in a fixed order at the end.

    Constraints:
    * (C1) every size is positive.
    * (C2) there are three numbers of warps, and they divide `rows`, `columns`
      and `reduction`.
    * (C3) there are at least two stages.

    Example:
    ```mlir
    #pixelfly.gpu_tile<rows = 128, columns = 32, reduction = 32, stages = 4,
                       warps = [4, 1, 1]>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$columns,
                        "int64_t":$reduction, "int64_t":$stages,
                        ArrayRefParameter<"int64_t">:$warps);
  let assemblyFormat = [{
    `<` `rows` `=` $rows `,` `columns` `=` $columns `,` `reduction` `=` $reduction `,`
        `stages` `=` $stages `,` `warps` `=` `[` $warps `]` `>`
  }];
  let genVerifyDecl = 1;
}

#endif // PIXELFLY_IR_PIXELFLYATTRIBUTES_TD
