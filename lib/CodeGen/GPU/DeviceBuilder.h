//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short forms for the arithmetic, loops and conditions that kernels are made
// of.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_DEVICEBUILDER_H
#define PIXELFLY_LIB_CODEGEN_GPU_DEVICEBUILDER_H

#include "pixelfly/CodeGen/IndexBuilder.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::pixelfly {

/// Threads of a warp, in lock step for `ldmatrix` and `mma.sync`.
inline constexpr int64_t kWarpSize = 32;

/// Builds the body of a kernel at one location. Integer arguments are
/// constants; arithmetic on constants folds. Values are indices that are not
/// negative unless a function says otherwise.
class DeviceBuilder : public IndexBuilder {
public:
  using IndexBuilder::IndexBuilder;

  Value bitXor(Value a, Value b) { return createOrFold<arith::XOrIOp>(a, b); }
  Value bitXor(Value a, int64_t b) { return b == 0 ? a : bitXor(a, index(b)); }
  Value bitAnd(Value a, int64_t b) {
    return createOrFold<arith::AndIOp>(a, index(b));
  }
  Value minimum(Value a, Value b) { return createOrFold<arith::MinUIOp>(a, b); }
  Value less(Value a, Value b) {
    return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::ult, a, b);
  }
  Value atLeast(Value a, int64_t b) {
    return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::uge, a, index(b));
  }
  Value select(Value condition, Value a, Value b) {
    return createOrFold<arith::SelectOp>(condition, a, b);
  }
  Value zero(Type type) {
    return arith::ConstantOp::create(*this, type, getZeroAttr(type));
  }

  Value i32(int64_t value) {
    return arith::ConstantOp::create(*this, getI32IntegerAttr(value));
  }
  Value toI32(Value index) {
    return createOrFold<arith::IndexCastOp>(getI32Type(), index);
  }
  Value toI64(Value index) {
    return createOrFold<arith::IndexCastOp>(getI64Type(), index);
  }
  /// `pointer` and so many bytes more.
  Value advance(Value pointer, int64_t bytes) {
    return bytes == 0
               ? pointer
               : LLVM::GEPOp::create(*this, pointer.getType(), getI8Type(),
                                     pointer,
                                     ArrayRef<LLVM::GEPArg>{int32_t(bytes)});
  }
  Value advance(Value pointer, Value bytes) {
    return LLVM::GEPOp::create(*this, pointer.getType(), getI8Type(), pointer,
                               ArrayRef<LLVM::GEPArg>{toI64(bytes)});
  }

  /// `(value + 1) mod count` for a value below `count`, without a division.
  Value nextInRing(Value value, int64_t count) {
    Value next = add(value, 1);
    return select(atLeast(next, count), index(0), next);
  }

  /// if (condition) body(). Without a condition the body is unconditional.
  void when(Value condition, function_ref<void()> body);

  /// for (i = 0; i < end; ++i) carried = body(i, carried)
  SmallVector<Value>
  loop(Value end, ValueRange carried,
       function_ref<SmallVector<Value>(Value, ValueRange)> body);
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_DEVICEBUILDER_H
