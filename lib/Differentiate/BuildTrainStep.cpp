//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "UpdateRule.h"

#include "pixelfly/Differentiate/Passes.h"
#include "pixelfly/IR/Pixelfly.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_BUILDTRAINSTEP
#include "pixelfly/Differentiate/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

namespace {

constexpr StringLiteral kModel = "model";
constexpr StringLiteral kGradient = "model_gradient";
constexpr StringLiteral kTrainStep = "train_step";
constexpr StringLiteral kEvaluate = "evaluate";

/// What @model and @model_gradient say about themselves, checked.
struct ModelFunctions {
  func::FuncOp model, gradient;
  /// Argument numbers, each list in order.
  SmallVector<unsigned> parameters, inputs;
  /// Result number of the loss.
  unsigned loss = 0;

  StringAttr getOutputName(unsigned result) {
    return model.getResultAttrOfType<StringAttr>(result, kOutputAttrName);
  }
  ParameterAttr getParameter(unsigned argument) {
    return model.getArgAttrOfType<ParameterAttr>(argument, kParameterAttrName);
  }
};

/// Arguments and results of a function under construction.
struct Signature {
  SmallVector<Type> arguments, results;
  SmallVector<DictionaryAttr> argumentAttrs, resultAttrs;

  void addArgument(Type type, DictionaryAttr attrs) {
    arguments.push_back(type);
    argumentAttrs.push_back(attrs);
  }
  void addResult(Type type, DictionaryAttr attrs) {
    results.push_back(type);
    resultAttrs.push_back(attrs);
  }
};

class TrainStepBuilder {
public:
  TrainStepBuilder(ModelFunctions &functions, UpdateRule &rule, double clipNorm)
      : functions(functions), rule(rule), clipNorm(clipNorm),
        builder(functions.model.getContext()),
        loc(functions.gradient.getLoc()) {}

  void buildTrainStep();
  void buildEvaluate();

private:
  DictionaryAttr named(StringRef attr, StringRef value) {
    return builder.getDictionaryAttr(
        builder.getNamedAttr(attr, builder.getStringAttr(value)));
  }
  func::FuncOp createFunction(StringRef name, const Signature &signature);
  SmallVector<Value> cloneBody(func::FuncOp from, ValueRange arguments);
  Value emitSumOfSquares(Value tensor, Value sum);
  Value emitNorm(ValueRange gradients);
  Value emitScalar(Value tensor) {
    return tensor::ExtractOp::create(builder, loc, tensor, ValueRange());
  }

  ModelFunctions &functions;
  UpdateRule &rule;
  double clipNorm;
  OpBuilder builder;
  Location loc;
};

} // namespace

/// Creates a public function behind @model_gradient and moves the builder into
/// its empty body.
func::FuncOp TrainStepBuilder::createFunction(StringRef name,
                                              const Signature &signature) {
  builder.setInsertionPoint(functions.model);
  auto function = func::FuncOp::create(
      builder, loc, name,
      builder.getFunctionType(signature.arguments, signature.results));
  function.setAllArgAttrs(signature.argumentAttrs);
  function.setAllResultAttrs(signature.resultAttrs);
  builder.setInsertionPointToStart(function.addEntryBlock());
  return function;
}

/// Clones the body of `from`, without its return, on `arguments`; returns what
/// it returns.
SmallVector<Value> TrainStepBuilder::cloneBody(func::FuncOp from,
                                               ValueRange arguments) {
  IRMapping mapping;
  mapping.map(from.getArguments(), arguments);
  for (Operation &op : from.front().without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> results;
  for (Value value : from.front().getTerminator()->getOperands())
    results.push_back(mapping.lookup(value));
  return results;
}

/// Emits `sum` + the sum of the squares of `tensor`, all of rank 0 and f32. A
/// tensor of two or more dimensions is first reduced to its leading one, which
/// leaves a loop that threads can share.
Value TrainStepBuilder::emitSumOfSquares(Value tensor, Value sum) {
  using utils::IteratorType;
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t rank = type.getRank();
  auto reduce = [&](Value input, Value init, int64_t parallel, bool square) {
    int64_t inputRank = cast<RankedTensorType>(input.getType()).getRank();
    AffineMap identity = builder.getMultiDimIdentityMap(inputRank);
    AffineMap leading =
        AffineMap::get(inputRank, 0, identity.getResults().take_front(parallel),
                       builder.getContext());
    SmallVector<IteratorType> iterators(inputRank, IteratorType::reduction);
    std::fill_n(iterators.begin(), parallel, IteratorType::parallel);
    auto op = linalg::GenericOp::create(
        builder, loc, init.getType(), input, init,
        ArrayRef<AffineMap>{identity, leading}, iterators,
        [&](OpBuilder &nested, Location nestedLoc, ValueRange args) {
          Value element = args[0];
          if (element.getType() != args[1].getType())
            element = arith::ExtFOp::create(nested, nestedLoc,
                                            args[1].getType(), element);
          if (square)
            element =
                arith::MulFOp::create(nested, nestedLoc, element, element);
          Value next =
              arith::AddFOp::create(nested, nestedLoc, args[1], element);
          linalg::YieldOp::create(nested, nestedLoc, next);
        });
    return op.getResult(0);
  };
  if (rank < 2)
    return reduce(tensor, sum, 0, /*square=*/true);

  Type f32 = builder.getF32Type();
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0));
  Value empty =
      tensor::EmptyOp::create(builder, loc, type.getShape().take_front(), f32);
  Value partial =
      linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
  partial = reduce(tensor, partial, 1, /*square=*/true);
  return reduce(partial, sum, 0, /*square=*/false);
}

/// Emits the Euclidean norm of all `gradients` together, a tensor of rank 0.
Value TrainStepBuilder::emitNorm(ValueRange gradients) {
  Type f32 = builder.getF32Type();
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(0.0));
  Value empty = tensor::EmptyOp::create(builder, loc, ArrayRef<int64_t>(), f32);
  Value sum = linalg::FillOp::create(builder, loc, zero, empty).getResult(0);
  for (Value gradient : gradients)
    sum = emitSumOfSquares(gradient, sum);
  Value norm = math::SqrtOp::create(builder, loc, emitScalar(sum));
  return tensor::FromElementsOp::create(builder, loc, sum.getType(), norm);
}

void TrainStepBuilder::buildTrainStep() {
  func::FuncOp model = functions.model;
  unsigned numParameters = functions.parameters.size();
  auto scalarType = RankedTensorType::get({}, builder.getF32Type());

  Signature signature;
  for (unsigned argument : functions.parameters)
    signature.addArgument(model.getArgument(argument).getType(),
                          model.getArgAttrDict(argument));
  for (StringRef state : rule.getStateNames())
    for (unsigned argument : functions.parameters)
      signature.addArgument(model.getArgument(argument).getType(),
                            named(kOptimizerStateAttrName, state));
  // The parameters and their state come back under the same types.
  for (Type type : signature.arguments)
    signature.addResult(type, DictionaryAttr());
  for (unsigned argument : functions.inputs)
    signature.addArgument(model.getArgument(argument).getType(),
                          model.getArgAttrDict(argument));
  signature.addArgument(scalarType, named(kInputAttrName, "learning_rate"));
  signature.addArgument(scalarType, named(kInputAttrName, "step"));

  // Outputs for the trainer; the losses of the single examples are not for it.
  SmallVector<unsigned> otherOutputs;
  for (unsigned i = 0, e = model.getNumResults(); i < e; ++i)
    if (i != functions.loss && functions.getOutputName(i) != "losses")
      otherOutputs.push_back(i);
  signature.addResult(model.getResultTypes()[functions.loss],
                      model.getResultAttrDict(functions.loss));
  signature.addResult(scalarType, named(kOutputAttrName, "gradient_norm"));
  for (unsigned i : otherOutputs)
    signature.addResult(model.getResultTypes()[i], model.getResultAttrDict(i));

  func::FuncOp function = createFunction(kTrainStep, signature);
  ValueRange arguments = function.getArguments();
  ValueRange parameters = arguments.take_front(numParameters);
  ValueRange state = arguments.slice(
      numParameters, numParameters * rule.getStateNames().size());
  ValueRange inputs =
      arguments.drop_front(parameters.size() + state.size()).drop_back(2);

  SmallVector<Value> ordered(model.getNumArguments());
  for (auto [argument, value] :
       llvm::zip_equal(functions.parameters, parameters))
    ordered[argument] = value;
  for (auto [argument, value] : llvm::zip_equal(functions.inputs, inputs))
    ordered[argument] = value;
  SmallVector<Value> values = cloneBody(functions.gradient, ordered);
  ValueRange gradients = ValueRange(values).take_back(numParameters);

  Value norm = emitNorm(gradients);
  StepScalars scalars;
  scalars.learningRate = emitScalar(arguments.drop_back(1).back());
  scalars.step = emitScalar(arguments.back());
  if (clipNorm != 0.0) {
    // minimumf, so that a norm that is not a number does not go unnoticed.
    Value one =
        arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(1.0));
    Value limit = arith::ConstantOp::create(builder, loc,
                                            builder.getF32FloatAttr(clipNorm));
    Value ratio = arith::DivFOp::create(builder, loc, limit, emitScalar(norm));
    scalars.gradientScale = arith::MinimumFOp::create(builder, loc, one, ratio);
  }
  rule.emitScalars(builder, loc, scalars);

  SmallVector<Value> results(parameters.size() + state.size());
  for (unsigned i = 0; i < numParameters; ++i) {
    SmallVector<Value> parameterState;
    for (unsigned k = i; k < state.size(); k += numParameters)
      parameterState.push_back(state[k]);
    bool decay = functions.getParameter(functions.parameters[i]).getDecay();
    ValueRange updated = rule.emitUpdate(builder, loc, gradients[i],
                                         parameters[i], parameterState, decay);
    for (auto [k, value] : llvm::enumerate(updated))
      results[k * numParameters + i] = value;
  }
  results.push_back(values[functions.loss]);
  results.push_back(norm);
  for (unsigned i : otherOutputs)
    results.push_back(values[i]);
  func::ReturnOp::create(builder, loc, results);
}

void TrainStepBuilder::buildEvaluate() {
  func::FuncOp model = functions.model;
  Signature signature;
  SmallVector<unsigned> order = functions.parameters;
  llvm::append_range(order, functions.inputs);
  for (unsigned argument : order)
    signature.addArgument(model.getArgument(argument).getType(),
                          model.getArgAttrDict(argument));
  SmallVector<unsigned> outputs;
  for (unsigned i = 0, e = model.getNumResults(); i < e; ++i) {
    if (i == functions.loss)
      continue;
    outputs.push_back(i);
    signature.addResult(model.getResultTypes()[i], model.getResultAttrDict(i));
  }

  func::FuncOp function = createFunction(kEvaluate, signature);
  SmallVector<Value> ordered(model.getNumArguments());
  for (auto [argument, value] : llvm::zip_equal(order, function.getArguments()))
    ordered[argument] = value;
  SmallVector<Value> values = cloneBody(model, ordered);
  SmallVector<Value> results;
  for (unsigned i : outputs)
    results.push_back(values[i]);
  func::ReturnOp::create(builder, loc, results);
}

/// Erases operations whose results nobody uses, users before their operands.
static void eraseDeadOps(func::FuncOp function) {
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(function.front())))
    if (isOpTriviallyDead(&op))
      op.erase();
}

/// The function of that name with one block, or null after an error that ends
/// with `advice`.
static func::FuncOp lookupFunction(ModuleOp module, StringRef name,
                                   StringRef advice) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function) {
    module.emitError("has no function @") << name << "; " << advice;
    return {};
  }
  if (!function.getBody().hasOneBlock()) {
    function.emitError("must have a body of one block to be made part of the "
                       "train step");
    return {};
  }
  return function;
}

static LogicalResult readArguments(ModelFunctions &functions) {
  func::FuncOp model = functions.model;
  for (unsigned i = 0, e = model.getNumArguments(); i < e; ++i) {
    if (!functions.getParameter(i)) {
      if (!model.getArgAttr(i, kInputAttrName))
        return model.emitError("argument #")
               << i << " is neither a parameter ('" << kParameterAttrName
               << "') nor an input ('" << kInputAttrName << "')";
      functions.inputs.push_back(i);
      continue;
    }
    functions.parameters.push_back(i);
  }
  if (functions.parameters.empty())
    return model.emitError("has no argument with '")
           << kParameterAttrName << "': there is nothing to train";
  return success();
}

static LogicalResult readResults(ModelFunctions &functions) {
  func::FuncOp model = functions.model, gradient = functions.gradient;
  std::optional<unsigned> loss;
  for (unsigned i = 0, e = model.getNumResults(); i < e; ++i) {
    // The dialect verifies that names are not repeated.
    if (functions.getOutputName(i) == "loss")
      loss = i;
  }
  if (!loss)
    return model.emitError("has no result with '")
           << kOutputAttrName << "' = \"loss\"";
  functions.loss = *loss;

  if (gradient.getArgumentTypes() != model.getArgumentTypes())
    return gradient.emitError("must take the arguments of @")
           << kModel << "; derive it with --pixelfly-differentiate";
  SmallVector<Type> expected(model.getResultTypes());
  for (unsigned argument : functions.parameters)
    expected.push_back(model.getArgument(argument).getType());
  if (gradient.getResultTypes() != ArrayRef<Type>(expected))
    return gradient.emitError("must return the results of @")
           << kModel << " and then one gradient per parameter, of the "
           << "parameter's type; derive it with --pixelfly-differentiate";
  return success();
}

namespace {
struct BuildTrainStep
    : public pixelfly::impl::BuildTrainStepBase<BuildTrainStep> {
  using BuildTrainStepBase::BuildTrainStepBase;

  void runOnOperation() override {
    if (failed(verifyOptions()) || failed(build()))
      signalPassFailure();
  }

private:
  LogicalResult verifyOptions();
  LogicalResult build();
};
} // namespace

LogicalResult BuildTrainStep::verifyOptions() {
  auto require = [&](bool valid, StringRef option, double value,
                     StringRef range) -> LogicalResult {
    if (valid)
      return success();
    return emitError(getOperation().getLoc(), "option '")
           << option << "' of --pixelfly-build-train-step must be " << range
           << ", but is " << value;
  };
  // Written so that a value that is not a number fails.
  auto isFraction = [](double value) { return value >= 0.0 && value < 1.0; };
  auto isFinite = [](double value) { return value >= 0.0 && value < HUGE_VAL; };
  return success(
      succeeded(require(isFraction(beta1), "beta1", beta1, "in [0, 1)")) &&
      succeeded(require(isFraction(beta2), "beta2", beta2, "in [0, 1)")) &&
      succeeded(require(isFinite(epsilon) && epsilon > 0.0, "epsilon", epsilon,
                        "positive")) &&
      succeeded(require(isFinite(weightDecay), "weight-decay", weightDecay,
                        "0 or positive")) &&
      succeeded(
          require(isFraction(momentum), "momentum", momentum, "in [0, 1)")) &&
      succeeded(require(isFinite(clipNorm), "clip-norm", clipNorm,
                        "0 (no clipping) or positive")));
}

LogicalResult BuildTrainStep::build() {
  ModuleOp module = getOperation();
  ModelFunctions functions;
  functions.model =
      lookupFunction(module, kModel, "name the model function so");
  if (!functions.model)
    return failure();
  functions.gradient =
      lookupFunction(module, kGradient, "run --pixelfly-differentiate first");
  if (!functions.gradient || failed(readArguments(functions)) ||
      failed(readResults(functions)))
    return failure();
  for (StringRef name : {kTrainStep, kEvaluate})
    if (Operation *taken = module.lookupSymbol(name))
      return taken->emitError("stands where the train step is to be built; "
                              "rename or remove it");

  BuildTrainStepOptions options;
  options.optimizer = optimizer;
  options.beta1 = beta1;
  options.beta2 = beta2;
  options.epsilon = epsilon;
  options.weightDecay = weightDecay;
  options.momentum = momentum;
  options.clipNorm = clipNorm;
  std::unique_ptr<UpdateRule> rule =
      optimizer == Optimizer::AdamW ? createAdamW(options) : createSGD(options);

  TrainStepBuilder builder(functions, *rule, clipNorm);
  builder.buildTrainStep();
  builder.buildEvaluate();
  numUpdated = functions.parameters.size();
  for (StringRef name : {kTrainStep, kEvaluate})
    eraseDeadOps(module.lookupSymbol<func::FuncOp>(name));
  // Somebody else's callers keep their callee.
  for (func::FuncOp function : {functions.gradient, functions.model}) {
    if (SymbolTable::symbolKnownUseEmpty(function, module))
      function.erase();
    else
      function.setPrivate();
  }
  return success();
}
