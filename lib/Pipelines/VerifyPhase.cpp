//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Pipelines/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_VERIFYPHASE
#include "pixelfly/Pipelines/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// Functions that must be there after a phase.
static SmallVector<StringRef> requiredFunctions(Phase phase) {
  switch (phase) {
  case Phase::Import:
  case Phase::Sparsify:
    return {"model"};
  case Phase::Differentiate:
    return {"model", "model_gradient"};
  case Phase::TrainStep:
  case Phase::Tile:
    return {"train_step", "evaluate"};
  case Phase::CodeGen:
    return {};
  }
  llvm_unreachable("all phases are listed");
}

/// Whether an operation may be left in the module after a phase.
static bool isLegal(Operation *op, Phase phase) {
  if (isa<ModuleOp>(op))
    return true;
  Dialect *dialect = op->getDialect();
  if (phase == Phase::CodeGen)
    return isa_and_nonnull<LLVM::LLVMDialect, omp::OpenMPDialect>(dialect);
  if (isa<LinearOp, ButterflyMatmulOp>(op))
    return phase != Phase::Import && phase != Phase::Tile;
  if (isa_and_nonnull<PixelflyDialect>(dialect))
    return phase != Phase::Import;
  // The adjoint of a lookup is a loop that adds rows to a table.
  if (isa<scf::ForOp, scf::YieldOp>(op))
    return phase >= Phase::Differentiate;
  return isa_and_nonnull<func::FuncDialect, linalg::LinalgDialect,
                         tensor::TensorDialect, affine::AffineDialect,
                         arith::ArithDialect, math::MathDialect>(dialect);
}

/// The first value of dynamic shape that an operation defines, if any.
static Type dynamicResult(Operation *op) {
  for (Type type : op->getResultTypes())
    if (auto shaped = dyn_cast<ShapedType>(type))
      if (!shaped.hasStaticShape())
        return type;
  return {};
}

namespace {
struct VerifyPhase : public pixelfly::impl::VerifyPhaseBase<VerifyPhase> {
  using VerifyPhaseBase::VerifyPhaseBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    StringRef name = stringifyPhase(phase);
    for (StringRef function : requiredFunctions(phase))
      if (!module.lookupSymbol(function)) {
        module.emitError("after phase '")
            << name << "' there must be a function @" << function;
        return signalPassFailure();
      }
    WalkResult result = module.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (!isLegal(op, phase)) {
        op->emitError("operation '")
            << op->getName() << "' may not be left after phase '" << name
            << "'; no step of the compiler takes it from here";
        return WalkResult::interrupt();
      }
      Type dynamic = phase == Phase::CodeGen ? Type() : dynamicResult(op);
      if (dynamic) {
        op->emitError("has a result of dynamic shape, ")
            << dynamic
            << "; every shape must be static: give the sizes in the model";
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
