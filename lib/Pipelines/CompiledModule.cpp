//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/CompiledModule.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <array>
#include <dlfcn.h>
#include <tuple>

using namespace mlir;
using namespace mlir::pixelfly;

FailureOr<CompiledModule>
CompiledModule::compile(ModuleOp module, const CPUPipelineOptions &options,
                        const ObjectOptions &target) {
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic())
      function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                        UnitAttr::get(module.getContext()));
  PassManager manager(module.getContext());
  buildToLLVMPipeline(manager, options);
  if (failed(manager.run(module)))
    return failure();

  llvm::SmallString<128> directory;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("pixelfly", directory))
    return module.emitError("cannot create a temporary directory: ")
           << error.message();
  std::string library = (directory + "/kernels.so").str();
  void *handle = nullptr;
  LogicalResult emitted = emitSharedObject(module, library, target);
  if (succeeded(emitted)) {
    handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle)
      emitted = module.emitError("cannot open the compiled module: ")
                << dlerror();
  }
  // Once open, the library needs no name any more.
  llvm::sys::fs::remove_directories(directory);
  if (failed(emitted))
    return failure();
  return CompiledModule(handle);
}

CompiledModule::CompiledModule(CompiledModule &&other) : handle(other.handle) {
  other.handle = nullptr;
}

CompiledModule::~CompiledModule() {
  if (handle)
    dlclose(handle);
}

std::function<void()>
CompiledModule::bind(StringRef function,
                     ArrayRef<BufferArgument> arguments) const {
  void *address = dlsym(handle, ("_mlir_ciface_" + function).str().c_str());
  assert(address && "no such function");
  assert(arguments.size() <= kMaximumArguments && "too many arguments");
  // A memref descriptor: two pointers, the offset, the sizes, the strides.
  SmallVector<SmallVector<int64_t>> descriptors;
  for (const BufferArgument &argument : arguments) {
    SmallVector<int64_t> descriptor(2, int64_t(argument.data));
    descriptor.push_back(0);
    llvm::append_range(descriptor, argument.shape);
    int64_t stride = 1;
    SmallVector<int64_t> strides;
    for (int64_t size : llvm::reverse(argument.shape)) {
      strides.push_back(stride);
      stride *= size;
    }
    descriptor.append(strides.rbegin(), strides.rend());
    descriptors.push_back(descriptor);
  }
  return [address, descriptors = std::move(descriptors)]() mutable {
    std::array<void *, kMaximumArguments> a = {};
    for (auto [i, descriptor] : llvm::enumerate(descriptors))
      a[i] = descriptor.data();
    std::apply(
        [&](auto... arguments) {
          // Surplus arguments are ignored by the calling convention.
          reinterpret_cast<void (*)(decltype(arguments)...)>(address)(
              arguments...);
        },
        a);
  };
}
