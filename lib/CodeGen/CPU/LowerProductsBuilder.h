//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short forms for the index arithmetic, loops and vector accesses that kernels
// are made of.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSBUILDER_H
#define PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSBUILDER_H

#include "pixelfly/CodeGen/IndexBuilder.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::pixelfly {

/// Builds the body of a kernel at one location. Integer arguments are
/// constants; arithmetic on constants folds.
class KernelBuilder : public IndexBuilder {
public:
  using IndexBuilder::IndexBuilder;

  Value min(Value a, int64_t b) {
    return createOrFold<arith::MinUIOp>(a, index(b));
  }
  Value compare(arith::CmpIPredicate predicate, Value a, int64_t b) {
    return createOrFold<arith::CmpIOp>(predicate, a, index(b));
  }

  /// for (i = 0; i < end; i += step) carried = body(i, carried)
  SmallVector<Value>
  loop(Value end, int64_t step, ValueRange carried,
       function_ref<SmallVector<Value>(Value, ValueRange)> body);
  SmallVector<Value>
  loop(int64_t end, int64_t step, ValueRange carried,
       function_ref<SmallVector<Value>(Value, ValueRange)> body) {
    return loop(index(end), step, carried, body);
  }
  void loop(Value end, int64_t step, function_ref<void(Value)> body);
  void loop(int64_t end, int64_t step, function_ref<void(Value)> body) {
    loop(index(end), step, body);
  }

  /// A loop nest of `extents` iterations, one level; in any order by several
  /// threads if `parallel`.
  void nest(ArrayRef<int64_t> extents, bool parallel,
            function_ref<void(ValueRange)> body);

  /// A vector of zeros.
  Value zero(VectorType type) {
    return arith::ConstantOp::create(*this, type, getZeroAttr(type));
  }

  /// A buffer of one task: on the stack of its thread if tasks run in
  /// `parallel`, and then created inside the task; else a heap buffer, created
  /// before them.
  Value taskBuffer(ArrayRef<int64_t> shape, Type elementType, bool parallel);
  /// A buffer that tasks share; the caller frees it with `memref.dealloc`.
  Value heapBuffer(ArrayRef<int64_t> shape, Type elementType);
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_CPU_LOWERPRODUCTSBUILDER_H
