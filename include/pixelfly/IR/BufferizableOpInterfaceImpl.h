//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bufferization of pixelfly's operations. Include this only to register the
// models; the dialect itself does not depend on bufferization.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_BUFFERIZABLEOPINTERFACEIMPL_H
#define PIXELFLY_IR_BUFFERIZABLEOPINTERFACEIMPL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::pixelfly {

/// Attaches `BufferizableOpInterface` to every operation. Products are
/// destination style: the result takes the buffer of the init, and the op on
/// buffers is the same op. `to_dense` and `from_dense` have no destination:
/// they bufferize to a new buffer and the linalg form that fills it.
void registerBufferizableOpInterfaceModels(DialectRegistry &registry);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_BUFFERIZABLEOPINTERFACEIMPL_H
