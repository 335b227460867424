//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/MemoryTraffic.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::pixelfly;

bool pixelfly::isProduct(Operation *op) {
  if (isa<MatmulOp, SddmmOp, LinearOp>(op))
    return true;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return false;
  if (linalg::isaConvolutionOpInterface(linalgOp))
    return true;
  if (!linalg::isaContractionOpInterface(linalgOp))
    return false;
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(linalgOp);
  return succeeded(dims) && !dims->m.empty() && !dims->n.empty() &&
         !dims->k.empty();
}

int64_t pixelfly::getBytes(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() ||
      !type.getElementType().isIntOrIndexOrFloat())
    return 0;
  int64_t bits =
      type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth();
  return llvm::divideCeil(type.getNumElements() * bits, 8);
}

/// Whether one vector instruction does it.
static bool isCheap(Operation &op) {
  return isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::NegFOp,
             arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
             arith::MinNumFOp, arith::CmpFOp, arith::SelectOp, arith::AddIOp,
             arith::SubIOp, arith::MulIOp, arith::AndIOp, arith::OrIOp,
             arith::XOrIOp, arith::CmpIOp, arith::ExtFOp, arith::TruncFOp,
             arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::SIToFPOp,
             arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp,
             arith::IndexCastOp, arith::BitcastOp, math::AbsFOp, math::FmaOp,
             math::CopySignOp>(op);
}

ScalarWork pixelfly::getScalarWork(linalg::LinalgOp op) {
  ScalarWork work;
  for (Operation &nested : op.getBlock()->without_terminator()) {
    if (isa<arith::ConstantOp, linalg::IndexOp>(nested))
      continue;
    ++(isCheap(nested) ? work.cheap : work.expensive);
  }
  return work;
}

std::optional<int64_t> pixelfly::getIterations(linalg::LinalgOp op) {
  int64_t iterations = 1;
  for (int64_t extent : op.getStaticLoopRanges()) {
    if (ShapedType::isDynamic(extent))
      return std::nullopt;
    iterations *= extent;
  }
  return iterations;
}

int64_t pixelfly::getElementwiseTraffic(func::FuncOp function) {
  int64_t bytes = 0;
  function.walk([&](linalg::LinalgOp op) {
    // Products start from zero by themselves.
    if (isProduct(op) || isa<linalg::FillOp>(op))
      return;
    llvm::SmallDenseSet<Value> reads;
    for (OpOperand &operand : op->getOpOperands())
      if (op.payloadUsesValueFromOperand(&operand) &&
          reads.insert(operand.get()).second)
        bytes += getBytes(operand.get());
    for (Value result : op->getResults())
      bytes += getBytes(result);
  });
  return bytes;
}
