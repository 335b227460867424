//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The module that holds the kernels of a program, and their launches.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_CODEGEN_GPU_KERNELMODULE_H
#define PIXELFLY_LIB_CODEGEN_GPU_KERNELMODULE_H

#include "DeviceBuilder.h"

#include "llvm/ADT/DenseMap.h"

namespace mlir::pixelfly {

/// What a launch says besides its operands.
struct LaunchShape {
  std::array<int64_t, 3> grid; ///< thread blocks along x, y and z
  int64_t threads;             ///< of a block
  int64_t sharedBytes;         ///< dynamic shared memory of a block
  /// Thread blocks that share a multiprocessor, so that the assembler can
  /// divide the registers; 0: as many as there is room for.
  int64_t blocksPerMultiprocessor = 0;
};

/// The `gpu.module @pixelfly_kernels` of a program. Equal products share one
/// kernel.
class KernelModule {
public:
  explicit KernelModule(ModuleOp program) : program(program) {}

  /// Launches, at the host builder's place, the kernel that `key` describes in
  /// full, on `operands`. `body` emits the kernel if there is none yet: into
  /// the function, from its arguments, which have the operands' types.
  void launch(
      ImplicitLocOpBuilder &host, Attribute key, StringRef name,
      const LaunchShape &shape, ValueRange operands,
      function_ref<void(DeviceBuilder &, gpu::GPUModuleOp, ValueRange)> body);

  int64_t numKernels() const { return kernels.size(); }

private:
  gpu::GPUModuleOp module();

  ModuleOp program;
  gpu::GPUModuleOp kernelModule;
  DenseMap<Attribute, gpu::GPUFuncOp> kernels;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_CODEGEN_GPU_KERNELMODULE_H
