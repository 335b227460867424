//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elements of a table that computed indices choose, as in the lookup of an
// embedding.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_DIFFERENTIATE_GATHER_H
#define PIXELFLY_LIB_DIFFERENTIATE_GATHER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::pixelfly {

/// A `linalg.generic` that reads a table, a tensor from outside of its body, at
/// one place for every element of its result, and does nothing else:
///
/// ```mlir
/// %rows = linalg.generic {... all parallel ...}
///           ins(%ids : tensor<6xi32>) outs(%empty : tensor<6x4xf32>) {
/// ^bb0(%id: i32, %out: f32):
///   %row = arith.index_cast %id : i32 to index
///   %column = linalg.index 1 : index
///   %element = tensor.extract %table[%row, %column] : tensor<9x4xf32>
///   linalg.yield %element : f32
/// } -> tensor<6x4xf32>
/// ```
class Gather {
public:
  /// The operation as a gather, or nullopt if it is none.
  static std::optional<Gather> match(Operation *op);

  Value getTable() { return extract.getTensor(); }

  /// Adds the elements of `resultAdjoint`, in the order of the iteration space,
  /// to those elements of `init` (of the table's type) that they were read
  /// from, and returns the sum. Trailing dimensions that are read in order,
  /// such as the columns of a row, are added as slices. The loop over the
  /// others is sequential: several of its iterations may meet at one element.
  Value emitScatterAdd(OpBuilder &builder, Value resultAdjoint,
                       Value init);

private:
  Gather(linalg::GenericOp op, tensor::ExtractOp extract)
      : op(op), extract(extract) {}

  /// The loops that the last indices are, in order, where no other index
  /// depends on them.
  SmallVector<unsigned> getSlicedLoops();

  linalg::GenericOp op;
  tensor::ExtractOp extract;
};

/// Makes every read of a tensor that depends on one of the `arguments`, from
/// the body of a generic of `function` that does more than read it, a gather of
/// its own, whose result becomes an input of the generic. A read at a place
/// that depends on what the generic accumulates stays.
void separateGathers(func::FuncOp function, ArrayRef<unsigned> arguments);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_DIFFERENTIATE_GATHER_H
