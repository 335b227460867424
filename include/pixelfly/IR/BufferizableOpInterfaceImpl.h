//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bufferization of pixelfly's products. Include this only to register the
// models; the dialect itself does not depend on bufferization.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_BUFFERIZABLEOPINTERFACEIMPL_H
#define PIXELFLY_IR_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::pixelfly {

/// Attaches `BufferizableOpInterface` to `matmul`, `sddmm` and `linear`. They
/// are destination style: the result takes the buffer of the init, and the op
/// on buffers is the same op. `to_dense` and `from_dense` have no destination;
/// lower them with `--pixelfly-lower-to-linalg` first.
void registerBufferizableOpInterfaceModels(DialectRegistry &registry);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_BUFFERIZABLEOPINTERFACEIMPL_H
