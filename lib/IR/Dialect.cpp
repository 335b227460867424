//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/IR/Pixelfly.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

#include "pixelfly/IR/PixelflyDialect.cpp.inc"
#include "pixelfly/IR/PixelflyEnums.cpp.inc"

using namespace mlir;
using namespace mlir::pixelfly;

void PixelflyDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "pixelfly/IR/PixelflyOps.cpp.inc"
      >();
}

LogicalResult PixelflyDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                        unsigned,
                                                        NamedAttribute attr) {
  if (!isa<FunctionOpInterface>(op))
    return op->emitError("'") << attr.getName().getValue()
                              << "' belongs on function arguments";
  if (attr.getName() == kParameterAttrName) {
    if (!isa<ParameterAttr>(attr.getValue()))
      return op->emitError("'pixelfly.parameter' must be a "
                           "#pixelfly.parameter attribute");
    return success();
  }
  if (attr.getName() == kInputAttrName) {
    if (!isa<StringAttr>(attr.getValue()))
      return op->emitError("'pixelfly.input' must be a string");
    return success();
  }
  return op->emitError("unknown argument attribute '")
         << attr.getName().getValue() << "'";
}
