//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_DIFFERENTIATE_OPTIMIZER_H
#define PIXELFLY_DIFFERENTIATE_OPTIMIZER_H

namespace mlir::pixelfly {

/// The rules by which the train step can update parameters.
enum class Optimizer { AdamW, SGD };

} // namespace mlir::pixelfly

#endif // PIXELFLY_DIFFERENTIATE_OPTIMIZER_H
