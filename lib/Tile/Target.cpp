//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Tile/Target.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/Builders.h"
#include "llvm/TargetParser/Host.h"

#include <thread>
#include <unistd.h>

using namespace mlir;
using namespace mlir::pixelfly;

static constexpr StringLiteral kDevice = "CPU";

namespace {
/// A fact and its key in the device specification.
struct Fact {
  StringLiteral key;
  int64_t CPUTarget::*value;
};
constexpr Fact kFacts[] = {
    {"vector_width_in_bits", &CPUTarget::vectorBits},
    {"vector_registers", &CPUTarget::vectorRegisters},
    {"L1_cache_size_in_bytes", &CPUTarget::l1Bytes},
    {"L2_cache_size_in_bytes", &CPUTarget::l2Bytes},
    {"num_cores", &CPUTarget::cores},
};
} // namespace

static ModuleOp moduleOf(Operation *op) {
  if (auto module = dyn_cast<ModuleOp>(op))
    return module;
  return op->getParentOfType<ModuleOp>();
}

CPUTarget CPUTarget::get(Operation *op) {
  CPUTarget target;
  ModuleOp module = moduleOf(op);
  if (!module || !module.getTargetSystemSpec())
    return target;
  for (const Fact &fact : kFacts) {
    FailureOr<Attribute> value = dlti::query(module, {kDevice, fact.key});
    if (succeeded(value))
      if (auto integer = dyn_cast<IntegerAttr>(*value))
        target.*fact.value = integer.getValue().getSExtValue();
  }
  return target;
}

CPUTarget CPUTarget::host() {
  CPUTarget target;
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  if (!features.lookup("avx512f")) {
    target = *named("avx2");
    if (!features.lookup("avx2"))
      target.vectorBits = 128;
  }
  auto ask = [](int what, int64_t &value) {
    if (long answer = sysconf(what); answer > 0)
      value = answer;
  };
#ifdef _SC_LEVEL1_DCACHE_SIZE
  ask(_SC_LEVEL1_DCACHE_SIZE, target.l1Bytes);
  ask(_SC_LEVEL2_CACHE_SIZE, target.l2Bytes);
#endif
  if (unsigned cores = std::thread::hardware_concurrency())
    target.cores = cores;
  return target;
}

std::optional<CPUTarget> CPUTarget::named(StringRef name) {
  if (name == "host")
    return host();
  if (name == "avx512")
    return CPUTarget();
  if (name == "avx2") {
    CPUTarget target;
    target.vectorBits = 256;
    target.vectorRegisters = 16;
    target.l1Bytes = 32 << 10;
    target.l2Bytes = 1 << 20;
    return target;
  }
  return std::nullopt;
}

void CPUTarget::attach(ModuleOp module) const {
  module.getContext()->loadDialect<DLTIDialect>();
  Builder builder(module.getContext());
  SmallVector<DataLayoutEntryInterface> facts, devices;
  for (const Fact &fact : kFacts)
    facts.push_back(
        DataLayoutEntryAttr::get(builder.getStringAttr(fact.key),
                                 builder.getI64IntegerAttr(this->*fact.value)));
  if (auto old =
          dyn_cast_or_null<TargetSystemSpecAttr>(module.getTargetSystemSpec()))
    for (DataLayoutEntryInterface device : old.getEntries())
      if (device.getKey() != DataLayoutEntryKey(builder.getStringAttr(kDevice)))
        devices.push_back(device);
  devices.push_back(DataLayoutEntryAttr::get(
      builder.getStringAttr(kDevice),
      TargetDeviceSpecAttr::get(module.getContext(), facts)));
  module->setAttr(DLTIDialect::kTargetSystemDescAttrName,
                  TargetSystemSpecAttr::get(module.getContext(), devices));
}
