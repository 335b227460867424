//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Differentiate/Differentiate.h"

#include "Gather.h"
#include "ReverseSweep.h"
#include "Rules.h"
#include "pixelfly/Differentiate/Passes.h"
#include "pixelfly/IR/ExpandComposites.h"
#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/TensorBuilders.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::pixelfly {
#define GEN_PASS_DEF_DIFFERENTIATE
#include "pixelfly/Differentiate/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// The result to differentiate: the one asked for, or the one named "loss".
static FailureOr<unsigned> findResult(func::FuncOp function,
                                      std::optional<unsigned> asked) {
  std::optional<unsigned> found = asked;
  for (unsigned i = 0, e = function.getNumResults(); i < e && !found; ++i) {
    auto name = function.getResultAttrOfType<StringAttr>(i, kOutputAttrName);
    if (name && name.getValue() == "loss")
      found = i;
  }
  if (!found)
    return function.emitError("no result has pixelfly.output = \"loss\"; mark "
                              "the loss or name a result to differentiate");
  if (*found >= function.getNumResults())
    return function.emitError("cannot differentiate result ")
           << *found << " of a function with " << function.getNumResults()
           << " results";
  Type type = function.getResultTypes()[*found];
  auto tensorType = dyn_cast<RankedTensorType>(type);
  if (!isDifferentiable(type) || isa<VectorType>(type) ||
      (tensorType && tensorType.getRank() != 0))
    return function.emitError("cannot differentiate result ")
           << *found << " of type " << type
           << "; it must be a float or a rank-0 tensor of one";
  return *found;
}

/// The arguments to differentiate with respect to: those asked for, or the
/// parameters.
static FailureOr<SmallVector<unsigned>>
findArguments(func::FuncOp function, ArrayRef<unsigned> asked) {
  SmallVector<unsigned> found(asked);
  if (found.empty())
    for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
      if (function.getArgAttr(i, kParameterAttrName))
        found.push_back(i);
  if (found.empty())
    return function.emitError("no argument has pixelfly.parameter; mark the "
                              "parameters or name arguments to differentiate "
                              "with respect to");
  llvm::sort(found);
  found.erase(llvm::unique(found), found.end());
  for (unsigned index : found) {
    if (index >= function.getNumArguments())
      return function.emitError(
                 "cannot differentiate with respect to argument ")
             << index << " of a function with " << function.getNumArguments()
             << " arguments";
    Type type = function.getArgumentTypes()[index];
    if (!isDifferentiable(type) || isa<VectorType>(type))
      return function.emitError(
                 "cannot differentiate with respect to argument ")
             << index << " of type " << type
             << "; it must be a float or a tensor of floats";
  }
  return found;
}

/// Appends the adjoint computation to the body of `gradient`, a clone of the
/// function, and returns the gradients.
static LogicalResult appendGradients(func::FuncOp gradient, unsigned result,
                                     ArrayRef<unsigned> arguments,
                                     GradientStatistics &statistics) {
  expandComposites(gradient);
  separateGathers(gradient, arguments);
  Operation *terminator = gradient.getBody().front().getTerminator();
  OpBuilder builder(terminator);
  SmallVector<Operation *> ops;
  for (Operation &op : gradient.getBody().front().without_terminator())
    ops.push_back(&op);

  ReverseSweep sweep(builder, ops);
  for (unsigned index : arguments)
    sweep.activate(gradient.getArgument(index));
  Value differentiated = terminator->getOperand(result);
  Type type = differentiated.getType();
  TypedAttr one = builder.getFloatAttr(getElementTypeOrSelf(type), 1.0);
  if (auto tensorType = dyn_cast<RankedTensorType>(type))
    one = DenseElementsAttr::get(tensorType, one);
  sweep.seed(differentiated,
             arith::ConstantOp::create(builder, terminator->getLoc(), one));
  if (failed(sweep.run()))
    return failure();
  statistics = {sweep.getNumDifferentiated(), sweep.getNumSums()};

  SmallVector<Value> results(terminator->getOperands());
  for (unsigned index : arguments) {
    Value argument = gradient.getArgument(index);
    Value adjoint = sweep.getAdjoint(argument);
    results.push_back(
        adjoint ? adjoint
                : createZerosLike(builder, argument.getLoc(), argument));
  }
  terminator->setOperands(results);
  return success();
}

FailureOr<func::FuncOp>
pixelfly::differentiate(func::FuncOp function, const GradientOptions &options,
                        GradientStatistics *statistics) {
  if (function.isExternal())
    return function.emitError("cannot differentiate a function without a body");
  if (!function.getBody().hasOneBlock())
    return function.emitError("cannot differentiate a function with several "
                              "blocks; only straight-line code has a rule");
  std::string name = (function.getSymName() + "_gradient").str();
  if (SymbolTable::lookupNearestSymbolFrom(
          function, StringAttr::get(function.getContext(), name)))
    return function.emitError("cannot add the gradient function: a symbol @")
           << name << " exists already; erase or rename it";
  FailureOr<unsigned> result = findResult(function, options.result);
  if (failed(result))
    return failure();
  FailureOr<SmallVector<unsigned>> arguments =
      findArguments(function, options.arguments);
  if (failed(arguments))
    return failure();

  // Inserted only when it is complete, so that an error leaves the module as it
  // was.
  OwningOpRef<func::FuncOp> gradient = function.clone();
  gradient->setSymName(name);
  GradientStatistics counts;
  if (failed(appendGradients(*gradient, *result, *arguments, counts)))
    return failure();
  if (statistics)
    *statistics = counts;

  SmallVector<Type> resultTypes(function.getResultTypes());
  SmallVector<DictionaryAttr> resultAttrs;
  function.getAllResultAttrs(resultAttrs);
  for (unsigned index : *arguments) {
    resultTypes.push_back(function.getArgumentTypes()[index]);
    resultAttrs.push_back(DictionaryAttr::get(function.getContext()));
  }
  gradient->setFunctionType(FunctionType::get(
      function.getContext(), function.getArgumentTypes(), resultTypes));
  gradient->setAllResultAttrs(resultAttrs);

  // Success says whether anything was dead, which does not matter here.
  IRRewriter rewriter(function.getContext());
  (void)runRegionDCE(rewriter, gradient->getBody());
  func::FuncOp inserted = gradient.release();
  function->getBlock()->getOperations().insertAfter(function->getIterator(),
                                                    inserted);
  return inserted;
}

void pixelfly::registerDifferentiableOpInterfaceModels(
    DialectRegistry &registry) {
  registerScalarRules(registry);
  registerTensorRules(registry);
  registerLinalgRules(registry);
}

namespace {
struct Differentiate : public pixelfly::impl::DifferentiateBase<Differentiate> {
  using DifferentiateBase::DifferentiateBase;

  void runOnOperation() override {
    auto target = getOperation().lookupSymbol<func::FuncOp>(function);
    if (!target) {
      getOperation().emitError("no function @")
          << function << " to differentiate; name one with function=NAME";
      return signalPassFailure();
    }
    GradientOptions options;
    if (result >= 0)
      options.result = result;
    options.arguments.assign(arguments.begin(), arguments.end());
    GradientStatistics statistics;
    if (failed(differentiate(target, options, &statistics)))
      return signalPassFailure();
    numDifferentiated += statistics.differentiated;
    numSums += statistics.sums;
  }
};
} // namespace
