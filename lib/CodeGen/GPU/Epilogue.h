//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An elementwise function of a product's result, computed while the sums are in
// registers: an activation, or a rounding to a narrower type.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_EPILOGUE_H
#define PIXELFLY_LIB_CODEGEN_GPU_EPILOGUE_H

#include "ResultTile.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::pixelfly {

/// A `linalg.generic` that follows a product of rank 2 and computes one element
/// of another buffer from each of its results, and from constants. Null: none.
struct Epilogue {
  linalg::GenericOp op;
  /// Whether anything else reads the product's result, which then is written,
  /// too.
  bool keepsResult = true;

  explicit operator bool() const { return bool(op); }

  /// What follows `product`, which writes `result` in f32 and reads `operands`;
  /// the whole may be computed where the epilogue stands.
  static Epilogue find(Operation *product, Value result,
                       ArrayRef<Value> operands);

  Value destination() const;
  /// Everything that the code follows from, for the key of a kernel.
  Attribute key(MLIRContext *context) const;
  /// The function of one sum.
  Value emit(DeviceBuilder &b, Value sum) const;
};

/// Writes what a thread owns of a tile: its sums to `result` where they are
/// wanted, and the epilogue's values to the same place of `destination`.
void storeWithEpilogue(DeviceBuilder &b, const ResultPart &part,
                       const GlobalTile &result, const Epilogue &epilogue,
                       Value destination, ValueRange accumulators);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_EPILOGUE_H
