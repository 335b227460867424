//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Bufferization.h"

#include "pixelfly/CodeGen/CPU/Passes.h"

#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::pixelfly;

void pixelfly::addBufferization(OpPassManager &manager) {
  // Products that share a zero tensor would each copy it.
  manager.addNestedPass<func::FuncOp>(createSeparateDestinations());
  // A tensor.empty that only gives a destination to something that is then
  // inserted into a larger tensor becomes a slice of that tensor: no copy.
  manager.addPass(bufferization::createEmptyTensorEliminationPass());

  // One analysis for the whole module, function boundaries included, so that
  // updates of arguments happen in place. Identity layouts: the callers of our
  // functions (the runtime, other functions) hold contiguous buffers.
  bufferization::OneShotBufferizePassOptions oneShot;
  oneShot.bufferizeFunctionBoundaries = true;
  oneShot.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  manager.addPass(bufferization::createOneShotBufferizePass(oneShot));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}
