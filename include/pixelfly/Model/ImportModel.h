//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// From a model schema to linalg on tensors.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_MODEL_IMPORTMODEL_H
#define PIXELFLY_MODEL_IMPORTMODEL_H

#include "pixelfly/Model/ModelSchema.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::pixelfly {

/// Name of the module attribute that holds the model's name (a string).
inline constexpr llvm::StringLiteral kModelAttrName = "pixelfly.model";

/// Name of the module attribute that lists the layers to make sparse by
/// default: an array of glob patterns (strings) of layer names. The weight of
/// layer "X" is parameter "X.weight" and its bias is "X.bias".
inline constexpr llvm::StringLiteral kSparsifyAttrName = "pixelfly.sparsify";

struct ImportOptions {
  /// Examples in one step; the schema's `/training/batch` when absent.
  std::optional<int64_t> batch;
};

/// Emits the dense model as a module with one function, static shapes, f32:
///
/// ```mlir
/// module attributes {pixelfly.model = "name", pixelfly.sparsify = ["glob",
/// ...]} {
///   func.func @model(
///       %weight: tensor<...> {pixelfly.parameter = #pixelfly.parameter<...>},
///       ..., %images: tensor<BxCxHxWxf32> {pixelfly.input = "images"},
///       %labels: tensor<Bxi32> {pixelfly.input = "labels"})
///     -> (tensor<f32> {pixelfly.output = "loss"},
///         tensor<Bxf32> {pixelfly.output = "losses"},
///         tensor<BxKxf32> {pixelfly.output = "logits"})
/// }
/// ```
///
/// `losses` are the cross-entropies of the examples and `loss` is their mean.
/// Labels lie in [0, K). The body holds linalg (matmul, fill, generic with
/// parallel dimensions or with sum or maximum reductions), tensor reshapes,
/// arith and math; reductions and elementwise arithmetic are in separate
/// generics. The location of every operation is its layer's name at the place
/// of `/model` in the file.
///
/// Loads the dialects it needs into `context`. Null, after an error diagnostic,
/// when a pattern of `/sparse/layers` names no layer.
OwningOpRef<ModuleOp> importModel(const ModelSchema &schema,
                                  MLIRContext *context,
                                  const ImportOptions &options = {});

} // namespace mlir::pixelfly

#endif // PIXELFLY_MODEL_IMPORTMODEL_H
