//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/Compile.h"

#include "pixelfly/CodeGen/CPU/EntryPoints.h"
#include "pixelfly/CodeGen/GPU/Passes.h"
#include "pixelfly/Differentiate/KeptActivations.h"
#include "pixelfly/Model/ImportModel.h"
#include "pixelfly/Pipelines/Manifest.h"
#include "pixelfly/Pipelines/Phases.h"
#include "pixelfly/Pipelines/Settings.h"
#include "pixelfly/Sparsify/ParseBudget.h"
#include "pixelfly/Target/Processor.h"
#include "pixelfly/Target/TargetFile.h"

#include "pixelfly-rt/abi.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <chrono>

using namespace mlir;
using namespace mlir::pixelfly;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {
/// One compilation on its way through the phases.
class Compilation {
public:
  Compilation(const CompileOptions &options, MLIRContext &context)
      : options(options), context(context), object(options.object) {}

  LogicalResult run();

private:
  LogicalResult resolveTarget();
  LogicalResult attachTarget();
  LogicalResult readInput();
  LogicalResult recordReport();
  LogicalResult recordTrainStep();
  LogicalResult recoverFacts();
  LogicalResult runPhase(Phase phase);
  LogicalResult dump(Phase phase);
  LogicalResult printModule();
  LogicalResult writeArtifact();
  LogicalResult fillArtifact(StringRef directory);
  llvm::json::Object describeMachine() const;

  bool isForGPU() const { return target && target->kind == TargetKind::GPU; }

  std::optional<SparsifyOptions> sparsifyOptions() const;
  BuildTrainStepOptions trainStepOptions() const;
  InFlightDiagnostic error() { return emitError(UnknownLoc::get(&context)); }

  const CompileOptions &options;
  MLIRContext &context;
  OwningOpRef<ModuleOp> module;
  /// What the options name, if anything; else the module's own, or the host.
  std::optional<Target> target;
  ObjectOptions object;
  /// What `options.budget` says.
  std::optional<BudgetRequest> budget;
  /// Collected on the way, since later phases lower away what they describe.
  llvm::json::Object manifest;
};
} // namespace

/// Finds out what the options name, before anything else takes time.
LogicalResult Compilation::resolveTarget() {
  FailureOr<Target> found = failure();
  if (!options.target.empty())
    found = findTarget(options.target, &context);
  else if (options.processor)
    found = processorTarget(*options.processor, object.features,
                            UnknownLoc::get(&context));
  else
    return success();
  if (failed(found))
    return failure();
  // The processor that machine code is for must be known, too.
  if (found->kind == TargetKind::CPU &&
      failed(processorTarget(options.processor.value_or(found->processor),
                             object.features, UnknownLoc::get(&context))))
    return failure();
  target = *found;
  return success();
}

/// Puts the target's facts on the module for the passes to come: what the
/// options name, else what stands there already, else this machine's. Machine
/// code is made for its processor.
LogicalResult Compilation::attachTarget() {
  auto named = [&](TargetKind kind) {
    return !target && Target::isSpecified(*module, kind);
  };
  if (named(TargetKind::CPU) || named(TargetKind::GPU)) {
    FailureOr<Target> given = Target::get(
        *module, named(TargetKind::CPU) ? TargetKind::CPU : TargetKind::GPU);
    if (failed(given))
      return failure();
    target = *given;
  } else {
    if (!target)
      target = hostTarget();
    // A module of an earlier compilation may name a device of the other kind.
    Target::detach(*module, target->kind == TargetKind::CPU ? TargetKind::GPU
                                                            : TargetKind::CPU);
    target->attach(*module);
  }
  if (target->kind == TargetKind::GPU) {
    // What launches kernels need not be fast; it should run anywhere.
    bool isX86 = llvm::Triple(llvm::sys::getDefaultTargetTriple()).isX86();
    object.cpu = options.processor.value_or(isX86 ? "x86-64" : "generic");
    return success();
  }
  bool compiles = !options.compileTo || *options.compileTo == Phase::CodeGen;
  if (options.productType && compiles)
    return error() << "--product-type is for GPUs; the kernels of processors "
                      "multiply f32. Leave it out, or give --target=sm_80 or "
                      "sm_90a";
  if (!options.chips.empty())
    return error() << "--chips are a GPU's, but target '" << target->name
                   << "' is a processor; give --target=sm_80 or sm_90a, too";
  bool isHost = target->processor.empty() ||
                target->processor == llvm::sys::getHostCPUName();
  object.cpu =
      options.processor.value_or(isHost ? object.cpu : target->processor);
  return success();
}

LogicalResult Compilation::readInput() {
  if (StringRef(options.input).ends_with(".json")) {
    if (options.compileFrom)
      return error() << "a model schema starts at phase 'import'; going on "
                        "after '"
                     << stringifyPhase(*options.compileFrom)
                     << "' needs a .mlir file";
    FailureOr<ModelSchema> schema = readModelSchema(options.input, &context);
    if (failed(schema))
      return failure();
    module = importModel(*schema, &context, {options.batch});
    if (!module)
      return failure();
    writeSettings(*module, schema->training, schema->sparse);
    return success();
  }
  if (options.batch)
    return error() << "--batch changes a model schema; a module states its "
                      "batch in its types";
  module = parseSourceFile<ModuleOp>(options.input, &context);
  if (!module)
    return error() << "cannot read '" << options.input
                   << "' as a module; it must be what MLIR "
                   << LLVM_VERSION_MAJOR
                   << " and this version of pixelfly print, of the dialects "
                      "func, linalg, tensor, arith, math and pixelfly. Lower "
                      "other dialects to linalg on tensors first, in the tool "
                      "that has them (stablehlo-opt, torch-mlir-opt); where "
                      "versions differ, import the model again, or hand over "
                      "what mlir-opt --mlir-print-op-generic prints";
  if (!saysHowToTrain(*module) &&
      (!options.compileFrom || *options.compileFrom < Phase::TrainStep))
    emitRemark(UnknownLoc::get(&context))
        << "the module does not say how to train ('" << kTrainingAttrName
        << "' and '" << kOptimizerAttrName
        << "'); the defaults are AdamW with weight decay 0.01, clipping at "
           "norm 1 and learning rate 1e-3";
  return success();
}

/// Whether a product says itself which pattern it should get.
static bool hasChoices(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        return op->hasAttr(kChoiceAttrName) ? WalkResult::interrupt()
                                            : WalkResult::advance();
      })
      .wasInterrupted();
}

std::optional<SparsifyOptions> Compilation::sparsifyOptions() const {
  if (options.dense)
    return std::nullopt;
  std::optional<SparseSchema> sparse = readSparse(*module);
  if (!options.asksForSparseLayers() && !sparse && !hasChoices(*module))
    return std::nullopt;
  SparseSchema defaults = sparse.value_or(SparseSchema());
  SparsifyOptions result;
  result.density = options.density.value_or(defaults.density);
  if (budget) {
    result.measure = budget->measure;
    result.amount = budget->amount;
    if (budget->amount == 0)
      result.density = budget->share;
  }
  result.split = options.split;
  result.minBlock = options.minBlock.value_or(0);
  result.block = options.block.value_or(defaults.block);
  result.lowRankShare = options.lowRankShare.value_or(defaults.lowRankShare);
  result.mix = options.mix.value_or(defaults.mix);
  result.init = options.init.value_or(defaults.init);
  result.layers.assign(options.layers.begin(), options.layers.end());
  result.exclude.assign(options.exclude.begin(), options.exclude.end());
  result.requireSparse = true;
  return result;
}

BuildTrainStepOptions Compilation::trainStepOptions() const {
  TrainingSchema training = readTraining(*module);
  const OptimizerSchema &optimizer = training.optimizer;
  BuildTrainStepOptions result;
  result.optimizer = optimizer.kind == OptimizerSchema::Kind::AdamW
                         ? Optimizer::AdamW
                         : Optimizer::SGD;
  result.beta1 = optimizer.beta1;
  result.beta2 = optimizer.beta2;
  result.epsilon = optimizer.epsilon;
  result.momentum = optimizer.momentum;
  result.weightDecay = optimizer.weightDecay;
  result.clipNorm = training.clipNorm.value_or(0);
  return result;
}

/// Opens a file for writing; the error says which and why.
static std::unique_ptr<llvm::ToolOutputFile> openOutput(StringRef file,
                                                        MLIRContext &context) {
  std::string message;
  auto output = openOutputFile(file, &message);
  if (!output)
    emitError(UnknownLoc::get(&context))
        << "cannot write: " << message << "; name another place";
  return output;
}

/// Keeps a written file, unless writing it failed (a full disk shows here).
static LogicalResult keepOutput(llvm::ToolOutputFile &output, StringRef file,
                                MLIRContext &context) {
  output.os().flush();
  if (std::error_code code = output.os().error()) {
    output.os().clear_error();
    return emitError(UnknownLoc::get(&context))
           << "cannot write '" << file << "': " << code.message()
           << "; make room there, or name another place";
  }
  output.keep();
  return success();
}

LogicalResult Compilation::recordReport() {
  FailureOr<SparsifyReport> report = collectLayers(*module);
  if (failed(report))
    return failure();
  manifest["report"] = describeReport(*report);
  if (options.reportTable) {
    bool moduleThere =
        options.compileTo && (options.output.empty() || options.output == "-");
    printReport(*report, moduleThere ? llvm::errs() : llvm::outs());
  }
  if (options.report.empty())
    return success();
  std::unique_ptr<llvm::ToolOutputFile> output =
      openOutput(options.report, context);
  if (!output)
    return failure();
  output->os() << llvm::formatv("{0:2}\n",
                                llvm::json::Value(describeReport(*report)));
  return keepOutput(*output, options.report, context);
}

LogicalResult Compilation::recordTrainStep() {
  FailureOr<llvm::json::Object> facts = describeTrainStep(*module);
  if (failed(facts))
    return failure();
  for (auto &[key, value] : *facts)
    manifest[key] = std::move(value);
  return success();
}

/// What skipped phases would have put into the manifest.
LogicalResult Compilation::recoverFacts() {
  if (!options.compileFrom)
    return success();
  switch (*options.compileFrom) {
  case Phase::Import:
    return success();
  case Phase::Sparsify:
  case Phase::Differentiate:
    return recordReport();
  case Phase::TrainStep:
  case Phase::Tile:
  case Phase::CodeGen:
    manifest = readManifestFacts(*module);
    if (!options.compileTo && manifest.empty())
      return error() << "the module lacks '" << kManifestAttrName
                     << "', from which an artifact is made after phase '"
                     << stringifyPhase(*options.compileFrom)
                     << "'; write it with --compile-to, or give a module of "
                        "an earlier phase";
    return success();
  }
  llvm_unreachable("all phases are listed");
}

/// Orders the uses of every value as a parser does that reads the module. Steps
/// of bufferization depend on the order; so a module that was written between
/// two phases is compiled on as one that was not.
static void orderUses(ModuleOp module) {
  DenseMap<OpOperand *, size_t> position;
  SmallVector<Value> values;
  module.walk([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      position.try_emplace(&operand, position.size());
    llvm::append_range(values, op->getResults());
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::append_range(values, block.getArguments());
  });
  for (Value value : values) {
    // A new use goes to the front of the list.
    SmallVector<OpOperand *> uses = llvm::map_to_vector(
        value.getUses(), [](OpOperand &use) { return &use; });
    SmallVector<OpOperand *> ordered = uses;
    llvm::sort(ordered, [&](OpOperand *a, OpOperand *b) {
      return position.lookup(a) > position.lookup(b);
    });
    DenseMap<OpOperand *, unsigned> place;
    for (auto [index, use] : llvm::enumerate(ordered))
      place[use] = index;
    if (uses != ordered)
      value.shuffleUseList(llvm::map_to_vector(
          uses, [&](OpOperand *use) { return place.lookup(use); }));
  }
}

LogicalResult Compilation::runPhase(Phase phase) {
  PassManager pm(&context, ModuleOp::getOperationName());
  switch (phase) {
  case Phase::Import:
    buildImportPhase(pm);
    break;
  case Phase::Sparsify:
    buildSparsifyPhase(pm, sparsifyOptions());
    break;
  case Phase::Differentiate:
    buildDifferentiatePhase(pm);
    break;
  case Phase::TrainStep:
    buildTrainStepPhase(pm, trainStepOptions());
    break;
  case Phase::Tile:
    buildTilePhase(pm, options.productType, target->kind);
    break;
  case Phase::CodeGen:
    if (isForGPU()) {
      GPUPipelineOptions codeGen;
      codeGen.chip = target->processor;
      buildGPUCodeGenPhase(pm, codeGen);
    } else {
      CPUPipelineOptions codeGen;
      codeGen.allowSlowProducts = options.allowSlowProducts;
      buildCodeGenPhase(pm, codeGen);
    }
    break;
  }
  auto start = std::chrono::steady_clock::now();
  if (failed(pm.run(*module)))
    return failure();
  orderUses(*module);
  if (options.timing) {
    std::chrono::duration<double> seconds =
        std::chrono::steady_clock::now() - start;
    llvm::errs() << llvm::formatv("{0,-14} {1,8:f2} s\n", stringifyPhase(phase),
                                  seconds.count());
  }

  // Each fact goes into the manifest at the phase where it is last plain to
  // see.
  if (phase == Phase::Sparsify) {
    if (failed(recordReport()))
      return failure();
  } else if (phase == Phase::TrainStep) {
    if (failed(recordTrainStep()))
      return failure();
  } else if (phase == Phase::Tile) {
    auto trainStep = module->lookupSymbol<func::FuncOp>("train_step");
    manifest["memory"] = llvm::json::Object{
        {"kept_activation_bytes", getKeptActivationBytes(trainStep)}};
  } else if (phase == Phase::CodeGen) {
    for (const EntryPoint &entry : describeEntryPoints(*module))
      if (auto *functions = manifest.getObject("functions"))
        if (auto *function = functions->getObject(entry.function))
          (*function)["arena_bytes"] = entry.arenaBytes;
  }
  if (phase >= Phase::TrainStep)
    writeManifestFacts(*module, manifest);
  return dump(phase);
}

LogicalResult Compilation::dump(Phase phase) {
  if (options.dumpPhases.empty())
    return success();
  if (std::error_code code = fs::create_directories(options.dumpPhases))
    return error() << "cannot make directory '" << options.dumpPhases
                   << "': " << code.message() << "; name another place";
  SmallString<128> file(options.dumpPhases);
  path::append(file, llvm::formatv("{0}-{1}.mlir", static_cast<int>(phase),
                                   stringifyPhase(phase)));
  std::unique_ptr<llvm::ToolOutputFile> output = openOutput(file, context);
  if (!output)
    return failure();
  module->print(output->os());
  return keepOutput(*output, file, context);
}

LogicalResult Compilation::printModule() {
  StringRef file = options.output.empty() ? StringRef("-") : options.output;
  std::unique_ptr<llvm::ToolOutputFile> output = openOutput(file, context);
  if (!output)
    return failure();
  module->print(output->os());
  output->os() << '\n';
  return keepOutput(*output, file, context);
}

/// `target` of the manifest.
llvm::json::Object Compilation::describeMachine() const {
  ObjectTarget machine = pixelfly::resolveTarget(object);
  llvm::json::Object result{{"triple", machine.triple}, {"cpu", machine.cpu}};
  if (!isForGPU())
    return result;
  result["device"] = "cuda";
  // A program without kernels has no code for any chip.
  auto code = (*module)->getAttrOfType<DictionaryAttr>(kGPUCodeAttrName);
  if (!code)
    return result;
  for (NamedAttribute fact : code) {
    if (auto text = dyn_cast<StringAttr>(fact.getValue()))
      result[fact.getName().getValue()] = text.getValue();
    else if (auto list = dyn_cast<ArrayAttr>(fact.getValue()))
      result[fact.getName().getValue()] = llvm::json::Array(
          llvm::map_range(list.getAsRange<StringAttr>(),
                          [](StringAttr chip) { return chip.getValue(); }));
  }
  return result;
}

LogicalResult Compilation::fillArtifact(StringRef directory) {
  SmallString<128> library(directory), manifestFile(directory);
  path::append(library, PF_LIBRARY_FILE);
  path::append(manifestFile, PF_MANIFEST_FILE);
  // The machine code of kernels is made as late as that of the host.
  if (isForGPU()) {
    PassManager pm(&context, ModuleOp::getOperationName());
    GPUAssembleOptions assemble;
    assemble.chips.assign(options.chips.begin(), options.chips.end());
    pm.addPass(createGPUAssemble(assemble));
    if (failed(pm.run(*module)))
      return failure();
  }
  if (failed(emitSharedObject(*module, library, object)))
    return failure();

  manifest["format"] = PF_MANIFEST_FORMAT;
  manifest["version"] = PF_MANIFEST_VERSION;
  auto name = (*module)->getAttrOfType<StringAttr>(kModelAttrName);
  manifest["model"] = name ? name.getValue() : path::stem(options.input);
  manifest["library"] = PF_LIBRARY_FILE;
  manifest["target"] = describeMachine();
  TrainingSchema training = readTraining(*module);
  manifest["optimizer"] = describeOptimizer(training);
  manifest["training"] = describeTraining(training);
  std::unique_ptr<llvm::ToolOutputFile> output =
      openOutput(manifestFile, context);
  if (!output)
    return failure();
  output->os() << llvm::formatv("{0:2}\n",
                                llvm::json::Value(std::move(manifest)));
  return keepOutput(*output, manifestFile, context);
}

/// Whether a directory is an artifact and holds nothing else, so that replacing
/// it loses nothing.
static bool isArtifact(StringRef directory) {
  SmallString<128> file(directory);
  path::append(file, PF_MANIFEST_FILE);
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (!buffer)
    return false;
  auto manifest = llvm::json::parse((*buffer)->getBuffer());
  if (!manifest) {
    llvm::consumeError(manifest.takeError());
    return false;
  }
  auto *object = manifest->getAsObject();
  if (!object || object->getString("format") != StringRef(PF_MANIFEST_FORMAT))
    return false;
  std::error_code code;
  for (fs::directory_iterator entry(directory, code), end;
       !code && entry != end; entry.increment(code)) {
    StringRef name = path::filename(entry->path());
    if (name != PF_MANIFEST_FILE && name != PF_LIBRARY_FILE)
      return false;
  }
  return !code;
}

LogicalResult Compilation::writeArtifact() {
  SmallString<128> place(options.output);
  while (place.size() > 1 && path::is_separator(place.back()))
    place.pop_back();
  bool replaces = fs::exists(place);
  if (replaces && !isArtifact(place))
    return error() << "'" << place
                   << "' exists and is not an artifact; it was left alone. "
                      "Give another name with -o";

  StringRef parent = path::parent_path(place);
  if (std::error_code code =
          parent.empty() ? std::error_code() : fs::create_directories(parent))
    return error() << "cannot make directory '" << parent
                   << "': " << code.message() << "; name another place";
  SmallString<128> work;
  fs::createUniquePath(Twine(place) + ".tmp-%%%%%%", work,
                       /*MakeAbsolute=*/false);
  if (std::error_code code = fs::create_directory(work))
    return error() << "cannot make directory '" << work
                   << "': " << code.message() << "; name another place";
  if (failed(fillArtifact(work))) {
    fs::remove_directories(work);
    return failure();
  }
  // The old artifact steps aside first and goes when the new one is in place.
  SmallString<128> old;
  fs::createUniquePath(Twine(place) + ".old-%%%%%%", old,
                       /*MakeAbsolute=*/false);
  std::error_code code = replaces ? fs::rename(place, old) : std::error_code();
  if (!code) {
    code = fs::rename(work, place);
    if (code && replaces)
      fs::rename(old, place);
  }
  if (code) {
    fs::remove_directories(work);
    return error() << "cannot move the artifact to '" << place
                   << "': " << code.message();
  }
  if (replaces)
    fs::remove_directories(old);
  return success();
}

LogicalResult Compilation::run() {
  if (!options.compileTo && options.output.empty())
    return error() << "no place for the artifact: give it with -o, or a phase "
                      "to stop after with --compile-to";
  if (!options.output.empty() && options.output != "-" &&
      fs::equivalent(options.output, options.input))
    return error() << "the output '" << options.output
                   << "' is the input, which would be lost; name another file";
  if (options.dense && options.asksForSparseLayers())
    return error()
           << "--dense contradicts --density, --budget, --block, --min-block, "
              "--low-rank-share, --mix, --init, --layers and --exclude";
  if (options.budget) {
    if (options.density)
      return error() << "--density and --budget say the same; give one";
    std::string problem;
    budget = parseBudget(*options.budget, problem);
    if (!budget)
      return error() << problem;
  }
  if (options.compileTo && options.compileFrom &&
      *options.compileTo <= *options.compileFrom)
    return error() << "phase '" << stringifyPhase(*options.compileTo)
                   << "' does not come after '"
                   << stringifyPhase(*options.compileFrom)
                   << "', after which --compile-from goes on";
  if (options.compileFrom && *options.compileFrom >= Phase::Tile &&
      options.productType)
    return error() << "the products of a module after phase '"
                   << stringifyPhase(*options.compileFrom)
                   << "' are what they are; give --product-type before it";
  if (options.compileFrom && *options.compileFrom >= Phase::Sparsify &&
      (options.dense || options.asksForSparseLayers()))
    return error() << "the layers of a module after phase '"
                   << stringifyPhase(*options.compileFrom)
                   << "' are what they are; give --dense, --density, --budget, "
                      "--block, --min-block, --low-rank-share, --mix, --init, "
                      "--layers and --exclude "
                      "before it";
  if (failed(resolveTarget()) || failed(readInput()) || failed(recoverFacts()))
    return failure();
  for (Phase phase : kAllPhases) {
    if (phase == Phase::Sparsify && failed(attachTarget()))
      return failure();
    if ((!options.compileFrom || phase > *options.compileFrom) &&
        failed(runPhase(phase)))
      return failure();
    if (options.compileTo == phase)
      return printModule();
  }
  return writeArtifact();
}

LogicalResult pixelfly::compileModel(const CompileOptions &options,
                                     MLIRContext &context) {
  return Compilation(options, context).run();
}
