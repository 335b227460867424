//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
//===----------------------------------------------------------------------===//
//
// Compiles functions to machine code and calls them in this process: for
// benchmarks and tests, which so measure and check what an artifact runs.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_COMPILEDMODULE_H
#define PIXELFLY_PIPELINES_COMPILEDMODULE_H

#include "pixelfly/CodeGen/CPU/EmitObject.h"
#include "pixelfly/Pipelines/CPU.h"

namespace mlir::pixelfly {

/// A contiguous buffer, as an argument of type memref<shape x element>.
struct BufferArgument {
  void *data;
  SmallVector<int64_t> shape;
};

/// The public functions of a module, in machine code.
class CompiledModule {
public:
  /// Compiles `module` (functions on tensors or memrefs; it is changed) through
  /// `--pixelfly-to-llvm` and opens the result. Returns failure after a
  /// diagnostic on the module.
  static FailureOr<CompiledModule> compile(ModuleOp module,
                                           const CPUPipelineOptions &options,
                                           const ObjectOptions &target = {});

  CompiledModule(CompiledModule &&other);
  CompiledModule &operator=(CompiledModule &&) = delete;
  ~CompiledModule();

  /// The most memrefs that a function may take.
  static constexpr size_t kMaximumArguments = 16;

  /// A function that takes memrefs and returns nothing, ready to be called with
  /// the same buffers again and again. The function must exist.
  std::function<void()> bind(StringRef function,
                             ArrayRef<BufferArgument> arguments) const;

private:
  explicit CompiledModule(void *handle) : handle(handle) {}
  void *handle;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_COMPILEDMODULE_H
