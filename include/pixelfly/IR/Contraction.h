//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A linalg contraction seen as `C[row, column] += sum A[row, k] * B[k,
// column]`.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_CONTRACTION_H
#define PIXELFLY_IR_CONTRACTION_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <string>

namespace mlir::pixelfly {

/// One operand of a contraction, unit dimensions left out.
struct ContractionOperand {
  Value value;
  /// Dimensions of `value` that are longer than one, in order, and for each of
  /// them the loop that runs over it.
  SmallVector<unsigned> dims;
  SmallVector<unsigned> loops;
  /// The loop that runs over adjacent elements, or -1 if no loop does.
  int contiguous = -1;

  bool depends(int loop) const {
    return loop >= 0 && llvm::is_contained(loops, unsigned(loop));
  }
};

/// What a kernel has to know about a contraction, whatever the op that stated
/// it and the layout of its operands. Loops of one iteration do not appear.
///
/// One loop of each kind is the kernel's: `column` runs over adjacent elements
/// of the result, so vectors span it; `row` and `reduction` are where the
/// operands are adjacent if they are so in one of them, else the longest. The
/// other loops stay outside, `outerReduction` in order.
struct Contraction {
  SmallVector<int64_t> extents; ///< iterations of each loop of the op
  ContractionOperand lhs;       ///< A: runs over rows and reductions
  ContractionOperand rhs;       ///< B: runs over reductions and columns
  ContractionOperand result;    ///< C
  int row = -1, column = -1, reduction = -1; ///< -1: one iteration
  SmallVector<unsigned> outerParallel, outerReduction;
  Type elementType; ///< of the result

  int64_t extent(int loop) const { return loop < 0 ? 1 : extents[loop]; }
  int64_t rows() const { return extent(row); }
  int64_t columns() const { return extent(column); }
  int64_t reductions() const { return extent(reduction); }
  int64_t outerIterations() const {
    int64_t count = 1;
    for (unsigned loop : outerParallel)
      count *= extents[loop];
    return count;
  }

  /// Element types that whoever asks can multiply.
  enum class Types {
    Uniform, ///< f32 or f64, the same for all operands
    Matrix,  ///< what matrix units take: bf16, f16 or f32, both operands the
             ///< same, and a result of that type or of f32
  };

  /// The contraction that `op` (on tensors or memrefs) states, or failure with
  /// the reason, in words that follow "cannot be lowered because", in `reason`.
  static FailureOr<Contraction> get(linalg::LinalgOp op, std::string &reason,
                                    Types types = Types::Uniform);
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_CONTRACTION_H
