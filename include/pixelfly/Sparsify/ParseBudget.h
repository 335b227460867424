//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A budget as a person writes it.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_SPARSIFY_PARSEBUDGET_H
#define PIXELFLY_SPARSIFY_PARSEBUDGET_H

#include "pixelfly/IR/Pixelfly.h"

#include <optional>
#include <string>

namespace mlir::pixelfly {

/// What a budget text says. Exactly one of `share` and `amount` is not zero.
struct BudgetRequest {
  BudgetMeasure measure = BudgetMeasure::Parameters;
  /// Part of what the layers that are to become sparse cost dense, in (0, 1).
  double share = 0;
  /// Of the whole function, in the unit of the measure; seconds for time.
  double amount = 0;
};

/// Reads
///
///     [params= | macs= | time=] NUMBER [% | K | M | G | ns | us | ms | s]
///
/// A percentage is a share of what the layers that are to become sparse cost
/// dense; without a measure it is of their parameters, which is their density.
/// Anything else is an amount that the whole function may cost, as it stands in
/// a table of models: `params=5.9M`, `macs=1.3G`, `time=12ms`. Params and macs
/// take K, M and G (powers of a thousand) or no unit, time needs one.
///
/// Returns nullopt and fills in `problem` if the text is no budget.
std::optional<BudgetRequest> parseBudget(StringRef text, std::string &problem);

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_PARSEBUDGET_H
