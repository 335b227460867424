//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Verification of the dialect's attributes on function arguments and results.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/IR/StaticShape.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The static shape of a tensor or memref, or null. Lowering a function to LLVM
/// turns arguments into pointers and sizes that keep their attributes: those
/// have no shape to check and repeat names.
static ShapedType shapedType(Type type) {
  if (isa<TensorType, BaseMemRefType>(type))
    return cast<ShapedType>(type);
  return {};
}

/// The name that attribute `key` of argument `index` gives, or null.
static StringAttr argumentName(FunctionOpInterface function, unsigned index,
                               StringRef key) {
  Attribute value = function.getArgAttr(index, key);
  if (auto parameter = dyn_cast_if_present<ParameterAttr>(value))
    return parameter.getName();
  return dyn_cast_if_present<StringAttr>(value);
}

/// A name stands on one argument only.
static LogicalResult verifyUniqueArgument(FunctionOpInterface function,
                                          unsigned index, StringRef key) {
  StringAttr name = argumentName(function, index, key);
  for (unsigned earlier = 0; earlier < index; ++earlier)
    if (argumentName(function, earlier, key) == name)
      return function.emitError()
             << "'" << key << "' of argument " << index << " repeats the name "
             << name << " of argument " << earlier;
  return success();
}

static LogicalResult verifyParameter(FunctionOpInterface function,
                                     unsigned index, Attribute value) {
  auto parameter = dyn_cast<ParameterAttr>(value);
  if (!parameter)
    return function.emitError()
           << "'pixelfly.parameter' of argument " << index
           << " must be a #pixelfly.parameter attribute, but is " << value;
  ShapedType type = shapedType(function.getArgumentTypes()[index]);
  if (!type)
    return success();
  if (!type.hasStaticShape() || !isa<FloatType>(type.getElementType())) {
    InFlightDiagnostic error =
        function.emitError()
        << "parameter " << parameter.getName() << " (argument " << index
        << ") must be floats of static shape, but is " << type;
    if (!type.hasStaticShape())
      error << ": " << explainDynamicShape(type);
    return error;
  }
  if (parameter.getPattern()) {
    auto pattern = cast<BlockPatternAttrInterface>(parameter.getPattern());
    int64_t expected[] = {pattern.getNumBlocks(), pattern.getBlock(),
                          pattern.getBlock()};
    if (type.getShape() != ArrayRef(expected))
      return function.emitError()
             << "parameter " << parameter.getName() << " (argument " << index
             << ") must hold " << expected[0] << "x" << expected[1] << "x"
             << expected[2] << " blocks of its pattern, but is " << type;
  }
  return verifyUniqueArgument(function, index, kParameterAttrName);
}

LogicalResult PixelflyDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                        unsigned index,
                                                        NamedAttribute attr) {
  StringRef key = attr.getName().getValue();
  // MLIR asks for functions only.
  auto function = cast<FunctionOpInterface>(op);
  if (key == kParameterAttrName)
    return verifyParameter(function, index, attr.getValue());
  if (key != kInputAttrName && key != kOptimizerStateAttrName &&
      key != kOutputAttrName)
    return op->emitError("unknown argument attribute '")
           << key << "'; known are '" << kParameterAttrName << "', '"
           << kInputAttrName << "', '" << kOptimizerStateAttrName << "' and '"
           << kOutputAttrName << "'";
  auto name = dyn_cast<StringAttr>(attr.getValue());
  if (!name || name.empty())
    return op->emitError("'") << key << "' of argument " << index
                              << " must be a string that is not empty";
  if (key != kOptimizerStateAttrName &&
      shapedType(function.getArgumentTypes()[index]))
    return verifyUniqueArgument(function, index, key);
  return success();
}

LogicalResult PixelflyDialect::verifyRegionResultAttribute(
    Operation *op, unsigned, unsigned index, NamedAttribute attr) {
  StringRef key = attr.getName().getValue();
  // MLIR asks for functions only.
  auto function = cast<FunctionOpInterface>(op);
  if (key != kOutputAttrName)
    return op->emitError("unknown result attribute '")
           << key << "'; known is '" << kOutputAttrName << "'";
  auto name = dyn_cast<StringAttr>(attr.getValue());
  if (!name || name.empty())
    return op->emitError("'") << key << "' of result " << index
                              << " must be a string that is not empty";
  for (unsigned earlier = 0; earlier < index; ++earlier)
    if (function.getResultAttr(earlier, key) == name)
      return op->emitError("'")
             << key << "' of result " << index << " repeats the name " << name
             << " of result " << earlier;
  return success();
}
