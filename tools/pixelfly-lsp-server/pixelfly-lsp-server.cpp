//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Editor support for .mlir files that use the Pixelfly dialect: diagnostics,
// hover, completion and go-to-definition through the Language Server Protocol.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/RegisterAll.h"

#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::pixelfly::registerAllDialectsAndModels(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}
