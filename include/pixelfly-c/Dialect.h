//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// C API: the Pixelfly dialect, its passes, its version. What the passes are run
// with (contexts, modules, pass managers) is upstream's C API, mlir-c.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_C_DIALECT_H
#define PIXELFLY_C_DIALECT_H

#include "mlir-c/IR.h"
#include "mlir-c/Support.h"

#ifdef __cplusplus
extern "C" {
#endif

/// `mlirGetDialectHandle__pixelfly__`: the dialect alone, without the interface
/// models that bufferization, tiling and differentiation need.
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Pixelfly, pixelfly);

/// Adds the dialect and the interface models of the project to a registry whose
/// owner registers upstream's dialects and extensions.
MLIR_CAPI_EXPORTED void
pixelflyRegisterDialectAndModels(MlirDialectRegistry registry);

/// The same, and every dialect and extension of upstream, so that any program
/// can be read and every pass of the project runs.
MLIR_CAPI_EXPORTED void
pixelflyRegisterAllDialectsAndModels(MlirDialectRegistry registry);

/// Registers every pass and pipeline of the project under its name, for
/// `mlirParsePassPipeline` and `mlirOpPassManagerAddPipeline`; once in a
/// process.
MLIR_CAPI_EXPORTED void pixelflyRegisterAllPassesAndPipelines(void);

/// The version of the library, "major.minor.patch"; never freed.
MLIR_CAPI_EXPORTED const char *pixelflyGetVersion(void);

#ifdef __cplusplus
}
#endif

#endif // PIXELFLY_C_DIALECT_H
