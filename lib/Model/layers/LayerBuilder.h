//===----------------------------------------------------------------------===//
//
// This file is licensed under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Layers of neural networks as linalg on tensors. Every layer declares its own
// parameters as function arguments.
//
//===----------------------------------------------------------------------===//

#ifndef PIXELFLY_LIB_MODEL_LAYERS_LAYERBUILDER_H
#define PIXELFLY_LIB_MODEL_LAYERS_LAYERBUILDER_H

#include "pixelfly/IR/Pixelfly.h"
#include "pixelfly/Model/ModelSchema.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::pixelfly {

/// How the weight and the bias of a linear layer start; no bias where it is
/// null.
struct LinearInit {
  InitAttr weight;
  InitAttr bias;
};

/// Builds the body of one model function, layer by layer. Shapes below: B
/// examples, T tokens, C channels, M rows, K classes, H heads.
class LayerBuilder {
public:
  /// Starts a function `@model` at the end of `module`, for a batch of
  /// examples.
  LayerBuilder(ModuleOp module, int64_t batch);

  /// Adds a batch input behind the arguments so far. Images have to be called
  /// "images".
  Value addInput(StringRef name, ArrayRef<int64_t> shape, Type elementType);

  /// Ends the function: returns the loss, the losses of the examples (or
  /// tokens) and the logits.
  void finish(Value loss, Value losses, Value logits);

  int64_t getBatch() const { return batch; }
  Value getInput(StringRef name) const { return inputs.lookup(name); }
  /// Names of the layers with a weight matrix, in order.
  ArrayRef<std::string> getLinearLayers() const { return linearLayers; }

  //===--------------------------------------------------------------------===//
  // Images to tokens
  //===--------------------------------------------------------------------===//

  /// The normalised images, flattened: B x (C*H*W).
  Value flattenImages(const ImageSchema &input);

  /// The normalised images cut into square patches: (B*T) x (C*patch*patch),
  /// rows in reading order of the patches, columns in the order channel, row,
  /// column. Normalising has to write every pixel once, so writing it where the
  /// patch embedding reads it costs nothing, and the embedding is a plain
  /// product.
  Value patches(const ImageSchema &input, int64_t patch);

  //===--------------------------------------------------------------------===//
  // Tokens
  //===--------------------------------------------------------------------===//

  /// A table "name.weight" of `rows` x C embeddings.
  Value embeddingTable(StringRef name, int64_t rows, int64_t width,
                       InitAttr init, bool decay);

  /// The rows of `table` (rows x C) that the tokens (B x T, i32) name: B x T x
  /// C.
  Value lookUp(StringRef name, Value table, Value tokens);

  /// Puts the trained token "name" (C) before those of each example: B x T x C
  /// to B x (T+1) x C.
  Value prependToken(StringRef name, Value x, InitAttr init);

  /// Adds to token t (x is B x T x C) row t of the trained table "name" (`rows`
  /// x C, at least T rows).
  Value addPositions(StringRef name, Value x, int64_t rows, InitAttr init);

  /// The first token of each example: B x T x C to B x C.
  Value firstToken(Value x);

  //===--------------------------------------------------------------------===//
  // Layers
  //===--------------------------------------------------------------------===//

  /// `x W^T + bias`, x is M x in, W is `out x in` ("name.weight").
  Value linear(StringRef name, Value x, int64_t out, LinearInit init);

  /// `x W^T` with a weight `out x in` that another layer owns.
  Value tiedLinear(StringRef name, Value x, Value weight);

  /// Attention of H heads, softmax(Q K^T / sqrt(C/H)) V head by head; head h
  /// has the channels from h*C/H on. q, k and v are B x T x C, and so is the
  /// result. If `causal`, a token sees itself and those before it only.
  Value attention(StringRef name, Value q, Value k, Value v, int64_t heads,
                  bool causal);

  /// A linear layer over the tokens: `y[b,o,c] = sum_t W[o,t] x[b,t,c] +
  /// bias[o]`, x is B x T x C, W is `out x T`.
  Value tokenLinear(StringRef name, Value x, int64_t out, LinearInit init);

  /// Normalises the last dimension to mean 0 and variance 1, then scales and
  /// shifts by "name.weight" and "name.bias".
  Value layerNorm(StringRef name, Value x, double epsilon);

  /// `x/2 * (1 + erf(x / sqrt(2)))`.
  Value gelu(Value x);
  /// GPT-2's approximation: `x/2 * (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`.
  Value geluTanh(Value x);
  Value relu(Value x);

  /// Sum of two tensors of one shape.
  Value add(Value x, Value y);

  /// Mean over the tokens: B x T x C to B x C.
  Value averagePool(Value x);

  /// Cross-entropies (M) of the softmax of `logits` (M x K) with the labels (M,
  /// i32), in the form that does not overflow. `smoothing` of the target's
  /// probability is spread evenly over all classes.
  Value crossEntropy(Value logits, Value labels, double smoothing);

  /// Mean over all elements, a tensor of rank 0.
  Value mean(Value x);

  //===--------------------------------------------------------------------===//
  // Shapes
  //===--------------------------------------------------------------------===//

  /// Joins each group of neighbouring dimensions into one.
  Value collapse(Value x, ArrayRef<ReassociationIndices> groups);
  /// Splits dimensions: dimension i of `x` becomes `groups[i]` of `shape`.
  Value expand(Value x, ArrayRef<int64_t> shape,
               ArrayRef<ReassociationIndices> groups);

  static ArrayRef<int64_t> shapeOf(Value x) {
    return cast<RankedTensorType>(x.getType()).getShape();
  }

  //===--------------------------------------------------------------------===//
  // Initialisers
  //===--------------------------------------------------------------------===//

  /// PyTorch's default: both uniform on +-1/sqrt(fanIn).
  LinearInit torchInit(int64_t fanIn);
  /// Weight uniform on +-sqrt(6 / (fanIn + fanOut)) (Xavier); bias normal with
  /// the given deviation, or zero.
  LinearInit xavierInit(int64_t fanIn, int64_t fanOut, double biasDeviation);
  /// Weight of this kind and scale, bias zero.
  LinearInit weightInit(InitKind kind, double scale);

private:
  using ScalarBody =
      llvm::function_ref<Value(ImplicitLocOpBuilder &, ValueRange)>;

  /// A tensor read in a loop nest: dimension i is indexed by loop `loops[i]`.
  struct Read {
    Value tensor;
    SmallVector<int64_t> loops;
  };

  /// Every operation from here on belongs to the layer called `name`.
  void setLayer(const Twine &name);

  Value addArgument(unsigned index, ArrayRef<int64_t> shape, Type elementType,
                    NamedAttribute attribute);

  /// Adds an argument behind the parameters so far.
  Value parameter(const Twine &name, ArrayRef<int64_t> shape, InitAttr init,
                  bool decay);

  /// `lhs rhs` summed over what the maps reduce; maps of lhs, rhs, result.
  Value contract(Value lhs, Value rhs, ArrayRef<int64_t> shape,
                 ArrayRef<AffineMap> maps,
                 ArrayRef<utils::IteratorType> iterators);

  Value zeros(ArrayRef<int64_t> shape) { return filled(shape, 0.0); }
  Value filled(ArrayRef<int64_t> shape, double value);
  Value scalar(double value);

  /// A tensor of `shape` whose elements `body` computes from those read.
  Value elementwise(ArrayRef<int64_t> shape, ArrayRef<Read> reads,
                    ScalarBody body);
  /// The same where everything read has the shape of the result.
  Value elementwise(ValueRange inputs, ScalarBody body);

  enum class Reduction { Sum, Maximum };
  /// Reduces dimension `dim` away.
  Value reduce(Reduction kind, Value x, int64_t dim);

  /// Over the last dimension, in the form that does not overflow.
  Value softmax(Value x);

  /// Subtracts the mean and divides by the deviation; loop `channelLoop` of
  /// `read` runs over the channels.
  Value normalizeImages(const ImageSchema &input, ArrayRef<int64_t> shape,
                        Read read, int64_t channelLoop);

  /// Adds the bias of layer `name`, whose element is indexed by dimension
  /// `dim`.
  Value addBias(StringRef name, Value x, int64_t dim, InitAttr init);

  ImplicitLocOpBuilder builder;
  Location fileLocation;
  func::FuncOp function;
  unsigned numParameters = 0;
  int64_t batch;
  llvm::StringMap<Value> inputs;
  SmallVector<std::string> linearLayers;
};

} // namespace mlir::pixelfly

#endif // PIXELFLY_LIB_MODEL_LAYERS_LAYERBUILDER_H
