//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/EmitObject.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
class EmitObject : public ::testing::Test {
protected:
  EmitObject() {
    DialectRegistry registry;
    registry.insert<LLVM::LLVMDialect, omp::OpenMPDialect>();
    registerObjectEmissionDialects(registry);
    context.appendDialectRegistry(registry);
    context.getDiagEngine().registerHandler(
        [&](Diagnostic &diagnostic) { message += diagnostic.str(); });
    llvm::sys::fs::createUniqueDirectory("pixelfly-emit-object", directory);
    module = parseSourceString<ModuleOp>(R"mlir(
      llvm.func @triple(%values: !llvm.ptr) {
        %x = llvm.load %values : !llvm.ptr -> f32
        %three = llvm.mlir.constant(3.0 : f32) : f32
        %y = llvm.fmul %x, %three : f32
        llvm.store %y, %values : f32, !llvm.ptr
        llvm.return
      })mlir",
                                         &context);
  }
  ~EmitObject() override { llvm::sys::fs::remove_directories(directory); }

  std::string path(StringRef name) { return (directory + "/" + name).str(); }

  MLIRContext context;
  llvm::SmallString<128> directory;
  std::string message;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(EmitObject, RunsWhatItEmits) {
  std::string library = path("model.so");
  ASSERT_TRUE(succeeded(emitSharedObject(*module, library))) << message;
  void *handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(handle, nullptr) << dlerror();
  auto triple = reinterpret_cast<void (*)(float *)>(dlsym(handle, "triple"));
  ASSERT_NE(triple, nullptr);
  float value = 2;
  triple(&value);
  EXPECT_EQ(value, 6);
  dlclose(handle);
}

TEST_F(EmitObject, RejectsAnUnknownProcessor) {
  ObjectOptions options;
  options.cpu = "abacus";
  EXPECT_TRUE(failed(emitSharedObject(*module, path("model.so"), options)));
  EXPECT_NE(message.find("unknown processor 'abacus'"), std::string::npos)
      << message;
  EXPECT_FALSE(llvm::sys::fs::exists(path("model.so")));
}

TEST_F(EmitObject, SaysWhatItCannotWrite) {
  EXPECT_TRUE(failed(emitSharedObject(*module, path("missing/model.so"))));
  EXPECT_NE(message.find("missing/model.so"), std::string::npos) << message;
}

TEST_F(EmitObject, SaysThatThereIsNoLinker) {
  std::string before = std::getenv("PATH");
  setenv("PATH", directory.c_str(), /*overwrite=*/1);
  EXPECT_TRUE(failed(emitSharedObject(*module, path("model.so"))));
  setenv("PATH", before.c_str(), /*overwrite=*/1);
  EXPECT_NE(message.find("install lld"), std::string::npos) << message;
}
