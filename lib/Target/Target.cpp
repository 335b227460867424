//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Target/Target.h"

#include "Facts.h"

#include "pixelfly/IR/Pattern.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::pixelfly;

StringRef pixelfly::stringifyTargetKind(TargetKind kind) {
  return kind == TargetKind::CPU ? "cpu" : "gpu";
}

/// The name of the device in a module's specification.
static StringRef deviceName(TargetKind kind) {
  return kind == TargetKind::CPU ? "CPU" : "GPU";
}

std::string pixelfly::describeRange(const IntegerFact &fact) {
  return (fact.isPowerOfTwo ? "a power of two from " : "an integer from ") +
         std::to_string(fact.low) + " to " + std::to_string(fact.high);
}

bool pixelfly::isInRange(const IntegerFact &fact, int64_t value) {
  return value >= fact.low && value <= fact.high &&
         (!fact.isPowerOfTwo || llvm::isPowerOf2_64(value));
}

double Target::peak(StringRef elementType) const {
  auto found = peakFlops.find(elementType.str());
  return found == peakFlops.end() ? 0 : found->second;
}

/// The specification of a device in the innermost module around `op` that has
/// one; null, and then no module, if none has.
static std::pair<ModuleOp, TargetDeviceSpecInterface>
findDevice(Operation *op, StringRef device) {
  for (; op; op = op->getParentOp()) {
    auto module = dyn_cast<ModuleOp>(op);
    TargetSystemSpecInterface system =
        module ? module.getTargetSystemSpec() : TargetSystemSpecInterface();
    if (!system)
      continue;
    if (auto facts = system.getDeviceSpecForDeviceID(
            StringAttr::get(op->getContext(), device)))
      return {module, *facts};
  }
  return {};
}

//===----------------------------------------------------------------------===//
// From the module
//===----------------------------------------------------------------------===//

namespace {
/// Reads the facts of one device; an error is reported at the module.
class DeviceReader {
public:
  DeviceReader(ModuleOp module, StringRef device,
               TargetDeviceSpecInterface facts)
      : module(module), device(device), facts(facts) {}

  LogicalResult read(Target &target);

private:
  /// The value of a fact, null if it is not given.
  Attribute find(StringRef key) const {
    for (DataLayoutEntryInterface entry : facts.getEntries())
      if (auto name = dyn_cast<StringAttr>(entry.getKey()))
        if (name.getValue() == key)
          return entry.getValue();
    return {};
  }

  LogicalResult reject(StringRef key, const Twine &expected, Attribute value) {
    return module.emitError("the target specification of device \"")
           << device << "\" is wrong: \"" << key << "\" must be " << expected
           << ", but is " << value;
  }

  LogicalResult readText(StringRef key, std::string &value);
  LogicalResult readInteger(const IntegerFact &fact, int64_t &value);
  LogicalResult readNumber(StringRef key, Attribute attribute, double high,
                           double &value);
  LogicalResult readMatrixTile(Target &target);
  LogicalResult readBlocks(Target &target);
  LogicalResult readPeaks(Target &target);

  ModuleOp module;
  StringRef device;
  TargetDeviceSpecInterface facts;
};
} // namespace

LogicalResult DeviceReader::readText(StringRef key, std::string &value) {
  Attribute attribute = find(key);
  if (!attribute)
    return success();
  auto text = dyn_cast<StringAttr>(attribute);
  if (!text || text.empty())
    return reject(key, "a text that is not empty", attribute);
  value = text.str();
  return success();
}

LogicalResult DeviceReader::readInteger(const IntegerFact &fact,
                                        int64_t &value) {
  Attribute attribute = find(fact.key);
  if (!attribute)
    return success();
  auto integer = dyn_cast<IntegerAttr>(attribute);
  std::optional<int64_t> number;
  if (integer)
    number = integer.getValue().trySExtValue();
  if (!number || !isInRange(fact, *number))
    return reject(fact.key, describeRange(fact), attribute);
  value = *number;
  return success();
}

LogicalResult DeviceReader::readNumber(StringRef key, Attribute attribute,
                                       double high, double &value) {
  if (!attribute)
    return success();
  auto number = dyn_cast<FloatAttr>(attribute);
  // Written so that a NaN is rejected.
  if (!number || !(number.getValueAsDouble() >= 0) ||
      !(number.getValueAsDouble() <= high))
    return reject(key,
                  "a floating-point number from 0 to " + Twine(int64_t(high)),
                  attribute);
  value = number.getValueAsDouble();
  return success();
}

LogicalResult DeviceReader::readMatrixTile(Target &target) {
  Attribute attribute = find(kMatrixTileField);
  if (!attribute)
    return success();
  auto sizes = dyn_cast<DenseI64ArrayAttr>(attribute);
  if (!sizes || sizes.size() != 3 ||
      llvm::any_of(sizes.asArrayRef(), [](int64_t size) {
        return size < 1 || size > kMaximumMatrixTile;
      }))
    return reject(kMatrixTileField,
                  "array<i64: rows, columns, terms>, each from 1 to " +
                      Twine(kMaximumMatrixTile),
                  attribute);
  llvm::copy(sizes.asArrayRef(), target.matrixTile.begin());
  return success();
}

LogicalResult DeviceReader::readBlocks(Target &target) {
  Attribute attribute = find(kBlocksKey);
  if (!attribute)
    return success();
  auto sizes = dyn_cast<DenseI64ArrayAttr>(attribute);
  if (!sizes || sizes.empty() ||
      !llvm::all_of(sizes.asArrayRef(), isSupportedBlock))
    return reject(kBlocksKey,
                  "array<i64: ...> of sizes among 8, 16, 32, 64 and 128",
                  attribute);
  target.blocks.assign(sizes.asArrayRef().begin(), sizes.asArrayRef().end());
  return success();
}

LogicalResult DeviceReader::readPeaks(Target &target) {
  Attribute attribute = find(kPeakKey);
  if (!attribute)
    return success();
  auto rates = dyn_cast<DictionaryAttr>(attribute);
  if (!rates)
    return reject(kPeakKey,
                  "a dictionary of rates such as {f32 = 1.0e12 : f64}",
                  attribute);
  target.peakFlops.clear();
  for (NamedAttribute rate : rates) {
    double value = 0;
    if (failed(readNumber(kPeakKey, rate.getValue(), kMaximumRate, value)))
      return failure();
    target.peakFlops[rate.getName().str()] = value;
  }
  return success();
}

LogicalResult DeviceReader::read(Target &target) {
  if (failed(readText(kNameKey, target.name)) ||
      failed(readText(kProcessorKey, target.processor)))
    return failure();
  for (const IntegerFact &fact : kIntegerFacts)
    if (failed(readInteger(fact, target.*fact.value)))
      return failure();
  IntegerFact accessBytes{kAccessBytesField,  kAccessBytesKey, "", nullptr, 1,
                          kMaximumAccessBytes};
  if (failed(readInteger(accessBytes, target.cost.accessBytes)) ||
      failed(readMatrixTile(target)) || failed(readBlocks(target)) ||
      failed(readPeaks(target)) ||
      failed(readNumber(kBandwidthKey, find(kBandwidthKey), kMaximumRate,
                        target.bandwidth)))
    return failure();
  for (const CostFact &fact : kCostFacts)
    if (failed(readNumber(fact.key, find(fact.key), kMaximumSeconds,
                          target.cost.*fact.value)))
      return failure();
  return success();
}

bool Target::isSpecified(Operation *op, TargetKind kind) {
  return bool(findDevice(op, deviceName(kind)).first);
}

FailureOr<Target> Target::get(Operation *op, TargetKind kind) {
  Target target;
  target.kind = kind;
  if (kind == TargetKind::GPU) {
    target.name = "gpu";
    target.cores = 1;
    target.vectorBits = 1024;
    target.vectorRegisters = 255;
    target.sharedBytes = 48 << 10;
  }
  StringRef device = deviceName(kind);
  auto [module, facts] = findDevice(op, device);
  if (module && failed(DeviceReader(module, device, facts).read(target)))
    return failure();
  return target;
}

FailureOr<Target> Target::getForProducts(Operation *op) {
  return get(op, isSpecified(op, TargetKind::GPU) ? TargetKind::GPU
                                                  : TargetKind::CPU);
}

//===----------------------------------------------------------------------===//
// To the module
//===----------------------------------------------------------------------===//

/// The devices that `module` names, without that of `kind`.
static SmallVector<DataLayoutEntryInterface> otherDevices(ModuleOp module,
                                                          TargetKind kind) {
  SmallVector<DataLayoutEntryInterface> devices;
  auto key = StringAttr::get(module.getContext(), deviceName(kind));
  if (auto system =
          dyn_cast_or_null<TargetSystemSpecAttr>(module.getTargetSystemSpec()))
    for (DataLayoutEntryInterface device : system.getEntries())
      if (device.getKey() != DataLayoutEntryKey(key))
        devices.push_back(device);
  return devices;
}

void Target::attach(ModuleOp module) const {
  module.getContext()->loadDialect<DLTIDialect>();
  Builder builder(module.getContext());
  SmallVector<DataLayoutEntryInterface> facts;
  auto add = [&](StringRef key, Attribute value) {
    facts.push_back(
        DataLayoutEntryAttr::get(builder.getStringAttr(key), value));
  };
  add(kNameKey, builder.getStringAttr(name));
  if (!processor.empty())
    add(kProcessorKey, builder.getStringAttr(processor));
  for (const IntegerFact &fact : kIntegerFacts)
    if (!fact.isOptional || this->*fact.value != fact.low)
      add(fact.key, builder.getI64IntegerAttr(this->*fact.value));
  add(kMatrixTileField, builder.getDenseI64ArrayAttr(matrixTile));
  add(kBlocksKey, builder.getDenseI64ArrayAttr(blocks));
  SmallVector<NamedAttribute> rates;
  for (const auto &[type, rate] : peakFlops)
    rates.push_back(builder.getNamedAttr(type, builder.getF64FloatAttr(rate)));
  if (!rates.empty())
    add(kPeakKey, builder.getDictionaryAttr(rates));
  if (bandwidth != 0)
    add(kBandwidthKey, builder.getF64FloatAttr(bandwidth));
  add(kAccessBytesKey, builder.getI64IntegerAttr(cost.accessBytes));
  for (const CostFact &fact : kCostFacts)
    if (cost.*fact.value != 0)
      add(fact.key, builder.getF64FloatAttr(cost.*fact.value));

  SmallVector<DataLayoutEntryInterface> devices = otherDevices(module, kind);
  devices.push_back(DataLayoutEntryAttr::get(
      builder.getStringAttr(deviceName(kind)),
      TargetDeviceSpecAttr::get(module.getContext(), facts)));
  module->setAttr(DLTIDialect::kTargetSystemDescAttrName,
                  TargetSystemSpecAttr::get(module.getContext(), devices));
}

void Target::detach(ModuleOp module, TargetKind kind) {
  if (!isSpecified(module, kind))
    return;
  SmallVector<DataLayoutEntryInterface> devices = otherDevices(module, kind);
  if (devices.empty())
    module->removeAttr(DLTIDialect::kTargetSystemDescAttrName);
  else
    module->setAttr(DLTIDialect::kTargetSystemDescAttrName,
                    TargetSystemSpecAttr::get(module.getContext(), devices));
}
