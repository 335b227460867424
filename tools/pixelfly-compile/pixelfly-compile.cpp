//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/Compile.h"
#include "pixelfly/Pipelines/RegisterAll.h"
#include "pixelfly/Version.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::pixelfly;
namespace cl = llvm::cl;

/// Operations of an imported model are located by the name of their layer,
/// which is more than a line in a file; what concerns the call itself has no
/// location. Print both as such. Success means printed.
static LogicalResult printWithoutFile(Diagnostic &diagnostic, StringRef input) {
  std::string place;
  if (auto name = dyn_cast<NameLoc>(Location(diagnostic.getLocation())))
    place = (input + ": " + name.getName().getValue()).str();
  else if (isa<UnknownLoc>(Location(diagnostic.getLocation())))
    place = "pixelfly-compile";
  else
    return failure();
  StringRef severity = "note";
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
    severity = "error";
  else if (diagnostic.getSeverity() == DiagnosticSeverity::Warning)
    severity = "warning";
  else if (diagnostic.getSeverity() == DiagnosticSeverity::Remark)
    severity = "remark";
  llvm::errs() << place << ": " << severity << ": " << diagnostic.str() << "\n";
  for (Diagnostic &note : diagnostic.getNotes())
    llvm::errs() << input << ": note: " << note.str() << "\n";
  return success();
}

static auto phaseValues() {
  return cl::values(
      clEnumValN(Phase::Import, "import", "dense model in linalg"),
      clEnumValN(Phase::Sparsify, "sparsify", "chosen layers are sparse"),
      clEnumValN(Phase::Differentiate, "differentiate", "gradient function"),
      clEnumValN(Phase::TrainStep, "train-step", "@train_step and @evaluate"),
      clEnumValN(Phase::Tile, "tile", "fused, tile sizes chosen"),
      clEnumValN(Phase::CodeGen, "codegen", "LLVM dialect"));
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::OptionCategory category("pixelfly-compile options");
  CompileOptions options;

  cl::opt<std::string, true> input(
      cl::Positional, cl::Required, cl::desc("<model.json or module.mlir>"),
      cl::location(options.input), cl::cat(category));
  cl::opt<std::string, true> output(
      "o", cl::desc("Directory of the artifact; with --compile-to, the file"),
      cl::value_desc("path"), cl::location(options.output), cl::cat(category));
  cl::opt<Phase> compileTo("compile-to", cl::desc("Stop after this phase"),
                           phaseValues(), cl::cat(category));
  cl::opt<Phase> compileFrom(
      "compile-from",
      cl::desc("Go on with a module that --compile-to of this phase wrote"),
      phaseValues(), cl::cat(category));
  cl::opt<std::string, true> dumpPhases(
      "dump-phases", cl::desc("Write the module after each phase here"),
      cl::value_desc("directory"), cl::location(options.dumpPhases),
      cl::cat(category));
  cl::opt<bool, true> dense("dense", cl::desc("Keep every layer dense"),
                            cl::location(options.dense), cl::cat(category));
  cl::opt<double> density(
      "density", cl::desc("Part of a layer's parameters to keep, in (0, 1]"),
      cl::cat(category));
  cl::opt<std::string> budget(
      "budget",
      cl::desc("What the sparse layers may cost: 25% of what they cost dense "
               "(also macs=25%, time=25%), or an amount for the whole model "
               "(params=5.9M, macs=1.3G, time=12ms)"),
      cl::value_desc("what"), cl::cat(category));
  cl::opt<BudgetSplit, true> split(
      "budget-split", cl::desc("How the layers share the budget"),
      cl::values(clEnumValN(BudgetSplit::Uniform, "uniform",
                            "The same density everywhere (default)"),
                 clEnumValN(BudgetSplit::CostModel, "cost-model",
                            "Less for layers whose weights take more time")),
      cl::location(options.split), cl::cat(category));
  cl::opt<int64_t> minBlock(
      "min-block",
      cl::desc("Smallest block, where larger ones use the budget badly; 0 "
               "(default): no other than --block"),
      cl::cat(category));
  cl::opt<std::string, true> report(
      "report", cl::desc("Write what became of each layer here, as JSON"),
      cl::value_desc("file"), cl::location(options.report), cl::cat(category));
  cl::opt<bool, true> reportTable(
      "report-table", cl::desc("Print what became of each layer as a table"),
      cl::location(options.reportTable), cl::cat(category));
  cl::opt<int64_t> block("block",
                         cl::desc("Block size: 8, 16, 32, 64 or 128; 0: the "
                                  "one that the target prefers"),
                         cl::cat(category));
  cl::opt<double> lowRankShare(
      "low-rank-share", cl::desc("Part of the density for the low-rank term"),
      cl::cat(category));
  cl::opt<LayerMix> mix(
      "mix", cl::desc("What weighs the butterfly against the low-rank term"),
      cl::values(clEnumValN(LayerMix::Scalar, "scalar",
                            "One trained number of the layer (default)"),
                 clEnumValN(LayerMix::Gate, "gate",
                            "A trained gate for each row of the input")),
      cl::cat(category));
  cl::opt<InitRule> initRule(
      "init", cl::desc("How the parameters of sparse layers start"),
      cl::values(clEnumValN(InitRule::KeepVariance, "keep-variance",
                            "With the variance of the dense layer's output "
                            "(default)"),
                 clEnumValN(InitRule::AuthorsDefault, "authors-default",
                            "As the authors' code does by default"),
                 clEnumValN(InitRule::AuthorsViT, "authors-vit",
                            "As the authors' Vision Transformers"),
                 clEnumValN(InitRule::AuthorsMixer, "authors-mixer",
                            "As the authors' Mixers")),
      cl::cat(category));
  cl::list<std::string, std::vector<std::string>> layers(
      "layers", cl::desc("Names of the layers to make sparse (globs)"),
      cl::CommaSeparated, cl::location(options.layers), cl::cat(category));
  cl::list<std::string, std::vector<std::string>> exclude(
      "exclude", cl::desc("Names of the layers to keep dense (globs)"),
      cl::CommaSeparated, cl::location(options.exclude), cl::cat(category));
  cl::opt<int64_t> batch("batch", cl::desc("Examples in a step"),
                         cl::cat(category));
  cl::opt<std::string, true> target(
      "target",
      cl::desc("What to compile for: host, avx512, avx2, sm_80, sm_90a, or a "
               "target file (.json)"),
      cl::value_desc("name or file"), cl::location(options.target),
      cl::cat(category));
  cl::list<std::string, std::vector<std::string>> chips(
      "chips",
      cl::desc("GPU chips to make machine code for (default: the target's); "
               "later ones use the PTX of --target=sm_80"),
      cl::CommaSeparated, cl::location(options.chips), cl::cat(category));
  cl::opt<std::string> cpu(
      "mcpu",
      cl::desc("Processor to compile for (LLVM's name, or native; default: the "
               "target's)"),
      cl::value_desc("name"), cl::cat(category));
  cl::opt<ProductType> productType(
      "product-type",
      cl::desc("Round the operands of products to this type; sums and "
               "parameters stay f32"),
      cl::values(clEnumValN(ProductType::BF16, "bf16", "bfloat16"),
                 clEnumValN(ProductType::F16, "f16",
                            "half; small gradients become zero")),
      cl::cat(category));
  cl::opt<bool, true> allowSlowProducts(
      "allow-slow-products",
      cl::desc("Let products that have no vector kernel run as slower loops "
               "instead of failing"),
      cl::location(options.allowSlowProducts), cl::cat(category));
  cl::opt<bool, true> timing("timing", cl::desc("Print each phase's time"),
                             cl::location(options.timing), cl::cat(category));
  cl::opt<bool> quiet("quiet",
                      cl::desc("Print errors and warnings only, no remarks"),
                      cl::cat(category));
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "pixelfly-compile " PIXELFLY_VERSION " (LLVM " LLVM_VERSION_STRING
          ")\n";
  });
  cl::ParseCommandLineOptions(
      argc, argv,
      "Compiles a model to an artifact that pixelfly-train trains.\n");

  if (compileTo.getNumOccurrences())
    options.compileTo = compileTo;
  if (compileFrom.getNumOccurrences())
    options.compileFrom = compileFrom;
  if (density.getNumOccurrences())
    options.density = density;
  if (budget.getNumOccurrences())
    options.budget = budget;
  if (block.getNumOccurrences())
    options.block = block;
  if (minBlock.getNumOccurrences())
    options.minBlock = minBlock;
  if (productType.getNumOccurrences())
    options.productType = productType;
  if (lowRankShare.getNumOccurrences())
    options.lowRankShare = lowRankShare;
  if (mix.getNumOccurrences())
    options.mix = mix;
  if (initRule.getNumOccurrences())
    options.init = initRule;
  if (cpu.getNumOccurrences())
    options.processor = cpu;
  if (batch.getNumOccurrences())
    options.batch = batch;

  DialectRegistry registry;
  registerAllDialectsAndModels(registry);
  registerObjectEmissionDialects(registry);
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler printer(sources, &context);
  ScopedDiagnosticHandler filter(&context, [&](Diagnostic &diagnostic) {
    if (quiet && diagnostic.getSeverity() == DiagnosticSeverity::Remark)
      return success();
    return printWithoutFile(diagnostic, options.input);
  });
  return failed(compileModel(options, context));
}
