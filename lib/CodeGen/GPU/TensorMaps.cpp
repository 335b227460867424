//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorMaps.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// Columns of the tile that one box spans.
static int64_t boxColumns(const SharedLayout &layout) {
  return layout.chunksPerPanelRow() * layout.elementsPerChunk();
}

static nvgpu::TensorMapSwizzleKind swizzleOf(int64_t rowBytes) {
  switch (rowBytes) {
  case 32:
    return nvgpu::TensorMapSwizzleKind::SWIZZLE_32B;
  case 64:
    return nvgpu::TensorMapSwizzleKind::SWIZZLE_64B;
  case 128:
    return nvgpu::TensorMapSwizzleKind::SWIZZLE_128B;
  }
  llvm_unreachable("rows of shared tiles have 32, 64 or 128 bytes");
}

Value pixelfly::createTensorMap(ImplicitLocOpBuilder &host, Value memref,
                                const SharedLayout &layout) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t rank = type.getRank();
  SmallVector<int64_t> box(rank, 1);
  box[rank - 2] = layout.rows;
  box[rank - 1] = boxColumns(layout);
  SmallVector<Value> sizes;
  for (int64_t size : box)
    sizes.push_back(arith::ConstantIndexOp::create(host, size));
  auto shared = gpu::AddressSpaceAttr::get(host.getContext(),
                                           gpu::AddressSpace::Workgroup);
  auto mapType = nvgpu::TensorMapDescriptorType::get(
      host.getContext(),
      MemRefType::get(box, type.getElementType(), MemRefLayoutAttrInterface(),
                      shared),
      swizzleOf(box.back() * layout.elementBytes),
      nvgpu::TensorMapL2PromoKind::L2PROMO_128B,
      nvgpu::TensorMapOOBKind::OOB_ZERO,
      nvgpu::TensorMapInterleaveKind::INTERLEAVE_NONE);
  Value unranked = memref::CastOp::create(
      host, UnrankedMemRefType::get(type.getElementType(), Attribute()),
      memref);
  Value map =
      nvgpu::TmaCreateDescriptorOp::create(host, mapType, unranked, sizes);
  // What convert-nvgpu-to-nvvm makes of the type.
  return UnrealizedConversionCastOp::create(
             host, LLVM::LLVMPointerType::get(host.getContext()), map)
      .getResult(0);
}

void pixelfly::copyTensorTile(DeviceBuilder &b, const TensorTile &tile,
                              const SharedLayout &layout, Value target,
                              Value barrier) {
  // The instruction writes to a cluster's shared memory; ours is one block.
  Type cluster = LLVM::LLVMPointerType::get(
      b.getContext(),
      static_cast<unsigned>(NVVM::NVVMMemorySpace::SharedCluster));
  int64_t columns = boxColumns(layout);
  int64_t boxBytes = layout.rows * columns * layout.elementBytes;
  for (int64_t i = 0; i < layout.columns / columns; ++i) {
    // Coordinates count from the innermost dimension.
    SmallVector<Value> coordinates;
    for (Value start : llvm::reverse(tile.start))
      coordinates.push_back(
          b.toI32(coordinates.empty() ? b.add(start, i * columns) : start));
    Value box = LLVM::AddrSpaceCastOp::create(b, cluster,
                                              b.advance(target, i * boxBytes));
    NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
        b, box, tile.map, coordinates, barrier,
        /*im2colOffsets=*/ValueRange(), /*multicastMask=*/Value(),
        /*l2CacheHint=*/Value(), NVVM::TMALoadMode::TILE, /*isCTAOnly=*/false,
        /*group=*/NVVM::CTAGroupKindAttr(), /*predicate=*/Value());
  }
}
