//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Inline PTX: the templates that MLIR's lowerings emit.
//
//===----------------------------------------------------------------------===//

#include "Emulator/FunctionCompiler.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

FailureOr<bool> FunctionCompiler::compileInlineAssembly(Operation *op) {
  return false;
}
