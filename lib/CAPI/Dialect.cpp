//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly-c/Dialect.h"

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Pipelines/RegisterAll.h"
#include "pixelfly/Version.h"

#include "mlir/CAPI/Registration.h"

using namespace mlir;

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Pixelfly, pixelfly,
                                      pixelfly::PixelflyDialect)

void pixelflyRegisterDialectAndModels(MlirDialectRegistry registry) {
  pixelfly::registerPixelflyDialectAndModels(*unwrap(registry));
}

void pixelflyRegisterAllDialectsAndModels(MlirDialectRegistry registry) {
  pixelfly::registerAllDialectsAndModels(*unwrap(registry));
}

void pixelflyRegisterAllPassesAndPipelines() {
  pixelfly::registerAllPassesAndPipelines();
}

const char *pixelflyGetVersion() { return PIXELFLY_VERSION; }
