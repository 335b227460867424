//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short forms for index arithmetic, which the builders of kernels for
// processors and for GPUs both have.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_INDEXBUILDER_H
#define PIXELFLY_CODEGEN_INDEXBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::pixelfly {

/// Builds at one location. Integer arguments are constants; arithmetic on
/// constants folds. Values are indices that are not negative.
class IndexBuilder : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(*this, value);
  }
  Value add(Value a, Value b) { return createOrFold<arith::AddIOp>(a, b); }
  Value add(Value a, int64_t b) { return b == 0 ? a : add(a, index(b)); }
  Value sub(Value a, Value b) { return createOrFold<arith::SubIOp>(a, b); }
  Value mul(Value a, int64_t b) {
    return b == 1 ? a : createOrFold<arith::MulIOp>(a, index(b));
  }
  Value div(Value a, int64_t b) {
    return b == 1 ? a : createOrFold<arith::DivUIOp>(a, index(b));
  }
  Value rem(Value a, int64_t b) {
    return b == 1 ? index(0) : createOrFold<arith::RemUIOp>(a, index(b));
  }
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_INDEXBUILDER_H
