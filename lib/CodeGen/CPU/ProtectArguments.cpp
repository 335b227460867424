//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/CodeGen/CPU/Passes.h"
#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_PROTECTARGUMENTS
#include "pixelfly/CodeGen/CPU/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {
struct ProtectArguments
    : public pixelfly::impl::ProtectArgumentsBase<ProtectArguments> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || function.isPrivate())
      return;
    Builder builder(&getContext());
    for (unsigned index = 0; index < function.getNumArguments(); ++index) {
      bool hasNewValue = index < function.getNumResults() &&
                         !function.getResultAttr(index, kOutputAttrName);
      if (hasNewValue ||
          !isa<TensorType>(function.getArgument(index).getType()))
        continue;
      function.setArgAttr(
          index, bufferization::BufferizationDialect::kWritableAttrName,
          builder.getBoolAttr(false));
      ++numProtected;
    }
  }
};
} // namespace
