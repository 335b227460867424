//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a function whose kernels are at the nvvm level, on the CPU: the host's
// code as machine code, the kernels in the emulator. See docs/GPUEmulation.md.
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "Host.h"
#include "TrainStep.h"

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/AsmState.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;
namespace cl = llvm::cl;

namespace {
struct CommandLine {
  cl::opt<std::string> input{cl::Positional, cl::desc("<input .mlir>"),
                             cl::init("-")};
  cl::opt<std::string> entry{
      "entry",
      cl::desc("Function to run: its memref arguments become buffers of "
               "the device"),
      cl::init("main")};
  cl::opt<std::string> arguments{
      "arguments",
      cl::desc(
          "Types of the arguments, where the entry is an llvm.func already: "
          "memref<...>, memref<...>")};
  cl::opt<std::string> reference{
      "reference",
      cl::desc(
          "Function to compare with: same shapes, element types may be wider")};
  cl::opt<unsigned> steps{
      "steps",
      cl::desc("How often to run an entry point of an artifact "
               "(--entry=pf_train_step)"),
      cl::init(1)};
  cl::opt<std::string> referenceFile{
      "reference-file",
      cl::desc("Where the reference stands, if not in the input")};
  cl::opt<double> tolerance{
      "tolerance",
      cl::desc("Largest error allowed, relative to the largest value of the "
               "reference's result"),
      cl::init(1e-5)};
  cl::opt<uint64_t> seed{"seed", cl::desc("Of random arguments and schedules"),
                         cl::init(1)};
  cl::opt<Fill> fill{
      "fill", cl::desc("What the arguments hold"), cl::init(Fill::Random),
      cl::values(clEnumValN(Fill::Random, "random", "uniform in [-1, 1)"),
                 clEnumValN(Fill::Index, "index", "0, 1, 2, ..."),
                 clEnumValN(Fill::Zero, "zero", "zeros"))};
  cl::list<unsigned> print{"print", cl::CommaSeparated,
                           cl::desc("Print these arguments after the run")};
  cl::opt<Options::Schedule> schedule{
      "schedule", cl::desc("Order of blocks, warps and lanes"),
      cl::init(Options::Schedule::Forward),
      cl::values(
          clEnumValN(Options::Schedule::Forward, "forward", "first to last"),
          clEnumValN(Options::Schedule::Reverse, "reverse", "last to first"),
          clEnumValN(Options::Schedule::Random, "random", "by the seed"))};
  cl::opt<bool> statistics{"statistics",
                           cl::desc("Print what the kernels executed")};
  cl::list<std::string> libraries{
      "shared-libs", cl::CommaSeparated,
      cl::desc("Shared libraries that the host's code calls")};
  cl::opt<bool> verifyDiagnostics{
      "verify-diagnostics",
      cl::desc("Check the reports against expected-error comments")};
};
} // namespace

/// Calls a C interface with pointers to the arguments' descriptors.
static void call(void *function, ArrayRef<void *> pointers) {
  using P = void *;
  void *p[16] = {};
  std::copy(pointers.begin(), pointers.end(), p);
  // Pointers beyond a function's parameters are ignored by the calling
  // convention.
  reinterpret_cast<void (*)(P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, P)>(
      function)(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9],
                p[10], p[11], p[12], p[13], p[14], p[15]);
}

/// The memref types of a function's parameters, which gets a C interface. Of an
/// llvm.func they are what is said, or else `assumed`.
static FailureOr<SmallVector<MemRefType>>
parameterTypes(ModuleOp module, StringRef name, StringRef said,
               ArrayRef<MemRefType> assumed = {}) {
  Operation *op = module.lookupSymbol(name);
  auto function = dyn_cast_or_null<FunctionOpInterface>(op);
  if (!function)
    return module.emitError() << "there is no function '" << name << "'";
  SmallVector<MemRefType> types;
  auto add = [&](Type type) -> LogicalResult {
    auto memref = dyn_cast<MemRefType>(type);
    if (!memref)
      return op->emitError() << "'" << name << "' takes a " << type
                             << "; only memrefs can be made up";
    types.push_back(memref);
    return success();
  };
  if (isa<LLVM::LLVMFuncOp>(op)) {
    if (said.empty())
      return SmallVector<MemRefType>(assumed);
    StringRef rest = said;
    while (!rest.trim().empty()) {
      size_t length = 0;
      rest = rest.ltrim(", ");
      Type type = parseType(rest, module.getContext(), &length);
      if (!type || failed(add(type)))
        return failure();
      rest = rest.drop_front(length);
    }
    return types;
  }
  for (Type type : function.getArgumentTypes())
    if (failed(add(type)))
      return failure();
  if (types.size() > 16)
    return op->emitError("takes more than 16 arguments");
  op->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
              UnitAttr::get(module.getContext()));
  return types;
}

static FailureOr<SmallVector<Argument>>
makeArguments(ModuleOp module, ArrayRef<MemRefType> types, GlobalMemory *device,
              const CommandLine &options) {
  SmallVector<Argument> made;
  for (auto [index, type] : llvm::enumerate(types)) {
    FailureOr<Argument> argument = Argument::create(
        module.getLoc(), type, device, "argument " + std::to_string(index));
    if (failed(argument))
      return failure();
    argument->fill(options.fill, options.seed, index);
    made.push_back(std::move(*argument));
  }
  return made;
}

/// Compares what the reference wrote; prints one line for each such argument.
static LogicalResult compare(MutableArrayRef<Argument> results,
                             MutableArrayRef<Argument> expected,
                             ArrayRef<std::vector<double>> before,
                             double tolerance) {
  bool good = true, any = false;
  for (auto [number, pair] : llvm::enumerate(llvm::zip(results, expected))) {
    auto &[result, wanted] = pair;
    double largest = 0, error = 0;
    int64_t worst = 0;
    bool written = false;
    for (int64_t i = 0, e = wanted.size(); i < e; ++i) {
      double value = wanted.get(i),
             difference = std::fabs(result.get(i) - value);
      written |= value != before[number][i];
      largest = std::max(largest, std::fabs(value));
      if (!(difference <= error)) {
        error = std::isnan(difference) ? INFINITY : difference;
        worst = i;
      }
    }
    bool close = error <= tolerance * largest || error == 0;
    good &= close;
    if (!written && close)
      continue;
    any |= written;
    llvm::outs() << "argument " << number << ": largest error "
                 << llvm::format("%.3g", error) << " (element " << worst
                 << "), largest value " << llvm::format("%.3g", largest)
                 << (close ? ": equal within the tolerance\n"
                           : ": DIFFERENT\n");
  }
  if (!any) {
    llvm::errs() << "error: the reference has written nothing\n";
    return failure();
  }
  return success(good);
}

static void printStatistics(Emulator &emulator) {
  Statistics &statistics = emulator.getStatistics();
  llvm::outs() << "instructions: " << statistics.instructions << '\n';
  SmallVector<std::pair<StringRef, uint64_t>> counts;
  for (auto &entry : statistics.operations)
    counts.push_back({entry.getKey(), entry.getValue()});
  llvm::sort(counts);
  for (auto [name, count] : counts)
    llvm::outs() << name << ": " << count << '\n';
  uint64_t conflicts = 0;
  for (auto [op, count] : statistics.bankConflicts) {
    conflicts += count;
    if (count)
      llvm::outs() << "bank conflicts at " << op->getLoc() << ": " << count
                   << '\n';
  }
  llvm::outs() << "bank conflicts of matrix accesses: " << conflicts << '\n';
}

static FailureOr<std::unique_ptr<HostProgram>>
compile(ModuleOp module, Emulator &emulator, const CommandLine &options) {
  FailureOr<OwningOpRef<ModuleOp>> kernels = lowerToEmulation(module);
  if (failed(kernels))
    return failure();
  return HostProgram::create(module, std::move(*kernels), emulator,
                             options.libraries);
}

/// Runs an entry point of an artifact.
static LogicalResult runEntryPoint(ModuleOp module, ModuleOp referenceModule,
                                   const EntryPoint &entry, Emulator &emulator,
                                   const CommandLine &options) {
  std::optional<EntryPoint> referenceEntry;
  if (referenceModule != module) {
    referenceEntry = findEntryPoint(referenceModule, options.entry);
    auto same = [](const EntryPointBuffer &a, const EntryPointBuffer &b) {
      return a.role == b.role && a.type == b.type;
    };
    if (!referenceEntry ||
        !llvm::equal(referenceEntry->buffers, entry.buffers, same))
      return referenceModule.emitError()
             << "has no entry point '" << options.entry
             << "' with the same buffers";
  }
  FailureOr<std::unique_ptr<HostProgram>> program =
      compile(module, emulator, options);
  if (failed(program))
    return failure();
  std::optional<StepProgram> reference;
  FailureOr<std::unique_ptr<HostProgram>> other = failure();
  if (referenceEntry) {
    other = compile(referenceModule, emulator, options);
    if (failed(other))
      return failure();
    reference = StepProgram{*referenceEntry, other->get()};
  }
  LogicalResult result =
      runSteps(module.getLoc(), emulator, {entry, program->get()}, reference,
               {options.steps, options.seed, options.tolerance});
  if (options.statistics)
    printStatistics(emulator);
  return result;
}

static LogicalResult run(ModuleOp module, ModuleOp referenceModule,
                         const CommandLine &options) {
  Options machine;
  machine.schedule = options.schedule;
  machine.seed = options.seed;
  Emulator emulator(machine);
  if (std::optional<EntryPoint> entry = findEntryPoint(module, options.entry))
    return runEntryPoint(module, referenceModule, *entry, emulator, options);
  FailureOr<SmallVector<MemRefType>> types =
      parameterTypes(module, options.entry, options.arguments);
  if (failed(types))
    return failure();
  bool compares = !options.reference.empty();
  FailureOr<SmallVector<MemRefType>> wideTypes = SmallVector<MemRefType>();
  if (compares) {
    wideTypes = parameterTypes(referenceModule, options.reference,
                               options.arguments, *types);
    if (failed(wideTypes))
      return failure();
    if (wideTypes->size() != types->size() ||
        llvm::any_of(llvm::zip(*types, *wideTypes), [](auto pair) {
          return std::get<0>(pair).getShape() != std::get<1>(pair).getShape();
        }))
      return referenceModule.emitError(
          "the reference does not take arguments of the same shapes");
  }
  FailureOr<std::unique_ptr<HostProgram>> program =
      compile(module, emulator, options);
  if (failed(program))
    return failure();
  FailureOr<SmallVector<Argument>> arguments =
      makeArguments(module, *types, &emulator.getMemory(), options);
  if (failed(arguments))
    return failure();

  // The reference starts from the numbers as the narrow types hold them.
  SmallVector<Argument> expected;
  std::vector<std::vector<double>> before;
  std::unique_ptr<HostProgram> other;
  if (compares) {
    FailureOr<SmallVector<Argument>> made = makeArguments(
        referenceModule, *wideTypes, &emulator.getMemory(), options);
    if (failed(made))
      return failure();
    expected = std::move(*made);
    for (auto [wide, narrow] : llvm::zip(expected, *arguments)) {
      std::vector<double> &values = before.emplace_back();
      for (int64_t i = 0, e = narrow.size(); i < e; ++i) {
        wide.set(i, narrow.get(i));
        values.push_back(wide.get(i));
      }
    }
    if (referenceModule != module) {
      FailureOr<std::unique_ptr<HostProgram>> created =
          compile(referenceModule, emulator, options);
      if (failed(created))
        return failure();
      other = std::move(*created);
    }
  }
  auto invoke = [&](HostProgram &host, StringRef name,
                    MutableArrayRef<Argument> arguments) -> LogicalResult {
    FailureOr<void *> function = host.lookup(name, arguments.empty());
    if (failed(function))
      return failure();
    SmallVector<void *> pointers;
    for (Argument &argument : arguments)
      pointers.push_back(argument.descriptor());
    call(*function, pointers);
    return success(!takeHostFailure() && !emulator.hasReported());
  };
  if (failed(invoke(**program, options.entry, *arguments)))
    return failure();
  for (unsigned number : options.print)
    if (number < arguments->size())
      (*arguments)[number].print(llvm::outs());
  if (options.statistics)
    printStatistics(emulator);
  if (!compares)
    return success();
  if (failed(invoke(other ? *other : **program, options.reference, expected)))
    return failure();
  return compare(*arguments, expected, before, options.tolerance);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  CommandLine options;
  cl::ParseCommandLineOptions(argc, argv,
                              "Emulates GPU kernels at the nvvm level\n");
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registry.insert<PixelflyDialect>();
  registerAllToLLVMIRTranslations(registry);
  registerAllPasses();
  MLIRContext context(registry);

  std::string message;
  auto file = openInputFile(options.input, &message);
  if (!file) {
    llvm::errs() << "error: " << message << '\n';
    return 1;
  }
  auto sources = std::make_shared<llvm::SourceMgr>();
  sources->AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  auto process = [&]() -> LogicalResult {
    OwningOpRef<ModuleOp> module =
        parseSourceFile<ModuleOp>(*sources, &context);
    if (!module)
      return failure();
    OwningOpRef<ModuleOp> reference;
    if (!options.referenceFile.empty()) {
      reference = parseSourceFile<ModuleOp>(options.referenceFile, &context);
      if (!reference)
        return failure();
    }
    return run(*module, reference ? *reference : *module, options);
  };
  if (options.verifyDiagnostics) {
    context.printOpOnDiagnostic(false);
    SourceMgrDiagnosticVerifierHandler handler(*sources, &context);
    (void)process();
    return failed(handler.verify());
  }
  SourceMgrDiagnosticHandler handler(*sources, &context);
  return failed(process());
}
