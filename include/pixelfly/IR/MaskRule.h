//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block pattern as a rule and its parameters.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_IR_MASKRULE_H
#define PIXELFLY_IR_MASKRULE_H

#include "pixelfly/IR/BlockMasks.h"

#include "mlir/IR/OpImplementation.h"

#include "pixelfly/IR/PixelflyEnums.h.inc"

namespace mlir::pixelfly {

/// What `#pixelfly.mask_rule` says; see there for the rules and for what the
/// parameters mean. A parameter that the rule does not have is nullopt.
struct MaskRule {
  MaskRuleKind kind = MaskRuleKind::Dense;
  int64_t rows = 0;  ///< matrix rows
  int64_t cols = 0;  ///< matrix columns
  int64_t block = 0; ///< side of a block, in elements
  std::optional<int64_t> window = {}, global = {}, random = {}, seed = {},
                         factors = {}, cells = {}, stride = {}, radix = {},
                         groups = {};
  bool causal = false;
  bool transposed = false;

  bool operator==(const MaskRule &other) const;

  /// A parameter with its name in the IR.
  struct Parameter {
    const char *name;
    std::optional<int64_t> MaskRule::*value;
  };
  /// All parameters in the order in which they are printed.
  static ArrayRef<Parameter> parameters();

  /// Empty if the numbers form a pattern; otherwise the violated constraint,
  /// its label (C1..C7 of `#pixelfly.mask_rule`), and what would fit.
  std::string check() const;

  /// The nonzero blocks. The rule must be valid.
  BlockMask build() const;

  /// Whether the rule gives the transposed mask for the transposed sizes.
  bool isSymmetric() const;
  MaskRule getTransposed() const;

  /// The authors' configuration (their FlatBlockButterflySparsityConfig) for a
  /// layer of `out x in` features, which is padded to whole blocks:
  /// `butterflySize` cells a side, `factors` factors, and `globalSize` elements
  /// of rows and columns that are dense.
  static MaskRule fromAuthors(int64_t out, int64_t in, int64_t block,
                              int64_t butterflySize, int64_t factors,
                              int64_t globalSize = 0);

  /// Factor `index` of the butterfly product over the cells of `pattern`: the
  /// cells that differ at most in digit `index`.
  static MaskRule ofFactor(const FlatButterfly &pattern, int64_t index);
};

llvm::hash_code hash_value(const MaskRule &rule);

} // namespace mlir::pixelfly

#endif // PIXELFLY_IR_MASKRULE_H
