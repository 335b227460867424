//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the C functions of a compiled module take, for the manifest.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_CODEGEN_CPU_ENTRYPOINTS_H
#define PIXELFLY_CODEGEN_CPU_ENTRYPOINTS_H

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace mlir::pixelfly {

/// What a buffer of an entry point is to the runtime.
enum class BufferRole { Parameter, OptimizerState, Input, Output };

/// One buffer of an entry point.
struct EntryPointBuffer {
  BufferRole role;
  /// A parameter's or input's or output's name; for state its kind, such as
  /// "first_moment".
  std::string name;
  /// Element type and shape.
  MemRefType type;
};

/// One C function that enters a function of the module.
struct EntryPoint {
  std::string symbol;   ///< in the shared object, such as "pf_train_step"
  std::string function; ///< in the module, such as "train_step"
  int64_t arenaBytes;   ///< scratch memory it needs, 0 if none
  /// In the order of the pointers that it takes.
  SmallVector<EntryPointBuffer> buffers;
};

/// The entry points that `--pixelfly-emit-entry-points` recorded in the module
/// attribute `pixelfly.entry_points`; none if it has not run. The attribute
/// survives the lowering to LLVM.
SmallVector<EntryPoint> describeEntryPoints(ModuleOp module);

} // namespace mlir::pixelfly

#endif // PIXELFLY_CODEGEN_CPU_ENTRYPOINTS_H
