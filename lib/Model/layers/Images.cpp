//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Images: normalisation, and the order in which the first product reads them.
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::pixelfly;

Value LayerBuilder::normalizeImages(const ImageSchema &input,
                                    ArrayRef<int64_t> shape, Read read,
                                    int64_t channelLoop) {
  // (x - mean) / std as x * scale + shift, with the numbers of a channel either
  // in the loop body (all channels alike) or in a small constant tensor.
  SmallVector<float> scales, shifts;
  for (auto [mean, std] : llvm::zip_equal(input.mean, input.std)) {
    scales.push_back(1.0 / std);
    shifts.push_back(mean == 0.0 ? 0.0 : -mean / std);
  }
  if (llvm::all_equal(scales) && llvm::all_equal(shifts))
    return elementwise(
        shape, read, [&](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
          if (scales[0] == 1.0f && shifts[0] == 0.0f)
            return args[0];
          auto constant = [&](float value) -> Value {
            return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
          };
          Value scaled = arith::MulFOp::create(b, args[0], constant(scales[0]));
          return arith::AddFOp::create(b, scaled, constant(shifts[0]));
        });

  auto perChannel = [&](ArrayRef<float> values) -> Value {
    auto type = RankedTensorType::get(input.channels, builder.getF32Type());
    return arith::ConstantOp::create(builder,
                                     DenseElementsAttr::get(type, values));
  };
  return elementwise(shape,
                     {read,
                      {perChannel(scales), {channelLoop}},
                      {perChannel(shifts), {channelLoop}}},
                     [](ImplicitLocOpBuilder &b, ValueRange args) -> Value {
                       Value scaled =
                           arith::MulFOp::create(b, args[0], args[1]);
                       return arith::AddFOp::create(b, scaled, args[2]);
                     });
}

Value LayerBuilder::flattenImages(const ImageSchema &input) {
  setLayer("images");
  Value images = getInput("images");
  bool isNormal = llvm::all_of(input.mean, [](double m) { return m == 0.0; }) &&
                  llvm::all_of(input.std, [](double s) { return s == 1.0; });
  if (isNormal)
    return collapse(images, {{0}, {1, 2, 3}});
  Value normal = normalizeImages(input, shapeOf(images), {images, {0, 1, 2, 3}},
                                 /*channelLoop=*/1);
  return collapse(normal, {{0}, {1, 2, 3}});
}

Value LayerBuilder::patches(const ImageSchema &input, int64_t patch) {
  setLayer("images");
  int64_t down = input.height / patch, across = input.width / patch;
  Value cut = expand(getInput("images"),
                     {batch, input.channels, down, patch, across, patch},
                     {{0}, {1}, {2, 3}, {4, 5}});
  // Loops: example, patch row, patch column, channel, pixel row, pixel column.
  Value normal = normalizeImages(
      input, {batch, down, across, input.channels, patch, patch},
      {cut, {0, 3, 1, 4, 2, 5}}, /*channelLoop=*/3);
  return collapse(normal, {{0, 1, 2}, {3, 4, 5}});
}
