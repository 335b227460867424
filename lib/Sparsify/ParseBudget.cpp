//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/ParseBudget.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// How much one of the unit is; nullopt if the measure has no such unit.
static std::optional<double> unitOf(BudgetMeasure measure, StringRef unit) {
  using Factor = std::optional<double>;
  if (measure == BudgetMeasure::Time)
    return llvm::StringSwitch<Factor>(unit)
        .Case("ns", 1e-9)
        .Case("us", 1e-6)
        .Case("ms", 1e-3)
        .Case("s", 1)
        .Default(std::nullopt);
  return llvm::StringSwitch<Factor>(unit)
      .Case("", 1)
      .Case("K", 1e3)
      .Case("M", 1e6)
      .Case("G", 1e9)
      .Default(std::nullopt);
}

std::optional<BudgetRequest> mlir::pixelfly::parseBudget(StringRef text,
                                                         std::string &problem) {
  auto fail = [&](const Twine &what) {
    problem = ("'" + text + "' is no budget: " + what +
               "; examples: 25%, params=5.9M, macs=1.3G, macs=40%, time=12ms")
                  .str();
    return std::nullopt;
  };
  BudgetRequest request;
  StringRef rest = text;
  if (text.empty())
    return fail("it is empty");
  if (size_t equals = text.find('='); equals != StringRef::npos) {
    auto measure = llvm::StringSwitch<std::optional<BudgetMeasure>>(
                       text.take_front(equals))
                       .Case("params", BudgetMeasure::Parameters)
                       .Case("macs", BudgetMeasure::MultiplyAdds)
                       .Case("time", BudgetMeasure::Time)
                       .Default(std::nullopt);
    if (!measure)
      return fail("it can be counted in params, macs or time, not in '" +
                  text.take_front(equals) + "'");
    request.measure = *measure;
    rest = text.drop_front(equals + 1);
  }

  StringRef digits =
      rest.take_while([](char c) { return llvm::isDigit(c) || c == '.'; });
  StringRef unit = rest.drop_front(digits.size());
  double number = 0;
  if (digits.empty() || digits.getAsDouble(number))
    return fail("'" + rest + "' does not start with a number");
  if (!(number > 0))
    return fail("it must be positive");
  if (unit == "%") {
    if (!(number < 100))
      return fail("a share must be below 100 %");
    request.share = number / 100;
    return request;
  }
  if (request.measure == BudgetMeasure::Parameters && rest == text &&
      unit.empty())
    return fail("say what it counts, or give a percentage");
  std::optional<double> factor = unitOf(request.measure, unit);
  if (!factor)
    return fail(unit.empty() ? Twine("time needs a unit: ns, us, ms or s")
                             : "unit '" + unit + "' is none of " +
                                   (request.measure == BudgetMeasure::Time
                                        ? "ns, us, ms and s"
                                        : "K, M and G"));
  request.amount = number * *factor;
  return request;
}
