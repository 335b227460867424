//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler as one call: a model file in, an artifact (or the IR after a
// phase) out. pixelfly-compile is this and a command line.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_PIPELINES_COMPILE_H
#define PIXELFLY_PIPELINES_COMPILE_H

#include "pixelfly/CodeGen/CPU/EmitObject.h"
#include "pixelfly/Pipelines/Phase.h"
#include "pixelfly/Sparsify/Budget.h"
#include "pixelfly/Tile/ProductType.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/LLVM.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::pixelfly {

struct CompileOptions {
  /// A model schema (`.json`) or a module (`.mlir`, `.mlirbc`).
  std::string input;
  /// The artifact's directory; with `compileTo`, the file for the IR. "-" or
  /// empty with `compileTo`: standard output.
  std::string output;
  /// Stop after this phase and print the module.
  std::optional<Phase> compileTo;
  /// The input is what `compileTo` this phase wrote: go on with the phase after
  /// it. By default the input is a model, and every phase runs.
  std::optional<Phase> compileFrom;
  /// Write the module after each phase to `DIR/<number>-<phase>.mlir`.
  std::string dumpPhases;

  /// Examples in a step; the schema's when absent.
  std::optional<int64_t> batch;
  /// Keep every layer dense.
  bool dense = false;
  /// What the schema says about sparse layers, unless given here.
  std::optional<double> density;
  /// Instead of a density: `parseBudget` reads it.
  std::optional<std::string> budget;
  BudgetSplit split = BudgetSplit::Uniform;
  std::optional<int64_t> block;
  std::optional<int64_t> minBlock;
  std::optional<double> lowRankShare;
  std::optional<LayerMix> mix;
  std::optional<InitRule> init;
  std::vector<std::string> layers;
  std::vector<std::string> exclude;

  /// Whether one of the options above asks for sparse layers. If one does, or
  /// the schema, it is an error if no layer becomes sparse.
  bool asksForSparseLayers() const {
    return density || budget || block || minBlock || lowRankShare || mix ||
           init ||
           !layers.empty() || !exclude.empty();
  }

  /// Write what became of the layers to this file, as JSON; "-" is standard
  /// output. Asks for the phase Sparsify to be run.
  std::string report;
  /// Print it as a table, to standard output, or where the module goes there,
  /// to standard error.
  bool reportTable = false;

  /// What the program is compiled for: a shipped target, "host" or a target
  /// file (see TargetFile.h). Empty: the processor below; without that the
  /// target that the module names, else this machine.
  std::string target;
  /// For a GPU: the chips that machine code is made for (sm_80, sm_86); the
  /// target's own when empty. Later ones run the PTX that goes with it, unless
  /// the target's name ends in a letter.
  std::vector<std::string> chips;
  /// LLVM's name of the processor that machine code is made for, or "native";
  /// the target's when absent. For a GPU that of the machine it is in.
  std::optional<std::string> processor;
  /// Type to which the operands of products are rounded; absent: none, they
  /// stay as the program has them.
  std::optional<ProductType> productType;
  /// Let products without a vector kernel run as slower loops.
  bool allowSlowProducts = false;
  /// How machine code is made; its processor is the one above.
  ObjectOptions object;
  /// Print the time that each phase took to standard error.
  bool timing = false;
};

/// Compiles. An artifact appears whole or not at all: it is made in a directory
/// beside its place and moved there. An artifact that is there already is
/// replaced; any other file or directory of that name is an error. Errors and
/// remarks go to the context's diagnostic engine.
LogicalResult compileModel(const CompileOptions &options, MLIRContext &context);

} // namespace mlir::pixelfly

#endif // PIXELFLY_PIPELINES_COMPILE_H
