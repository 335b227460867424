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

  /// Variance of one element. A truncated normal has less than `scale` squared,
  /// because draws beyond two scales are repeated. Zero for a constant.
  double variance() const;
  /// A zero-mean distribution of this kind with the given variance.
  static Initialiser withVariance(InitKind kind, double variance);
};

/// Initialisers of the parameters of one sparse layer.
struct LayerInitialisers {
  Initialiser blocks;
  Initialiser u;     ///< rows x rank; only with a low-rank term
  Initialiser v;     ///< cols x rank; only with a low-rank term
  Initialiser gamma; ///< only with a low-rank term
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
/// drawn uniformly, so that both factors can learn.
///
/// Expects a dense initialiser that is not a nonzero constant.
LayerInitialisers chooseInitialisers(const Initialiser &dense, int64_t cols,
                                     int64_t nonzerosPerRow, int64_t rank);

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_CHOOSEINITIALISERS_H
