//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SelectLayers.h"

#include "llvm/Support/GlobPattern.h"

#include <functional>

using namespace mlir;
using namespace mlir::pixelfly;

/// Module attribute with the default of the option `layers`.
static constexpr StringLiteral kSparsifyAttrName = "pixelfly.sparsify";

/// The names of the layers, for messages; the first few when there are many.
static std::string listNames(ArrayRef<Layer> layers) {
  constexpr size_t kShown = 20;
  if (layers.empty())
    return "it has none";
  std::string text = "it has ";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(layers.take_front(kShown), os,
                        [&](const Layer &layer) { os << layer.name; });
  if (layers.size() > kShown)
    os << " and " << layers.size() - kShown << " more";
  return text;
}

/// Marks the layers that one of the globs matches; fails at a glob that matches
/// none, because a name is easily misspelt.
static LogicalResult markLayers(func::FuncOp function, ArrayRef<Layer> layers,
                                ArrayRef<std::string> globs, StringRef option,
                                BitVector &marked) {
  LogicalResult result = success();
  for (StringRef text : globs) {
    llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(text);
    if (!glob)
      return function.emitError()
             << option << ": '" << text
             << "' is not a glob pattern: " << llvm::toString(glob.takeError());
    bool matched = false;
    for (auto [index, layer] : llvm::enumerate(layers)) {
      if (!glob->match(layer.name))
        continue;
      marked.set(index);
      matched = true;
    }
    // "*" cannot be misspelt: a function without layers is no error.
    if (!matched && text != "*")
      result = function.emitError()
               << option << ": no layer of @" << function.getSymName()
               << " matches '" << text << "'; " << listNames(layers);
  }
  return result;
}

/// The option, else the module attribute, else every layer.
static FailureOr<SmallVector<std::string>>
layerGlobs(func::FuncOp function, ArrayRef<std::string> layers) {
  if (!layers.empty())
    return llvm::to_vector(layers);
  auto module = function->getParentOfType<ModuleOp>();
  Attribute attr = module ? module->getAttr(kSparsifyAttrName) : Attribute();
  if (!attr)
    return SmallVector<std::string>{"*"};
  auto error = [&] {
    return module.emitError("'")
           << kSparsifyAttrName << "' must be an array of strings";
  };
  auto array = dyn_cast<ArrayAttr>(attr);
  if (!array)
    return error();
  SmallVector<std::string> globs;
  for (Attribute element : array) {
    auto string = dyn_cast<StringAttr>(element);
    if (!string)
      return error();
    globs.push_back(string.str());
  }
  return globs;
}

bool mlir::pixelfly::namesLayers(func::FuncOp function,
                                 const ChoosePatternsOptions &options) {
  auto module = function->getParentOfType<ModuleOp>();
  return !options.layers.empty() ||
         (module && module->hasAttr(kSparsifyAttrName));
}

static bool hasType(Type element, WeightType type) {
  switch (type) {
  case WeightType::Any:
    return true;
  case WeightType::BF16:
    return element.isBF16();
  case WeightType::F16:
    return element.isF16();
  case WeightType::F32:
    return element.isF32();
  case WeightType::F64:
    return element.isF64();
  }
  llvm_unreachable("all types are listed");
}

/// Whether type and size of the layer's weight are what is asked for.
static bool isAskedFor(const Layer &layer,
                       const ChoosePatternsOptions &options) {
  RankedTensorType type = layer.getType();
  int64_t count = type.getNumElements();
  if (count < options.minElements ||
      (options.maxElements > 0 && count > options.maxElements))
    return false;
  return hasType(type.getElementType(), options.type);
}

FailureOr<std::vector<Layer>>
mlir::pixelfly::selectLayers(func::FuncOp function,
                             const ChoosePatternsOptions &options) {
  FailureOr<SmallVector<std::string>> globs =
      layerGlobs(function, options.layers);
  if (failed(globs))
    return failure();
  std::vector<Layer> found = findLayers(function);
  BitVector selected(found.size()), excluded(found.size());
  LogicalResult valid = markLayers(function, found, *globs, "layers", selected);
  if (failed(
          markLayers(function, found, options.exclude, "exclude", excluded)) ||
      failed(valid))
    return failure();
  selected.reset(excluded);
  std::vector<Layer> result;
  bool anySparse = llvm::any_of(found, std::mem_fn(&Layer::isSparse));
  bool anyNamed = false;
  for (unsigned index : selected.set_bits())
    if (!found[index].isSparse()) {
      anyNamed = true;
      if (isAskedFor(found[index], options))
        result.push_back(std::move(found[index]));
    }
  if (!anyNamed || !result.empty())
    return result;
  bool isError = options.requireSparse && !anySparse;
  InFlightDiagnostic diagnostic =
      isError ? function.emitError() : function.emitRemark();
  diagnostic << "no layer of @" << function.getSymName()
             << " has a weight of the type and size that the options type, "
                "min-elements and max-elements ask for; change the options";
  if (isError)
    return failure();
  return result;
}
