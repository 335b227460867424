//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GradientCheck.h"

#include "pixelfly/Differentiate/Differentiate.h"
#include "pixelfly/IR/TensorBuilders.h"
#include "pixelfly/Pipelines/RegisterAll.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/ExecutionEngine/CRunnerUtils.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/Support/TargetSelect.h"

#include <cmath>
#include <memory>
#include <optional>
#include <random>

using namespace mlir;
using namespace pixelfly_test;

/// Upstream's plain lowering of linalg to loops, after that of our ops to
/// linalg.
static const char *const kLowering =
    "func.func(pixelfly-decompose-linear),"
    "func.func(pixelfly-lower-to-linalg),"
    "func.func(convert-elementwise-to-linalg),"
    "one-shot-bufferize{bufferize-function-boundaries "
    "function-boundary-type-conversion=identity-layout-map},"
    "buffer-results-to-out-params{modify-public-functions=true},"
    "func.func(convert-linalg-to-loops),"
    "expand-strided-metadata,lower-affine,convert-scf-to-cf,"
    "func.func(math-expand-ops{ops=rsqrt,asinh,acosh,atanh}),"
    "convert-math-to-llvm,convert-math-to-libm,"
    "finalize-memref-to-llvm,convert-index-to-llvm,"
    "convert-arith-to-llvm,convert-cf-to-llvm,convert-func-to-llvm,"
    "reconcile-unrealized-casts";

namespace {
/// @f of a program, extended to a loss, with its gradient function, compiled.
class CompiledProgram {
public:
  /// Null and a message in `error` if anything fails.
  static std::unique_ptr<CompiledProgram> create(const std::string &program,
                                                 std::string &error);

  /// The types of @f's arguments and results.
  ArrayRef<RankedTensorType> getArguments() const { return arguments; }
  ArrayRef<RankedTensorType> getResults() const { return results; }

  double loss(ArrayRef<Array> arguments, ArrayRef<Array> weights);
  /// The gradients of the f64 arguments in order.
  std::vector<Array> gradients(ArrayRef<Array> arguments,
                               ArrayRef<Array> weights);

private:
  void invoke(StringRef name, ArrayRef<Array> inputs,
              std::vector<Array> &outputs);

  std::unique_ptr<MLIRContext> context;
  std::unique_ptr<ExecutionEngine> engine;
  SmallVector<RankedTensorType> arguments, results;
};
} // namespace

static Array zeros(RankedTensorType type) {
  return {std::vector<int64_t>(type.getShape()),
          std::vector<double>(type.getNumElements())};
}

/// Turns @f into @model: takes a weight per result element, and returns the
/// weighted sum instead of the results.
static void reduceToLoss(func::FuncOp function) {
  Operation *terminator = function.getBody().front().getTerminator();
  OpBuilder builder(terminator);
  Location loc = function.getLoc();
  Value loss;
  for (Value result : SmallVector<Value>(terminator->getOperands())) {
    unsigned index = function.getNumArguments();
    (void)function.insertArgument(index, result.getType(), {}, loc);
    Value dot =
        pixelfly::createDot(builder, loc, result, function.getArgument(index));
    loss = loss ? pixelfly::createSum(builder, loc, loss, dot) : dot;
  }
  terminator->setOperands(loss);
  function.setType(FunctionType::get(
      function.getContext(), function.getArgumentTypes(), loss.getType()));
  function.setSymName("model");
}

std::unique_ptr<CompiledProgram>
CompiledProgram::create(const std::string &program, std::string &error) {
  static bool initialized = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    registerAllPasses();
    pixelfly::registerAllPassesAndPipelines();
    return true;
  }();
  (void)initialized;

  DialectRegistry registry;
  pixelfly::registerAllDialectsAndModels(registry);
  registerAllToLLVMIRTranslations(registry);
  auto compiled = std::make_unique<CompiledProgram>();
  compiled->context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  MLIRContext *context = compiled->context.get();
  context->loadAllAvailableDialects();
  llvm::raw_string_ostream stream(error);
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    stream << diagnostic << "\n";
    return success();
  });

  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(program, ParserConfig(context));
  if (!module)
    return nullptr;
  auto function = module->lookupSymbol<func::FuncOp>("f");
  if (!function) {
    stream << "no function @f";
    return nullptr;
  }
  pixelfly::GradientOptions options;
  options.result = 0;
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    compiled->arguments.push_back(cast<RankedTensorType>(type));
    if (isa<FloatType>(compiled->arguments.back().getElementType()))
      options.arguments.push_back(i);
  }
  for (Type type : function.getResultTypes())
    compiled->results.push_back(cast<RankedTensorType>(type));
  reduceToLoss(function);
  if (failed(pixelfly::differentiate(function, options)) ||
      failed(verify(*module)))
    return nullptr;

  // The arguments are used again in the next call: keep them.
  for (auto function : module->getOps<func::FuncOp>()) {
    function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                      UnitAttr::get(context));
    for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
      function.setArgAttr(i, "bufferization.writable",
                          BoolAttr::get(context, false));
  }
  // No upstream pass lowers tensor.concat.
  RewritePatternSet patterns(context);
  tensor::populateDecomposeTensorConcatPatterns(patterns);
  if (failed(applyPatternsGreedily(*module, std::move(patterns))))
    return nullptr;
  // LLVM 22's expansion of math.clampf swaps the bounds.
  module->walk([](math::ClampFOp clamp) {
    OpBuilder builder(clamp);
    Value atLeast = arith::MaximumFOp::create(builder, clamp.getLoc(),
                                              clamp.getValue(), clamp.getMin());
    Value atMost = arith::MinimumFOp::create(builder, clamp.getLoc(), atLeast,
                                             clamp.getMax());
    clamp->replaceAllUsesWith(ValueRange{atMost});
    clamp->erase();
  });
  PassManager manager(context);
  if (failed(parsePassPipeline(kLowering, manager, stream)) ||
      failed(manager.run(*module)))
    return nullptr;
  ExecutionEngineOptions engineOptions;
  auto engine = ExecutionEngine::create(*module, engineOptions);
  if (!engine) {
    stream << llvm::toString(engine.takeError());
    return nullptr;
  }
  // What upstream lowers copies of strided memrefs to.
  (*engine)->registerSymbols([](llvm::orc::MangleAndInterner interner) {
    llvm::orc::SymbolMap symbols;
    symbols[interner("memrefCopy")] = {
        llvm::orc::ExecutorAddr::fromPtr(&memrefCopy),
        llvm::JITSymbolFlags::Exported};
    return symbols;
  });
  compiled->engine = std::move(*engine);
  return compiled;
}

void CompiledProgram::invoke(StringRef name, ArrayRef<Array> inputs,
                             std::vector<Array> &outputs) {
  // Descriptors of strided memrefs: two pointers, offset, sizes, strides.
  std::vector<std::vector<int64_t>> descriptors;
  std::vector<std::vector<int32_t>> integers;
  auto describe = [&](const std::vector<int64_t> &shape, const void *data) {
    std::vector<int64_t> words = {reinterpret_cast<int64_t>(data),
                                  reinterpret_cast<int64_t>(data), 0};
    words.insert(words.end(), shape.begin(), shape.end());
    int64_t stride = 1;
    std::vector<int64_t> strides(shape.size());
    for (size_t i = shape.size(); i-- > 0; stride *= shape[i])
      strides[i] = stride;
    words.insert(words.end(), strides.begin(), strides.end());
    descriptors.push_back(std::move(words));
  };
  for (auto [i, input] : llvm::enumerate(inputs)) {
    if (i < arguments.size() && arguments[i].getElementType().isInteger(32)) {
      integers.emplace_back(input.values.begin(), input.values.end());
      describe(input.shape, integers.back().data());
    } else {
      describe(input.shape, input.values.data());
    }
  }
  for (Array &output : outputs)
    describe(output.shape, output.values.data());
  std::vector<void *> pointers;
  for (auto &words : descriptors)
    pointers.push_back(words.data());
  std::vector<void *> packed;
  for (void *&pointer : pointers)
    packed.push_back(&pointer);
  if (llvm::Error error =
          engine->invokePacked(("_mlir_ciface_" + name).str(), packed))
    ADD_FAILURE() << llvm::toString(std::move(error));
}

static std::vector<Array> concatenate(ArrayRef<Array> first,
                                      ArrayRef<Array> second) {
  std::vector<Array> all(first.begin(), first.end());
  all.insert(all.end(), second.begin(), second.end());
  return all;
}

double CompiledProgram::loss(ArrayRef<Array> arguments,
                             ArrayRef<Array> weights) {
  std::vector<Array> outputs(1, Array{/*shape=*/{}, /*values=*/{0.0}});
  invoke("model", concatenate(arguments, weights), outputs);
  return outputs[0].values[0];
}

std::vector<Array> CompiledProgram::gradients(ArrayRef<Array> arguments,
                                              ArrayRef<Array> weights) {
  std::vector<Array> outputs(1, Array{/*shape=*/{}, /*values=*/{0.0}});
  for (RankedTensorType type : this->arguments)
    if (isa<FloatType>(type.getElementType()))
      outputs.push_back(zeros(type));
  invoke("model_gradient", concatenate(arguments, weights), outputs);
  outputs.erase(outputs.begin());
  return outputs;
}

testing::AssertionResult
pixelfly_test::gradientsMatchDifferences(const std::string &program,
                                         const GradientCheckOptions &options) {
  std::string error;
  std::unique_ptr<CompiledProgram> compiled =
      CompiledProgram::create(program, error);
  if (!compiled)
    return testing::AssertionFailure() << error;

  std::mt19937_64 generator(2112);
  std::uniform_real_distribution<double> uniform(options.low, options.high);
  std::uniform_real_distribution<double> weight(-1.0, 1.0);
  std::vector<Array> arguments, weights;
  for (RankedTensorType type : compiled->getArguments()) {
    arguments.push_back(zeros(type));
    for (double &value : arguments.back().values)
      value = isa<FloatType>(type.getElementType())
                  ? uniform(generator)
                  : double(generator() % options.integers);
  }
  for (RankedTensorType type : compiled->getResults()) {
    weights.push_back(zeros(type));
    for (double &value : weights.back().values)
      value = weight(generator);
  }

  std::vector<Array> gradients = compiled->gradients(arguments, weights);
  const double step = 1e-5;
  auto gradient = gradients.begin();
  double largest = 0.0;
  for (auto [i, type] : llvm::enumerate(compiled->getArguments())) {
    if (!isa<FloatType>(type.getElementType()))
      continue;
    size_t size = arguments[i].values.size();
    size_t checks = options.samples ? options.samples : size;
    for (size_t check = 0; check < checks; ++check) {
      size_t j = options.samples ? generator() % size : check;
      double &value = arguments[i].values[j];
      double original = value;
      value = original + step;
      double above = compiled->loss(arguments, weights);
      value = original - step;
      double below = compiled->loss(arguments, weights);
      value = original;
      double quotient = (above - below) / (2.0 * step);
      largest = std::fmax(largest, std::fabs(quotient));
      double difference = std::fabs(gradient->values[j] - quotient);
      if (!(difference <= options.tolerance * (1.0 + std::fabs(quotient))))
        return testing::AssertionFailure()
               << "argument " << i << ", element " << j << ": gradient "
               << gradient->values[j] << ", difference quotient " << quotient;
    }
    ++gradient;
  }
  if (largest == 0.0)
    return testing::AssertionFailure()
           << "every difference quotient is zero: the program tests nothing";
  return testing::AssertionSuccess();
}

std::vector<Array>
pixelfly_test::evaluateGradients(const std::string &program,
                                 std::vector<Array> arguments,
                                 std::vector<Array> weights) {
  std::string error;
  std::unique_ptr<CompiledProgram> compiled =
      CompiledProgram::create(program, error);
  if (!compiled) {
    ADD_FAILURE() << error;
    return {};
  }
  return compiled->gradients(arguments, weights);
}
