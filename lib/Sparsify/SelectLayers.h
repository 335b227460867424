//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which layers of a function are asked for.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_SPARSIFY_SELECTLAYERS_H
#define PIXELFLY_LIB_SPARSIFY_SELECTLAYERS_H

#include "FindLayers.h"

#include "pixelfly/Sparsify/Passes.h"

namespace mlir::pixelfly {

/// The dense layers of `function` that the options ask for, in the order of the
/// function's arguments, given values last: those that one of the globs
/// `layers` matches and none of `exclude`, and whose weight has one of the
/// `type` and a size within the bounds. Those that cannot become sparse are
/// among them, with the reason in `whyDense`. Without `layers` the module's
/// attribute `pixelfly.sparsify` names them, and where there is none, they are
/// all. A glob that matches nothing is a warning; one that is no glob, or a
/// module attribute that is no list of strings, is an error.
FailureOr<std::vector<Layer>>
selectLayers(func::FuncOp function, const ChoosePatternsOptions &options);

/// Whether names ask for the layers: the option `layers`, or the module's
/// attribute. Otherwise the layers are simply all that there are.
bool namesLayers(func::FuncOp function, const ChoosePatternsOptions &options);

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_SPARSIFY_SELECTLAYERS_H
