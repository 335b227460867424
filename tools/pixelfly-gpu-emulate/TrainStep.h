//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Runs an entry point of a compiled artifact (`pf_train_step`, `pf_evaluate`;
// abi.h) for some steps, and compares what it leaves with another compilation.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_GPU_EMULATE_TRAINSTEP_H
#define PIXELFLY_GPU_EMULATE_TRAINSTEP_H

#include "Arguments.h"
#include "Host.h"

#include "pixelfly/CodeGen/CPU/EntryPoints.h"

namespace mlir::pixelfly::emulator {

/// What the steps start from and how they are judged.
struct StepOptions {
  unsigned steps = 1;
  uint64_t seed = 1;
  double tolerance = 1e-5;
};

/// The entry point `symbol` of a module after code generation, or nullopt.
std::optional<EntryPoint> findEntryPoint(ModuleOp module, StringRef symbol);

/// The buffers and the arena of one compilation.
class StepBuffers {
public:
  /// Memory of the device for every buffer of `entry`. Parameters are random,
  /// state is zero, inputs are random; outputs and the arena are not
  /// initialized.
  static FailureOr<StepBuffers> create(Location loc, const EntryPoint &entry,
                                       GlobalMemory &device,
                                       const StepOptions &options);

  /// Calls the entry point with step number `step` (from 1), on an arena that
  /// holds nothing.
  LogicalResult run(HostProgram &program, unsigned step);

  MutableArrayRef<Argument> getArguments() { return arguments; }

private:
  explicit StepBuffers(const EntryPoint &entry, GlobalMemory &device)
      : entry(entry), device(&device) {}

  EntryPoint entry;
  GlobalMemory *device;
  SmallVector<Argument> arguments;
};

/// A compiled program and what its entry point takes.
struct StepProgram {
  EntryPoint entry;
  HostProgram *program;
};

/// Runs the entry point of `program`, and of `reference` where there is one, on
/// equal buffers. Prints, after each step, the outputs of one number, and at
/// the end the largest error among the buffers of each role. An error may be
/// `tolerance` times the largest value of its buffer (of all first moments
/// together, since what a rounding error is depends on the size of all
/// gradients); a parameter, besides, may differ by what such an error of its
/// gradient makes of its updates. Failure where one is larger.
LogicalResult runSteps(Location loc, Emulator &emulator,
                       const StepProgram &program,
                       const std::optional<StepProgram> &reference,
                       const StepOptions &options);

} // namespace mlir::pixelfly::emulator

#endif // PIXELFLY_GPU_EMULATE_TRAINSTEP_H
