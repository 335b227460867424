//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Model/ImportModel.h"
#include "pixelfly/Model/ModelSchema.h"

#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace {
enum class Phase { Import };
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::opt<std::string> input(cl::Positional, cl::Required,
                             cl::desc("MODEL.json"));
  cl::opt<std::string> output("o", cl::init("-"), cl::value_desc("file"),
                              cl::desc("Where to write; - is standard output"));
  cl::opt<Phase> compileTo(
      "compile-to", cl::init(Phase::Import),
      cl::desc("Stop after a phase and write its IR"),
      cl::values(clEnumValN(Phase::Import, "import",
                            "the model as linalg on tensors")));
  cl::opt<int64_t> batch(
      "batch", cl::init(0),
      cl::desc("Examples in one step (default: the model's)"));
  cl::ParseCommandLineOptions(argc, argv, "pixelfly compiler\n");

  MLIRContext context;
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler diagnostics(sources, &context);
  FailureOr<pixelfly::ModelSchema> schema =
      pixelfly::readModelSchema(input, &context);
  if (failed(schema))
    return EXIT_FAILURE;
  pixelfly::ImportOptions options;
  if (batch.getNumOccurrences())
    options.batch = batch;
  OwningOpRef<ModuleOp> module =
      pixelfly::importModel(*schema, &context, options);
  if (!module)
    return EXIT_FAILURE;

  std::string problem;
  auto file = openOutputFile(output, &problem);
  if (!file) {
    llvm::errs() << problem << "\n";
    return EXIT_FAILURE;
  }
  module->print(file->os());
  file->os() << "\n";
  file->keep();
  return EXIT_SUCCESS;
}
