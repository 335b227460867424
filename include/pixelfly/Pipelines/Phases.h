//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler's phases: a model goes through them in the order of the enum, and
// every tool can stop, dump or resume at the border between two of them.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_PHASES_H
#define PIXELFLY_PIPELINES_PHASES_H

#include "mlir/Pass/PassOptions.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace mlir {
class ModuleOp;
class OpPassManager;
} // namespace mlir

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

inline constexpr Phase kAllPhases[] = {
    Phase::Import,    Phase::Sparsify, Phase::Differentiate,
    Phase::TrainStep, Phase::Tile,     Phase::CodeGen};

/// The name of a phase in `--compile-to=` and in dumped file names.
StringRef stringifyPhase(Phase phase);

/// What to train with, beside the model itself. A schema gives the defaults of
/// an imported model.
struct TrainingOptions {
  /// "adamw" or "sgd".
  std::string optimizer = "adamw";
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double momentum = 0.9;
  double weightDecay = 0.01;
  /// Largest global gradient norm; 0 turns clipping off.
  double clipNorm = 1.0;
  /// Defaults of the training run, for the manifest; the runtime may be told
  /// otherwise.
  double learningRate = 1e-3;
  int64_t epochs = 3;
  double warmupEpochs = 0;
  std::string schedule = "cosine";
};

/// What becomes sparse, and how far (paper sections 3.3 and 9 of our notes).
struct SparsityOptions {
  /// Part of each layer's dense parameters that the sparse layer may have, in
  /// (0, 1). No value: every layer stays dense.
  std::optional<double> density;
  int64_t block = 32;
  double lowRankShare = 1.0 / 3.0;
  /// Glob patterns of layer names; empty: those the model names itself.
  SmallVector<std::string> layers;
};

/// One short function per phase; each appends the passes that lead from the
/// phase before it to it. Reasons stand beside the steps.
void buildSparsifyPhase(OpPassManager &pm, const SparsityOptions &options);
void buildDifferentiatePhase(OpPassManager &pm);
void buildTrainStepPhase(OpPassManager &pm, const TrainingOptions &options);
void buildTilePhase(OpPassManager &pm);
void buildCodeGenPhase(OpPassManager &pm);

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_PHASES_H
