//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NestLaunches.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;
using llvm::divideCeil;

static constexpr int64_t kThreads = 256;

/// The contents as a table of the kernels' module.
static memref::GlobalOp makeTable(gpu::GPUModuleOp module,
                                  memref::GlobalOp constant,
                                  DenseElementsAttr values) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto space = gpu::AddressSpaceAttr::get(builder.getContext(),
                                          gpu::AddressSpace::Global);
  auto type =
      MemRefType::get({values.getNumElements()}, values.getElementType(),
                      MemRefLayoutAttrInterface(), space);
  auto table = memref::GlobalOp::create(
      builder, constant.getLoc(), constant.getSymName(),
      builder.getStringAttr("private"), type,
      values.reshape(RankedTensorType::get({values.getNumElements()},
                                           values.getElementType())),
      /*constant=*/true, /*alignment=*/IntegerAttr());
  SymbolTable(module).insert(table);
  return table;
}

void pixelfly::launchConstant(ImplicitLocOpBuilder &host, KernelModule &kernels,
                              memref::GlobalOp constant, Value buffer) {
  auto values = cast<DenseElementsAttr>(constant.getConstantInitValue());
  int64_t elements = values.getNumElements();
  Type element = values.getElementType();
  int64_t threads =
      std::min<int64_t>(kThreads, llvm::alignTo(elements, kWarpSize));
  Value flat = memref::ReinterpretCastOp::create(
      host, MemRefType::get({elements}, element), buffer,
      /*offset=*/int64_t(0), ArrayRef<int64_t>{elements}, ArrayRef<int64_t>{1});
  LaunchShape shape{{int64_t(divideCeil(elements, threads)), 1, 1}, threads, 0};
  kernels.launch(
      host, host.getArrayAttr({host.getStringAttr("constant"), values}),
      "constant_" + std::to_string(elements), shape, flat,
      [&](DeviceBuilder &b, gpu::GPUModuleOp module, ValueRange arguments) {
        Value block = gpu::BlockIdOp::create(b, gpu::Dimension::x);
        Value thread = gpu::ThreadIdOp::create(b, gpu::Dimension::x);
        Value place = b.add(b.mul(block, threads), thread);
        b.when(b.less(place, b.index(elements)), [&] {
          Value value;
          if (values.isSplat()) {
            value = arith::ConstantOp::create(
                b, cast<TypedAttr>(values.getSplatValue<Attribute>()));
          } else {
            memref::GlobalOp table = makeTable(module, constant, values);
            value = memref::LoadOp::create(
                b,
                memref::GetGlobalOp::create(b, table.getType(),
                                            table.getSymName()),
                place);
          }
          memref::StoreOp::create(b, value, arguments[0], place);
        });
      });
}
