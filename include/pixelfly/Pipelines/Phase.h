//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler's phases: a model goes through them in the order of the enum,
// and every tool can stop, dump or resume at the border between two of them.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_PHASE_H
#define PIXELFLY_PIPELINES_PHASE_H

#include "llvm/ADT/StringRef.h"

namespace mlir::pixelfly {

/// What the module holds after each phase. `VerifyPhase` checks it.
enum class Phase {
  /// `@model` in linalg on tensors: dense layers, no pixelfly operation.
  Import,
  /// The chosen layers of `@model` are `pixelfly.linear`.
  Sparsify,
  /// `@model_gradient` stands beside `@model`.
  Differentiate,
  /// Exactly two functions: `@train_step` and `@evaluate`.
  TrainStep,
  /// Elementwise work is fused, every product carries its tile sizes.
  Tile,
  /// LLVM dialect with the C entry points, ready to become an object.
  CodeGen,
};

inline constexpr Phase kAllPhases[] = {Phase::Import,        Phase::Sparsify,
                                       Phase::Differentiate, Phase::TrainStep,
                                       Phase::Tile,          Phase::CodeGen};

/// The name of a phase in `--compile-to=` and in dumped file names.
llvm::StringRef stringifyPhase(Phase phase);

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_PHASE_H
