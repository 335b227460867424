//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TILE_PRODUCTTYPE_H
#define PIXELFLY_TILE_PRODUCTTYPE_H

namespace mlir::pixelfly {

/// Narrow types that matrix units multiply, summing in f32.
enum class ProductType { BF16, F16 };

} // namespace mlir::pixelfly

#endif // PIXELFLY_TILE_PRODUCTTYPE_H
