//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-opt with pixelfly's dialect, passes and pipelines, and a pass of its
// own.
//
//===----------------------------------------------------------------------===//

#include "DescribePatterns.h"

#include "pixelfly/Pipelines/RegisterAll.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::pixelfly::registerAllDialectsAndModels(registry);
  mlir::pixelfly::registerAllPassesAndPipelines();
  example::registerExamplePasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "An opt tool of one's own\n", registry));
}
