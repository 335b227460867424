//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The report in words.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Sparsify/Report.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::pixelfly;

void LayerReport::become(LayerChoiceAttr choice) {
  pattern = choice.getBlockPattern();
  rank = choice.getRank();
  numBlocks = pattern.getNumBlocks();
  int64_t whole = rows * cols;
  int64_t elements =
      ParameterAttr::countStored(pattern, rows, cols) + rank * (rows + cols);
  density = double(elements) / double(whole);
  bool isGated = rank > 0 && choice.getMix() == LayerMix::Gate;
  int64_t mixing = isGated ? cols + 1 : 1;
  cost.parameters += elements - whole + (rank > 0 ? mixing : 0);
  cost.multiplyAdds =
      cost.denseMultiplyAdds / whole * (elements + (isGated ? cols : 0));
}

std::string mlir::pixelfly::describeLayer(const LayerReport &layer) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << layer.rows << " x " << layer.cols << ", ";
  if (!layer.pattern) {
    os << "dense, parameters " << layer.cost.parameters;
    return text;
  }
  os << "block " << layer.pattern.getBlock() << ", ";
  if (auto butterfly = dyn_cast<FlatButterflyAttr>(layer.pattern)) {
    FlatButterfly pattern = butterfly.getPattern();
    os << pattern.cells() << (pattern.cells() == 1 ? " cell" : " cells");
    if (pattern.radices.size() > 1) {
      os << " (";
      llvm::interleave(pattern.radices, os, "x");
      os << ")";
    }
    os << ", " << pattern.factors
       << (pattern.factors == 1 ? " factor, " : " factors, ");
  }
  os << "rank " << layer.rank << ", " << layer.numBlocks << " blocks, density "
     << llvm::format("%.4f", layer.density) << ", parameters "
     << layer.cost.denseParameters << " -> " << layer.cost.parameters;
  return text;
}

std::string mlir::pixelfly::formatSeconds(double seconds) {
  auto [unit, factor] = std::pair("s", 1.0);
  if (seconds < 1e-6)
    std::tie(unit, factor) = std::pair("ns", 1e9);
  else if (seconds < 1e-3)
    std::tie(unit, factor) = std::pair("us", 1e6);
  else if (seconds < 1)
    std::tie(unit, factor) = std::pair("ms", 1e3);
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%.4g %s", seconds * factor, unit);
  return text;
}

std::string mlir::pixelfly::formatAmount(BudgetMeasure measure,
                                         int64_t amount) {
  switch (measure) {
  case BudgetMeasure::Parameters:
    return llvm::formatv("{0} parameters", amount);
  case BudgetMeasure::MultiplyAdds:
    return llvm::formatv("{0} multiply-adds", amount);
  case BudgetMeasure::Time:
    return formatSeconds(double(amount) * 1e-9);
  }
  llvm_unreachable("all measures are listed");
}

static double percent(int64_t part, int64_t whole) {
  return whole > 0 ? 100.0 * double(part) / double(whole) : 0;
}

std::string mlir::pixelfly::describeBudget(BudgetAttr budget) {
  auto amount = [&](int64_t value) {
    return formatAmount(budget.getMeasure(), value);
  };
  int64_t left = budget.getLimit() - budget.getUsed();
  std::string text = llvm::formatv(
      "{0}, {1:f2} % of the layers' {2} when dense; used {3}, {4:f2} % of it",
      amount(budget.getLimit()), percent(budget.getLimit(), budget.getDense()),
      amount(budget.getDense()), amount(budget.getUsed()),
      percent(budget.getUsed(), budget.getLimit()));
  if (left == 0)
    return text;
  if (budget.getNextStep() == 0)
    return text + "; no layer has a larger pattern that is not dense";
  return text + llvm::formatv("; what is left, {0}, is less than the {1} that "
                              "the next larger pattern of any layer costs, as "
                              "patterns consist of whole blocks",
                              amount(left), amount(budget.getNextStep()))
                    .str();
}

/// "2x2x2, 1 factor" or "mask".
static std::string shortPattern(BlockPatternAttrInterface pattern) {
  if (!pattern)
    return "dense";
  auto butterfly = dyn_cast<FlatButterflyAttr>(pattern);
  if (!butterfly)
    return "mask";
  std::string text;
  llvm::raw_string_ostream os(text);
  if (butterfly.getRadices().empty())
    os << "1";
  llvm::interleave(butterfly.getRadices(), os, "x");
  os << " (" << butterfly.getFactors() << ")";
  return text;
}

/// Microseconds of a training step.
static std::string formatTime(double seconds) {
  return llvm::formatv("{0:f1}", 1e6 * seconds);
}

void mlir::pixelfly::printReport(const SparsifyReport &report,
                                 llvm::raw_ostream &os) {
  size_t width = 5;
  for (const LayerReport &layer : report.layers)
    width = std::max(width, layer.name.size());
  auto line = [&](StringRef name, StringRef size, StringRef block,
                  StringRef pattern, StringRef rank, StringRef blocks,
                  StringRef density, StringRef parameters, StringRef adds,
                  StringRef time) {
    os << llvm::left_justify(name, width) << "  "
       << llvm::right_justify(size, 13) << llvm::right_justify(block, 6) << "  "
       << llvm::left_justify(pattern, 18) << llvm::right_justify(rank, 5)
       << llvm::right_justify(blocks, 8) << llvm::right_justify(density, 9)
       << llvm::right_justify(parameters, 12) << llvm::right_justify(adds, 15)
       << llvm::right_justify(time, 11) << "\n";
  };
  line("layer", "rows x cols", "block", "cells (factors)", "rank", "blocks",
       "density", "parameters", "multiply-adds", "time, us");
  auto text = [](int64_t value) { return std::to_string(value); };
  for (const LayerReport &layer : report.layers) {
    bool sparse = static_cast<bool>(layer.pattern);
    line(layer.name, llvm::formatv("{0} x {1}", layer.rows, layer.cols).str(),
         sparse ? text(layer.pattern.getBlock()) : "",
         shortPattern(layer.pattern), sparse ? text(layer.rank) : "",
         sparse ? text(layer.numBlocks) : "",
         llvm::formatv("{0:f4}", layer.density).str(),
         text(layer.cost.parameters), text(layer.cost.multiplyAdds),
         formatTime(layer.cost.seconds));
  }
  const Cost &total = report.total;
  line("total", "", "", "", "", "", "", text(total.parameters),
       text(total.multiplyAdds), formatTime(total.seconds));
  line("dense", "", "", "", "", "", "", text(total.denseParameters),
       text(total.denseMultiplyAdds), formatTime(total.denseSeconds));
  os << "multiply-adds: forward, one example; time: predicted for the products "
        "of a training step of "
     << report.batch << " examples on " << report.target << "\n";
  if (report.budget)
    os << "budget: " << describeBudget(report.budget) << "\n";
}
