//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Pipelines/Passes.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_STRIPATTRIBUTES
#include "pixelfly/Pipelines/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

static bool isOurs(NamedAttribute attr) {
  StringRef dialect = attr.getName().getValue().split('.').first;
  return dialect == PixelflyDialect::getDialectNamespace();
}

namespace {
struct StripAttributes
    : public pixelfly::impl::StripAttributesBase<StripAttributes> {
  using StripAttributesBase::StripAttributesBase;

  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      for (NamedAttribute attr : llvm::to_vector(op->getDiscardableAttrs()))
        if (isOurs(attr))
          op->removeDiscardableAttr(attr.getName());
      auto function = dyn_cast<FunctionOpInterface>(op);
      if (!function)
        return;
      for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
        for (NamedAttribute attr : llvm::to_vector(function.getArgAttrs(i)))
          if (isOurs(attr))
            function.removeArgAttr(i, attr.getName());
      for (unsigned i = 0, e = function.getNumResults(); i < e; ++i)
        for (NamedAttribute attr : llvm::to_vector(function.getResultAttrs(i)))
          if (isOurs(attr))
            function.removeResultAttr(i, attr.getName());
    });
  }
};
} // namespace
