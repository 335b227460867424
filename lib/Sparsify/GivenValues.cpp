//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GivenValues.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::pixelfly;

static double toDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

std::string mlir::pixelfly::readConstant(ElementsAttr constant,
                                         std::vector<double> &values) {
  auto type = cast<FloatType>(constant.getElementType());
  if (auto dense = dyn_cast<DenseElementsAttr>(constant)) {
    values.reserve(dense.getNumElements());
    for (APFloat value : dense.getValues<APFloat>())
      values.push_back(toDouble(value));
    return "";
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(constant);
  if (!resource)
    return "the values of its weight are neither 'dense' nor 'dense_resource'";
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return "the values of its weight, resource '" +
           resource.getRawHandle().getKey().str() + "', are not in the file";
  unsigned bits = type.getWidth();
  ArrayRef<char> data = blob->getData();
  int64_t count = constant.getNumElements();
  if (bits % 8 != 0 || bits > 64 ||
      static_cast<int64_t>(data.size()) != count * (bits / 8))
    return "the values of its weight, resource '" +
           resource.getRawHandle().getKey().str() + "', take " +
           std::to_string(data.size()) + " bytes, not what its type says";
  values.reserve(count);
  for (int64_t i = 0; i < count; ++i) {
    uint64_t word = 0;
    std::memcpy(&word, data.data() + i * (bits / 8), bits / 8);
    values.push_back(
        toDouble(APFloat(type.getFloatSemantics(), APInt(bits, word))));
  }
  return "";
}

/// The offset that each value of the index stands for.
static std::vector<int64_t> offsetsOf(ArrayRef<Digit> digits) {
  std::vector<int64_t> offsets = {0};
  for (Digit digit : digits) {
    std::vector<int64_t> longer;
    longer.reserve(offsets.size() * digit.extent);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < digit.extent; ++i)
        longer.push_back(offset + i * digit.stride);
    offsets = std::move(longer);
  }
  return offsets;
}

std::vector<double> mlir::pixelfly::arrangeMatrix(ArrayRef<double> source,
                                                  ArrayRef<Digit> rows,
                                                  ArrayRef<Digit> cols) {
  std::vector<int64_t> rowOffsets = offsetsOf(rows),
                       colOffsets = offsetsOf(cols);
  std::vector<double> matrix;
  matrix.reserve(rowOffsets.size() * colOffsets.size());
  for (int64_t row : rowOffsets)
    for (int64_t col : colOffsets)
      matrix.push_back(source[row + col]);
  return matrix;
}

DenseElementsAttr mlir::pixelfly::makeConstant(RankedTensorType type,
                                               ArrayRef<double> values) {
  const llvm::fltSemantics &semantics =
      cast<FloatType>(type.getElementType()).getFloatSemantics();
  SmallVector<APFloat> rounded;
  rounded.reserve(values.size());
  for (double value : values) {
    APFloat &element = rounded.emplace_back(value);
    bool losesInfo;
    element.convert(semantics, APFloat::rmNearestTiesToEven, &losesInfo);
  }
  return DenseElementsAttr::get(type, rounded);
}
