//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelModule.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::pixelfly;

static constexpr StringLiteral kKernelModuleName = "pixelfly_kernels";

gpu::GPUModuleOp KernelModule::module() {
  if (kernelModule)
    return kernelModule;
  // Passes that make other kernels share it.
  kernelModule = program.lookupSymbol<gpu::GPUModuleOp>(kKernelModuleName);
  if (kernelModule)
    return kernelModule;
  program->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                   UnitAttr::get(program.getContext()));
  OpBuilder builder = OpBuilder::atBlockBegin(program.getBody());
  kernelModule =
      gpu::GPUModuleOp::create(builder, program.getLoc(), kKernelModuleName);
  SymbolTable(program).insert(kernelModule);
  return kernelModule;
}

void KernelModule::launch(
    ImplicitLocOpBuilder &host, Attribute key, StringRef name,
    const LaunchShape &shape, ValueRange operands,
    function_ref<void(DeviceBuilder &, gpu::GPUModuleOp, ValueRange)> body) {
  gpu::GPUFuncOp &kernel = kernels[key];
  if (!kernel) {
    gpu::GPUModuleOp parent = module();
    DeviceBuilder device(host.getLoc(), host.getContext());
    device.setInsertionPointToEnd(parent.getBody());
    kernel = gpu::GPUFuncOp::create(
        device, name, device.getFunctionType(operands.getTypes(), {}));
    kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    device.getUnitAttr());
    // Known to the assembler, so that it can divide the registers.
    kernel.setKnownBlockSizeAttr(
        device.getDenseI32ArrayAttr({int32_t(shape.threads), 1, 1}));
    if (shape.blocksPerMultiprocessor != 0)
      kernel->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                      device.getI32IntegerAttr(shape.blocksPerMultiprocessor));
    SymbolTable(parent).insert(kernel);
    device.setInsertionPointToStart(&kernel.getBody().front());
    // A copy: the body may add shared memory, which is an argument, too, and
    // moves the list of them.
    auto arguments = llvm::to_vector_of<Value>(kernel.getArguments());
    body(device, parent, arguments);
    gpu::ReturnOp::create(device);
  }
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(host, value);
  };
  Value one = index(1);
  Value sharedBytes = arith::ConstantOp::create(
      host, host.getI32IntegerAttr(shape.sharedBytes));
  gpu::LaunchFuncOp::create(
      host, kernel,
      gpu::KernelDim3{index(shape.grid[0]), index(shape.grid[1]),
                      index(shape.grid[2])},
      gpu::KernelDim3{index(shape.threads), one, one}, sharedBytes, operands);
}
