//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parameters of an artifact in doubles, for the oracles beside this file.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCEPARAMETERS_H
#define PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCEPARAMETERS_H

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace reference {

using Vector = std::vector<double>;

struct Parameter {
  Vector value, gradient;
  /// Of the optimizer; the second is AdamW's only.
  Vector firstState, secondState;
  std::vector<size_t> shape;
  bool decay = false;
  /// Of a block-sparse weight: block side, and for each stored block its block
  /// row and block column.
  size_t block = 0, rows = 0, cols = 0;
  std::vector<std::pair<size_t, size_t>> blocks;
};

using Parameters = std::map<std::string, Parameter>;

/// Those of the manifest, by name; values are zero.
Parameters readParameters(const nlohmann::json &manifest);

/// The weight of a layer, `out x in`, whatever it is stored as: gamma B +
/// (1 - gamma) U V^T of a sparse one.
Vector denseWeight(const Parameters &parameters, const std::string &layer);

} // namespace reference

#endif // PIXELFLY_TEST_TRAIN_REFERENCE_REFERENCEPARAMETERS_H
