//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Target/Processor.h"

#include "pixelfly/Target/TargetFile.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

#include <thread>
#include <unistd.h>

using namespace mlir;
using namespace mlir::pixelfly;

/// The nearest shipped description of a CPU.
static Target nearest(bool hasAVX512, bool hasAVX2, bool hasAVX,
                      MLIRContext *context) {
  FailureOr<Target> target = findTarget(hasAVX512 ? "avx512" : "avx2", context);
  if (failed(target))
    llvm::report_fatal_error("a shipped target description is malformed");
  if (!hasAVX512 && !hasAVX2 && !hasAVX)
    target->vectorBits = 128;
  target->matrixTile[1] = target->lanes(32);
  return *target;
}

/// Rates and measured costs in proportion to the cores; what a product costs
/// however small it is does not depend on them.
static Target withCores(Target target, int64_t cores) {
  double factor = double(cores) / double(target.cores);
  for (auto &[type, rate] : target.peakFlops)
    rate *= factor;
  target.cost.secondsPerFlop /= factor;
  target.cost.secondsPerAccess /= factor;
  target.cores = cores;
  return target;
}

Target pixelfly::hostTarget() {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  Target target = nearest(features.lookup("avx512f"), features.lookup("avx2"),
                          features.lookup("avx"), &context);
  target.name = "host";
  target.processor = llvm::sys::getHostCPUName().str();
  auto ask = [](int what, int64_t &value) {
    if (long answer = sysconf(what); answer > 0)
      value = answer;
  };
#ifdef _SC_LEVEL1_DCACHE_SIZE
  ask(_SC_LEVEL1_DCACHE_SIZE, target.l1Bytes);
  ask(_SC_LEVEL2_CACHE_SIZE, target.l2Bytes);
  ask(_SC_LEVEL3_CACHE_SIZE, target.l3Bytes);
#endif
  if (unsigned cores = std::thread::hardware_concurrency())
    return withCores(target, cores);
  return target;
}

FailureOr<Target> pixelfly::processorTarget(StringRef processor,
                                            StringRef features,
                                            Location location) {
  if (processor == "native")
    return hostTarget();
  llvm::InitializeNativeTarget();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string problem;
  const llvm::Target *found =
      llvm::TargetRegistry::lookupTarget(triple, problem);
  if (!found)
    return emitError(location)
           << "no code generator for " << triple.str() << ": " << problem;
  // Asked without a processor first: given one that it does not know, LLVM
  // prints to the terminal.
  std::unique_ptr<llvm::MCSubtargetInfo> known(
      found->createMCSubtargetInfo(triple, "", ""));
  if (!known || !known->isCPUStringValid(processor))
    return emitError(location)
           << "unknown processor '" << processor << "' for " << triple.str()
           << "; `llc --mcpu=help` lists the known ones, and 'native' is this "
              "machine's";
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      found->createMCSubtargetInfo(triple, processor, features));
  Target target = nearest(
      subtarget->checkFeatures("+avx512f"), subtarget->checkFeatures("+avx2"),
      subtarget->checkFeatures("+avx"), location.getContext());
  target.name = target.processor = processor.str();
  return target;
}
