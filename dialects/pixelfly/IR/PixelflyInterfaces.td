// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef PIXELFLY_IR_PIXELFLYINTERFACES_TD
#define PIXELFLY_IR_PIXELFLYINTERFACES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def Pixelfly_BlockPatternAttrInterface
    : AttrInterface<"BlockPatternAttrInterface"> {
  let cppNamespace = "::mlir::pixelfly";
  let description = [{
    Which `b x b` blocks of a `rows x cols` matrix are nonzero, and where each
    of them lies in a weight tensor of shape `nnz x b x b`. Everything here is
    known at compile time. Block row `p` covers matrix rows `p*b .. p*b+b-1`;
    block column `q` likewise.
  }];
  let methods = [
    InterfaceMethod<"Matrix rows (a multiple of the block size).", "int64_t", "getRows">,
    InterfaceMethod<"Matrix columns (a multiple of the block size).", "int64_t", "getCols">,
    InterfaceMethod<"Side `b` of the square blocks.", "int64_t", "getBlock">,
    InterfaceMethod<"Number of nonzero blocks, the first extent of a weight.", "int64_t", "getNumBlocks">,
    InterfaceMethod<[{
      Block columns of the nonzero blocks of block row `blockRow`, in storage
      order. The blocks of row 0 are stored first, then those of row 1, ...
    }], "::llvm::SmallVector<int64_t>", "getColumnsOfRow", (ins "int64_t":$blockRow)>,
    InterfaceMethod<[{
      Block rows whose nonzero blocks lie in block column `blockCol`, ascending.
    }], "::llvm::SmallVector<int64_t>", "getRowsOfColumn", (ins "int64_t":$blockCol)>,
    InterfaceMethod<[{
      Position in storage of block (`blockRow`, `blockCol`), or nullopt where
      the block is zero.
    }], "std::optional<int64_t>", "getPosition", (ins "int64_t":$blockRow, "int64_t":$blockCol)>,
    InterfaceMethod<"The pattern of the transposed matrix.",
      "::mlir::pixelfly::BlockPatternAttrInterface", "getTransposed">
  ];
  let extraSharedClassDeclaration = [{
    /// Block rows and block columns of the grid.
    int64_t getBlockRows() { return $_attr.getRows() / $_attr.getBlock(); }
    int64_t getBlockCols() { return $_attr.getCols() / $_attr.getBlock(); }
    /// Nonzero blocks over all blocks of the grid, in (0, 1].
    double getDensity() {
      return double($_attr.getNumBlocks()) /
             (double(getBlockRows()) * double(getBlockCols()));
    }
  }];
}

def Pixelfly_DifferentiableOpInterface
    : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::mlir::pixelfly";
  let description = [{
    Reverse-mode differentiation of one operation. Models for upstream dialects
    are external (see `registerDifferentiableOpInterfaceModels`).
  }];
  let methods = [
    InterfaceMethod<[{
      Emits, at the builder's insertion point, the adjoints of this op's
      operands from the adjoints of its results.

      `resultAdjoints[i]` has the type of result `i`, or is null where the
      result does not influence the differentiated output (treat as zero).
      `needsAdjoint[j]` says whether operand `j` is active. On success
      `operandAdjoints` has one entry per operand: a value of the operand's
      type, or null for "zero" (always for operands that are not active). The
      op and its operands dominate the insertion point. Fails with a diagnostic
      on this op when it has no rule for its present form.
    }],
    "::llvm::LogicalResult", "emitAdjoint",
    (ins "::mlir::OpBuilder &":$builder,
         "::llvm::ArrayRef<::mlir::Value>":$resultAdjoints,
         "::llvm::ArrayRef<bool>":$needsAdjoint,
         "::llvm::SmallVectorImpl<::mlir::Value> &":$operandAdjoints)>
  ];
}

#endif // PIXELFLY_IR_PIXELFLYINTERFACES_TD
