//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor whose elements are those of another tensor in another arrangement.
// Between a parameter and the product that reads it programs put transposes,
// reshapes, broadcasts and casts; a view says what they come to.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_TENSORVIEW_H
#define PIXELFLY_LIB_SPARSIFY_TENSORVIEW_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

#include <optional>

namespace mlir::pixelfly {

/// A run of `extent` elements that lie `stride` elements apart in the source,
/// in row-major order. Stride 0: the same element again and again (broadcast).
struct Digit {
  int64_t stride = 0;
  int64_t extent = 1;

  bool operator==(const Digit &other) const {
    return stride == other.stride && extent == other.extent;
  }
};

/// An index written as digits, the most significant first. Digits of extent 1
/// are left out, so the index of a unit dimension has none.
using Digits = SmallVector<Digit, 2>;

/// Number of values the index takes.
int64_t numValues(ArrayRef<Digit> digits);

/// Appends the digits, and joins those that together are one run.
void appendDigits(Digits &digits, ArrayRef<Digit> more);

/// A static tensor as a rearrangement of a source tensor.
struct TensorView {
  /// One index into the source for each dimension; an element of the view at
  /// (i0, i1, ...) is the source's at the sum of what they say.
  SmallVector<Digits> dims;
  /// The element types that it was converted to on the way, in order.
  SmallVector<Type> casts;

  /// The tensor itself. Its type must be static.
  static TensorView identity(RankedTensorType type);

  /// The view that is the result of `op`, one of whose inputs is this view, or
  /// nullopt if `op` does more than rearrange and convert: it may transpose,
  /// collapse, expand, broadcast or convert between float types, as a named
  /// operation or as a linalg.generic that yields its input.
  std::optional<TensorView> through(Operation *op) const;
};

/// The operand that `through` looks at: the only input of an operation that
/// rearranges. Null if the operation has none.
OpOperand *rearrangedOperand(Operation *op);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_TENSORVIEW_H
