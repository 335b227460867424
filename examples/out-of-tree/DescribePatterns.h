//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef EXAMPLE_DESCRIBEPATTERNS_H
#define EXAMPLE_DESCRIBEPATTERNS_H

#include "mlir/Pass/Pass.h"

namespace example {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "DescribePatterns.h.inc"
} // namespace example

#endif // EXAMPLE_DESCRIBEPATTERNS_H
