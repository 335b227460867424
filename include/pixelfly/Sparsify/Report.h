//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a module's layers cost, read from the module itself, so that any phase
// or tool can ask at any time and no record has to be carried along.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_SPARSIFY_REPORT_H
#define PIXELFLY_SPARSIFY_REPORT_H

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/IR/BuiltinOps.h"

#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace mlir::pixelfly {

/// Size and cost of something, as it is and as the dense model has it.
struct Cost {
  /// Trained elements.
  int64_t parameters = 0;
  int64_t denseParameters = 0;
  /// Multiply-adds of the forward products for one example of the batch.
  int64_t multiplyAdds = 0;
  int64_t denseMultiplyAdds = 0;
  /// Predicted time of the products in a training step of the whole batch:
  /// forward and both gradients (CostModel.h), on the target that the module
  /// names.
  double seconds = 0;
  double denseSeconds = 0;
};

/// One product with a parameter: dense, or already replaced.
struct LayerReport {
  std::string name; ///< "blocks.0.channel.fc1", without ".weight"
  /// The op that multiplies: "linalg.matmul", "pixelfly.linear". The first, if
  /// there are several; empty if there is none.
  std::string op;
  int64_t rows = 0; ///< output features
  int64_t cols = 0; ///< input features
  /// The sparse matrix; null for a dense layer.
  BlockPatternAttrInterface pattern;
  int64_t rank = 0;      ///< of the low-rank term; 0: there is none
  int64_t numBlocks = 0; ///< nonzero blocks; 0 for a dense layer
  /// Elements of blocks and low-rank factors over rows * cols; 1 for dense.
  double density = 1;
  /// Weight, low-rank factors, what mixes them, and bias of this layer.
  Cost cost;

  /// Makes this report of a dense layer the one it will have after the choice
  /// has been obeyed.
  void become(LayerChoiceAttr choice);
};

/// All layers of a function in the order of its arguments, and the totals of
/// the function, in which every parameter (norms, biases) and every product
/// (attention scores too) counts.
struct SparsifyReport {
  std::vector<LayerReport> layers;
  Cost total;
  /// Examples in a step; 1 if the function does not say.
  int64_t batch = 1;
  /// What the predicted times are for.
  std::string target;
  /// The budget that the layers were chosen by; null if there was none.
  BudgetAttr budget;
};

/// Reads the report off the function `functionName`. Products are linalg
/// contractions and convolutions and pixelfly products; they count towards the
/// layer whose weight they read. The batch is the leading extent of the
/// arguments with `pixelfly.input`, 1 if there are none; multiply-adds
/// are divided by it. Fails with a diagnostic on the module if there is no such
/// function with a body, or if the module's target makes no sense.
FailureOr<SparsifyReport> collectLayers(ModuleOp module,
                                        StringRef functionName = "model");

/// One line for people: "3072 x 768, block 32, 24 cells (2x2x2x3), 3 factors,
/// rank 32, 384 blocks, density 0.2188, parameters 2362368 -> 519169".
std::string describeLayer(const LayerReport &layer);

/// Four digits and the unit that suits them: "1.204 us", "17.25 ms".
std::string formatSeconds(double seconds);

/// An amount in the unit of the measure: "4096 parameters"; of time, which is
/// counted in nanoseconds, "17.25 ms".
std::string formatAmount(BudgetMeasure measure, int64_t amount);

/// What became of the budget: "1048576 parameters, 25.00 % of the layers'
/// 4194304 when dense; used 983040, 93.75 % of it; what is left, 65536, is less
/// than the 131072 that the next larger pattern of any layer costs, as patterns
/// consist of whole blocks".
std::string describeBudget(BudgetAttr budget);

/// Prints a table for people: one line a layer, the totals, and the budget.
void printReport(const SparsifyReport &report, llvm::raw_ostream &os);

} // namespace mlir::pixelfly

#endif // PIXELFLY_SPARSIFY_REPORT_H
