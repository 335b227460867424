//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/ParseBudget.h"

#include <gtest/gtest.h>

using namespace mlir::pixelfly;

static BudgetRequest parse(llvm::StringRef text) {
  std::string problem;
  std::optional<BudgetRequest> request = parseBudget(text, problem);
  EXPECT_TRUE(request) << problem;
  return request.value_or(BudgetRequest());
}

static std::string problemOf(llvm::StringRef text) {
  std::string problem;
  EXPECT_FALSE(parseBudget(text, problem)) << text.str();
  return problem.substr(0, problem.find(';'));
}

TEST(ParseBudget, Shares) {
  EXPECT_EQ(parse("25%").measure, BudgetMeasure::Parameters);
  EXPECT_DOUBLE_EQ(parse("25%").share, 0.25);
  EXPECT_EQ(parse("25%").amount, 0);
  EXPECT_EQ(parse("macs=12.5%").measure, BudgetMeasure::MultiplyAdds);
  EXPECT_DOUBLE_EQ(parse("macs=12.5%").share, 0.125);
  EXPECT_EQ(parse("time=40%").measure, BudgetMeasure::Time);
}

TEST(ParseBudget, Amounts) {
  EXPECT_DOUBLE_EQ(parse("params=5.9M").amount, 5.9e6);
  EXPECT_EQ(parse("params=5.9M").share, 0);
  EXPECT_DOUBLE_EQ(parse("params=70000").amount, 70000);
  EXPECT_DOUBLE_EQ(parse("macs=1.3G").amount, 1.3e9);
  EXPECT_DOUBLE_EQ(parse("time=12ms").amount, 0.012);
  EXPECT_DOUBLE_EQ(parse("time=2s").amount, 2);
}

TEST(ParseBudget, Problems) {
  EXPECT_EQ(problemOf("12"), "'12' is no budget: say what it counts, or give a "
                             "percentage");
  EXPECT_EQ(problemOf("flops=3G"), "'flops=3G' is no budget: it can be counted "
                                   "in params, macs or time, not in 'flops'");
  EXPECT_EQ(problemOf("macs=much"),
            "'macs=much' is no budget: 'much' does not start with a number");
  EXPECT_EQ(problemOf(""), "'' is no budget: it is empty");
  EXPECT_EQ(problemOf("-3%"),
            "'-3%' is no budget: '-3%' does not start with a number");
  EXPECT_EQ(problemOf("0%"), "'0%' is no budget: it must be positive");
  EXPECT_EQ(problemOf("100%"), "'100%' is no budget: a share must be below 100 "
                               "%");
  EXPECT_EQ(problemOf("time=3"),
            "'time=3' is no budget: time needs a unit: ns, us, ms or s");
  EXPECT_EQ(problemOf("time=3M"),
            "'time=3M' is no budget: unit 'M' is none of ns, us, ms and s");
  EXPECT_EQ(problemOf("params=3m"),
            "'params=3m' is no budget: unit 'm' is none of K, M and G");
}
