//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inline PTX that convert-nvvm-to-llvm makes of nvvm operations which have no
// LLVM intrinsic. A table of its templates turns them back into the operations,
// which the emulator knows; other templates are refused.
//
//===----------------------------------------------------------------------===//

#include "Emulator/InlineAssembly.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

/// The value of a constant operand of the inline assembly.
static std::optional<int64_t> constantOf(Value value) {
  auto constant = value.getDefiningOp<LLVM::ConstantOp>();
  auto integer =
      constant ? dyn_cast<IntegerAttr>(constant.getValue()) : IntegerAttr();
  return integer ? std::optional(integer.getInt()) : std::nullopt;
}

/// wgmma: accumulators, two descriptors, then the immediates scale-d, scale-a,
/// scale-b and, for 16-bit types, the two transpositions.
static LogicalResult raiseWarpGroupProduct(LLVM::InlineAsmOp op,
                                           ArrayRef<StringRef> parts,
                                           OpBuilder &builder) {
  Location loc = op.getLoc();
  int n = 0, k = 0;
  auto type = NVVM::symbolizeWGMMATypes(parts[4]);
  auto typeB = NVVM::symbolizeWGMMATypes(parts[5]);
  auto typeD = NVVM::symbolizeWGMMATypes(parts[3]);
  auto result = dyn_cast<LLVM::LLVMStructType>(op.getRes().getType());
  if (parts[1].getAsInteger(10, n) || parts[2].getAsInteger(10, k) || !type ||
      !typeB || !typeD || !result)
    return failure();
  size_t registers = result.getBody().size();
  ValueRange operands = op.getOperands();
  if (operands.size() < registers + 5)
    return failure();
  SmallVector<int64_t> immediates;
  for (Value operand : operands.drop_front(registers + 2)) {
    std::optional<int64_t> value = constantOf(operand);
    if (!value)
      return failure();
    immediates.push_back(*value);
  }
  Value accumulators = LLVM::PoisonOp::create(builder, loc, result);
  for (size_t i = 0; i < registers; ++i)
    accumulators =
        LLVM::InsertValueOp::create(builder, loc, accumulators, operands[i], i);
  bool transposes = immediates.size() == 5;
  auto mma = NVVM::WgmmaMmaAsyncOp::create(
      builder, loc, result, accumulators, operands[registers],
      operands[registers + 1],
      NVVM::MMAShapeAttr::get(op.getContext(), 64, n, k), *type, *typeB, *typeD,
      immediates[0] ? NVVM::WGMMAScaleOut::one : NVVM::WGMMAScaleOut::zero,
      immediates[1] < 0 ? NVVM::WGMMAScaleIn::neg : NVVM::WGMMAScaleIn::one,
      immediates[2] < 0 ? NVVM::WGMMAScaleIn::neg : NVVM::WGMMAScaleIn::one,
      transposes && immediates[3] ? NVVM::MMALayout::col : NVVM::MMALayout::row,
      transposes && immediates[4] ? NVVM::MMALayout::row : NVVM::MMALayout::col,
      NVVM::MMAIntOverflowAttr());
  op.getRes().replaceAllUsesWith(mma.getResults());
  return success();
}

static LogicalResult raise(LLVM::InlineAsmOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  StringRef text = op.getAsmString();
  SmallVector<Value> operands(op.getOperands());
  SmallVector<StringRef, 6> parts;
  // A guard is the last operand.
  Value predicate;
  if (llvm::Regex("^@\\$[0-9]+ ").match(text)) {
    text = text.drop_front(text.find(' ') + 1);
    predicate = operands.pop_back_val();
  }
  if (llvm::Regex("^mbarrier\\.init(\\.shared)?\\.b64 \\[\\$0\\], \\$1;$")
          .match(text)) {
    NVVM::MBarrierInitOp::create(builder, loc, operands[0], operands[1],
                                 predicate);
    return success();
  }
  if (llvm::Regex("^mbarrier\\.arrive\\.expect_tx(\\.shared)?\\.b64 _, "
                  "\\[\\$0\\], \\$1;$")
          .match(text)) {
    NVVM::MBarrierArriveExpectTxOp::create(builder, loc, Type(), operands[0],
                                           operands[1], NVVM::MemScopeKind::CTA,
                                           false, predicate);
    return success();
  }
  if (text.contains("mbarrier.try_wait.parity") && text.contains("bra.uni") &&
      operands.size() == 3) {
    NVVM::MBarrierTryWaitParityOp::create(builder, loc, operands[0],
                                          operands[1], operands[2]);
    return success();
  }
  if (llvm::Regex("^cp\\.async\\.bulk\\.tensor\\.([1-5])d\\.shared::cluster\\."
                  "global\\.mbarrier::complete_tx::bytes \\[\\$0\\]")
          .match(text, &parts)) {
    size_t rank = parts[1][0] - '0';
    if (operands.size() != rank + 3)
      return failure();
    NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
        builder, loc, operands[0], operands[1],
        ValueRange(operands).slice(2, rank), operands.back(), ValueRange(),
        Value(), Value(), NVVM::TMALoadMode::TILE, false,
        NVVM::CTAGroupKindAttr(), predicate);
    return success();
  }
  if (llvm::Regex(
          "^cp\\.async\\.bulk\\.tensor\\.([1-5])d\\.global\\.shared::cta"
          "\\.bulk_group \\[\\$0")
          .match(text, &parts)) {
    size_t rank = parts[1][0] - '0';
    if (operands.size() != rank + 2)
      return failure();
    NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp::create(
        builder, loc, operands[0], operands[1],
        ValueRange(operands).slice(2, rank), Value(), NVVM::TMAStoreMode::TILE,
        predicate);
    return success();
  }
  if (!predicate &&
      llvm::Regex(
          "wgmma\\.mma_async\\.sync\\.aligned\\.m64n([0-9]+)k([0-9]+)\\."
          "(f16|f32)\\.([a-z0-9]+)\\.([a-z0-9]+) ")
          .match(text, &parts))
    return raiseWarpGroupProduct(op, parts, builder);
  return failure();
}

LogicalResult emulator::raiseInlineAssembly(Operation *root) {
  WalkResult result = root->walk([](LLVM::InlineAsmOp op) {
    if (failed(raise(op))) {
      op.emitError("the emulator does not know this inline PTX: ")
          << op.getAsmString();
      return WalkResult::interrupt();
    }
    op.erase();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}
