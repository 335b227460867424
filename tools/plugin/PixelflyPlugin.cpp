//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The library that a stock mlir-opt loads:
//
//   mlir-opt --load-dialect-plugin=PixelflyPlugin.so
//            --load-pass-plugin=PixelflyPlugin.so
//            --pass-pipeline='builtin.module(pixelfly-sparsify, ...)'
//
// The first option brings the dialect and the interface models, the second the
// passes and pipelines. docs/Embedding.md says more.
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Pipelines/RegisterAll.h"
#include "pixelfly/Version.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;

extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "pixelfly", PIXELFLY_VERSION,
          [](DialectRegistry *registry) {
            pixelfly::registerPixelflyDialectAndModels(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "pixelfly", PIXELFLY_VERSION,
          [] { pixelfly::registerAllPassesAndPipelines(); }};
}
