//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host's side of a program: lowered to machine code of the CPU and run in
// this process, with the launches and the device calls going to the emulator.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_HOST_H
#define PIXELFLY_GPU_EMULATE_HOST_H

#include "Emulator/Machine.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

namespace mlir::pixelfly::emulator {

/// Lowers what is left to lower: gpu.func kernels (with the nvgpu, vector, scf,
/// affine, memref, arith and math dialects in them) to nvvm, and functions of
/// the host (with linalg on memrefs, scf and the like) to llvm. Locations stay.
/// The result holds the gpu.modules as they were before the host was lowered:
/// kernels that came at the nvvm level run just as they came.
FailureOr<OwningOpRef<ModuleOp>> lowerToEmulation(ModuleOp module);

/// A module whose functions can be called.
class HostProgram {
public:
  /// Compiles the module's functions. Launches run the kernels of `kernels` in
  /// the emulator, which must outlive the program; calls of the device runtime
  /// (mgpuMemAlloc and so on) go there too. `libraries` are shared libraries
  /// that the functions may call.
  static FailureOr<std::unique_ptr<HostProgram>>
  create(ModuleOp module, OwningOpRef<ModuleOp> kernels, Emulator &emulator,
         ArrayRef<std::string> libraries);

  /// The address of a function's C interface (`_mlir_ciface_<name>`: memrefs as
  /// pointers to descriptors) or, with `plain`, of the function itself.
  FailureOr<void *> lookup(StringRef name, bool plain = false);

private:
  HostProgram() = default;
  LogicalResult replaceLaunches(ModuleOp module);

  OwningOpRef<ModuleOp> kernels;
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

/// Whether an emulated launch or a device call has failed since the last call.
bool takeHostFailure();

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_HOST_H
