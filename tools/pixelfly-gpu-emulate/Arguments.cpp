//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"

#include "Emulator/NumberFormats.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::pixelfly;
using namespace mlir::pixelfly::emulator;

FailureOr<Argument> Argument::create(Location loc, MemRefType type,
                                     GlobalMemory *device, std::string name,
                                     bool initialized) {
  Type element = type.getElementType();
  bool known =
      isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(element);
  unsigned width = 64;
  if (auto integer = dyn_cast<IntegerType>(element)) {
    width = integer.getWidth();
    known =
        width == 1 || width == 8 || width == 16 || width == 32 || width == 64;
  } else if (known) {
    width = element.getIntOrFloatBitWidth();
  } else if (element.isIndex()) {
    known = true;
  }
  if (!known || !type.hasStaticShape() || !type.getLayout().isIdentity())
    return emitError(loc)
           << name << " has type " << type
           << "; arguments need a static shape, the identity "
              "layout and elements that are integers, f16, bf16, "
              "f32 or f64";
  Argument argument;
  argument.type = type;
  uint64_t bytes = type.getNumElements() * ((width + 7) / 8);
  if (device) {
    argument.data = device->allocate(bytes, std::move(name));
    if (initialized)
      device->markInitialized(argument.data, bytes);
  } else {
    argument.owned = std::shared_ptr<char>(
        static_cast<char *>(std::aligned_alloc(256, (bytes + 255) / 256 * 256)),
        std::free);
    argument.data = argument.owned.get();
  }
  auto words = std::make_shared<std::vector<int64_t>>();
  words->push_back(reinterpret_cast<int64_t>(argument.data));
  words->push_back(reinterpret_cast<int64_t>(argument.data));
  words->push_back(0);
  words->insert(words->end(), type.getShape().begin(), type.getShape().end());
  int64_t stride = type.getNumElements();
  for (int64_t dimension : type.getShape()) {
    stride = dimension ? stride / dimension : 0;
    words->push_back(stride);
  }
  argument.storage = std::move(words);
  return argument;
}

/// One step of splitmix64, keyed by its argument.
static uint64_t mix(uint64_t key) {
  key += 0x9E3779B97F4A7C15;
  key = (key ^ key >> 30) * 0xBF58476D1CE4E5B9;
  key = (key ^ key >> 27) * 0x94D049BB133111EB;
  return key ^ key >> 31;
}

void Argument::fill(Fill fill, uint64_t seed, uint64_t number) {
  bool isInteger = !isa<FloatType>(type.getElementType());
  for (int64_t i = 0, e = size(); i < e; ++i) {
    uint64_t bits = mix(mix(mix(seed) + number) + i);
    switch (fill) {
    case Fill::Random:
      set(i, isInteger ? double(bits >> 62)
                       : std::ldexp(double(bits >> 11), -52) - 1.0);
      break;
    case Fill::Index:
      set(i, i);
      break;
    case Fill::Zero:
      set(i, 0);
      break;
    }
  }
}

template <typename T> static double read(const char *data, int64_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return double(value);
}

template <typename T> static void write(char *data, int64_t index, T value) {
  std::memcpy(data + index * sizeof(T), &value, sizeof(T));
}

double Argument::get(int64_t index) const {
  Type element = type.getElementType();
  if (element.isF16())
    return float(read<Half>(data, index));
  if (element.isBF16())
    return float(read<BFloat>(data, index));
  if (element.isF32())
    return read<float>(data, index);
  if (element.isF64())
    return read<double>(data, index);
  switch (element.isIndex() ? 64 : element.getIntOrFloatBitWidth()) {
  case 1:
  case 8:
    return read<int8_t>(data, index);
  case 16:
    return read<int16_t>(data, index);
  case 32:
    return read<int32_t>(data, index);
  default:
    return read<int64_t>(data, index);
  }
}

void Argument::set(int64_t index, double value) {
  Type element = type.getElementType();
  if (element.isF16())
    return write(data, index, Half(value));
  if (element.isBF16())
    return write(data, index, BFloat(value));
  if (element.isF32())
    return write(data, index, static_cast<float>(value));
  if (element.isF64())
    return write(data, index, value);
  int64_t whole = static_cast<int64_t>(value);
  switch (element.isIndex() ? 64 : element.getIntOrFloatBitWidth()) {
  case 1:
    return write(data, index, static_cast<int8_t>(whole & 1));
  case 8:
    return write(data, index, static_cast<int8_t>(whole));
  case 16:
    return write(data, index, static_cast<int16_t>(whole));
  case 32:
    return write(data, index, static_cast<int32_t>(whole));
  default:
    return write(data, index, whole);
  }
}

void Argument::print(llvm::raw_ostream &os) const {
  int64_t row = type.getRank() ? type.getShape().back() : 1;
  for (int64_t i = 0, e = size(); i < e; ++i)
    os << (i % row ? " " : "") << llvm::format("%.6g", get(i))
       << ((i + 1) % row ? "" : "\n");
}
