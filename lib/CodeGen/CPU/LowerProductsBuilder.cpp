//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowerProductsBuilder.h"

using namespace mlir;
using namespace mlir::pixelfly;

static constexpr int64_t kCacheLine = 64;

SmallVector<Value>
KernelBuilder::loop(Value end, int64_t step, ValueRange carried,
                    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(
      *this, index(0), end, index(step), carried,
      [&](OpBuilder &nested, Location loc, Value i, ValueRange values) {
        OpBuilder::InsertionGuard guard(*this);
        setInsertionPointToEnd(nested.getInsertionBlock());
        scf::YieldOp::create(*this, body(i, values));
      });
  return llvm::to_vector_of<Value>(loop.getResults());
}

void KernelBuilder::loop(Value end, int64_t step,
                         function_ref<void(Value)> body) {
  loop(end, step, ValueRange(), [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}

void KernelBuilder::nest(ArrayRef<int64_t> extents, bool parallel,
                         function_ref<void(ValueRange)> body) {
  if (parallel && !extents.empty()) {
    SmallVector<Value> lower(extents.size(), index(0)), upper;
    SmallVector<Value> steps(extents.size(), index(1));
    for (int64_t extent : extents)
      upper.push_back(index(extent));
    scf::ParallelOp::create(
        *this, lower, upper, steps,
        [&](OpBuilder &nested, Location, ValueRange indices) {
          OpBuilder::InsertionGuard guard(*this);
          setInsertionPoint(nested.getInsertionBlock(),
                            nested.getInsertionPoint());
          body(indices);
        });
    return;
  }
  SmallVector<Value> indices;
  std::function<void()> level = [&] {
    if (indices.size() == extents.size())
      return body(indices);
    int64_t extent = extents[indices.size()];
    if (extent == 1) {
      indices.push_back(index(0));
      level();
      indices.pop_back();
      return;
    }
    loop(extent, 1, [&](Value i) {
      indices.push_back(i);
      level();
      indices.pop_back();
    });
  };
  level();
}

Value KernelBuilder::taskBuffer(ArrayRef<int64_t> shape, Type elementType,
                                bool parallel) {
  if (!parallel)
    return heapBuffer(shape, elementType);
  return memref::AllocaOp::create(*this, MemRefType::get(shape, elementType),
                                  getI64IntegerAttr(kCacheLine));
}

Value KernelBuilder::heapBuffer(ArrayRef<int64_t> shape, Type elementType) {
  return memref::AllocOp::create(*this, MemRefType::get(shape, elementType),
                                 getI64IntegerAttr(kCacheLine));
}
