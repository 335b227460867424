//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FindLayers.h"

#include "pixelfly/IR/StaticShape.h"
#include "pixelfly/Sparsify/Passes.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/GlobPattern.h"

#include <cmath>

namespace mlir::pixelfly {
#define GEN_PASS_DEF_MARKPARAMETERS
#include "pixelfly/Sparsify/Passes.h.inc"
} // namespace mlir::pixelfly

using namespace mlir;
using namespace mlir::pixelfly;

/// A name that needs no quotes in a glob: what is neither letter, digit nor
/// underscore separates, and separators become one dot.
static std::string plainName(StringRef text) {
  std::string name;
  for (char c : text) {
    if (llvm::isAlnum(c) || c == '_')
      name += c;
    else if (!name.empty() && name.back() != '.')
      name += '.';
  }
  while (!name.empty() && name.back() == '.')
    name.pop_back();
  return name;
}

/// The names of the arguments, all different.
static SmallVector<std::string> argumentNames(func::FuncOp function) {
  SmallVector<std::string> names;
  llvm::StringSet<> taken;
  for (BlockArgument argument : function.getArguments()) {
    std::string name;
    if (auto loc = dyn_cast<NameLoc>(argument.getLoc()))
      name = plainName(loc.getName().getValue());
    std::string number = std::to_string(argument.getArgNumber());
    if (name.empty())
      name = "arg" + number;
    if (!taken.insert(name).second)
      taken.insert(name += "." + number);
    names.push_back(std::move(name));
  }
  return names;
}

/// Which of the names one of the globs matches. An error for what is no glob or
/// matches nothing.
static LogicalResult matchNames(func::FuncOp function, StringRef option,
                                ArrayRef<std::string> globs,
                                ArrayRef<std::string> names,
                                BitVector &matched) {
  matched.resize(names.size());
  for (StringRef text : globs) {
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(text);
    if (!glob)
      return function.emitError()
             << option << ": '" << text
             << "' is not a glob pattern: " << llvm::toString(glob.takeError());
    bool any = false;
    for (auto [index, name] : llvm::enumerate(names))
      if (glob->match(name)) {
        matched.set(index);
        any = true;
      }
    if (!any) {
      InFlightDiagnostic error = function.emitError()
                                 << option << ": no argument of @"
                                 << function.getSymName() << " matches '"
                                 << text << "'; its arguments are ";
      llvm::interleaveComma(names, error);
      return error;
    }
  }
  return success();
}

static ParameterAttr makeParameter(MLIRContext *context, StringRef name,
                                   RankedTensorType type, int64_t fanIn) {
  bool isMatrix = type.getRank() >= 2;
  InitAttr init = isMatrix
                      ? InitAttr::get(context, InitKind::Uniform,
                                      1 / std::sqrt(static_cast<double>(fanIn)))
                      : InitAttr::get(context, InitKind::Constant, 0.0);
  return ParameterAttr::get(context, StringAttr::get(context, name), init,
                            /*decay=*/isMatrix, Attribute());
}

namespace {
struct MarkParameters
    : public pixelfly::impl::MarkParametersBase<MarkParameters> {
  using MarkParametersBase::MarkParametersBase;

  void runOnOperation() override {
    if (failed(mark()))
      signalPassFailure();
  }

private:
  LogicalResult mark();
  LogicalResult markOutputs(func::FuncOp target);
};
} // namespace

LogicalResult MarkParameters::markOutputs(func::FuncOp target) {
  if (outputs.size() > target.getNumResults())
    return target.emitError("outputs: there are ")
           << outputs.size() << " names and " << target.getNumResults()
           << " results";
  for (auto [index, name] : llvm::enumerate(outputs))
    target.setResultAttr(index, kOutputAttrName,
                         StringAttr::get(&getContext(), name));
  return success();
}

LogicalResult MarkParameters::mark() {
  auto target = getOperation().lookupSymbol<func::FuncOp>(function);
  if (!target || target.isExternal())
    return getOperation().emitError("there is no function '")
           << function << "' with a body; name one with the option function";
  if (parameters.empty() && inputs.empty())
    return target.emitError("name the parameters or the inputs of the function "
                            "with the option parameters or inputs");
  SmallVector<std::string> names = argumentNames(target);
  BitVector isParameter, isInput;
  if (failed(
          matchNames(target, "parameters", parameters, names, isParameter)) ||
      failed(matchNames(target, "inputs", inputs, names, isInput)))
    return failure();

  MLIRContext *context = &getContext();
  SmallVector<BlockArgument> marked;
  for (BlockArgument argument : target.getArguments()) {
    unsigned index = argument.getArgNumber();
    if (target.getArgAttr(index, kParameterAttrName) ||
        target.getArgAttr(index, kInputAttrName))
      continue;
    bool trained = parameters.empty() ? !isInput[index] : isParameter[index];
    if (isParameter[index] && isInput[index])
      return target.emitError("argument '")
             << names[index] << "' is named as a parameter and as an input";
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    bool isFloat = type && isa<FloatType>(type.getElementType());
    // What is no float is data unless a name says otherwise.
    if (trained && (isParameter[index] || isFloat) &&
        (!isFloat || !type.hasStaticShape())) {
      InFlightDiagnostic error =
          target.emitError("argument '")
          << names[index] << "' of type " << argument.getType()
          << " cannot be a parameter; it must be a tensor of floats of "
             "static shape";
      if (std::string why = explainDynamicShape(argument.getType());
          !why.empty())
        error << ": " << why;
      if (!isParameter[index])
        error << ", or name the argument with the option inputs";
      return error;
    }
    if (trained && isFloat) {
      int64_t fanIn = type.getRank() > 0 ? type.getShape().back() : 1;
      target.setArgAttr(index, kParameterAttrName,
                        makeParameter(context, names[index], type, fanIn));
      marked.push_back(argument);
    } else if (inputs.empty() || isInput[index] || !isFloat) {
      target.setArgAttr(index, kInputAttrName,
                        StringAttr::get(context, names[index]));
    }
  }
  // Now that they are parameters their products can be looked up.
  for (const Layer &layer : findLayers(target)) {
    if (layer.values || !layer.whyDense.empty() ||
        !llvm::is_contained(marked, layer.getArgument()))
      continue;
    target.setArgAttr(layer.getArgument().getArgNumber(), kParameterAttrName,
                      makeParameter(context, layer.parameter.getName(),
                                    layer.getType(), layer.cols));
  }
  return markOutputs(target);
}
