//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fragments.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;

int64_t pixelfly::mmaReduction(Type elementType) {
  return 2 * kChunkBytes * 8 / elementType.getIntOrFloatBitWidth();
}

/// The form in which `mma.sync` takes 32 bits of an operand: two f16 as a
/// vector, everything else as an integer. f32 is rounded to tf32 here, to
/// nearest; the instruction itself would cut bits off.
static Value asRegister(DeviceBuilder &b, Value element) {
  Type type = element.getType();
  if (type.isF32())
    return NVVM::ConvertFloatToTF32Op::create(
        b, b.getI32Type(), element, NVVM::FPRoundingMode::RNA,
        NVVM::SaturationMode::NONE, /*relu=*/false);
  if (cast<VectorType>(type).getElementType().isF16())
    return element;
  Value word = vector::BitCastOp::create(
      b, VectorType::get({1}, b.getI32Type()), element);
  return vector::ExtractOp::create(b, word, 0);
}

FragmentLoader::FragmentLoader(DeviceBuilder &b, Operand operand, Value shared,
                               const SharedLayout &layout,
                               bool reductionAlongRows, Value outer,
                               const ThreadPlace &place)
    : operand(operand), shared(shared), layout(layout),
      reductionAlongRows(reductionAlongRows) {
  Value lane = place.lane;
  Value rowStart = reductionAlongRows ? place.warpReduction : outer;
  Value columnStart = reductionAlongRows ? outer : place.warpReduction;
  chunk = b.div(columnStart, layout.elementsPerChunk());
  if (layout.columnAccess) {
    // Lane 4g + t holds outer index g (and g + 8), terms t and t + 4.
    Value group = b.div(lane, 4);
    row = b.add(rowStart, b.rem(lane, 4));
    laneChunk = b.div(group, 4);
    inChunk = b.rem(group, 4);
    return;
  }
  // Eight lanes each give the addresses of the rows of one 8 x 8 tile. The
  // tiles come in the order of the registers: for the left operand those of the
  // first eight terms, then the others; for the right operand the terms of the
  // first eight columns, then the others.
  bool rowsFirst = (operand == Operand::Left) != reductionAlongRows;
  Value tileLow = b.rem(b.div(lane, 8), 2), tileHigh = b.div(lane, 16);
  Value tileRow = rowsFirst ? tileLow : tileHigh;
  laneChunk = rowsFirst ? tileHigh : tileLow;
  row = b.add(rowStart, b.add(b.rem(lane, 8), b.mul(tileRow, 8)));
}

SmallVector<Value> FragmentLoader::load(DeviceBuilder &b, Value stage,
                                        int64_t outerStep,
                                        int64_t reductionStep) const {
  return layout.columnAccess ? loadWords(b, stage, outerStep, reductionStep)
                             : loadMatrices(b, stage, outerStep, reductionStep);
}

SmallVector<Value> FragmentLoader::loadMatrices(DeviceBuilder &b, Value stage,
                                                int64_t outerStep,
                                                int64_t reductionStep) const {
  Type elementType = cast<MemRefType>(shared.getType()).getElementType();
  int64_t term = reductionStep * mmaReduction(elementType);
  int64_t rowConstant = reductionAlongRows ? term : outerStep;
  int64_t columnConstant = reductionAlongRows ? outerStep : term;
  Value at =
      b.add(stage, layout.offset(b, row, rowConstant, chunk,
                                 columnConstant / layout.elementsPerChunk(),
                                 laneChunk));
  int64_t perRegister = 4 / layout.elementBytes;
  Value tiles = nvgpu::LdMatrixOp::create(
      b, VectorType::get({4, perRegister}, elementType), shared, at,
      b.getBoolAttr(reductionAlongRows), b.getI32IntegerAttr(4));
  SmallVector<Value> registers;
  for (int64_t i = 0; i < 4; ++i) {
    Value element = vector::ExtractOp::create(b, tiles, i);
    if (elementType.isF32())
      element = vector::ExtractOp::create(b, element, 0);
    registers.push_back(asRegister(b, element));
  }
  return registers;
}

SmallVector<Value> FragmentLoader::loadWords(DeviceBuilder &b, Value stage,
                                             int64_t outerStep,
                                             int64_t reductionStep) const {
  SmallVector<Value> registers;
  for (int64_t i = 0; i < 4; ++i) {
    // Left: registers of one half of the terms are adjacent; right: of one
    // instruction's columns.
    int64_t termHalf = operand == Operand::Left ? i / 2 : i % 2;
    int64_t outerHalf = operand == Operand::Left ? i % 2 : i / 2;
    Value at = layout.offset(
        b, row, reductionStep * mmaReduction(b.getF32Type()) + 4 * termHalf,
        chunk, (outerStep + 8 * outerHalf) / layout.elementsPerChunk(),
        laneChunk);
    Value element =
        memref::LoadOp::create(b, shared, b.add(b.add(stage, at), inChunk));
    registers.push_back(asRegister(b, element));
  }
  return registers;
}

SmallVector<Value> pixelfly::multiplyAccumulate(DeviceBuilder &b,
                                                Type elementType,
                                                ValueRange left,
                                                ValueRange right,
                                                ValueRange accumulators) {
  NVVM::MMATypes type = elementType.isF32()   ? NVVM::MMATypes::tf32
                        : elementType.isF16() ? NVVM::MMATypes::f16
                                              : NVVM::MMATypes::bf16;
  Type resultType = LLVM::LLVMStructType::getLiteral(
      b.getContext(), SmallVector<Type>(kMmaAccumulators, b.getF32Type()));
  Value result =
      NVVM::MmaOp::create(b, resultType, left, right, accumulators,
                          {kMmaRows, kMmaColumns, mmaReduction(elementType)},
                          /*b1Op=*/std::nullopt, /*intOverflow=*/std::nullopt,
                          std::array<NVVM::MMATypes, 2>{type, type},
                          std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                                         NVVM::MMALayout::col});
  SmallVector<Value> sums;
  for (int64_t i = 0; i < kMmaAccumulators; ++i)
    sums.push_back(LLVM::ExtractValueOp::create(b, result, i));
  return sums;
}
