//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Differentiate/KeptActivations.h"

#include "pixelfly/IR/MemoryTraffic.h"
#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::pixelfly;

Operation *pixelfly::findLoss(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return nullptr;
  ValueRange returned =
      function.getBody().front().getTerminator()->getOperands();
  for (auto [index, value] : llvm::enumerate(returned)) {
    auto name =
        function.getResultAttrOfType<StringAttr>(index, kOutputAttrName);
    if (name && name.getValue() == "loss")
      return value.getDefiningOp();
  }
  return nullptr;
}

Value pixelfly::getStorage(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp, tensor::CastOp>(
            op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

int64_t pixelfly::getKeptActivationBytes(func::FuncOp function) {
  Operation *loss = findLoss(function);
  if (!loss)
    return 0;
  llvm::SmallDenseSet<Value> kept;
  for (Operation &op : *loss->getBlock()) {
    for (Value value : op.getResults()) {
      Value storage = getStorage(value);
      Operation *source = storage.getDefiningOp();
      if (!source ||
          isa<arith::ConstantOp, tensor::EmptyOp, linalg::FillOp>(source))
        continue;
      if (llvm::any_of(value.getUsers(), [&](Operation *user) {
            Operation *inBlock = loss->getBlock()->findAncestorOpInBlock(*user);
            return inBlock && loss->isBeforeInBlock(inBlock) &&
                   !inBlock->hasTrait<OpTrait::IsTerminator>();
          }))
        kept.insert(storage);
    }
    if (&op == loss)
      break;
  }
  int64_t bytes = 0;
  for (Value value : kept)
    bytes += getBytes(value);
  return bytes;
}
