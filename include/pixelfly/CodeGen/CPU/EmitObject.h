//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From the LLVM dialect to a shared object that the runtime loads.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_CPU_EMITOBJECT_H
#define PIXELFLY_CODEGEN_CPU_EMITOBJECT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"

#include <string>

namespace mlir::pixelfly {

/// What the machine code is made for.
struct ObjectOptions {
  /// An LLVM processor name such as "sapphirerapids", or "native" for the
  /// processor that compiles.
  std::string cpu = "native";
  /// Features on top of the processor's, such as "+avx512f,-amx-tile".
  std::string features;
  /// 0 to 3, as for a C compiler.
  unsigned optimizationLevel = 3;
};

/// The target that `ObjectOptions` stands for, with "native" resolved.
struct ObjectTarget {
  std::string triple;
  std::string cpu;
};

/// Resolves the target for the manifest.
ObjectTarget resolveTarget(const ObjectOptions &options);

/// Adds what the translation of our modules to LLVM IR needs: the LLVM and
/// OpenMP dialects. A GPU's launches are with registerAllDialectsAndModels.
void registerObjectEmissionDialects(DialectRegistry &registry);

/// Translates a module of the LLVM dialect to LLVM IR, optimises it, and writes
/// a shared object to `outputPath` (through a temporary file beside it, so that
/// a failure leaves nothing half written). The object needs libomp and libm,
/// if it calls them.
///
/// Links with ld.lld (or ld.lld-22) or cc, whichever is found first in PATH;
/// fails with a diagnostic on the module if there is none, or if the file
/// cannot be written.
LogicalResult emitSharedObject(ModuleOp llvmModule, StringRef outputPath,
                               const ObjectOptions &options = {});

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_CPU_EMITOBJECT_H
