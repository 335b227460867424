//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pixelfly/Target/TargetFile.h"

#include "Facts.h"
#include "pixelfly/Target/Processor.h"

#include "pixelfly/IR/Pattern.h"
#include "pixelfly/Json/ObjectReader.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::pixelfly;

/// The shipped files, made by CMake.
static constexpr std::pair<StringLiteral, StringLiteral> kShipped[] = {
#include "ShippedTargets.inc"
};

static constexpr Choices<TargetKind, 2> kKinds = {
    {{"cpu", TargetKind::CPU}, {"gpu", TargetKind::GPU}}};

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static int64_t readInteger(ObjectReader &reader, const IntegerFact &fact) {
  std::optional<int64_t> fallback;
  if (fact.isOptional)
    fallback = fact.low;
  int64_t value =
      reader.integer(fact.field, fact.what, {fact.low, fact.high}, fallback);
  if (!isInRange(fact, value))
    reader.emitError(fact.field)
        << "must be " << describeRange(fact) << ", but is " << value << " ("
        << fact.what << ")";
  return value;
}

static void readMatrixTile(ObjectReader &reader, Target &target) {
  std::vector<int64_t> sizes = reader.integers(
      kMatrixTileField, "rows, columns and terms that are multiplied at once",
      {1, kMaximumMatrixTile}, /*maximumLength=*/3);
  if (sizes.size() == 3)
    llvm::copy(sizes, target.matrixTile.begin());
  else if (!reader.failed())
    reader.emitError(kMatrixTileField)
        << "must be three sizes, [rows, columns, terms], but has "
        << sizes.size();
}

static void readBlocks(ObjectReader &reader, Target &target) {
  std::vector<int64_t> sizes = reader.integers(
      kBlocksField, "block sizes that run well, the best first", {8, 128},
      /*maximumLength=*/5);
  if (sizes.empty() && !reader.failed())
    reader.emitError(kBlocksField)
        << "must have at least one size; give 8, 16, 32, 64 or 128";
  for (auto [index, size] : llvm::enumerate(sizes)) {
    bool isTwice = llvm::is_contained(ArrayRef(sizes).take_front(index), size);
    if (!isSupportedBlock(size) || isTwice)
      reader.emitError((kBlocksField + "/" + Twine(index)).str())
          << "must be 8, 16, 32, 64 or 128"
          << (isTwice ? ", each at most once" : "") << ", but is " << size;
  }
  if (!sizes.empty())
    target.blocks = sizes;
}

static void readPeaks(ObjectReader reader, Target &target) {
  for (StringRef type : kElementTypes) {
    double rate = reader.number(type, "peak floating-point operations a second",
                                {0, kMaximumRate}, 0.0);
    if (rate != 0)
      target.peakFlops[type.str()] = rate;
  }
  reader.rejectUnknownFields();
}

static void readCost(ObjectReader reader, CostConstants &cost) {
  cost.accessBytes =
      reader.integer(kAccessBytesField, "bytes that one memory access fetches",
                     {1, kMaximumAccessBytes}, cost.accessBytes);
  for (const CostFact &fact : kCostFacts)
    cost.*fact.value =
        reader.number(fact.field, fact.what, {0, kMaximumSeconds}, 0.0);
  reader.rejectUnknownFields();
}

FailureOr<Target> pixelfly::parseTarget(StringRef text, StringRef file,
                                        MLIRContext *context) {
  SchemaErrors errors(text, file, context);
  FailureOr<JsonValue> json =
      parseJson(text, [&](size_t offset, const std::string &problem) {
        errors.emitAt(offset) << problem;
      });
  if (failed(json))
    return failure();
  Target target;
  ObjectReader reader(&*json, "", errors);
  auto name = [&](StringRef field, StringRef what) {
    std::string value = reader.string(field, what);
    if (value.empty() && !reader.failed())
      reader.emitError(field) << "must not be empty (" << what << ")";
    return value;
  };
  target.name = name(kNameKey, "what messages call the target");
  target.kind = reader.choice("kind", "what the target is", kKinds);
  target.processor = name(kProcessorKey, "LLVM's name of the processor");
  for (const IntegerFact &fact : kIntegerFacts)
    target.*fact.value = readInteger(reader, fact);
  readMatrixTile(reader, target);
  readBlocks(reader, target);
  if (auto peaks =
          reader.optionalObject(kPeakField, "peak rates by element type"))
    readPeaks(*peaks, target);
  target.bandwidth =
      reader.number(kBandwidthField, "bytes a second between memory and target",
                    {0, kMaximumRate}, 0.0);
  if (auto cost = reader.optionalObject("cost", "constants of the cost model"))
    readCost(*cost, target.cost);
  reader.rejectUnknownFields();
  if (errors.any())
    return failure();
  return target;
}

FailureOr<Target> pixelfly::readTargetFile(StringRef path,
                                           MLIRContext *context) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return emitError(UnknownLoc::get(context))
           << "cannot read target file '" << path
           << "': " << buffer.getError().message();
  return parseTarget((*buffer)->getBuffer(), path, context);
}

//===----------------------------------------------------------------------===//
// Shipped descriptions
//===----------------------------------------------------------------------===//

std::vector<StringRef> pixelfly::shippedTargetNames() {
  std::vector<StringRef> names;
  for (const auto &[name, text] : kShipped)
    names.push_back(name);
  return names;
}

FailureOr<Target> pixelfly::findTarget(StringRef nameOrFile,
                                       MLIRContext *context) {
  if (nameOrFile == "host")
    return hostTarget();
  for (const auto &[name, text] : kShipped)
    if (name == nameOrFile)
      return parseTarget(text, (name + ".json").str(), context);
  if (nameOrFile.ends_with(".json") || nameOrFile.contains('/'))
    return readTargetFile(nameOrFile, context);
  return emitError(UnknownLoc::get(context))
         << "unknown target '" << nameOrFile << "'; it is host, "
         << llvm::join(shippedTargetNames(), ", ")
         << ", or the name of a file that ends in .json";
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

std::string pixelfly::printTarget(const Target &target) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream, /*IndentSize=*/2);
  auto sizes = [&](StringRef field, ArrayRef<int64_t> values) {
    json.attributeArray(field, [&] {
      for (int64_t value : values)
        json.value(value);
    });
  };
  json.object([&] {
    json.attribute(kNameKey, target.name);
    json.attribute("kind", stringifyTargetKind(target.kind));
    json.attribute(kProcessorKey, target.processor);
    for (const IntegerFact &fact : kIntegerFacts)
      if (!fact.isOptional || target.*fact.value != fact.low)
        json.attribute(fact.field, target.*fact.value);
    sizes(kMatrixTileField, target.matrixTile);
    sizes(kBlocksField, target.blocks);
    if (!target.peakFlops.empty())
      json.attributeObject(kPeakField, [&] {
        for (const auto &[type, rate] : target.peakFlops)
          json.attribute(type, rate);
      });
    if (target.bandwidth != 0)
      json.attribute(kBandwidthField, target.bandwidth);
    json.attributeObject("cost", [&] {
      json.attribute(kAccessBytesField, target.cost.accessBytes);
      for (const CostFact &fact : kCostFacts)
        if (target.cost.*fact.value != 0)
          json.attribute(fact.field, target.cost.*fact.value);
    });
  });
  return text + "\n";
}
