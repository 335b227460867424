//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/MemoryTraffic.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/StaticShape.h"
#include "pixelfly/Pipelines/Passes.h"
#include "pixelfly/Target/TileChoice.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_VERIFYPHASE
#include "pixelfly/Pipelines/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
/// A public function that must be there after a phase.
struct PromisedFunction {
  StringRef name;
  /// Whether it must return the loss.
  bool returnsLoss;
  /// What makes it, for messages.
  StringRef advice;
};
} // namespace

/// The public functions of a module after a phase, no more and no fewer. After
/// code generation the names are those of the C interface, or any.
static ArrayRef<PromisedFunction> promisedFunctions(Phase phase) {
  static const PromisedFunction model[] = {
      {"model", true, "name the function that computes the loss so"},
      {"model_gradient", true, "run --pixelfly-differentiate"}};
  static const PromisedFunction steps[] = {
      {"train_step", true, "run --pixelfly-build-train-step"},
      {"evaluate", false, "run --pixelfly-build-train-step"}};
  switch (phase) {
  case Phase::Import:
  case Phase::Sparsify:
    return ArrayRef(model).take_front(1);
  case Phase::Differentiate:
    return model;
  case Phase::TrainStep:
  case Phase::Tile:
    return steps;
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
  // On a GPU the translation to LLVM IR makes calls of launches.
  if (phase == Phase::CodeGen)
    return isa<gpu::BinaryOp, gpu::LaunchFuncOp>(op) ||
           isa_and_nonnull<LLVM::LLVMDialect, omp::OpenMPDialect>(dialect);
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

static bool isDynamic(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && !shaped.hasStaticShape();
}

namespace {
struct VerifyPhase : public pixelfly::impl::VerifyPhaseBase<VerifyPhase> {
  using VerifyPhaseBase::VerifyPhaseBase;

  void runOnOperation() override {
    WalkResult result =
        getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
          return failed(verifyOperation(op)) ? WalkResult::interrupt()
                                             : WalkResult::advance();
        });
    if (result.wasInterrupted() || failed(verifyFunctions()))
      signalPassFailure();
  }

private:
  LogicalResult verifyFunctions();
  LogicalResult verifyLoss(func::FuncOp function);
  LogicalResult verifyOperation(Operation *op);
  LogicalResult verifyTile(Operation *op);
};
} // namespace

LogicalResult VerifyPhase::verifyFunctions() {
  ModuleOp module = getOperation();
  ArrayRef<PromisedFunction> promised = promisedFunctions(phase);
  if (promised.empty())
    return success();
  for (const PromisedFunction &one : promised) {
    auto function = module.lookupSymbol<func::FuncOp>(one.name);
    if (!function)
      return module.emitError("after phase '")
             << stringifyPhase(phase) << "' there must be a function @"
             << one.name << "; " << one.advice;
    if (function.isExternal())
      return function.emitError("after phase '")
             << stringifyPhase(phase) << "' @" << one.name
             << " must have a body; " << one.advice;
    if (one.returnsLoss && failed(verifyLoss(function)))
      return failure();
  }
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() &&
        llvm::none_of(promised, [&](const PromisedFunction &one) {
          return one.name == function.getSymName();
        }))
      return function.emitError("public function @")
             << function.getSymName() << " is not promised by phase '"
             << stringifyPhase(phase) << "'; make it private or erase it";
  return success();
}

/// Exactly one result is the loss, a rank-0 tensor of floats.
LogicalResult VerifyPhase::verifyLoss(func::FuncOp function) {
  for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
    auto name =
        function.getResultAttrOfType<StringAttr>(index, kOutputAttrName);
    if (!name || name.getValue() != "loss")
      continue;
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (tensor && tensor.getRank() == 0 &&
        isa<FloatType>(tensor.getElementType()))
      return success();
    return function.emitError("the loss (result ")
           << index << ") of @" << function.getSymName()
           << " must be a rank-0 tensor of floats, but is " << type
           << "; reduce it to one number";
  }
  return function.emitError("no result of @")
         << function.getSymName() << " is the loss; give one the attribute "
         << "{" << kOutputAttrName << " = \"loss\"}";
}

LogicalResult VerifyPhase::verifyOperation(Operation *op) {
  if (!isLegal(op, phase))
    return op->emitError("operation '")
           << op->getName() << "' may not be left after phase '"
           << stringifyPhase(phase)
           << "'; no step of the compiler takes it from here";
  if (phase == Phase::CodeGen)
    return success();
  for (Type type : op->getResultTypes())
    if (isDynamic(type))
      return op->emitError("has a result of dynamic shape, ")
             << type
             << "; every shape must be static: " << explainDynamicShape(type);
  if (auto function = dyn_cast<func::FuncOp>(op))
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
      if (isDynamic(type))
        return op->emitError("argument ")
               << index << " of @" << function.getSymName()
               << " has a dynamic shape, " << type
               << "; every shape must be static: " << explainDynamicShape(type);
  return phase == Phase::Tile ? verifyTile(op) : success();
}

/// A product has a tile. One that no kernel takes has none, and runs as loops.
LogicalResult VerifyPhase::verifyTile(Operation *op) {
  if (!isProduct(op) || op->hasAttr(kTileAttrName))
    return success();
  // A GPU's tiles are chosen on buffers.
  if (Target::isSpecified(op, TargetKind::GPU) && !Target::isSpecified(op))
    return success();
  FailureOr<Target> target = Target::get(op);
  if (failed(target))
    return failure();
  std::string whyNone;
  if (!getCPUTile(op, *target, whyNone))
    return success();
  return op->emitError("product without '")
         << kTileAttrName << "' after phase '" << stringifyPhase(phase)
         << "'; run --pixelfly-choose-tiles";
}
