//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How the parameters of a sparse layer start, given how the dense weight would
// have started. docs/decisions/0002-initialisation.md derives the formulas.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_SPARSIFY_CHOOSEINITIALISERS_H
#define PIXELFLY_SPARSIFY_CHOOSEINITIALISERS_H

#include "pixelfly/IR/Pixelfly.h"

namespace mlir::pixelfly {

/// Where the mixing scalar starts.
inline constexpr double kInitialGamma = 0.5;

/// A distribution and its scale, as `#pixelfly.init` has them.
struct Initialiser {
  InitKind kind = InitKind::Constant;
  double scale = 0;
  int64_t opposite = 0; ///< of singular vectors; 0 for every other kind

  /// Variance of one element. A truncated normal has less than `scale` squared,
  /// because draws beyond two scales are repeated. Zero for a constant.
  /// Singular vectors have none: their elements are not alike.
  double variance() const;
  /// A zero-mean distribution of this kind with the given variance.
  static Initialiser withVariance(InitKind kind, double variance);
};

/// Initialisers of the parameters of one sparse layer.
struct LayerInitialisers {
  Initialiser blocks;
  Initialiser u;          ///< rows x rank; only with a low-rank term
  Initialiser v;          ///< cols x rank; only with a low-rank term
  Initialiser gamma;      ///< only with a low-rank term and a scalar mix
  Initialiser gateWeight; ///< cols; only with a low-rank term and a gate
  Initialiser gateBias;   ///< only with a low-rank term and a gate
};

/// The sizes of a sparse layer that its initialisers depend on.
struct LayerSizes {
  int64_t rows = 0, cols = 0; ///< without padding
  /// Without padding, the mean where rows are uneven.
  int64_t nonzerosPerRow = 0;
  /// The same of the blocks as they are stored, and the columns of the pattern.
  int64_t storedPerRow = 0, storedCols = 0;
  int64_t storedRows = 0;
  int64_t rank = 0;
};

/// Initialisers with which every output of the layer has the variance that the
/// dense weight would give it, over the draw of the weights and for inputs
/// whose energy is spread evenly over the features.
///
/// With s2 the variance of a dense element, n = `cols` the fan-in, k =
/// `nonzerosPerRow` of the sparse matrix and r the rank:
///
///   no low-rank term:   var(B) = s2 n / k
///   with low-rank term: each part carries half of s2 n:
///     gamma^2 k var(B)                  = s2 n / 2
///     (1 - gamma)^2 r var(U) n var(V)   = s2 n / 2,   var(V) = 1 / n
///
/// so that x V starts with the variance of x. The kind of the dense initialiser
/// is kept. A dense weight that starts at zero gives zero blocks and U, and a V
/// drawn uniformly, so that both factors can learn. A gate starts at zero,
/// which weighs both parts alike, as gamma does.
///
/// Expects a dense initialiser that has a variance or is zero.
LayerInitialisers keepVariance(const Initialiser &dense, int64_t cols,
                               int64_t nonzerosPerRow, int64_t rank);

/// The initialisers of the authors' code for one of their models (their
/// repository, as of 2022). B is a dense draw by the model's rule whose rows
/// are scaled by sqrt(block columns / nonzero blocks of the row):
///
///   rule      dense rule            B                 U and V          gate
///   default   U(+-1/sqrt(n))        U(+-1/sqrt(k))    U(+-1/sqrt(r)),  N(0,
///   .02)
///                                                     U(+-1/sqrt(n))
///   ViT       N(0, .02), truncated  .02 sqrt(n/k)     singular vectors N(0,
///   .02),
///                                                                     truncated
///   Mixer     U(+-sqrt(6/(m+n)))    times sqrt(n/k)   singular vectors
///   U(+-sqrt(
///                                                                      6/(n+1)))
///
/// for m outputs, n inputs, k nonzeros of a row and rank r; sizes of B are
/// those of the padded matrix. The gate's bias is zero, the Mixer's N(0, 1e-6).
/// The dense layer's own initialiser is not looked at. Instead of a gate, gamma
/// starts at `kInitialGamma`, which their code keeps fixed. The output's
/// variance is not kept: with the default rule it is a third of the dense
/// layer's.
///
/// Expects another rule than `KeepVariance`.
LayerInitialisers followAuthors(InitRule rule, const LayerSizes &sizes);

/// By the rule.
LayerInitialisers chooseInitialisers(InitRule rule, const Initialiser &dense,
                                     const LayerSizes &sizes);

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_CHOOSEINITIALISERS_H
