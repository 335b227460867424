//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceParameters.h"

using namespace reference;
using nlohmann::json;

/// The stored blocks of a flat butterfly pattern, in order: for each block row
/// its own cell, then per factor the cells whose digit is higher by 1, 2, ...
/// modulo the radix; in a cell the block columns in order.
static void readPattern(const json &pattern, Parameter &parameter) {
  if (pattern.at("kind") != "flat_butterfly")
    throw std::runtime_error("the reference knows flat butterflies only");
  size_t rows = pattern.at("rows"), cols = pattern.at("cols");
  size_t block = pattern.at("block"), factors = pattern.at("factors");
  std::vector<size_t> radices = pattern.at("radices");
  size_t cells = 1;
  for (size_t radix : radices)
    cells *= radix;
  size_t down = rows / block / cells, across = cols / block / cells;
  for (size_t p = 0; p < rows / block; ++p) {
    size_t cell = p / down;
    std::vector<size_t> neighbours = {cell};
    size_t stride = 1;
    for (size_t t = 0; t < factors; ++t) {
      size_t digit = cell / stride % radices[t];
      for (size_t k = 1; k < radices[t]; ++k)
        neighbours.push_back(cell - digit * stride +
                             (digit + k) % radices[t] * stride);
      stride *= radices[t];
    }
    for (size_t neighbour : neighbours)
      for (size_t q = 0; q < across; ++q)
        parameter.blocks.push_back({p, neighbour * across + q});
  }
  parameter.block = block;
  parameter.rows = rows;
  parameter.cols = cols;
}

Parameters reference::readParameters(const json &manifest) {
  Parameters parameters;
  for (const json &entry : manifest.at("parameters")) {
    Parameter parameter;
    parameter.shape = entry.at("shape").get<std::vector<size_t>>();
    size_t size = 1;
    for (size_t extent : parameter.shape)
      size *= extent;
    parameter.value.assign(size, 0.0);
    parameter.gradient = parameter.firstState = parameter.secondState =
        parameter.value;
    parameter.decay = entry.at("decay");
    if (entry.contains("pattern"))
      readPattern(entry.at("pattern"), parameter);
    parameters[entry.at("name")] = parameter;
  }
  return parameters;
}

Vector reference::denseWeight(const Parameters &parameters,
                              const std::string &layer) {
  const Parameter &weight = parameters.at(layer + ".weight");
  if (!weight.block)
    return weight.value;
  size_t b = weight.block;
  Vector dense(weight.rows * weight.cols, 0.0);
  for (size_t n = 0; n < weight.blocks.size(); ++n)
    for (size_t i = 0; i < b; ++i)
      for (size_t j = 0; j < b; ++j)
        dense[(weight.blocks[n].first * b + i) * weight.cols +
              weight.blocks[n].second * b + j] =
            weight.value[(n * b + i) * b + j];
  auto gamma = parameters.find(layer + ".gamma");
  if (gamma == parameters.end())
    return dense;
  const Parameter &u = parameters.at(layer + ".u");
  const Parameter &v = parameters.at(layer + ".v");
  size_t rank = u.shape[1];
  double g = gamma->second.value[0];
  for (size_t o = 0; o < weight.rows; ++o)
    for (size_t i = 0; i < weight.cols; ++i) {
      double low = 0;
      for (size_t r = 0; r < rank; ++r)
        low += u.value[o * rank + r] * v.value[i * rank + r];
      double &element = dense[o * weight.cols + i];
      element = g * element + (1 - g) * low;
    }
  return dense;
}
